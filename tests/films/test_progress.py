"""The bar of a film."""

import pytest

from wan_notebook.films.progress import FilmProgress
from wan_notebook.jobs.progress import Progress, RunPhase
from wan_notebook.sweeps.axes import Cell
from wan_notebook.sweeps.tile import Tile


def shot(phase: RunPhase, fraction: float | None) -> Tile:
    """The only shot of a film."""
    return Tile(0, Cell((), (0,), {}), Progress(phase=phase, fraction=fraction))


def test_bar_never_runs_back() -> None:
    """The bar stays where it was while a clip is saved, which has no share then; joining has its own time."""
    bar = FilmProgress([0], [0], seconds=60, joining=40)
    made = [
        bar.of([shot(phase, fraction)], None)[0]
        for phase, fraction in [
            (RunPhase.GENERATING, 0.5),
            (RunPhase.GENERATING, 0.9),
            (RunPhase.SAVING, None),
            (RunPhase.READY, 0.0),
        ]
    ]
    assert made == pytest.approx([0.3, 0.54, 0.54, 0.54])
    joined = [bar.of([], share) for share in (0.0, 0.5, 1.0)]
    assert [share for share, _ in joined] == pytest.approx([0.6, 0.8, 1.0])
    assert {what for _, what in joined} == {"Joining the shots"}


def test_bar_of_made_shots_is_the_joining() -> None:
    """Where all shots were made before, the whole way is their joining."""
    assert FilmProgress([0], [], seconds=60, joining=40).of([], 0.5)[0] == 0.5
