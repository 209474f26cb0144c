"""The model family as data: each setting is checked as its help describes it."""

from typing import Any

import numpy as np
import pytest

from wan_notebook.model import family, protocol


@pytest.mark.parametrize("setting", family.SETTINGS.values(), ids=lambda setting: setting.name)
def test_every_default_is_valid(setting: family.Setting) -> None:
    """A form that shows the defaults can be sent as it is."""
    assert setting.check(setting.default) == setting.default


@pytest.mark.parametrize("setting", family.SETTINGS.values(), ids=lambda setting: setting.name)
def test_every_setting_has_help(setting: family.Setting) -> None:
    """Label and help are there for a person, and so is what the preview does where that is something else."""
    assert setting.label
    assert setting.help.endswith(".")
    assert not setting.preview or setting.preview.endswith(".")


@pytest.mark.parametrize(
    ("name", "given", "taken"),
    [
        ("resolution", "720P", "720p"),
        ("num_inference_steps", 20.0, 20),
        ("shift", 3, 3.0),
        ("video_write_mode", " Small ", "small"),
        ("enable_safety_checker", None, None),
    ],
)
def test_equivalent_values_are_normalised(name: str, given: Any, taken: Any) -> None:
    """Case, blanks and the kind of a number do not matter."""
    checked = family.SETTINGS[name].check(given)
    assert (checked, type(checked)) == (taken, type(taken))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("resolution", "480"),
        ("resolution", None),
        ("resolution", ["480p"]),
        ("num_inference_steps", 1),
        ("num_inference_steps", "20"),
        ("num_inference_steps", float("inf")),
        ("shift", 10.1),
        ("shift", True),
        ("shift", np.True_),
        ("video_quality", "best"),
        ("enable_safety_checker", "yes"),
    ],
)
def test_other_values_are_refused(name: str, given: Any) -> None:
    """The message names the setting, what came, and what is allowed."""
    setting = family.SETTINGS[name]
    with pytest.raises(ValueError, match=name) as refused:
        setting.check(given)
    assert repr(given) in str(refused.value)
    assert setting.allowed in str(refused.value)


@pytest.mark.parametrize("name", ["move", "REPLACE ", "alibaba/wan2.2-14b-animate-move"])
def test_models_have_two_names(name: str) -> None:
    """The short word and the whole id name the same model."""
    assert family.find_model(name).mode in name.lower()


def test_an_unknown_model_is_refused() -> None:
    """The message lists both models."""
    with pytest.raises(ValueError, match=r"must be move .* or replace"):
        family.find_model("dance")


def test_prices_rise_with_resolution() -> None:
    """Each resolution that can be chosen has a price, and more pixels cost more."""
    for model in family.MODELS.values():
        prices = [model.usd_per_unit[resolution] for resolution in family.RESOLUTION.choices]
        assert prices == sorted(prices) == [0.04, 0.06, 0.08]


def test_final_statuses_are_known() -> None:
    """The words which end a job are among the protocol's."""
    assert set(protocol.FINAL_STATUSES) < set(protocol.STATUSES)


@pytest.mark.parametrize(("frames", "count"), [(1, 1), (77, 1), (78, 2), (153, 2), (154, 3)])
def test_windows_share_one_frame(frames: int, count: int) -> None:
    """The model's windows hold 77 frames, and each begins with the last frame of the one before."""
    assert family.windows(frames) == count
