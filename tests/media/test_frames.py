"""Frames one after another, as a video."""

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from wan_notebook import media
from wan_notebook.errors import MediaError
from wan_notebook.video.read import frames


def test_an_array_becomes_a_video() -> None:
    """T×H×W×3 with its rate is written once; an odd last row and column are left out."""
    pixels = np.zeros((5, 33, 65, 3), np.uint8) + np.arange(0, 250, 50, np.uint8)[:, None, None, None]
    video = media.video(pixels, fps=8)
    assert (video.width, video.height, video.fps, video.frames) == (64, 32, 8, 5)
    assert [round(frame.pixels.mean() / 50) for frame in frames(video.path)] == [0, 1, 2, 3, 4]
    assert media.video(pixels, fps=8) == media.video(list(pixels), fps=np.float64(8)) == video


FRAME_LISTS = {
    "arrays": lambda frames: frames,
    "a tuple of arrays": tuple,
    "PIL images": lambda frames: [PIL.Image.fromarray(frame) for frame in frames],
    "PIL images with a palette": lambda frames: [PIL.Image.fromarray(frame).convert("P") for frame in frames],
    "both": lambda frames: [PIL.Image.fromarray(frames[0]), *frames[1:]],
}


@pytest.mark.parametrize("form", FRAME_LISTS.values(), ids=FRAME_LISTS.keys())
def test_a_list_of_frames_becomes_a_video(form: Any) -> None:
    """Pictures one after another, with their rate, are the video that an array of them is."""
    pixels = np.zeros((5, 48, 64, 3), np.uint8) + np.arange(0, 250, 50, np.uint8)[:, None, None, None]
    video = media.video(form(list(pixels)), fps=8)
    assert (video.width, video.height, video.fps, video.frames) == (64, 48, 8, 5)
    assert [round(frame.pixels.mean() / 50) for frame in frames(video.path)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf"), "25", True, 5000])
def test_a_rate_is_a_number(fps: Any) -> None:
    """Frames per second are a positive number that a video can have."""
    with pytest.raises(MediaError, match=r"fps is .* but must be a number of frames per second"):
        media.video(np.zeros((4, 48, 64, 3), np.uint8), fps=fps)


def test_a_slow_rate_is_kept() -> None:
    """Pictures that stay for minutes keep their time; a rate of days is refused in words."""
    pixels = np.zeros((4, 48, 64, 3), np.uint8)
    assert media.video(pixels, fps=1 / 2000).duration == 8000
    with pytest.raises(MediaError, match="1e-05 frames per second cannot be written"):
        media.video(pixels, fps=1e-5)


def test_huge_frames_are_refused() -> None:
    """Frames of a size that could not be read again are refused before the minutes of writing them."""
    with pytest.raises(MediaError, match="9000×9000 pixels; sides up to 8192"):
        media.video(np.broadcast_to(np.zeros((1, 1, 1, 3), np.uint8), (3, 9000, 9000, 3)), fps=8)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (PIL.Image.new("RGB", (66, 48)), "Frame 2 has 66×48 pixels, and frame 0 has 64×48"),
        (np.zeros((48, 64), np.uint8), "Frame 2: An array of uint8"),
        (np.zeros((48, 64, 3)), "Frame 2: An array of float64.*Multiply by 255"),
        (PIL.Image.new("RGB", (9000, 2)), "Frame 2 has 9000×2 pixels; sides"),
    ],
    ids=range(4),
)
def test_an_odd_frame_is_numbered(frame: Any, message: str) -> None:
    """A frame that does not belong to the others is named by its number."""
    with pytest.raises(MediaError, match=message):
        media.video([np.zeros((48, 64, 3), np.uint8)] * 2 + [frame], fps=8)


def test_only_arrays_take_a_rate(performance: Path) -> None:
    """A video's own rate is not overruled by the way."""
    with pytest.raises(MediaError, match="belongs to an array"):
        media.video(performance, fps=16)


def test_a_single_frame_is_refused() -> None:
    """A reference wants motion."""
    with pytest.raises(MediaError, match="single frame"):
        media.video(np.zeros((1, 48, 64, 3), np.uint8), fps=16)
