"""The inputs and the exercises of the lesson on an experiment."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..media import Video, samples, video
from .exercise import Hint, choice, exercise, function, number, shown
from .figures import STYLE, show

__all__ = [
    "STYLE",
    "characters",
    "check_afford",
    "check_bootstrap",
    "check_conclusion",
    "check_differences",
    "check_interval",
    "show",
    "takes",
]

_RESAMPLES, _EXACT_RESAMPLES = 4000, 40_000
_TOLERANCE = 0.05
"""Share of an interval's width by which its ends may be off. Of 4000 resamples chance moves them by 0.01; a 90 %
interval lies 0.08 within that of 95 %."""
_ROUNDED = 0.0051
"""By which a difference may be off: it may be rounded as the table was."""


def characters() -> list[Path]:
    """Return four drawn characters."""
    return [samples.character(person) for person in ("ada", "noor", "pip", "theo")]


def takes() -> list[Video]:
    """Return the same words, a second of them, by two performers, each take under its performer's name."""
    performers = ("theo", "noor")
    return [
        replace(video(samples.reference("hello", 1, 12, person=performer)), name=f"{performer}.mp4")
        for performer in performers
    ]


@exercise
def check_afford(answer: Any, usd_for_a_clip: Any, budget: Any) -> str:
    """Check how many characters a budget pays for, with two takes and two settings each."""
    price, most = number(usd_for_a_clip, "price of a clip"), number(budget, "budget")
    given, wanted = number(answer, "number of characters"), math.floor(most / (4 * price))
    if given != wanted:
        raise Hint(
            f"Each character needs 2 takes × 2 settings = 4 clips, ${4 * price:.2f} in all. ${most:.2f} pays for some "
            f"number of whole characters, and it is not {given:g}."
        )
    clips = 4 * wanted
    return f"{wanted} characters, {clips} clips, ${clips * price:.2f}; `plan.run(budget={most:g})` would hold to it."


@exercise
def check_differences(answer: Any, pairs: Any) -> str:
    """Check the difference of each pair: shift 10 less shift 1."""
    wanted = np.asarray(pairs[10.0] - pairs[1.0], float)
    given = _numbers(answer, "differences")
    if len(given) != len(wanted):
        raise Hint(f"There are {len(wanted)} pairs, so as many differences; these are {len(given)}.")
    if np.allclose(given, -wanted, atol=_ROUNDED):
        raise Hint("The other way round: what shift 10 has more than shift 1, so that a loss is negative.")
    if not np.allclose(given, wanted, atol=_ROUNDED):
        raise Hint("These are not the differences. The columns are called 1.0 and 10.0: pairs[10.0] is one of them.")
    down = int((wanted < 0).sum())
    return f"In {down} of {len(wanted)} pairs the mouth opens less with shift 10, on average by {-wanted.mean():.2f}."


@exercise
def check_bootstrap(answer: Any) -> str:
    """Check a function that returns the means of resamples."""
    given, values = function(answer), np.array([0.0, 1.0, 2.0, 10.0, -3.0, 4.0])
    means = _numbers(given(values, _RESAMPLES), "means")
    if len(means) != _RESAMPLES:
        raise Hint(f"Asked for {_RESAMPLES} means, it returns {len(means)}.")
    if means.std() < 1e-9:
        raise Hint("All the means are equal: draw with replacement, so that some values come twice and others not.")
    wanted = values.std() / math.sqrt(len(values))
    if abs(means.mean() - values.mean()) > 0.3:
        raise Hint(f"The means lie around {means.mean():.2f}; those of resamples lie around {values.mean():.2f}.")
    if abs(means.std() / wanted - 1) > 0.1:
        raise Hint(
            f"The means spread by {means.std():.2f}, and should by {wanted:.2f}: each resample has as many values as "
            "there are."
        )
    return "Each resample is an experiment that might have happened; how far their means lie apart is the doubt."


@exercise
def check_interval(low: Any, high: Any, differences: Any) -> str:
    """Check the ends of the 95 % interval of a mean difference."""
    values = _numbers(differences, "differences")
    drawn = np.random.default_rng(1).choice(values, (_EXACT_RESAMPLES, len(values))).mean(1)
    wanted = np.percentile(drawn, [2.5, 97.5])
    given = np.array([number(low, "lower end"), number(high, "upper end")])
    if given[0] > given[1]:
        raise Hint("The lower end is above the upper one.")
    slack = _TOLERANCE * (wanted[1] - wanted[0])
    if abs(given - wanted).max() > slack:
        raise Hint(
            f"Between {given[0]:.3f} and {given[1]:.3f} lie {100 * _share(drawn, given):.0f} % of the means, and 95 % "
            "should, with as many below as above. np.percentile takes per cents, from 0 to 100."
        )
    zero = "does not hold 0" if given[0] > 0 or given[1] < 0 else "holds 0"
    return f"The mean difference is {values.mean():.2f}, the interval from {given[0]:.2f} to {given[1]:.2f}. It {zero}."


@exercise
def check_conclusion(answer: Any) -> str:
    """Check what the experiment shows."""
    choice(
        answer,
        "C",
        {
            "A": "The experiment never saw the hosted model. In the preview shift smooths the motion over time; in the "
            "model it moves steps to other noise levels.",
            "B": "Less of something that was measured is not worse: nobody looked at the clips, and a mouth gain above "
            "1 was too much to begin with.",
            "D": "An interval of a mean says where the mean may lie. Single pairs differ far more; look how "
            "differently their lines fall.",
        },
    )
    return "What was varied, where, on whom, by how much, and how sure: all the rest is for the next experiment."


def _share(drawn: NDArray[np.float64], ends: NDArray[np.float64]) -> float:
    return float(((drawn >= ends[0]) & (drawn <= ends[1])).mean())


def _numbers(answer: ArrayLike, noun: str) -> NDArray[np.float64]:
    try:
        values = np.asarray(answer, float).ravel()
    except (TypeError, ValueError):
        raise Hint(f"The {noun} are {shown(answer)}, and should be numbers.") from None
    if not len(values) or not np.isfinite(values).all():
        raise Hint(f"The {noun} are {shown(answer)}, and should all be numbers, none of them missing.")
    return values
