"""Three bad references, what the checks see of them, and the exercises that repair them."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelsMissing, WanError
from ..faces.weights import get_models
from ..media import Preparation, Video, samples, video
from ..media.checks import CheckInput, Notice, VideoAnalysis, analyze_video, check
from ..media.checks.faces import why_unseen
from ..media.prepare import expected_video
from ..media.thumbnail import stills
from ..model.formatting import second
from ..video.read import frames
from ..widgets.display.static import data_uri, table_html
from .exercise import Hint, Unanswered, exercise, shown
from .figures import STYLE, show

__all__ = [
    "STYLE",
    "Examination",
    "bright",
    "check_brightened",
    "check_closer",
    "check_one_shot",
    "cut",
    "dark",
    "examine",
    "pixels",
    "show",
    "small",
]

FPS = 12
"""Frames per second of all references here: enough for the checks, and soon drawn."""
_LIGHT = 0.12
"""Of what the bright reference has."""
_CANVAS, _SMALL = (720, 960), (182, 140)
"""Height and width of the frame in which somebody is far away, and of what they fill of it."""
_SAME = 0.9
"""Correlation from which on two videos show the same; brightening keeps 0.99."""
_WHITE, _MOST_WHITE = 250, 0.25
"""Level from which on a pixel is white, and the share of those that a repaired video may have."""
_OTHER_FILM = 5
"""Levels by which a brightened video differs from the one in good light at least; the best that can be had has 15."""
_SHORT_SIDE = 480
_STRIP_FRAMES, _STRIP_HEIGHT = 6, 320
"""Frames that an examination shows, and the height of each in pixels: some more than it has in a notebook."""

Pixels = NDArray[np.uint8]
"""T×H×W×3 RGB."""


@dataclass(frozen=True)
class Examination:
    """What the checks see of a reference; as the last line of a cell it is frames, a table, and sentences."""

    video: Video
    """The reference."""
    analysis: VideoAnalysis
    """The measures of its pixels."""
    notices: tuple[Notice, ...]
    """What is worth knowing before it is sent, serious ones first."""

    def __repr__(self) -> str:
        return "\n".join([f"{name}: {value}" for name, value in self._measures()] + self._sentences())

    def _repr_html_(self) -> str:
        assert self.video.path is not None
        strip = _strip_html(self.video)
        rows = ([escape(name), escape(value)] for name, value in self._measures())
        sentences = "".join(f'<p style="margin: 8px 0">{escape(sentence)}</p>' for sentence in self._sentences())
        return f"{strip}{table_html(rows, named_rows=True, below=sentences)}"

    def _measures(self) -> list[tuple[str, str]]:
        seen = [faces for _, faces in self.analysis.face_samples or () if faces.is_seen]
        unseen = "no face was found" if self.analysis.face_samples is not None else "faces were not looked for"
        apart = np.median([faces.eye_distance for faces in seen]) * _SHORT_SIDE if seen else 0
        aside = max((abs(faces.yaw) for faces in seen), default=0.0)
        return [
            ("Brightness of the lightest places, 0 to 1", f"{self.analysis.brightness:.2f}"),
            ("Sharpness, squared grey levels", f"{self.analysis.sharpness:.0f}"),
            ("Cuts", ", ".join(f"{second(cut)} s" for cut in self.analysis.cuts) or "none"),
            ("Between the eyes at 480p", f"{apart:.0f} pixels" if seen else unseen),
            ("Face turned aside by up to", f"{aside:.0f}°" if seen else unseen),
        ]

    def _sentences(self) -> list[str]:
        told = [f"{notice} {f'→ {notice.remedy}' if notice.remedy else ''}".strip() for notice in self.notices]
        return [f"• {one}" for one in told] or ["Nothing is noticed."]


def _strip_html(reference: Video) -> str:
    """Return some frames in a row, or in several where there is no room for all, so large that a far face is seen."""
    assert reference.path is not None
    shown = stills(reference.path, _STRIP_FRAMES, height=_STRIP_HEIGHT)
    pictures = "".join(
        f'<img style="width: 100%; margin: 0" alt="Frame {number} of {len(shown)}" src="{data_uri(jpeg)}">'
        for number, jpeg in enumerate(shown, 1)
    )
    column = "max(100px, 15%)" if (reference.width or 0) < (reference.height or 0) else "max(150px, 30%)"
    grid = f"display: grid; gap: 4px; max-width: 840px; grid-template-columns: repeat(auto-fit, minmax({column}, 1fr))"
    return f'<div style="{grid}">{pictures}</div>'


def examine(reference: Any, prepare_video: Mapping[str, Any] | None = None) -> Examination:
    """Check a reference as the panel does before it is sent; takes a second or two.

    The face models are fetched, where they are not here yet; without them faces are not looked for, and it is said so.

    Args:
        reference: anything that wan_notebook.media.video takes; frames in an array or a list are 12 a second.
        prepare_video: as for wan_notebook.submit: dict(start=1, end=3), for example.

    Raises:
        MediaError: it is no video, or the preparation leaves nothing of it.
    """
    read = _read(reference)
    with suppress(ModelsMissing):  # the notices tell why
        get_models(print)
    analysis = analyze_video(read)
    assert analysis is not None  # it is a file
    chosen = CheckInput(video=read, prepare_video=Preparation(**(prepare_video or {})))
    return Examination(read, analysis, check(chosen, None, analysis))


def pixels(reference: Video) -> Pixels:
    """Return the frames of a reference, T×H×W×3 RGB, 0 to 255."""
    assert reference.path is not None
    return np.stack([frame.pixels for frame in frames(reference.path)])


@functools.cache
def bright() -> Video:
    """Return a reference in which nothing is amiss: somebody talks, near, in good light, in one shot."""
    return video(samples.reference("hello", 2.5, FPS))


@functools.cache
def dark() -> Video:
    """Return the same, filmed in the dark."""
    return _read((pixels(bright()) * _LIGHT).astype(np.uint8))


@functools.cache
def cut() -> Video:
    """Return the same, after a second and a half of somebody else."""
    before = pixels(video(samples.reference("wonder", 1.5, FPS, person="noor")))
    return replace(_read(np.concatenate([before, pixels(bright())])), name="two_shots.mp4")


@functools.cache
def small() -> Video:
    """Return the same, filmed from far away: somebody small at the lower left of a wide frame."""
    import cv2

    (height, width), (tall, wide) = _CANVAS, _SMALL
    wall = pixels(bright())[0, 4, 4]
    taken = np.full((len(pixels(bright())), height, width, 3), wall, np.uint8)
    for frame, drawn in zip(taken, pixels(bright()), strict=True):
        frame[height - tall :, 120 : 120 + wide] = cv2.resize(drawn, (wide, tall), interpolation=cv2.INTER_AREA)
    return _read(taken)


@exercise
def check_brightened(answer: Any) -> str:
    """Check a brighter version of the dark reference."""
    repaired = _video(answer)
    if repaired.frames != dark().frames:
        raise Hint(f"It should still have all {dark().frames} frames, and has {repaired.frames}.")
    _refuse_notice(examine(repaired), "dark")
    if _distance(repaired, bright()) < _OTHER_FILM:
        raise Hint("This is the film in good light, which nobody has after filming in the dark. Brighten the dark one.")
    if (pixels(repaired) >= _WHITE).mean() > _MOST_WHITE:
        raise Hint("It is so bright that much of it is plain white, where nothing can be seen. Brighten it less.")
    if _alike(repaired, dark()) < _SAME:
        raise Hint(
            "It is bright, and no longer shows the same. Values beyond 255 wrap around to black in uint8: clip them "
            "first, as in (frames * 2.0).clip(0, 255)."
        )
    return (
        "The notice is gone. What the dark had swallowed is gone too: 30 of 255 levels are left, however bright they "
        "are made. Light before the camera is worth more than light after it."
    )


@exercise
def check_one_shot(answer: Any) -> str:
    """Check a preparation that keeps one shot of the reference with a cut."""
    if not isinstance(answer, Mapping):
        raise Hint(f"Write a dict, as dict(start=0, end=1); this is {shown(answer)}.")
    names = [field.name for field in fields(Preparation)]
    if unknown := [name for name in answer if name not in names]:
        raise Hint(f"A preparation knows no {shown(unknown[0])}; it knows {', '.join(names)}.")
    try:
        expected = expected_video(cut(), Preparation(**answer))
        found = examine(cut(), answer)
    except WanError as error:
        raise Hint(f"This is no preparation that can be used: {error}") from None
    _refuse_notice(found, "cuts")
    _refuse_notice(found, "short")
    return f"One shot of {expected.duration:.1f} s, and {expected.frames} frames to pay for instead of {cut().frames}."


@exercise
def check_closer(answer: Any) -> str:
    """Check a closer crop of the reference with a small face."""
    repaired = _video(answer)
    if repaired.frames != small().frames:
        raise Hint(
            f"It should still have all {small().frames} frames, and has {repaired.frames}: cut rows and columns."
        )
    found = examine(repaired)
    if found.analysis.face_samples is None:
        raise Hint(f"This cannot be judged here. {why_unseen()}")
    if not any(faces.is_seen for _, faces in found.analysis.face_samples):
        raise Hint("The crop shows no face. The person is at the lower left; rows come before columns.")
    for topic in ("small face", "small", "forehead"):
        _refuse_notice(found, topic)
    return (
        "The face is large enough to have an expression. The crop invents nothing, though: where the person had few "
        "pixels, they stay few. Going closer with the camera gives more."
    )


def _video(answer: Any) -> Video:
    if answer is None:
        raise Unanswered
    shape = getattr(answer, "shape", ())
    if len(shape) == 3:
        raise Hint("This is a single frame. Keep all of them: a colon stands for all that there are.")
    if 0 in shape:
        raise Hint("Nothing is left of it. The first place counts frames, the second rows, the third columns.")
    try:
        return _read(answer)
    except WanError as error:
        raise Hint(f"This is no video yet: {error}") from None


def _read(source: Any) -> Video:
    """Return a reference; frames of no rate of their own have that of all references here."""
    return video(source, fps=FPS) if isinstance(source, np.ndarray | list) else video(source)


def _refuse_notice(found: Examination, topic: str) -> None:
    for notice in found.notices:
        if notice.topic == topic:
            raise Hint(f"The checks still say: “{notice}”")


def _distance(one: Video, other: Video) -> float:
    """Return by how many of 255 levels the pixels of two videos differ; infinitely where their shapes do."""
    first, second = (pixels(each)[:, ::8, ::8].astype(float) for each in (one, other))
    return float(np.abs(first - second).mean()) if first.shape == second.shape else math.inf


def _alike(one: Video, other: Video) -> float:
    """Return the correlation of the pixels of two videos; 0 where the shapes differ, or one is plain."""
    first, second = (pixels(each)[:, ::8, ::8].astype(float) for each in (one, other))
    if first.shape != second.shape or not first.std() or not second.std():
        return 0.0
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
