"""The player's Python half."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wan_notebook.errors import MediaError
from wan_notebook.video.write import Writer
from wan_notebook.widgets.player import Player

from support.widgets import send_from_browser


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Half a second of grey, at 16 frames a second."""
    path = tmp_path / "clip.mp4"
    with Writer(path, width=64, height=48, fps=16) as writer:
        for grey in range(8):
            writer.write(np.full((48, 64, 3), 20 * grey, np.uint8))
    return path


def answers(player: Player, *wanted: dict[str, Any]) -> list[Any]:
    """What the player sends a browser which asks for these labels' first pieces."""
    sent: list[Any] = []
    player.send = lambda content, buffers=None: sent.append((content["type"], buffers))
    for label in wanted:
        send_from_browser(player, {"type": "want", "id": label["id"], "offset": 0})
    return sent


def test_the_state_holds_labels(clip: Path) -> None:
    """The notebook keeps labels; the bytes go to a browser that asks, as often as it asks."""
    player = Player()
    player.play(clip, title="Monday", facts=["resolution: 480p"])
    state = json.loads(json.dumps(player.state))
    assert (state["title"], state["facts"], state["path"]) == ("Monday", ["resolution: 480p"], str(clip))
    assert (state["fps"], state["sound"], state["result"]["name"]) == (16.0, False, "clip.mp4")
    assert answers(player, state["result"], state["result"]) == [("piece", [clip.read_bytes()])] * 2


def test_inputs_can_be_compared(clip: Path, tmp_path: Path) -> None:
    """Reference and character are offered too, where they are known."""
    character = tmp_path / "hero.png"
    character.write_bytes(b"a picture")
    player = Player()
    player.play(clip, reference=clip, character=character)
    assert player.state["reference"]["id"] == player.state["result"]["id"]
    assert answers(player, player.state["character"]) == [("piece", [b"a picture"])]


def test_the_other_clip_is_named(clip: Path) -> None:
    """It is the reference where nothing else is said."""
    player = Player()
    player.play(clip, reference=clip)
    assert player.state["beside"] == "reference"
    player.play(clip, reference=clip, beside="job 3")
    assert player.state["beside"] == "job 3"


def test_the_next_clip_replaces_it(clip: Path, tmp_path: Path) -> None:
    """What is no longer shown is no longer handed out."""
    character = tmp_path / "hero.png"
    character.write_bytes(b"a picture")
    player = Player()
    player.play(clip, character=character)
    before = player.state["character"]
    player.play(clip)
    assert player.state["character"] is None
    assert answers(player, before) == [("gone", [])]


def test_a_cleared_player_holds_nothing(clip: Path) -> None:
    """After clear() nothing is shown and nothing handed out."""
    player = Player()
    player.play(clip)
    before = player.state["result"]
    player.clear()
    assert player.state["result"] is None
    assert answers(player, before) == [("gone", [])]


def test_a_broken_video_is_refused(tmp_path: Path) -> None:
    """A broken clip is an error of ours, and what was shown stays."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video")
    player = Player()
    before = player.state
    with pytest.raises(MediaError, match=r"broken\.mp4"):
        player.play(broken)
    assert player.state == before
