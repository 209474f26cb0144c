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
MAX_VALUES = 10_000
"""Numbers that one text may make."""

_NUMBER = r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})"
_ONE = re.compile(_NUMBER)
_SPAN = re.compile(rf"({_NUMBER})\s*-\s*({_NUMBER})\s*(?:\(\s*({_NUMBER})\s*\)|\[\s*([0-9]{{1,9}})\s*\])?")
_DOTS = ("..", "...", "…")
_DASHES = str.maketrans("–—−", "---")


def parse(text: str, *, whole: bool = False) -> list[int | float]:
    """Return the numbers in a text, in its order.

    Args:
        text: in the forms above.
        whole: evenly spread values are rounded to whole numbers, halves upward.

    Raises:
        ValueError: it is in none of the forms, never arrives, or makes more than MAX_VALUES values; says which and why.
    """
    parts = [part.strip() for part in text.translate(_DASHES).split(",")]
    values: list[Fraction] = []
    for number, part in enumerate(parts):
        if part in _DOTS:
            values += continued(values, parts[number + 1 :])
        elif _ONE.fullmatch(part):
            values.append(Fraction(part))
        else:
            values += parse_span(part, whole)
        check_count(len(values), text)
    return [int(value) if value.denominator == 1 else float(value) for value in values]


def parse_span(part: str, whole: bool) -> list[Fraction]:
    """Return the numbers of "10-30 (+10)" or "1-10 [4]"; arguments and errors as for parse()."""
    found = _SPAN.fullmatch(part)
    if not found:
        raise ValueError(f"{part!r} cannot be read" if part else "a value is missing beside a comma")
    start, end = Fraction(found[1]), Fraction(found[2])
    if found[4]:
        return spread(start, end, int(found[4]), whole, part)
    step = Fraction(found[3]) if found[3] else unit_step(start, end)
    if step == 0:
        raise ValueError(f"{part!r} has a step of 0")
    if (end - start) / step < 0:
        raise ValueError(f"{part!r} never gets from {found[1]} to {found[2]}; turn the sign of its step")
    count = math.floor((end - start) / step) + 1
    check_count(count, part)
    return [start + step * number for number in range(count)]


def spread(start: Fraction, end: Fraction, count: int, whole: bool, part: str) -> list[Fraction]:
    """Return `count` numbers from `start` to `end`, evenly spread; `part` is their text, for errors."""
    if count < 2:
        raise ValueError(f"{part!r} asks for {count} values; both ends make 2 at least")
    check_count(count, part)
    values = [start + (end - start) * number / (count - 1) for number in range(count)]
    return [Fraction(math.floor(value + Fraction(1, 2))) for value in values] if whole else values


def continued(values: list[Fraction], rest: list[str]) -> list[Fraction]:
    """Return the numbers between the last one before the dots and the one after them."""
    if not values or not rest or not _ONE.fullmatch(rest[0]):
        raise ValueError("the dots stand between no two numbers")
    last, end = values[-1], Fraction(rest[0])
    step = last - values[-2] if len(values) > 1 else unit_step(last, end)
    steps = (end - last) / step if step else Fraction(0)
    if steps <= 0 or steps.denominator != 1:
        raise ValueError(f"the dots never meet {rest[0]} in steps of {float(step):g}")
    check_count(int(steps), "..")
    return [last + step * number for number in range(1, int(steps))]


def unit_step(start: Fraction, end: Fraction) -> Fraction:
    """Return the step of size 1 that leads from `start` towards `end`."""
    return Fraction(1 if end >= start else -1)


def check_count(count: int, text: str) -> None:
    """Raise ValueError where a text makes more than MAX_VALUES numbers."""
    if count > MAX_VALUES:
        raise ValueError(f"{text!r} makes {count:,} values; {MAX_VALUES:,} at most are taken")
