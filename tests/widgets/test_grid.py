"""The grid's Python half."""

import gc
import json
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wan_notebook.errors import InvalidRequest
from wan_notebook.video.write import Writer
from wan_notebook.widgets import grid as grid_package
from wan_notebook.widgets.grid.grid import TileGrid
from wan_notebook.widgets.grid.tile_updates import NOT_SENT, AxisState, GridSummary, MeasureState, TileState

from support.widgets import send_from_browser

WIDGETS = Path(grid_package.__file__).parents[1]
POSITIONS = {0: (0, 0), 1: (0, 1), 2: (1, 0), 3: (1, 1)}


class RecordedGrid:
    """A grid of four tiles that records its messages and its callbacks."""

    def __init__(self, *tiles: TileState) -> None:
        self.sent: list[tuple[dict[str, Any], Any]] = []
        self.done: list[Any] = []
        self.refuse = False
        self.tiles = tiles or tuple(TileState(number, "Not sent") for number in POSITIONS)
        self.grid = TileGrid(
            [AxisState("shift", "Shift", ("3", "7")), AxisState("seed", "Seed", ("1", "2"))],
            POSITIONS,
            [MeasureState("sharpness", "Sharpness", "", "higher")],
            lambda: (self.tiles, GridSummary("0 of 4 done")),
            lambda tile: tile,
            on_enlarge=self.record("enlarge"),
            on_compare=self.record("compare"),
            on_retry=self.record("retry"),
            on_stop=self.record("stop"),
            on_resume=self.record("resume"),
        )
        self.grid.send = lambda content, buffers=None: self.sent.append((content, buffers))

    def record(self, action: str) -> Callable[..., None]:
        def append(*numbers: int) -> None:
            if self.refuse:
                raise InvalidRequest("Not now.")
            self.done.append((action, *numbers))

        return append

    def show(self, *tiles: TileState) -> None:
        self.tiles = tiles
        self.grid.send_changes()

    def receive(self, **message: Any) -> dict[str, Any]:
        """Handle a browser's message, and return the grid's first answer."""
        self.sent.clear()
        send_from_browser(self.grid, message)
        return self.sent[0][0]


def numbers(update: dict[str, Any]) -> list[int]:
    return [tile["number"] for tile in update["tiles"]]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    with Writer(path, width=64, height=48, fps=16) as writer:
        for grey in range(4):
            writer.write(np.full((48, 64, 3), 20 * grey, np.uint8))
    return path


def test_the_state_holds_all_tiles() -> None:
    """Axes, places and the first words are in the state, which a notebook can keep; what all browsers draw of a tile by
    themselves, that it was not sent, is not.
    """
    begun = (TileState(0, "Not sent"), TileState(1, "Queued"), TileState(2, "Not sent", can_retry=True))
    state = json.loads(json.dumps(RecordedGrid(*begun).grid.state))
    assert state["axes"][0] == {"name": "shift", "title": "Shift", "labels": ["3", "7"], "pictures": []}
    assert state["positions"] == [[0, 0, 0], [1, 0, 1], [2, 1, 0], [3, 1, 1]]
    assert numbers(state["update"]) == [1, 2]
    assert state["update"]["summary"]["words"] == "0 of 4 done"
    assert f'phase: "{NOT_SENT}"' in (WIDGETS / "grid/tile_store.js").read_text()


def test_only_changes_are_sent() -> None:
    """A tile that changed is sent alone, and one that stays as it is not at all."""
    recorded = RecordedGrid()
    recorded.show(TileState(1, "Queued", "busy"), TileState(2, "Not sent"))
    recorded.show(TileState(1, "Queued", "busy"))
    assert [numbers(update) for update, _ in recorded.sent] == [[1]]


def test_missed_updates_are_asked_for() -> None:
    """It says which version it knows, and gets whatever changed since then as it is now."""
    recorded = RecordedGrid()
    known = recorded.grid.state["update"]["version"]
    recorded.show(TileState(1, "Queued", "busy"))
    recorded.show(TileState(1, "Generating", "busy"), TileState(3, "Queued", "busy"))
    update = recorded.receive(type="ask", since=known)
    assert {tile["number"]: tile["phase"] for tile in update["tiles"]} == {1: "Generating", 3: "Queued"}
    assert numbers(recorded.receive(type="ask", since=update["version"])) == []


def test_what_is_taken_back_is_sent() -> None:
    """A tile that is no longer sent, after all, is told to whoever has missed that, however little a browser knows."""
    recorded = RecordedGrid()
    recorded.show(TileState(1, "Queued", "busy"))
    recorded.show(TileState(1, "Not sent"))
    assert [tile["phase"] for tile in recorded.receive(type="ask", since=0)["tiles"]] == ["Not sent"]


