"""The checks of the exercises, whatever the answer is."""

import base64
import inspect
import io
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from wan_notebook.faces.weights import FOLDER_VARIABLE
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


def forgets_to_return(sigma: float, shift: float) -> None:
    sigma * shift / (1 + (shift - 1) * sigma)


def divides_by_zero(sigma: float, shift: float) -> float:
    return shift / sigma


PAIRS = {
    1.0: np.array([1.171, 0.923, 1.494, 1.128, 1.326, 1.007, 1.463, 0.949]),
    10.0: np.array([0.994, 0.897, 1.439, 1.102, 1.188, 0.921, 1.217, 0.993]),
}
DIFFERENCES = PAIRS[10.0] - PAIRS[1.0]


def central(share: float) -> Any:
    """The ends between which a share of the means of resamples lies."""
    means = np.random.default_rng(5).choice(DIFFERENCES, (4000, len(DIFFERENCES))).mean(1)
    return np.quantile(means, [0.5 - share / 2, 0.5 + share / 2])


@pytest.mark.parametrize(
    ("feedback", "words"),
    [
        (lambda: steps_and_shift.check_fewest_steps("14"), "without quotation marks"),
        (lambda: steps_and_shift.check_shifted(forgets_to_return), "It returns nothing"),
        (lambda: steps_and_shift.check_shifted(divides_by_zero), "Called with 0.0, 1.0, it ends in an error, ZeroDiv"),
        (lambda: experiment.check_interval(*central(0.9), DIFFERENCES), "lie 90 % of the means"),
        (lambda: experiment.check_differences(PAIRS, PAIRS), "…, and should be numbers"),
        (lambda: face_reading.check_mouth(np.eye(2), *np.eye(2)), "a table of 2 × 2"),
        (lambda: good_reference.check_brightened(good_reference.pixels(good_reference.dark()) | 255), "plain white"),
        (lambda: good_reference.check_brightened(good_reference.bright()), "Brighten the dark one"),
        (lambda: good_reference.check_one_shot({"begin": 1.5}), "knows no 'begin'; it knows start, end"),
        (lambda: good_reference.check_closer(good_reference.pixels(good_reference.small())[400:]), "Nothing is left"),
    ],
)
def test_natural_mistakes_are_named(feedback: Callable[[], Feedback], words: str) -> None:
    """A hint says what about a wrong answer is wrong, and does not take it for another mistake."""
    assert words in str(feedback())
    assert feedback().right is False


def test_right_answers_may_be_written_otherwise() -> None:
    """An interval whose ends chance has moved, differences that are rounded, and a word with a capital are right."""
    assert experiment.check_interval(*central(0.95), DIFFERENCES).right
    assert experiment.check_differences(DIFFERENCES.round(2), PAIRS).right
    assert face_reading.check_worst(" Smile", *_curves(without="corner_left")).right


def test_missing_models_are_no_missing_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the face models cannot be had, nobody is told that there is no face."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    seen = str(good_reference.examine(good_reference.pixels(good_reference.bright())[:5]))
    assert "no face" not in seen
    assert "faces were not looked for" in seen
    closer = good_reference.pixels(good_reference.small())[:, 460:, 60:320]
    assert "This cannot be judged here. Faces were not looked for" in str(good_reference.check_closer(closer))


def test_strips_show_faces() -> None:
    """An examination shows frames so large that the face far away is some ten pixels wide, and no speck."""
    shown = re.findall(
        r'src="data:image/jpeg;base64,([^"]+)"', good_reference.examine(good_reference.small())._repr_html_()
    )
    heights = [Image.open(io.BytesIO(base64.b64decode(jpeg))).height for jpeg in shown]
    assert heights == [320] * 6


def test_a_learners_words_are_escaped() -> None:
    """An answer that is quoted is text, and no HTML."""
    assert "<b>" not in face_reading.check_worst("<b>", *_curves())._repr_html_()


def _curves(without: str = "") -> tuple[dict[str, np.ndarray[Any, Any]], Any]:
    """Readings as a perfect mesh would give them, but for one measure, and what was drawn."""
    drawn = face_reading.known()
    read = {measure: getattr(drawn, curve) + 0.0 for measure, curve in face_reading.MEASURES.values()}
    if without:
        read[without] = np.random.default_rng(0).normal(size=len(drawn.time))
    return read, drawn
