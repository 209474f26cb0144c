"""Flow matching with a known field, against computations that share nothing with it."""

import itertools

import numpy as np
import pytest

from wan_notebook.lessons.flow import Mixture, Points, exact, noise, sample, shifted, sigmas
from wan_notebook.lessons.flow_figure import FlowFigure, error, truth


def drawn(mixture: Mixture, count: int, seed: int) -> Points:
    """Points of the data."""
    random = np.random.default_rng(seed)
    spots = mixture.spots[random.integers(len(mixture.spots), size=count)]
    return spots + mixture.width * random.normal(size=(count, 2))


@pytest.mark.parametrize("sigma", [0.5, 0.8, 0.95])
def test_velocity_is_the_mean_slope(sigma: float) -> None:
    """The field is the mean of ε − x₀ over the lines through a point, as drawn data and the noise's density give it."""
    mixture = Mixture(2.0)
    data = drawn(mixture, 400_000, 1)
    at = (1 - sigma) * drawn(mixture, 6, 2) + sigma * noise(6, 3)
    for point, found in zip(at, mixture.velocity(at, sigma), strict=True):
        needed = (point - (1 - sigma) * data) / sigma  # the noise with which each of the data arrives here
        weights = np.exp(-(needed**2).sum(1) / 2)
        slope = (weights[:, None] * (needed - data)).sum(0) / weights.sum()
        assert found == pytest.approx(slope, abs=0.05)


def test_shift_multiplies_the_odds() -> None:
    """A shift multiplies σ ÷ (1 − σ), keeps 0 and 1, and changes nothing at 1."""
    sigma = np.linspace(0.01, 0.99, 50)
    for shift in (1.0, 3.0, 10.0):
        after = shifted(sigma, shift)
        assert after / (1 - after) == pytest.approx(shift * sigma / (1 - sigma))
        assert sigmas(7, shift)[[0, -1]].tolist() == [1, 0]
    assert sigmas(4, 1).tolist() == [1, 0.75, 0.5, 0.25, 0]


def test_noise_becomes_the_data() -> None:
    """The exact flow brings noise to all spots alike, and to their width."""
    mixture = Mixture(2.0)
    ends = exact(mixture, noise(2400, 0))[1][-1]
    spots = mixture.nearest(ends)
    counts = np.bincount(spots, minlength=12)
    assert counts.min() > 140  # 200 each; the standard deviation of a count is 14
    assert counts.max() < 260
    assert (ends - mixture.spots[spots]).std() == pytest.approx(mixture.width, rel=0.1)


def test_euler_is_of_first_order() -> None:
    """Twice the steps leave half the error, where there are many of them."""
    mixture, start = Mixture(1.0), noise(40, 0)
    ends = [sample(mixture, start, sigmas(steps, 3.0))[-1] for steps in (200, 400, 800)]
    first, second = (np.linalg.norm(a - b, axis=1).mean() for a, b in itertools.pairwise(ends))
    assert first / second == pytest.approx(2, rel=0.1)


def test_wide_data_decide_early() -> None:
    """Of wide data groups are decided at more noise than of narrow ones, and a middle shift is best for few steps."""
    wide, narrow = truth(Mixture(6.0), 0), truth(Mixture(1.0), 0)
    assert wide.group_level > narrow.group_level > narrow.spot_level
    assert error(10, 1.0) > error(10, 3.0) < error(10, 10.0)
    assert error(10, 1.0, spread=1.0) < error(10, 3.0, spread=1.0)


def test_figure_follows_its_sliders() -> None:
    """Each slider draws the charts anew, and a page without widgets gets them as they are."""
    figure = FlowFigure(4, 1.0)
    before, _ = figure._repr_mimebundle_()
    figure.steps = 30
    assert "30 steps, shift 1" in figure.charts
    figure.shift = 5
    after, _ = figure._repr_mimebundle_()
    assert "30 steps, shift 5" in after["text/plain"]
    assert after["text/html"].count("<svg") == before["text/html"].count("<svg") == 6
    assert after["application/vnd.jupyter.widget-view+json"]["model_id"] == figure.model_id
