"""The exercises of the lesson on steps and shift."""

from __future__ import annotations

from typing import Any

import numpy as np

from .exercise import Hint, choice, exercise, function, number
from .flow import sigmas
from .flow_figure import FlowFigure, error

__all__ = [
    "FlowFigure",
    "check_best_shifts",
    "check_conclusion",
    "check_fewest_steps",
    "check_levels",
    "check_shifted",
    "error",
]

_WANTED = 0.5
_SHIFTS = (1, 2, 3, 5, 7, 10)


@exercise
def check_fewest_steps(answer: Any) -> str:
    """Check the fewest steps that end nearer than 0.5 to the truth at shift 1."""
    steps = number(answer, "number of steps")
    if steps != int(steps) or not 2 <= steps <= 40:
        raise Hint("Steps are whole numbers from 2 to 40.")
    found = error(int(steps), 1.0)
    if found >= _WANTED:
        raise Hint(f"With {steps:g} steps the points end {found:.2f} beside the truth: still too far. Take more.")
    if error(int(steps) - 1, 1.0) < _WANTED:
        raise Hint(f"{found:.2f} is near enough, but one step fewer is as well. Take fewer.")
    first, last = error(5, 1.0) - error(10, 1.0), error(20, 1.0) - error(40, 1.0)
    return (
        f"Twice the steps, about half the error: the 5 steps from 5 to 10 take away {first:.2f}, and the 20 from 20 to "
        f"40 only {last:.2f}."
    )


@exercise
def check_shifted(answer: Any) -> str:
    """Check a function of σ and the shift."""
    given, points = function(answer), (0.0, 0.1, 0.5, 0.9, 1.0)
    for shift in (1.0, 3.0, 5.0):
        for sigma in points:
            value = number(given(sigma, shift), "returned value")
            # By the odds σ ÷ (1 − σ), which a shift multiplies.
            odds = np.inf if sigma == 1 else shift * sigma / (1 - sigma)
            wanted = 1.0 if np.isinf(odds) else odds / (1 + odds)
            if abs(value - wanted) > 1e-6:
                raise Hint(
                    f"For σ = {sigma:g} and shift {shift:g} it returns {value:.3f}, and should {wanted:.3f}. "
                    "Mind the parentheses below the line: 1 + (s − 1) σ, all of it divides."
                )
    return "It keeps 0 and 1 where they are, and pulls all levels between them towards 1: to where there is much noise."


@exercise
def check_levels(plain: Any, shift_5: Any) -> str:
    """Check how many of 20 steps begin above σ = 0.5, without a shift and with shift 5."""
    for answer, shift in ((plain, 1.0), (shift_5, 5.0)):
        given, above = number(answer, f"number for shift {shift:g}"), int((sigmas(20, shift)[:-1] > 0.5).sum())
        if given == above + 1 and shift == 1.0:
            raise Hint("Nearly: the step that begins at exactly 0.5 is not above it.")
        if given != above:
            raise Hint(
                f"For shift {shift:g} it is not {given:g}. The steps begin at σ = 1, 0.95, 0.9, … 0.05"
                + ("; shift each of them, and count." if shift > 1 else ".")
            )
    return "Of 20 steps, 17 are now spent in the noisy half, and 3 are left for the other one."


@exercise
def check_best_shifts(wide: Any, narrow: Any) -> str:
    """Check the best shift for 10 steps, of wide and of narrow data."""
    for answer, spread, name in ((wide, 6.0, "wide"), (narrow, 1.0, "narrow")):
        errors = {shift: error(10, float(shift), spread=spread) for shift in _SHIFTS}
        best = min(errors, key=errors.__getitem__)
        given = number(answer, f"shift for {name} data")
        if given not in errors:
            raise Hint(f"Choose one of the shifts {', '.join(map(str, _SHIFTS))}.")
        if given != best:
            raise Hint(
                f"For {name} data shift {given:g} leaves an error of {errors[int(given)]:.2f} with 10 steps; another "
                "leaves less. Print the error for each shift."
            )
    return (
        "There is no shift that is best for everything. Where the data are wide, all is decided early, and steps are "
        "needed there. A video is very wide: thousands of values that agree drown only in much noise."
    )


@exercise
def check_conclusion(answer: Any) -> str:
    """Check what may be concluded from clips of the preview."""
    choice(
        answer,
        "B",
        {
            "A": "The preview has no noise and no field: its steps and shift are other things of the same names. "
            "Nothing that is seen in it tells how the model's picture changes.",
            "C": "The preview is not made by a smaller model: it moves the character's own picture. More steps of it "
            "come no nearer to the model.",
        },
    )
    return (
        "Timing, framing, and what the face does are the reference's, and come through. How finely, the model decides."
    )
