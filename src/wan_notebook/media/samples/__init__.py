"""A drawn character and a drawn performance to try things with: nobody's photograph, no download.

    character("ada")        a portrait as PNG
    reference("hello")      somebody else who talks and nods, as MP4
    curves("hello")         the motion of that performance, known exactly
    draw(person, pose, size)  a person at a pose, to measure against

Files are drawn on first use and stored under the user's data directory.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import numpy as np

from ...errors import MediaError
from ...runtime.data_dir import atomic_write, subfolder
from .drawing import draw, unit
from .people import PEOPLE, Person
from .performance import PERFORMANCES, Curves, performance_curves
from .pose import Pose

__all__ = ["PEOPLE", "PERFORMANCES", "Curves", "Person", "Pose", "character", "curves", "draw", "reference", "unit"]

CHARACTER_SIZE = (832, 1088)
"""Pixels of a character, width and height."""
REFERENCE_SIZE = (480, 624)
PERFORMER = "theo"
"""The person who performs in the references."""
LONGEST = 60.0
"""Seconds of the longest performance that is drawn."""

T = TypeVar("T")


def __dir__() -> list[str]:
    return ["character", "curves", "draw", "reference"]  # what the Tab key offers


def character(person: str = "ada") -> Path:
    """Return a drawn portrait, head and shoulders.

    Args:
        person: one of PEOPLE.

    Returns:
        A PNG of CHARACTER_SIZE pixels.

    Raises:
        MediaError: there is no such person.
        StorageError: it cannot be stored.
    """
    drawn = _named(person, PEOPLE, "person")
    target = _folder() / f"{person}.png"
    if not target.exists():
        with atomic_write(target) as partial:
            draw(drawn, Pose(), CHARACTER_SIZE).save(partial, "PNG")
    return target


def reference(performance: str = "hello", seconds: float = 3.0, fps: float = 25, *, person: str = PERFORMER) -> Path:
    """Return a drawn performance.

    Args:
        performance: one of PERFORMANCES.
        seconds: length; longer ones repeat without a jump.
        fps: frames per second.
        person: the performer, one of PEOPLE.

    Returns:
        An MP4 (H.264, silent) of REFERENCE_SIZE pixels.

    Raises:
        MediaError: there is no such performance or person, or the length or rate is out of range.
        StorageError: it cannot be stored.
    """
    from ...video.write import Writer

    motion = curves(performance, seconds, fps)
    drawn = _named(person, PEOPLE, "person")
    target = _folder(f"{person}-{seconds:g}s-{fps:g}fps") / f"{performance}.mp4"
    if not target.exists():
        width, height = REFERENCE_SIZE
        with (
            atomic_write(target) as partial,
            Writer(
                partial, width=width, height=height, fps=fps, preset="veryfast", comment="wan-notebook sample"
            ) as mp4,
        ):
            for frame in range(len(motion.time)):
                mp4.write(np.asarray(draw(drawn, motion.pose(frame), REFERENCE_SIZE)))
    return target


def curves(performance: str = "hello", seconds: float = 3.0, fps: float = 25) -> Curves:
    """Return the motion of a performance, frame by frame, as `reference` draws it.

    Args:
        performance: one of PERFORMANCES.
        seconds: length; longer ones repeat without a jump.
        fps: frames per second.

    Raises:
        MediaError: there is no such performance, or the length or rate is out of range.
    """
    _named(performance, PERFORMANCES, "performance")
    if not 0 < seconds <= LONGEST or not 1 <= fps <= 120:
        raise MediaError(
            f"A performance of {seconds:g} s at {fps:g} fps cannot be drawn; up to {LONGEST:g} s at 1 to 120 fps can."
        )
    return performance_curves(performance, seconds, fps)


def _named(name: str, samples: Mapping[str, T], noun: str) -> T:
    if name not in samples:
        raise MediaError(f"There is no {noun} {name!r}. There are {', '.join(samples)}.")
    return samples[name]


def _folder(name: str = "") -> Path:
    """Return the folder of the samples; its name need not be read, since a widget shows the name of the file alone."""
    return subfolder(f"samples/{_edition()}/{name}")


@functools.cache
def _edition() -> str:
    """Return a digest of the code that draws, so that a change of it draws anew."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:8]
