"""Frozen values that are kept as JSON."""

import json
from typing import Any

import pytest

from wan_notebook.jobs.recipe import Input, Recipe
from wan_notebook.model.job import COMPLETED, Job, Usage

RECIPE = Recipe(image=Input(url="file:///a.png", size=5), settings={"shift": 3.5}, points=((1.0, 2.0), (3.0, 4.0)))
JOB = Job(id="1", status=COMPLETED, usage=Usage(usd_spent=0.5), preflight={"notices": []}, submitted_at=3.0)


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("value", [RECIPE, JOB])
def test_value_is_read_as_it_was_written(value: Any, compact: bool) -> None:
    """What was written as JSON is read as the same value, also without its defaults and beside what is not known."""
    written = json.loads(json.dumps(value.as_json(compact=compact)))
    assert type(value).read(written | {"of_a_newer_version": 1}) == value


def test_defaults_are_left_out() -> None:
    """A compact record holds what was set, and nothing else, within values too."""
    assert JOB.as_json(compact=True)["usage"] == {"usd_spent": 0.5}
    assert Recipe().as_json(compact=True) == {}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        *((Job, {"id": 5, "status": "queued"}), (Job, {"id": "1"}), (Job, {"id": "", "status": "queued"})),
        *((Job, {"id": "1", "status": "queued", "usage": [1]}), (Job, {"id": "1", "status": "queued", "video": 1})),
        *((Usage, {"usd_spent": "much"}), (Usage, {"usd_spent": True}), (Usage, {"usd_spent": 10**400})),
        *((Input, {"size": 2.5}), (Recipe, {"image": 1}), (Recipe, {"settings": []}), (Recipe, {"points": [[1]]})),
        *((Recipe, {"points": [["a", "b"]]}), (Recipe, {"points": "abc"}), (Recipe, [])),
    ],
)
def test_other_kinds_are_refused(kind: Any, fields: Any) -> None:
    """A value of another kind than its field's is refused with a ValueError, and nothing else."""
    with pytest.raises(ValueError, match="this is no"):
        kind.read(fields)
