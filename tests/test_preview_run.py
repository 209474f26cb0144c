"""The motion preview as a whole: two inputs in, a clip out."""

from pathlib import Path

import numpy as np
import pytest

from wan_notebook import preflight, samples
from wan_notebook.models import MOVE
from wan_notebook.service.preview import Performance, run

SETTINGS = {"model": MOVE.id, "resolution": "480p", "num_inference_steps": 4, "shift": 3.0}


def performed(image: Path, video: Path, **settings: object) -> Performance:
    return run(image, video, {**SETTINGS, **settings}, lambda _share, _what: None, lambda: False)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAN_NOTEBOOK_HOME", str(tmp_path_factory.mktemp("home")))
        return samples.character("ada"), samples.reference("hello", 0.6, 10)


def test_every_frame_of_the_reference_becomes_a_frame_of_the_character(inputs: tuple[Path, Path]) -> None:
    """A clip has the character's aspect, the reference's rate, and as many frames."""
    performance = performed(*inputs)
    frames = list(performance)
    assert (performance.width, performance.height, performance.fps) == (480, 624, 10)
    assert [frame.shape for frame in frames] == [(624, 480, 3)] * 6


def test_the_same_inputs_give_the_same_clip(inputs: tuple[Path, Path]) -> None:
    """Nothing is left to chance."""
    first, second = (np.array(list(performed(*inputs))) for _ in range(2))
    assert np.array_equal(first, second)


def test_what_is_noticed_says_what_it_is_about(inputs: tuple[Path, Path]) -> None:
    """Each notice names the input and a topic, as the panel's own do, so that nothing is told twice."""
    notices = preflight.told(performed(*inputs).preflight)
    assert [(notice.about, notice.topic) for notice in notices] == [("video", "short")]
