"""A small chart as SVG in the text colour of the page around it, drawn in a millisecond, so that it can be dragged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from numpy.typing import ArrayLike

BLUE, ORANGE = "#2083c5", "#d55e00"
"""Near those of Okabe and Ito, which colour-blind people tell apart; each has a contrast of 4 to white and to black."""

_WIDTH, _HEIGHT = 272, 262
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 30, 44
"""Margins in pixels."""


@dataclass
class Chart:
    """Marks on two axes; each method adds some, in the units of the axes.

    Args:
        title: above the chart.
        x: label of the horizontal axis, with its unit.
        y: likewise of the vertical one.
        xlim: first and last value of the horizontal axis.
        ylim: likewise of the vertical one.
        xticks: values that are written at the axis.
        yticks: likewise.
    """

    title: str
    x: str
    y: str
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    xticks: Sequence[float]
    yticks: Sequence[float]
    _marks: list[str] = field(default_factory=list)

    def line(self, points: ArrayLike, colour: str = "currentColor", style: str = "") -> None:
        """Draw a line through points, N×2; style holds SVG attributes."""
        self._marks.append(f'<polyline fill="none" stroke="{colour}" {style} points="{self._at(points)}"/>')

    def dots(self, points: ArrayLike, radius: float, style: str = "") -> None:
        """Draw a dot at each point, N×2; the radius is in pixels."""
        self._marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" {style}/>' for x, y in self._pixels(points)]

    def crosses(self, points: ArrayLike, style: str = "") -> None:
        """Draw a cross at each point, N×2."""
        self._marks += [
            f'<path d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" fill="none" {style}/>' for x, y in self._pixels(points)
        ]

    def circles(self, points: ArrayLike, radius: float, style: str = "") -> None:
        """Draw a circle about each point, N×2; the radius is in the unit of the horizontal axis."""
        scale = (_WIDTH - _LEFT - _RIGHT) / (self.xlim[1] - self.xlim[0])
        self.dots(points, round(radius * scale, 1), style)

    def words(self, x: float, y: float, text: str, style: str = "") -> None:
        """Write words that begin at a point."""
        ((at, up),) = self._pixels([(x, y)])
        self._marks.append(f'<text x="{at:.1f}" y="{up:.1f}" {style}>{escape(text)}</text>')

    def svg(self) -> str:
        """Return the chart as an element."""
        low, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
        name = f"{self.title}: {self.y} over {self.x}"
        return (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img" aria-label="{escape(name)}" '
            'fill="currentColor" style="flex: 1 1 240px; max-width: 320px; font: 12px system-ui, sans-serif">'
            f'<text x="{_LEFT}" y="16" font-weight="600">{escape(self.title)}</text>{"".join(self._ticks())}'
            f'<path d="M{_LEFT} {_TOP}V{low}H{right}" fill="none" stroke="currentColor" stroke-opacity="0.6"/>'
            f'<text x="{(_LEFT + right) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(self.x)}</text>'
            f'<text transform="translate(12 {(_TOP + low) / 2}) rotate(-90)" text-anchor="middle">'
            f"{escape(self.y)}</text>"
            f'<svg x="{_LEFT}" y="{_TOP - 4}" width="{right - _LEFT}" height="{low - _TOP + 4}" '
            f'viewBox="{_LEFT} {_TOP - 4} {right - _LEFT} {low - _TOP + 4}">{"".join(self._marks)}</svg></svg>'
        )

    def _ticks(self) -> Iterable[str]:
        low = _HEIGHT - _BOTTOM
        for value in self.xticks:
            ((x, _),) = self._pixels([(value, self.ylim[0])])
            yield f'<path d="M{x:.1f} {low}v4" stroke="currentColor" stroke-opacity="0.6"/>'
            yield f'<text x="{x:.1f}" y="{low + 17}" text-anchor="middle">{value:g}</text>'
        for value in self.yticks:
            ((_, y),) = self._pixels([(self.xlim[0], value)])
            yield f'<path d="M{_LEFT} {y:.1f}h-4" stroke="currentColor" stroke-opacity="0.6"/>'
            yield f'<text x="{_LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'

    def _at(self, points: ArrayLike) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self._pixels(points))

    def _pixels(self, points: ArrayLike) -> list[tuple[float, float]]:
        (left, right), (low, high) = self.xlim, self.ylim
        across, down = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
        values = np.asarray(points, float)
        x = _LEFT + (values[:, 0] - left) / (right - left) * across
        y = _TOP + (high - values[:, 1]) / (high - low) * down
        return list(zip(x.tolist(), y.tolist(), strict=True))
