"""Exercises that check themselves: an answer is judged in a sentence, whatever it is."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, SupportsFloat

from .svg import BLUE, ORANGE

_QUOTED = 60
"""Characters of an answer that a hint repeats."""
_MARKS = {True: "✓ Right.", False: "✗ Not yet.", None: "○ Not answered yet:"}


@dataclass(frozen=True)
class Feedback:
    """What is said of an answer; as the last line of a cell it is shown with a mark."""

    right: bool | None
    """None where there is no answer yet."""
    text: str
    """Why it is right, or what is wrong and what to try."""

    def __str__(self) -> str:
        return f"{_MARKS[self.right]} {self.text}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colour = "grey" if self.right is None else BLUE if self.right else ORANGE
        style = f"border-left: 4px solid {colour}; padding: 4px 12px; max-width: 72ch"
        return f'<div class="tex2jax_ignore mathjax_ignore" style="{style}">{escape(str(self))}</div>'


class Hint(Exception):
    """An answer is wrong; the text says what about it, and what to try."""


class Unanswered(Hint):
    """There is no answer yet: the three dots, or a function that returns them."""

    def __init__(self, what: str = "write your answer in place of the three dots, and run the cell again.") -> None:
        super().__init__(what)


def exercise(check: Callable[..., str]) -> Callable[..., Feedback]:
    """Return a check that never raises.

    Args:
        check: returns what is worth saying of a right answer, and raises Hint for a wrong one.
    """

    @functools.wraps(check)
    def judge(*answers: Any) -> Feedback:
        try:
            if any(answer is ... for answer in answers):
                raise Unanswered
            return Feedback(True, check(*answers))
        except Unanswered as unanswered:
            return Feedback(None, str(unanswered))
        except Hint as hint:
            return Feedback(False, str(hint))
        except Exception as error:  # noqa: BLE001 - it comes from the learner's own code or answer, whatever that is
            return Feedback(False, f"This answer ends in an error, {_named(error)}.")

    return judge


def number(answer: Any, noun: str = "answer") -> float:
    """Return an answer as a number.

    Raises:
        Hint: it is none, or not a finite one.
    """
    given = answer.item() if getattr(answer, "size", 0) == 1 and hasattr(answer, "item") else answer
    if shape := getattr(given, "shape", ()):
        raise Hint(f"The {noun} is a table of {' × '.join(map(str, shape))}, and should be one number.")
    if isinstance(given, SupportsFloat) and not isinstance(given, bool):
        value = float(given)
        if math.isfinite(value):
            return value
    if isinstance(answer, str):
        raise Hint(f"The {noun} is {shown(answer)}, a text; a number stands without quotation marks.")
    raise Hint(f"The {noun} is {shown(answer)}, and should be a number.")


def choice(answer: Any, right: str, wrong: dict[str, str]) -> None:
    """Compare an answer with the letters of a question.

    Args:
        answer: of the learner.
        right: the right letter.
        wrong: of each other letter, why it is wrong.

    Raises:
        Hint: it is not the right one.
    """
    letter = answer.strip().strip("().").upper() if isinstance(answer, str) else ""
    if letter == right:
        return
    if letter in wrong:
        raise Hint(wrong[letter])
    raise Hint(f"The answer is {shown(answer)}, and should be one of the letters {', '.join(sorted([right, *wrong]))}.")


def function(answer: Any) -> Callable[..., Any]:
    """Return an answer that is a function, so that what goes wrong in it is a hint too.

    Raises:
        Hint: it is none; and, when it is called, it fails, or returns nothing.
    """
    if not callable(answer):
        raise Hint(f"Give the function itself, without parentheses; this is {shown(answer)}.")

    def called(*arguments: Any) -> Any:
        try:
            returned = answer(*arguments)
        except Exception as error:  # noqa: BLE001 - the learner's own code, whatever that is
            given = ", ".join(map(shown, arguments))
            raise Hint(f"Called with {given}, it ends in an error, {_named(error)}.") from None
        if returned is ...:
            raise Unanswered
        if returned is None:
            raise Hint("It returns nothing: what it has found goes behind the word return.")
        return returned

    return called


def shown(answer: Any) -> str:
    """Return an answer as it is quoted in a hint: in one line, and not all of a long one."""
    words = " ".join(repr(answer).split())
    return words if len(words) <= _QUOTED else f"{words[:_QUOTED]}…"


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ").removesuffix(".")
