"""The pictures that move on the site, made by the package from its own drawn samples.

media/first_clip.mp4   on the start page: character, reference and clip in a row; with its first frame as JPEG
gallery/play/          pages that play without a kernel: sweeps as `grid.export_html` writes them, and a film
"""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import wan_notebook as wan
from wan_notebook.media import video
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer

GALLERY_MEGABYTES = 15
"""What all pages of the gallery may have together."""
SECONDS = 2
"""Of each clip in the gallery."""
_HEIGHT = 400
"""Pixels of the picture on the start page."""


def draw_start(folder: Path, *, seconds: float = 3, steps: int = 20) -> None:
    """Make the picture on the start page.

    Args:
        folder: of the built site.
        seconds: how long it is.
        steps: as for wan.submit().
    """
    from PIL import Image

    character, reference = wan.samples.character(), wan.samples.reference("hello", seconds)
    clip = wan.submit(character, reference, num_inference_steps=steps, service=wan.Service.embedded()).result()
    with Image.open(character, formats=("PNG",)) as opened:
        still = np.asarray(opened.convert("RGB").resize((_even(opened.width * _HEIGHT / opened.height), _HEIGHT)))
    target = folder / "media" / "first_clip.mp4"
    target.parent.mkdir(parents=True, exist_ok=True)
    both = zip(frames(reference, height=_HEIGHT), frames(clip.path, height=_HEIGHT), strict=False)
    rows = [np.concatenate([still, one.pixels, other.pixels], axis=1) for one, other in both]
    write_video(target, rows, fps=25)
    Image.fromarray(rows[0]).save(target.with_suffix(".jpg"), quality=85)


def write_video(target: Path, pictures: list[NDArray[np.uint8]], fps: float) -> None:
    """Write pictures of one size as a video; a last odd column goes."""
    height, width = (side // 2 * 2 for side in pictures[0].shape[:2])
    with Writer(target, width=width, height=height, fps=fps, crf=23, preset="slow") as mp4:
        for pixels in pictures:
            mp4.write(np.ascontiguousarray(pixels[:height, :width]))


def draw_gallery(folder: Path) -> None:
    """Make the pages of the gallery.

    Args:
        folder: of the built site.

    Raises:
        WanError: a clip could not be made.
    """
    target = folder / "gallery" / "play"
    target.mkdir(parents=True, exist_ok=True)
    service = wan.Service.embedded()
    people, performances = list(wan.samples.PEOPLE), list(wan.samples.PERFORMANCES)
    hello = wan.samples.reference("hello", SECONDS)
    sweeps = {
        "steps_and_shift": (
            "Steps and shift",
            {"image": wan.samples.character(), "video": hello, "num_inference_steps": [4, 12, 30], "shift": [1, 5, 9]},
        ),
        "characters": (
            "Characters and references",
            {
                "image": [wan.samples.character(name) for name in people],
                "video": [wan.samples.reference(name, SECONDS) for name in performances],
            },
        ),
        "replace": (
            "Move and Replace",
            {
                "image": [wan.samples.character(name) for name in people[:2]],
                "video": hello,
                "model": ["move", "replace"],
            },
        ),
    }
    for name, (title, wanted) in sweeps.items():
        _say(f"Gallery: {title}")
        grid = wan.sweep(service=service, **wanted).run().result()
        grid.export_html(target / f"{name}.html", title=title, max_megabytes=GALLERY_MEGABYTES)
    _say("Gallery: a film")
    draw_film(target, service)
    size = sum(path.stat().st_size for path in target.iterdir())
    if size > GALLERY_MEGABYTES * 1e6:
        raise SystemExit(f"The gallery has {size / 1e6:.1f} MB, and may have {GALLERY_MEGABYTES}.")
    _say(f"The gallery has {size / 1e6:.1f} MB.")


def draw_film(folder: Path, service: wan.Service) -> None:
    """Make a film of three takes, and the page that plays it beside its reference."""
    takes = [
        wan.samples.reference("hello"),
        wan.samples.reference("wonder", person="noor"),
        wan.samples.reference("nod", person="pip"),
    ]
    reference = video([frame.pixels for take in takes for frame in frames(take, height=416)], fps=25)
    plan = wan.film(wan.samples.character(), reference, service=service)
    film = plan.run().result()
    both = zip(frames(reference.path, height=416), frames(film.path, height=416), strict=False)
    write_video(folder / "film.mp4", [np.concatenate([one.pixels, two.pixels], axis=1) for one, two in both], fps=25)
    (folder / "film.html").write_text(_FILM_PAGE.format(plan=escape(str(plan))), encoding="utf-8")


_FILM_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A film of three takes</title>
<link rel="icon" href="../../_static/icon.svg">
<style>
:root {{ color-scheme: light dark; font-family: system-ui, sans-serif; }}
body {{ margin: 0 auto; max-width: 50rem; padding: 1rem; }}
h1 {{ font-size: 1.3rem; }}
video {{ width: 100%; }}
pre {{ white-space: pre-wrap; }}
</style>
</head>
<body>
<main>
<h1>A film of three takes</h1>
<p>The reference on the left has two cuts; the film on the right was made shot by shot, and joined.</p>
<video src="film.mp4" controls autoplay loop muted playsinline aria-label="The reference and the film"></video>
<h2>Its plan</h2>
<pre>{plan}</pre>
</main>
</body>
</html>
"""


def _even(number: float) -> int:
    return round(number / 2) * 2


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