def test_tiles_take_little_memory() -> None:
    """Of a tile that is done, a grid keeps its place and what it is drawn from: a quarter of a kilobyte."""
    count = 2000
    positions = {number: divmod(number, 50) for number in range(count)}
    done = [TileState(n, "Done", "good", numbers={"sharpness": n / 7}, clip=Path(f"{n}.mp4")) for n in range(count)]
    shown: list[TileState] = []
    axes = [AxisState("a", "A", tuple(map(str, range(50)))), AxisState("b", "B", tuple(map(str, range(50))))]
    actions = dict.fromkeys(("on_enlarge", "on_compare", "on_retry", "on_stop", "on_resume"), print)
    tracemalloc.start()
    grid = TileGrid(axes, positions, [], lambda: (shown, GridSummary()), lambda tile: tile, **actions)
    shown += done
    grid.send_changes()
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept / count < 250
    assert len(grid.state["positions"]) == count


def test_updates_fit_together() -> None:
    """Each update names the version that it builds on, so that a browser sees where one is missing."""
    recorded = RecordedGrid()
    for fraction in (0.1, 0.2, 0.3):
        recorded.show(TileState(0, "Generating", "busy", fraction=fraction))
    versions = [(update["since"], update["version"]) for update, _ in recorded.sent]
    assert all(before[1] == after[0] for before, after in pairwise(versions))


def test_clips_are_sent_when_asked(clip: Path) -> None:
    """News hold labels; clip and first frame are read when somebody wants to see them."""
    recorded = RecordedGrid(TileState(0, "Done", "good", clip=clip))
    tile = recorded.grid.state["update"]["tiles"][0]
    recorded.receive(type="want", id=tile["clip"]["id"], offset=0)
    answer, buffers = recorded.sent[0]
    assert (answer["type"], answer["size"], buffers) == ("piece", clip.stat().st_size, [clip.read_bytes()])
    recorded.receive(type="want", id=tile["poster"]["id"], offset=0)
    assert recorded.sent[0][1][0][:3] == b"\xff\xd8\xff"


def test_a_vanished_clip_is_gone(clip: Path) -> None:
    """A file that was deleted meanwhile is reported as gone, and breaks nothing."""
    recorded = RecordedGrid(TileState(0, "Done", "good", clip=clip))
    clip.unlink()
    tile = recorded.grid.state["update"]["tiles"][0]
    for label in (tile["clip"], tile["poster"]):
        assert recorded.receive(type="want", id=label["id"], offset=0)["type"] == "gone"


def test_shared_clip_is_sent_once(clip: Path) -> None:
    """Tiles that one job made have one label, so that a browser asks for their clip once and a page holds it once."""
    recorded = RecordedGrid(TileState(1, "Done", "good", clip=clip), TileState(3, "Done", "good", clip=clip))
    one, other = recorded.grid.state["update"]["tiles"]
    assert (one["clip"], one["poster"]) == (other["clip"], other["poster"])
    assert recorded.receive(type="want", id=one["clip"]["id"], offset=0)["type"] == "piece"


def test_offers_read_no_clip(tmp_path: Path) -> None:
    """No clip is opened before somebody looks at it: not even one that is not there is missed."""
    recorded = RecordedGrid(TileState(0, "Done", "good", clip=tmp_path / "nowhere.mp4"))
    assert recorded.grid.state["update"]["tiles"][0]["clip"]["type"] == "video/mp4"


def test_numbers_are_sent_as_people_read_them() -> None:
    """A number is as exact in the browser as a person can read it."""
    recorded = RecordedGrid(TileState(0, "Done", "good", numbers={"sharpness": 123.456789}))
    assert recorded.grid.state["update"]["tiles"][0]["numbers"] == {"sharpness": 123.457}


def test_actions_are_answered() -> None:
    """Enlarge, compare, retry and stop reach their callbacks; each is answered, for browsers that hear only answers."""
    recorded = RecordedGrid()
    wishes = [
        {"type": "enlarge", "number": 2},
        {"type": "compare", "numbers": [0, 3]},
        {"type": "retry", "number": 1},
        {"type": "stop"},
    ]
    assert {recorded.receive(**wish, since=0)["type"] for wish in wishes} == {"update"}
    assert recorded.done == [("enlarge", 2), ("compare", 0, 3), ("retry", 1), ("stop",)]


def test_a_refusal_is_temporary() -> None:
    """Why it was refused stands in the summary until something else is done."""
    recorded = RecordedGrid()
    recorded.refuse = True
    assert recorded.receive(type="retry", number=1, since=0)["summary"]["trouble"] == "Not now."
    recorded.refuse = False
    assert recorded.receive(type="retry", number=1, since=0)["summary"]["trouble"] == ""
