"""The checks of the exercises, whatever the answer is."""

import inspect
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from wan_notebook.lessons import experiment, face_reading, good_reference, steps_and_shift, waiting
from wan_notebook.lessons.exercise import Feedback

LESSONS = (steps_and_shift, good_reference, experiment, waiting, face_reading)


def checks() -> Iterator[Any]:
    for lesson in LESSONS:
        for name in lesson.__all__:
            if name.startswith("check_"):
                yield pytest.param(getattr(lesson, name), id=f"{lesson.__name__.rpartition('.')[2]}-{name}")


def stop(*_arguments: object) -> None:
    raise RuntimeError("a learner's mistake")


JUNK = (None, "", "Z", b"x", 10**400, math.nan, True, [], {}, {"start": "x"}, np.zeros(3), stop, object())


@pytest.mark.parametrize("check", list(checks()))
def test_no_answer_ends_in_a_traceback(check: Callable[..., Feedback]) -> None:
    """Whatever is given for an answer, a sentence says what is wrong with it."""
    count = len(inspect.signature(check).parameters)
    for answer in JUNK:
        feedback = check(*[answer] * count)
        assert feedback.right in (False, None), answer
        assert len(feedback.text) > 20, answer
    assert check(*[...] * count).right is None
    assert "Not answered yet" in check(*[...] * count)._repr_html_()


def test_a_learners_words_are_escaped() -> None:
    """An answer that is quoted is text, and no HTML."""
    assert "<b>" not in face_reading.check_worst("<b>", *_curves())._repr_html_()


def _curves() -> tuple[dict[str, np.ndarray[Any, Any]], Any]:
    drawn = face_reading.known()
    return {measure: getattr(drawn, curve) + 0.0 for measure, curve in face_reading.MEASURES.values()}, drawn
