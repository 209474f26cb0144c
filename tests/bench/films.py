"""Joining a film: its speed, and the peak of memory for one minute and for ten."""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tests.support.media import meadow

from wan_notebook.films.join import Part, join
from wan_notebook.films.shots import find_shots, longest_shot
from wan_notebook.media.preparation import Preparation
from wan_notebook.media.prepare import prepared_video
from wan_notebook.media.video import video
from wan_notebook.video.write import Writer

SIZE, FPS, PAID = (320, 240), 25, 16
"""Width and height, frames per second of the reference, and those that are paid for."""


def pictures(count: int) -> Iterator[Any]:
    """Yield shots of four seconds over which a camera pans."""
    for number in range(count):
        shot, frame = divmod(number, 4 * FPS)
        wide = meadow((SIZE[0] + 120, SIZE[1]), seed=shot % 7)
        yield np.ascontiguousarray(wide[:, frame : frame + SIZE[0]])


def measure(minutes: int, folder: str, answer: Any) -> None:
    """Join a film from pieces of its reference, and send seconds, megabytes and frames."""
    path, count = Path(folder) / f"{minutes}.mp4", minutes * 60 * FPS
    with Writer(path, width=SIZE[0], height=SIZE[1], fps=FPS, preset="ultrafast") as writer:
        for picture in pictures(count):
            writer.write(picture)
    chosen = video(path)
    began = time.monotonic()
    footage = find_shots(chosen, longest=longest_shot(PAID))
    looked = time.monotonic() - began
    parts = []
    for shot in footage.shots:
        end = None if shot.end == count else shot.stop
        sent = prepared_video(chosen, Preparation(start=shot.start, end=end, fps=PAID, sound=False))
        parts.append(Part(shot, sent, sent.path))
    cut = time.monotonic() - began - looked
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.monotonic()
    joined = join(chosen, footage, parts, Path(folder) / f"joined-{minutes}.mp4")
    seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer.put((looked, cut, seconds, before, peak, joined.frames, count, len(parts)))


def main() -> None:
    """Print a line for one minute and one for ten, each in a process of its own."""
    context = multiprocessing.get_context("spawn")
    print(f"{SIZE[0]}×{SIZE[1]}, {FPS} fps, {PAID} paid for; promised: ten minutes in at most 500 MB")
    for minutes in (1, 10):
        with tempfile.TemporaryDirectory() as folder:
            answer = context.Queue()
            child = context.Process(target=measure, args=(minutes, folder, answer))
            child.start()
            looked, cut, seconds, before, peak, frames, count, shots = answer.get()
            child.join()
        print(
            f"{minutes:>3} min, {shots} shots: cuts found in {looked:.0f} s, pieces made in {cut:.0f} s, joined in "
            f"{seconds:.0f} s ({count / seconds / FPS:.1f} × real time); {frames} of {count} frames; "
            f"peak {peak:.0f} MB, {before:.0f} before joining"
        )


if __name__ == "__main__":
    main()
