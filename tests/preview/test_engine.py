"""The motion preview as a whole: two inputs in, a clip out."""

import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from wan_notebook.errors import WanError
from wan_notebook.faces.find import face_reader
from wan_notebook.model.family import MOVE, REPLACE
from wan_notebook.preview.engine import run
from wan_notebook.preview.engine.performance import PerformanceReader
from wan_notebook.preview.engine.survey import Surveys
from wan_notebook.video.read import frames

from support.engines import SETTINGS, rendered
from support.media import Drawn, drifting, filmed, stored

pytestmark = pytest.mark.slow

EVERY_MODE = pytest.mark.parametrize("model", [MOVE.id, REPLACE.id], ids=["move", "replace"])


def test_every_frame_is_rendered(drawn: Drawn) -> None:
    """A clip has the character's aspect, the reference's rate, and as many frames."""
    clip = rendered(drawn.ada, drawn.glimpse)
    frames = list(clip)
    assert (clip.width, clip.height, clip.fps) == (480, 624, 10)
    assert [frame.shape for frame in frames] == [(624, 480, 3)] * 6


@pytest.mark.parametrize("faceless", [False, True], ids=["a face", "no face"])
def test_the_reference_is_decoded_once(faceless: bool, drawn: Drawn, tmp_path: Path) -> None:
    """Once the motion is read, the frames need the video no more: also mouths, and whatever sways, are known."""
    grey = stored(np.full((240, 320, 3), 128, np.uint8), tmp_path / "grey.png")
    video = tmp_path / "glimpse.mp4"
    shutil.copy(drawn.glimpse, video)
    clip = rendered(grey if faceless else drawn.ada, video)
    video.unlink()
    assert len(list(clip)) == 6


def test_many_clips_read_a_reference_once(drawn: Drawn, tmp_path: Path) -> None:
    """A reference that was read is known by its content, whatever smooths it; read otherwise it is read again."""
    surveys, copy = Surveys(), tmp_path / "copy.mp4"
    shutil.copy(drawn.glimpse, copy)

    def made(video: Path, **settings: object) -> tuple[bool, list[NDArray[np.uint8]]]:
        said: list[str] = []
        asked = SETTINGS | settings
        clip = run(drawn.ada, video, asked, lambda _share, what: said.append(what), lambda: False, surveys=surveys)
        return "Measuring the motion" in said, list(clip)

    assert made(drawn.glimpse)[0]
    read, frames = made(copy, shift=9.0)
    assert not read
    assert np.array_equal(frames, list(rendered(drawn.ada, drawn.glimpse, shift=9.0)))
    assert made(copy, num_inference_steps=40)[0]


def test_few_steps_read_little(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below ten steps half of the frames are read, fewer than half of the eyes, and fewer looks go about for others."""
    speech = [frame.pixels for frame in frames(drawn.speech)] * 2
    reader, calls = face_reader(), Counter[str]()

    def counted(name: str, method: Callable[..., object]) -> Callable[..., object]:
        return lambda *given, **named: calls.update([name]) or method(*given, **named)

    for name in ("find", "read"):
        monkeypatch.setattr(reader, name, counted(name, getattr(reader, name)))

    def read(steps: int) -> tuple[int, int, int]:
        calls.clear()
        reading = PerformanceReader(reader, steps, 20.0)
        assert len([*reading.read(speech)]) == len(speech)
        return calls["find"], calls["read"], sum(eye.readings for eye in reading._eyes)

    (looks, meshes, eyes), (few_looks, few_meshes, few_eyes) = read(20), read(4)
    assert few_looks < looks
    assert few_meshes == pytest.approx(meshes / 2, abs=1)
    assert few_eyes < 0.5 * eyes


@EVERY_MODE
def test_same_inputs_same_clip(model: str, drawn: Drawn) -> None:
    """Nothing is left to chance."""
    first, second = (np.array(list(rendered(drawn.ada, drawn.glimpse, model=model))) for _ in range(2))
    assert np.array_equal(first, second)


def test_a_watermark_names_the_preview(tmp_path: Path) -> None:
    """Every frame is written on, in the right lower corner and nowhere else: a grey picture shows nothing but that."""
    grey = stored(np.full((240, 320, 3), 128, np.uint8), tmp_path / "grey.png")
    for frame in rendered(grey, filmed(drifting(), tmp_path / "meadow.mp4")):
        rows, columns = np.nonzero((frame != 128).any(axis=2))
        height, width = frame.shape[:2]
        assert 0.9 * height < rows.min()
        assert 0.75 * width < columns.min()
        assert np.ptp(frame) > 80


def test_progress_never_goes_back(drawn: Drawn) -> None:
    """The first word comes before any work; the last says that all is done."""
    found: list[float] = []
    clip = run(drawn.ada, drawn.glimpse, SETTINGS, lambda share, _what: found.append(share), lambda: False)
    list(clip)
    assert found[0] == 0.0
    assert found == sorted(found)
    assert found[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("after", [0, 2, 8], ids=["at once", "while faces are looked for", "while motion is measured"])
def test_cancelling_stops_the_measuring(after: int, drawn: Drawn) -> None:
    """The engine asks between its steps whether it is still wanted."""
    asked = itertools.count()
    with pytest.raises(WanError, match="cancelled"):
        list(run(drawn.ada, drawn.glimpse, SETTINGS, lambda *_: None, lambda: next(asked) >= after))


def test_cancelling_stops_the_rendering(drawn: Drawn) -> None:
    """Once frames are taken, too, the engine asks before each of them."""
    wanted = True
    frames = iter(run(drawn.ada, drawn.glimpse, SETTINGS, lambda *_: None, lambda: not wanted))
    next(frames)
    wanted = False
    with pytest.raises(WanError, match="cancelled"):
        next(frames)
