"""Films: cuts of a drawn minute, how fast a film is joined, and its memory for ten minutes, told by two lengths."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from wan_notebook.films.join import Part, join
from wan_notebook.films.shots import find_shots, longest_shot
from wan_notebook.finishing.finish import Finish, finish
from wan_notebook.media.checks.cuts import HEIGHT, TransitionFinder
from wan_notebook.media.preparation import Preparation
from wan_notebook.media.prepare import prepared_video
from wan_notebook.media.video import video
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer

from support import films
from support.bench_rows import Row, at_least, at_most
from support.measuring import Taken, alone, peak, taken
from support.media import meadow

SIZE, FPS, PAID = (848, 480), 25, 16
"""Width and height, frames per second of the reference, and those that are paid for."""


def cuts(path: Path, *, small: bool) -> Iterator[Row]:
    """Yield how many cuts of a drawn minute are found to the frame, and how many are invented."""
    scenes = [replace(scene, frames=20) for scene in films.SCENES[:2]] if small else films.SCENES
    films.film(path, scenes)
    finder = TransitionFinder()

    def look() -> None:
        for frame in frames(path, height=HEIGHT):
            finder.add(frame.pixels)

    cost = taken(look)
    found, truth = {one.frame for one in finder.found() if one.kind == "cut"}, set(films.cuts(scenes))
    share = 100 * len(found & truth) / len(truth)
    yield Row("cuts found to the frame", share, "%", promised=at_least(100, loosely=1), note=f"of {len(truth)}")
    yield Row("cuts invented", len(found - truth), "", promised=at_most(0))
    yield Row("looking for cuts", len(finder.steps) / FPS / cost.computing, "× real time a core")


def pictures(count: int) -> Iterator[Any]:
    """Yield shots of four seconds over which a camera pans."""
    for first in range(0, count, 4 * FPS):
        wide = meadow((SIZE[0] + 120, SIZE[1]), seed=first // (4 * FPS) % 7)
        for frame in range(min(4 * FPS, count - first)):
            yield np.ascontiguousarray(wide[:, frame : frame + SIZE[0]])


def joined(seconds: int, folder: Path) -> tuple[Taken, float]:
    """Join a film from pieces of its reference; return what that took, and the whole peak in megabytes."""
    path, count = folder / f"{seconds}.mp4", seconds * FPS
    with Writer(path, width=SIZE[0], height=SIZE[1], fps=FPS, preset="ultrafast") as writer:
        for picture in pictures(count):
            writer.write(picture)
    chosen = video(path)
    footage = find_shots(chosen, longest=longest_shot(PAID))
    parts = []
    for shot in footage.shots:
        end = None if shot.end == count else shot.stop
        sent = prepared_video(chosen, Preparation(start=shot.start, end=end, fps=PAID, sound=False))
        parts.append(Part(shot, sent, sent.path))
    cost = taken(join, chosen, footage, parts, folder / f"joined-{seconds}.mp4")
    return Taken(cost.seconds, cost.computing, cost.megabytes, cost.result.frames == count), peak()


def finished(seconds: int, folder: Path) -> float:
    """Finish a clip of one job, with steady colours and at the full rate; return the whole peak in megabytes."""
    clip = folder / f"clip-{seconds}.mp4"
    with Writer(clip, width=SIZE[0], height=SIZE[1], fps=PAID, preset="ultrafast") as writer:
        for picture in pictures(seconds * PAID):
            writer.write(picture)
    finish(clip, folder / f"finished-{seconds}.mp4", Finish(fps=FPS, steady=True))
    return peak()


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    yield from cuts(folder / "cuts.mp4", small=small)
    # What grows shows in the line through two lengths, in a fifth of the time that ten minutes take. It tells too much:
    # ten minutes joined whole had a peak of 262 MB, reached after four, where the line tells 305.
    short, long, told = (1, 2, 2) if small else (20, 120, 600)
    (_, brief), (cost, whole) = (alone(joined, seconds, folder, small=small) for seconds in (short, long))
    ways = {"joined": (brief, whole)}
    ways["finished"] = tuple(alone(finished, seconds, folder, small=small) for seconds in (short, long))
    for way, (brief, whole) in ways.items():
        peak_then = whole + max(0.0, whole - brief) * (told - long) / (long - short)
        note = f"{whole:.0f} MB at {long} s"
        figure, length = f"peak of memory, ten minutes {way}", "ten minutes" if told == 600 else f"{told} s"
        what = f"peak of memory, {length} {way}"
        yield Row(what, peak_then, "MB", f"{short} s", brief, at_most(500), note, figure)
    yield Row("joining", long / cost.seconds, "× real time")
    yield Row("frames as in the reference", float(cost.result), "", promised=at_least(1, loosely=1), note="1: all")
