"""Cuts and shots: how many of a drawn minute's are found to the frame, what is invented, and how long it takes."""

import tempfile
import time
from pathlib import Path

from tests.support import films

from wan_notebook.films.cuts import HEIGHT, TransitionFinder
from wan_notebook.media.checks.cuts import CutFinder
from wan_notebook.video.read import frames


def main() -> None:
    """Print what is found by the finder of the shots, and by that of the checks on the same frames."""
    with tempfile.TemporaryDirectory() as folder:
        path = films.film(Path(folder) / "film.mp4")
        began = time.monotonic()
        finder, checks = TransitionFinder(), CutFinder()
        for frame in frames(path, height=HEIGHT):
            finder.add(frame.pixels)
        seconds = time.monotonic() - began
        for number, frame in enumerate(frames(path)):
            checks.add(number, frame.pixels.mean(2, dtype="float32"))
    found = finder.found()
    show("shots", {one.frame for one in found if one.kind == "cut"})
    dissolved = [one.frame for one in found if one.kind == "dissolve"]
    print(f"  dissolves at {dissolved}, truly at {films.dissolves()}; {seconds:.1f} s for {len(finder.steps)} frames")
    show("checks", {int(number) for number in checks.found()})


def show(name: str, found: set[int]) -> None:
    truth = set(films.cuts())
    wrong = sorted(found - truth)
    print(f"{name}: {len(found & truth)} of {len(truth)} cuts to the frame, {len(wrong)} invented {wrong or ''}")
