"""Every request that can be made fits the vendor's own schema."""

import itertools
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wan_notebook.model import family, protocol
from wan_notebook.model.job import Request

VENDOR = json.loads((Path(__file__).parents[1] / "support" / "vendor_schema.json").read_text())
SENT_MEDIA = {"image_url": "data:image/png;base64,iVBORw0KGgo=", "video_url": "https://example.com/dance.mp4"}


def assert_fits(body: dict[str, Any]) -> None:
    jsonschema.validate(body, VENDOR["request"], format_checker=jsonschema.FormatChecker())
    unknown = set(body) - set(VENDOR["request"]["properties"])
    assert unknown == set()


CHOICES = {name: setting.choices for name, setting in family.SETTINGS.items() if setting.kind == "choice"}


@pytest.mark.parametrize("model", family.MODELS)
def test_choices_fit_vendor_schema(model: str) -> None:
    """Each choice that a form offers, with each other one, is a body of the vendor's schema."""
    for values in itertools.product(*CHOICES.values()):
        assert_fits(Request(model=model, **SENT_MEDIA, **dict(zip(CHOICES, values, strict=True))).body())


@given(
    steps=st.integers(int(family.NUM_INFERENCE_STEPS.minimum or 0), int(family.NUM_INFERENCE_STEPS.maximum or 0)),
    shift=st.floats(family.SHIFT.minimum, family.SHIFT.maximum) | st.integers(1, 10),
    safety=st.none() | st.booleans(),
)
def test_numbers_fit_vendor_schema(steps: int, shift: float, safety: bool | None) -> None:
    """Steps stay whole, shift stays a number, and a safety checker that nobody set is not sent."""
    body = Request(**SENT_MEDIA, num_inference_steps=steps, shift=shift, enable_safety_checker=safety).body()
    assert_fits(body)
    assert ("enable_safety_checker" in body) == (safety is not None)


def test_defaults_are_the_vendors() -> None:
    """Our defaults are the vendor's, so a body without settings and ours ask for the same clip."""
    defaults = {name: field["default"] for name, field in VENDOR["request"]["properties"].items() if "default" in field}
    body = Request(**SENT_MEDIA).body()
    assert {name: body[name] for name in defaults} == defaults


def test_models_are_the_vendors() -> None:
    """The family holds exactly the model ids that the vendor publishes."""
    assert sorted(family.MODELS) == sorted(VENDOR["request"]["properties"]["model"]["enum"])


def test_statuses_are_the_vendors() -> None:
    """The words that we know for a job's state are those that the vendor publishes."""
    assert sorted(protocol.STATUSES) == sorted(VENDOR["answer"]["properties"]["status"]["enum"])


def test_extra_fields_are_sent() -> None:
    """What the vendor does not document reaches the wire only when asked for by name."""
    body = Request(**SENT_MEDIA, extra={"seed": 7}).body()
    assert body["seed"] == 7
    assert_fits({name: value for name, value in body.items() if name != "seed"})
