"""A drawn film of which every cut is known: hard, on motion, between alike shots; dissolves, flashes, quick pans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wan_notebook.media import samples
from wan_notebook.video.write import Writer

Picture = NDArray[np.uint8]
SIZE = (192, 256)
"""Width and height of a film in pixels."""
DISSOLVE = 12
"""Frames over which a dissolve goes."""


@dataclass(frozen=True)
class Scene:
    """A part of a film with one person, between two transitions."""

    person: str
    performance: str
    frames: int
    start: int = 0
    """The frame of the performance with which it begins."""
    zoom: float = 1.0
    pan: float = 0.0
    """Share of the picture's width by which the camera swings aside and back in the middle, within half a second."""
    dissolves: bool = False
    """Whether it comes out of the one before by a dissolve, whose middle is its first frame."""
    flashes: tuple[int, ...] = ()
    """Its frames which begin a flash of two frames."""
    lamp: int | None = None
    """The frame at which the light goes down for good."""


SCENES = (
    Scene("theo", "hello", 130),
    Scene("ada", "hello", 120),  # hard
    Scene("ada", "wonder", 115, 20, zoom=1.2),  # alike: the same person, nearer
    Scene("theo", "nod", 140, 12, dissolves=True),
    Scene("noor", "hello", 110, 62, flashes=(40,)),  # in the middle of a nod
    Scene("noor", "hello", 125, 30),  # alike: a piece of the same take left out
    Scene("pip", "wonder", 135, 30, pan=0.3),
    Scene("theo", "wonder", 118, 37),  # in the middle of a turn
    Scene("ada", "nod", 127, 14, dissolves=True, lamp=70),
    Scene("ada", "nod", 130, 40),  # alike
    Scene("pip", "hello", 122, 5, flashes=(61,)),
    Scene("noor", "wonder", 128, 35),
)
"""A minute at 25 frames per second: nine cuts, two dissolves, two flashes, a lamp that goes down, and a quick pan."""


def cuts(scenes: Sequence[Scene] = SCENES) -> list[int]:
    """Return the frames with which a new shot begins by a cut."""
    return [begin for begin, scene in _begins(scenes) if begin and not scene.dissolves]


def dissolves(scenes: Sequence[Scene] = SCENES) -> list[int]:
    """Return the frames in the middle of dissolves."""
    return [begin for begin, scene in _begins(scenes) if begin and scene.dissolves]


def film(path: Path, scenes: Sequence[Scene] = SCENES, *, fps: float = 25, size: tuple[int, int] = SIZE) -> Path:
    """Draw a film into a file."""
    with Writer(path, width=size[0], height=size[1], fps=fps, preset="veryfast") as writer:
        for picture in pictures(scenes, size):
            writer.write(picture)
    return path


def pictures(scenes: Sequence[Scene] = SCENES, size: tuple[int, int] = SIZE) -> Iterator[Picture]:
    """Yield the frames of a film."""
    half = DISSOLVE // 2
    for at, scene in enumerate(scenes):
        before, after = (scenes[at - 1] if at else None), (scenes[at + 1] if at + 1 < len(scenes) else None)
        for frame in range(scene.frames):
            shown = _shown(scene, frame, size)
            if scene.dissolves and before and frame < half:
                shown = _mixed(_shown(before, before.frames + frame, size), shown, (half + frame + 0.5) / DISSOLVE)
            if after and after.dissolves and frame >= scene.frames - half:
                share = (frame - scene.frames + half + 0.5) / DISSOLVE
                shown = _mixed(shown, _shown(after, frame - scene.frames, size), share)
            yield shown


def _begins(scenes: Sequence[Scene]) -> Iterator[tuple[int, Scene]]:
    begin = 0
    for scene in scenes:
        yield begin, scene
        begin += scene.frames


def _shown(scene: Scene, frame: int, size: tuple[int, int]) -> Picture:
    picture = _drawn(scene.person, scene.performance, (scene.start + frame) % 75, size)
    away = abs(frame - scene.frames // 2)
    swing = scene.pan * max(0.0, 1 - away / 7)
    if scene.zoom != 1 or swing:
        width, height = size
        wide, high = width / scene.zoom, height / scene.zoom
        left, top = (width - wide) * 0.5 + swing * width, (height - high) * 0.3
        padded = np.pad(picture, ((0, 0), (0, width), (0, 0)), mode="reflect")
        box = (left, top, left + wide, top + high)
        picture = np.asarray(Image.fromarray(padded).resize(size, Image.Resampling.BILINEAR, box=box))
    if any(begin <= frame < begin + 2 for begin in scene.flashes):
        picture = np.uint8(0.25 * picture + 0.75 * 255)
    if scene.lamp is not None and frame >= scene.lamp:
        picture = np.uint8(0.6 * picture)
    return picture


def _mixed(one: Picture, other: Picture, share: float) -> Picture:
    mixed: Picture = np.uint8(np.round((1 - share) * one + share * other.astype(float)))
    return mixed


@lru_cache(maxsize=2000)
def _drawn(person: str, performance: str, frame: int, size: tuple[int, int]) -> Picture:
    pose = _curves(performance).pose(frame)
    return np.asarray(samples.draw(samples.PEOPLE[person], pose, size))


_curves: Callable[[str], samples.Curves] = lru_cache(lambda performance: samples.curves(performance, 3.0, 25))
