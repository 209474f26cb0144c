"""Numbers as people write them: "10-30 (+10)", "1-10 [4]", "3, 5, 7", "1, 2, .., 5".

    3, 5, 7        these
    10-30 (+10)    from 10 to 30 in steps of 10; 30-10 (-10) runs down
    1-5            in steps of 1
    1-10 [4]       4 values, evenly spread, with both ends
    1, 2, .., 5    goes on as it began, up to 5

Forms may be mixed between commas. Decimals are exact: 1-2 (+0.25) ends at 2.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

EXAMPLES = "10-30 (+10), 1-10 [4], 3, 5, 7 or 1, 2, .., 5"
MOST = 10_000
"""Values of one text."""

_NUMBER = r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})"
_ONE = re.compile(_NUMBER)
_SPAN = re.compile(rf"({_NUMBER})\s*-\s*({_NUMBER})\s*(?:\(\s*({_NUMBER})\s*\)|\[\s*([0-9]{{1,9}})\s*\])?")
_DOTS = ("..", "...", "…")
_DASHES = str.maketrans("–—−", "---")


def read(text: str, *, whole: bool = False) -> list[int | float]:
    """Return the numbers that a text stands for, in its order.

    Args:
        text: in the forms above.
        whole: evenly spread values are rounded to whole numbers, halves upward.

    Raises:
        ValueError: it is in none of the forms, never arrives, or makes more than MOST values; says which and why.
    """
    parts = [part.strip() for part in text.translate(_DASHES).split(",")]
    values: list[Fraction] = []
    for place, part in enumerate(parts):
        if part in _DOTS:
            values += _continued(values, parts[place + 1 :])
        elif _ONE.fullmatch(part):
            values.append(Fraction(part))
        else:
            values += _span(part, whole)
        _refuse_many(len(values), text)
    return [int(value) if value.denominator == 1 else float(value) for value in values]


def _span(part: str, whole: bool) -> list[Fraction]:
    found = _SPAN.fullmatch(part)
    if not found:
        raise ValueError(f"{part!r} cannot be read" if part else "a value is missing beside a comma")
    start, end = Fraction(found[1]), Fraction(found[2])
    if found[4]:
        return _spread(start, end, int(found[4]), whole, part)
    step = Fraction(found[3]) if found[3] else _towards(start, end)
    if step == 0:
        raise ValueError(f"{part!r} has a step of 0")
    if (end - start) / step < 0:
        raise ValueError(f"{part!r} never gets from {found[1]} to {found[2]}; turn the sign of its step")
    count = math.floor((end - start) / step) + 1
    _refuse_many(count, part)
    return [start + step * number for number in range(count)]


def _spread(start: Fraction, end: Fraction, count: int, whole: bool, part: str) -> list[Fraction]:
    if count < 2:
        raise ValueError(f"{part!r} asks for {count} values; both ends make 2 at least")
    _refuse_many(count, part)
    values = [start + (end - start) * number / (count - 1) for number in range(count)]
    return [Fraction(math.floor(value + Fraction(1, 2))) for value in values] if whole else values


def _continued(values: list[Fraction], rest: list[str]) -> list[Fraction]:
    """The values between the last one before the dots and the one after them."""
    if not values or not rest or not _ONE.fullmatch(rest[0]):
        raise ValueError("the dots stand between no two numbers")
    last, end = values[-1], Fraction(rest[0])
    step = last - values[-2] if len(values) > 1 else _towards(last, end)
    steps = (end - last) / step if step else Fraction(0)
    if steps <= 0 or steps.denominator != 1:
        raise ValueError(f"the dots never meet {rest[0]} in steps of {float(step):g}")
    _refuse_many(int(steps), "..")
    return [last + step * number for number in range(1, int(steps))]


def _towards(start: Fraction, end: Fraction) -> Fraction:
    return Fraction(1 if end >= start else -1)


def _refuse_many(count: int, text: str) -> None:
    if count > MOST:
        raise ValueError(f"{text!r} makes {count:,} values; {MOST:,} at most are taken")
