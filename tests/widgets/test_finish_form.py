"""The fold under a player: what a clip can be given, and the finished clip beside it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from wan_notebook.jobs.clip import Clip
from wan_notebook.video.probe import probe
from wan_notebook.widgets.display.clip import ClipWidget
from wan_notebook.widgets.finish.finish import finish_options

from support.clips import clip_of
from support.media import filmed, sounding
from support.widgets import send_from_browser, until

pytestmark = pytest.mark.slow


def sliding(count: int) -> Iterator[NDArray[np.uint8]]:
    """A picture of many levels that slides by a pixel a frame."""
    wall = np.tile(np.linspace(40, 200, 160, dtype=np.uint8)[None, :, None], (48, 1, 3))
    for number in range(count):
        yield np.ascontiguousarray(wall[:, number % 96 : number % 96 + 64])


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A reference of two seconds at 24 frames per second, with sound."""
    return sounding(filmed(sliding(48), tmp_path / "silent.mp4", fps=24), tmp_path / "dance.mp4")


def offered(clip: Clip) -> tuple[ClipWidget, list[str]]:
    """The widget of a clip, and what its fold offers."""
    widget = ClipWidget(clip)
    state = until(widget.finish, lambda state: bool(state.options))
    return widget, [option.name for option in state.options]


def test_fold_offers_what_is_missing(reference: Path) -> None:
    """A clip at fewer frames than its reference and without its sound is offered both, each with what it will do."""
    widget, names = offered(clip_of(reference, fps=16, sound=False))
    assert names == ["fps", "sound"]
    assert widget.finish.shown.options[0].effect.startswith("From 16 to 24 frames per second, as the reference")


def test_long_clips_are_offered_steady_colours(tmp_path: Path) -> None:
    """Only a clip that is longer than one window of the model is offered steady colours, and not a second time."""
    clip = clip_of(filmed(sliding(90), tmp_path / "long.mp4", fps=24))
    assert offered(clip)[1] == ["colours"]
    assert finish_options(clip.finish(colours="steady")) == ()


def test_replaced_clips_are_offered_their_reference(reference: Path) -> None:
    """A clip in Replace is offered its reference's colours however short it is, as long as the reference is known."""
    clip = clip_of(reference, model="replace")
    widget, names = offered(clip)
    assert names == ["colours"]
    assert "colours of its reference" in widget.finish.shown.options[0].effect
    unknown = replace(clip, recipe=None, request=None)
    assert [option.name for option in finish_options(unknown)] == []


def test_finished_clip_is_compared(reference: Path) -> None:
    """The finished clip plays beside the one it was made of, which stays as it was, and the fold says where it is."""
    clip = clip_of(reference, fps=16, sound=False)
    bought = clip.path.read_bytes()
    widget, names = offered(clip)
    send_from_browser(widget.finish, {"type": "finish", "names": names})
    state = until(widget.finish, lambda state: state.doing.startswith("Saved as"))
    player = until(widget.player, lambda state: state.called == "finished")
    made = probe(Path(player.path))
    assert (made.fps, made.has_audio) == (24, True)
    assert Path(player.path).name in state.doing
    assert player.beside == "the original"
    assert clip.path.read_bytes() == bought
    assert not widget.finish.shown.busy


def test_gone_reference_offers_nothing(reference: Path) -> None:
    """Where the reference is gone, what needs it is not offered; nothing fails."""
    clip = clip_of(reference, fps=16, sound=False)
    reference.unlink()
    widget = ClipWidget(clip)
    widget.finish._look(str(clip.path))
    assert widget.finish.shown.options == ()


def test_failure_is_told(reference: Path) -> None:
    """A file that has changed since it was offered is told in the fold, and the clip plays on."""
    clip = clip_of(reference, fps=16, sound=False)
    widget, names = offered(clip)
    reference.write_bytes(b"other")
    send_from_browser(widget.finish, {"type": "finish", "names": names})
    state = until(widget.finish, lambda state: bool(state.trouble))
    assert "dance.mp4" in state.trouble
    assert not state.busy
    assert widget.player.shown.path == str(clip.path)
