"""The tree of errors is drawn as it is."""

import inspect
import re

import pytest

from wan_notebook import errors
from wan_notebook.model.job import ERROR, Job

CLASSES = {
    name: one
    for name, one in vars(errors).items()
    if inspect.isclass(one) and issubclass(one, errors.WanError) and not name.startswith("_")
}


def drawn() -> dict[str, str | None]:
    """The parent of each class, as the module's docstring draws it."""
    parents: dict[str, str | None] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ([│├└─ ]*)([A-Z]\w+)", line):
            depth = len(found[1]) // 4
            above[depth:] = [found[2]]
            parents[found[2]] = above[depth - 1] if depth else None
    return parents


def test_the_drawing_shows_every_error() -> None:
    """No error exists that the first lines of the module do not show, and none is shown that does not exist."""
    assert set(drawn()) == set(CLASSES)


@pytest.mark.parametrize("name", [name for name in drawn() if name != "WanError"])
def test_each_parent_is_as_drawn(name: str) -> None:
    """Catching a branch of the drawing catches what grows on it."""
    parents = [parent.__name__ for parent in CLASSES[name].__mro__[1:] if not parent.__name__.startswith("_")]
    assert parents[0] == drawn()[name]


@pytest.mark.parametrize("one", CLASSES.values(), ids=lambda one: one.__name__)
def test_each_error_has_a_sentence(one: type[errors.WanError]) -> None:
    """Every class has a sentence that says what happened, and one of its own that says what helps."""
    assert one.__doc__
    assert vars(one)["remedy"].endswith(".")


def test_a_service_error_keeps_details() -> None:
    """Status, request id and body stand on the error, the message alone in its text."""
    error = errors.TooBusy("Slow down.", status_code=429, request_id="r", body="{}", retry_after=7.0)
    assert (str(error), error.status_code, error.request_id, error.body, error.retry_after) == (
        "Slow down.",
        429,
        "r",
        "{}",
        7.0,
    )
    assert isinstance(error, errors.Rejected)


def test_job_errors_carry_their_job() -> None:
    """Whoever catches a failed job has the job in hand."""
    job = Job(id="1", status=ERROR)
    assert errors.JobFailed("no face", job).job is job
