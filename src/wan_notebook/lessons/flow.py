"""Flow matching in two dimensions, with a velocity field that is known in closed form.

The data are a mixture of round Gaussians of equal weight. Data x₀ and noise ε ~ N(0, I) are joined by straight lines,
x = (1 − σ) x₀ + σ ε, and the field at a point is the mean of the slopes ε − x₀ of all lines that run through it (Lipman
and others, Flow Matching for Generative Modeling, 2023, arXiv:2210.02747; Liu and others, Flow Straight and Fast, 2022,
arXiv:2209.03003). For one Gaussian of mean m and width w, with v = (1 − σ)² w² + σ², that mean is
(σ − (1 − σ) w²) ÷ v · (x − (1 − σ) m) − m; of a mixture, m is the mean of all m, each weighted by how likely x is its.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""N×2."""

_GROUPS = ((1.0, 0.2), (-0.35, 0.9), (-0.75, -0.6), (0.5, -0.9))
_SPOTS = 3
"""In each group."""
_RADIUS, _WIDTH = 0.2, 1 / 30
"""Of a group, and the standard deviation of a spot, in spreads."""
_EXACT_STEPS, _EXACT_SHIFT = 40, 4.0


@dataclass(frozen=True)
class Mixture:
    """Four groups of three spots each: which group is the layout of a picture, which place in it the detail."""

    spread: float = 6.0
    """How far from the middle the groups lie, where the noise has a standard deviation of 1."""

    @cached_property
    def spots(self) -> Points:
        """The centres of the spots, group by group."""
        turns = 2 * np.pi * np.arange(_SPOTS) / _SPOTS
        return np.array(
            [
                (self.spread * (x + _RADIUS * np.cos(turn)), self.spread * (y + _RADIUS * np.sin(turn)))
                for group, (x, y) in enumerate(_GROUPS)
                for turn in turns + group
            ]
        )

    @cached_property
    def _offsets(self) -> NDArray[np.float64]:
        return np.asarray((self.spots**2).sum(1) / 2)

    @property
    def width(self) -> float:
        """The standard deviation of a spot."""
        return _WIDTH * self.spread

    def shares(self, points: Points, sigma: float) -> NDArray[np.float64]:
        """Return how likely each point at a noise level belongs to each spot, N×12; rows sum to 1."""
        left = 1 - sigma
        variance = left**2 * self.width**2 + sigma**2
        # The square of x is the same for all spots, and left out.
        scores = points @ (left / variance * self.spots.T) - left**2 / variance * self._offsets
        weights = np.exp(scores - scores.max(1, keepdims=True))
        return np.asarray(weights / weights.sum(1, keepdims=True))

    def velocity(self, points: Points, sigma: float) -> Points:
        """Return the field at some points: where x goes as σ grows by one."""
        left = 1 - sigma
        variance = left**2 * self.width**2 + sigma**2
        middle = self.shares(points, sigma) @ self.spots
        return np.asarray((sigma - left * self.width**2) / variance * (points - left * middle) - middle)

    def nearest(self, points: Points) -> NDArray[np.intp]:
        """Return the number of the spot that each point lies next to."""
        return np.asarray(((points[:, None] - self.spots) ** 2).sum(-1).argmin(1))


def group(spot: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the groups of spots by their numbers."""
    return spot // _SPOTS


def shifted(sigma: NDArray[np.float64], shift: float) -> NDArray[np.float64]:
    """Return noise levels after a shift: σ' = s σ ÷ (1 + (s − 1) σ), which multiplies the odds σ ÷ (1 − σ) by s.

    Args:
        sigma: noise levels, 0 to 1.
        shift: s; 1 changes nothing.
    """
    return shift * sigma / (1 + (shift - 1) * sigma)


def sigmas(steps: int, shift: float) -> NDArray[np.float64]:
    """Return the noise levels between the steps, from 1 to 0: one more than there are steps."""
    return shifted(np.linspace(1, 0, steps + 1), shift)


def noise(count: int, seed: int) -> Points:
    """Return the points from which a sampler starts."""
    return np.random.default_rng(seed).normal(size=(count, 2))


def sample(mixture: Mixture, start: Points, levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Follow the field by Euler's method: at each level one straight step to the next.

    Returns:
        The points at each level, levels × N × 2.
    """
    path = [start]
    for sigma, following in itertools.pairwise(levels):
        path.append(path[-1] + (following - sigma) * mixture.velocity(path[-1], sigma))
    return np.array(path)


def exact(mixture: Mixture, start: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Follow the field by the classical method of Runge and Kutta, in steps so fine that its error is not seen.

    Returns:
        The levels, and the points at each of them, levels × N × 2.
    """
    levels, path = sigmas(_EXACT_STEPS, _EXACT_SHIFT), [start]
    for sigma, following in itertools.pairwise(levels):
        step, here = following - sigma, path[-1]
        first = mixture.velocity(here, sigma)
        second = mixture.velocity(here + step / 2 * first, sigma + step / 2)
        third = mixture.velocity(here + step / 2 * second, sigma + step / 2)
        fourth = mixture.velocity(here + step * third, following)
        path.append(here + step / 6 * (first + 2 * second + 2 * third + fourth))
    return levels, np.array(path)
