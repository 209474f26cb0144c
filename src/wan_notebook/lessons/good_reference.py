"""Three bad references, what the checks see of them, and the exercises that repair them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import WanError
from ..media import Preparation, Video, samples, video
from ..media.checks import CheckInput, Notice, VideoAnalysis, analyze_video, check
from ..media.prepare import expected_video
from ..media.thumbnail import filmstrip
from ..video.read import frames
from ..widgets.display.static import data_uri, table_html
from .exercise import Hint, Unanswered, exercise
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
_SHORT_SIDE = 480

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
        strip = (
            f'<img style="max-width: 100%" alt="Frames, evenly spaced" src="{data_uri(filmstrip(self.video.path))}">'
        )
        rows = ([escape(name), escape(value)] for name, value in self._measures())
        sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in self._sentences())
        return f"{strip}{table_html(rows, named_rows=True, below=sentences)}"

    def _measures(self) -> list[tuple[str, str]]:
        seen = [faces for _, faces in self.analysis.face_samples or () if faces.is_seen]
        apart = np.median([faces.eye_distance for faces in seen]) * _SHORT_SIDE if seen else 0
        aside = max((abs(faces.yaw) for faces in seen), default=0.0)
        return [
            ("Mean brightness, 0 to 1", f"{self.analysis.brightness:.2f}"),
            ("Sharpness, squared grey levels", f"{self.analysis.sharpness:.0f}"),
            ("Cuts", ", ".join(f"{second:.1f} s" for second in self.analysis.cuts) or "none"),
            ("Between the eyes at 480p", f"{apart:.0f} pixels" if seen else "no face was found"),
            ("Face turned aside by up to", f"{aside:.0f}°" if seen else "no face was found"),
        ]

    def _sentences(self) -> list[str]:
        told = [f"{notice} {f'→ {notice.remedy}' if notice.remedy else ''}".strip() for notice in self.notices]
        return [f"• {one}" for one in told] or ["Nothing is noticed."]


def examine(reference: Any, prepare_video: Mapping[str, Any] | None = None) -> Examination:
    """Check a reference as the panel does before it is sent; takes a second or two.

    Args:
        reference: anything that wan_notebook.media.video takes.
        prepare_video: as for wan_notebook.submit: dict(start=1, end=3), for example.

    Raises:
        MediaError: it is no video, or the preparation leaves nothing of it.
    """
    read = video(reference)
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
    return video((pixels(bright()) * _LIGHT).astype(np.uint8), fps=FPS)


@functools.cache
def cut() -> Video:
    """Return the same, after a second and a half of somebody else."""
    before = pixels(video(samples.reference("wonder", 1.5, FPS, person="noor")))
    return video(np.concatenate([before, pixels(bright())]), fps=FPS)


@functools.cache
def small() -> Video:
    """Return the same, filmed from far away: somebody small at the lower left of a wide frame."""
    import cv2

    (height, width), (tall, wide) = _CANVAS, _SMALL
    wall = pixels(bright())[0, 4, 4]
    taken = np.full((len(pixels(bright())), height, width, 3), wall, np.uint8)
    for frame, drawn in zip(taken, pixels(bright()), strict=True):
        frame[height - tall :, 120 : 120 + wide] = cv2.resize(drawn, (wide, tall), interpolation=cv2.INTER_AREA)
    return video(taken, fps=FPS)


@exercise
def check_brightened(answer: Any) -> str:
    """Check a brighter version of the dark reference."""
    repaired = _video(answer)
    if repaired.frames != dark().frames:
        raise Hint(f"It should still have all {dark().frames} frames, and has {repaired.frames}.")
    _refuse_notice(examine(repaired), "dark")
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
        raise Hint(f"Write a dict, as dict(start=0, end=1); this is {answer!r}.")
    try:
        expected = expected_video(cut(), Preparation(**answer))
        found = examine(cut(), answer)
    except (WanError, TypeError) as error:
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
    if not any(faces.is_seen for _, faces in found.analysis.face_samples or ()):
        raise Hint("The crop shows no face. Look at the strip of the original: the person is at the lower left.")
    for topic in ("small face", "small", "forehead"):
        _refuse_notice(found, topic)
    return (
        "The face is large enough to have an expression. The crop invents nothing, though: where the person had few "
        "pixels, they stay few. Going closer with the camera gives more."
    )


def _video(answer: Any) -> Video:
    if answer is None:
        raise Unanswered
    try:
        return video(answer, fps=FPS) if isinstance(answer, np.ndarray | list) else video(answer)
    except WanError as error:
        raise Hint(f"This is no video yet: {error}") from None


def _refuse_notice(found: Examination, topic: str) -> None:
    for notice in found.notices:
        if notice.topic == topic:
            raise Hint(f"The checks still say: “{notice}”")


def _alike(one: Video, other: Video) -> float:
    """Return the correlation of the pixels of two videos of one shape; 0 where the shapes differ."""
    first, second = (pixels(each)[:, ::8, ::8].astype(float) for each in (one, other))
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1]) if first.shape == second.shape else 0.0
