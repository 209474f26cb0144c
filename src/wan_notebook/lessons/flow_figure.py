"""The figure of flow matching that is dragged: steps, shift and seed; paths, noise levels and the error."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import NDArray

from .flow import Mixture, Points, exact, group, noise, sample, sigmas
from .svg import BLUE, ORANGE, Chart

POINTS = 120
"""Points that are followed, and over which the error is the mean."""
_SHOWN = 60
"""Points whose paths are drawn: more of them hide each other."""
_COUNTS = (2, 3, 4, 5, 6, 8, 10, 14, 20, 28, 40)
"""Steps for which the curve of the error is computed."""
_SETTLED = 0.95
"""Share of the points that have decided for a group, or a spot, at the levels which are marked."""
_HIGH = 0.96
"""The level from which on there is no room for words above its line."""


@dataclass(frozen=True)
class Truth:
    """The exact ends of the paths of one seed, and what is decided on the way there."""

    ends: Points
    group_level: float
    """The noise level below which nearly all points stay with their group."""
    spot_level: float
    """Likewise with their spot."""


@functools.lru_cache(64)
def truth(mixture: Mixture, seed: int) -> Truth:
    """Return where the points of a seed end exactly."""
    levels, path = exact(mixture, noise(POINTS, seed))
    likely = np.array([mixture.shares(points, level).argmax(1) for points, level in zip(path, levels, strict=True)])
    last = mixture.nearest(path[-1])
    return Truth(path[-1], _settled(levels, group(likely) == group(last)), _settled(levels, likely == last))


def _settled(levels: NDArray[np.float64], same: NDArray[np.bool_]) -> float:
    """Return the level from which on nearly all points keep their choice; `same` is levels × N."""
    keeps = np.flip(np.logical_and.accumulate(np.flip(same, 0), 0), 0).mean(1)
    return float(levels[np.argmax(keeps >= _SETTLED)])


@functools.lru_cache(32)
def followed(mixture: Mixture, steps: int, shift: float, seed: int) -> NDArray[np.float64]:
    """Return the points of a seed at each of the levels of some steps, levels × N × 2."""
    return sample(mixture, noise(POINTS, seed), sigmas(steps, shift))


@functools.lru_cache(1024)
def error(steps: int, shift: float, *, spread: float = 6.0, seed: int = 0) -> float:
    """Return how far from their exact ends the points of a seed end on average; the noise has a width of 1.

    Args:
        steps: 1 or more.
        shift: 1 or more.
        spread: of the data.
        seed: of the noise.
    """
    mixture = Mixture(spread)
    ends = followed(mixture, steps, shift, seed)[-1]
    return float(np.linalg.norm(ends - truth(mixture, seed).ends, axis=1).mean())


class FlowFigure(anywidget.AnyWidget):  # type: ignore[misc]  # its base has no types to go by
    """Three charts with a slider for each setting; the last line of a cell shows it.

    Args:
        steps: at first.
        shift: at first.
        seed: at first.
        spread: of the data: how far from the middle the groups lie, in widths of the noise.
    """

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    steps = traitlets.Int(min=2, max=40).tag(sync=True)
    shift = traitlets.Float(min=1, max=10).tag(sync=True)
    seed = traitlets.Int(min=0, max=9).tag(sync=True)
    charts = traitlets.Unicode().tag(sync=True)
    """The HTML that is drawn below the sliders."""

    def __init__(self, steps: int = 8, shift: float = 1.0, seed: int = 0, *, spread: float = 6.0) -> None:
        self._mixture = Mixture(spread)
        super().__init__(steps=steps, shift=shift, seed=seed)
        self.charts = self.html()
        self.observe(self._draw, ["steps", "shift", "seed"])

    def __repr__(self) -> str:
        return self.sentence()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/html": self.charts, "text/plain": self.sentence()}, metadata

    def _draw(self, _change: Any) -> None:
        self.charts = self.html()

    def sentence(self) -> str:
        """Return what the charts show, in words."""
        steps, shift, seed = self.steps, self.shift, self.seed
        known = truth(self._mixture, seed)
        ends = followed(self._mixture, steps, shift, seed)[-1]
        lost = int((self._group(ends) != self._group(known.ends)).sum())
        early = int((sigmas(steps, shift)[:-1] >= known.group_level).sum())
        begin = "begins" if early == 1 else "begin"
        return (
            f"{steps} steps, shift {shift:g}: {early} of the steps {begin} where groups are decided. "
            f"{lost} of {POINTS} points end in another group than they should. "
            f"On average a point ends {self._error(steps, shift):.2f} beside the truth."
        )

    def html(self) -> str:
        """Return the three charts, side by side where there is room, and the sentence below them."""
        charts = (self._paths(), self._levels(), self._errors())
        row = "".join(chart.svg() for chart in charts)
        return (
            f'<div style="display: flex; flex-wrap: wrap; gap: 8px; line-height: 1.4">{row}</div>'
            f'<div style="max-width: 80ch; line-height: 1.5">{self.sentence()}</div>'
        )

    def _group(self, ends: Points) -> NDArray[np.intp]:
        return group(self._mixture.nearest(ends))

    def _error(self, steps: int, shift: float) -> float:
        return error(steps, shift, spread=self._mixture.spread, seed=self.seed)

    def _paths(self) -> Chart:
        mixture, seed = self._mixture, self.seed
        path = followed(mixture, self.steps, self.shift, seed)[:, :_SHOWN]
        ends, exact_ends = path[-1], truth(mixture, seed).ends[:_SHOWN]
        reach = 1.35 * mixture.spread if mixture.spread > 2 else 1.35 * mixture.spread + 1.5
        ticks = [round(tick, 1) for tick in np.linspace(-mixture.spread, mixture.spread, 3)]
        chart = Chart(
            "From noise to data", "first pixel", "second pixel", (-reach, reach), (-reach, reach), ticks, ticks
        )
        chart.circles(mixture.spots, 2 * mixture.width, 'fill-opacity="0.22"')
        wrong = self._group(ends) != self._group(exact_ends)
        for number, is_wrong in enumerate(wrong):
            chart.line(path[:, number], ORANGE if is_wrong else BLUE, 'stroke-opacity="0.45"')
        for end, exact_end in zip(ends, exact_ends, strict=True):
            chart.line([end, exact_end], ORANGE, 'stroke-width="1.5"')
        chart.dots(path[0], 1.2, 'fill-opacity="0.6"')
        chart.dots(ends[~wrong], 2.4, f'fill="{BLUE}"')
        chart.crosses(ends[wrong], f'stroke="{ORANGE}" stroke-width="2"')
        return chart

    def _levels(self) -> Chart:
        steps, known = self.steps, truth(self._mixture, self.seed)
        limits, ticks = (0, 1), [0, 0.25, 0.5, 0.75, 1]
        chart = Chart("Where the steps are", "step", "noise level σ", (0, steps), limits, [0, steps], ticks)
        levels = sigmas(steps, self.shift)
        for level, noun in ((known.group_level, "group"), (known.spot_level, "spot")):
            chart.line([(0, level), (steps, level)], style='stroke-dasharray="3 3" stroke-opacity="0.7"')
            # On the side that the curve does not cross.
            at, anchor = (0.02 * steps, "start") if (levels > level).sum() > steps / 2 else (steps, "end")
            beside = 0.015 if level < _HIGH else -0.055
            chart.words(at, level + beside, f"{noun} decided", f'font-size="11" text-anchor="{anchor}"')
        points = np.column_stack([np.arange(steps + 1), levels])
        chart.line(points, BLUE, 'stroke-width="1.5"')
        chart.dots(points, 3, f'fill="{BLUE}"')
        return chart

    def _errors(self) -> Chart:
        shift, steps = self.shift, self.steps
        curve = [(count, self._error(count, shift)) for count in _COUNTS]
        plain = [(count, self._error(count, 1.0)) for count in _COUNTS]
        top = self._mixture.spread * (0.5 if self._mixture.spread > 2 else 0.8)
        ticks = [round(tick, 2) for tick in np.linspace(0, top, 4 if self._mixture.spread > 2 else 5)]
        chart = Chart("Error", "steps", "distance in noise widths", (0, 41), (0, top), [2, 10, 20, 30, 40], ticks)
        chart.line(plain, style='stroke-dasharray="4 3" stroke-opacity="0.8"')
        chart.line(curve, BLUE, 'stroke-width="2"')
        chart.dots([(steps, self._error(steps, shift))], 5, f'fill="{BLUE}"')
        chart.words(15, 0.94 * top, f"― shift {shift:g}", f'fill="{BLUE}" font-weight="600"')
        if shift > 1:
            chart.words(15, 0.86 * top, "- - shift 1")
        return chart
