"""Animated pictures as references."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from wan_notebook import media
from wan_notebook.errors import MediaError
from wan_notebook.video.read import frames


def animated(form: str, times: list[int], **options: Any) -> bytes:
    """Pictures that grow brighter by 20 levels each, shown for so many milliseconds."""
    pictures = [PIL.Image.new("RGB", (65, 49), (20 * number,) * 3) for number in range(len(times))]
    target = io.BytesIO()
    options = {"save_all": True, "append_images": pictures[1:], "duration": times, **options}
    pictures[0].save(target, form, **options)
    return target.getvalue()


def numbers(video: media.Video) -> list[int]:
    assert video.path is not None
    return [round(float(frame.pixels.mean()) / 20) for frame in frames(video.path)]


@pytest.mark.parametrize(("form", "options"), [("WEBP", {"lossless": True}), ("PNG", {})])
def test_animated_pictures_become_videos(form: str, options: dict[str, Any]) -> None:
    """An animated WebP or PNG is read at the pace of its pictures, a held one for its time, and written once."""
    content = animated(form, [100, 100, 300, 100, 100], **options)
    video = media.video(content)
    assert (video.width, video.height, video.fps, video.frames) == (64, 48, 10, 7)
    assert numbers(video) == [0, 1, 2, 2, 2, 3, 4]
    assert media.video(content).path == video.path


def test_a_still_beside_is_left_out() -> None:
    """The picture that a PNG shows to readers without animation is no part of it."""
    content = animated("PNG", [100, 100, 100, 100], default_image=True)
    assert numbers(media.video(content)) == [1, 2, 3]


def test_animations_stay_pictures(tmp_path: Path) -> None:
    """As a character, such a file is the picture that it was."""
    path = tmp_path / "hero.webp"
    path.write_bytes(animated("WEBP", [100, 100], lossless=True))
    assert media.picture(path).format == "WEBP"


def test_endless_animations_are_refused() -> None:
    """A small file that would be shown for hours is refused before it is written out."""
    with pytest.raises(MediaError, match="too long for an animated picture"):
        media.video(animated("WEBP", [20, 20, 20, 16_000_000], lossless=True))


def test_damaged_animations_are_refused() -> None:
    """Half a file is told."""
    noise = [PIL.Image.fromarray(np.random.default_rng(n).integers(0, 255, (48, 64, 3), np.uint8)) for n in range(4)]
    target = io.BytesIO()
    noise[0].save(target, "PNG", save_all=True, append_images=noise[1:], duration=100)
    with pytest.raises(MediaError, match="damaged or cut short"):
        media.video(target.getvalue()[: len(target.getvalue()) // 2])
