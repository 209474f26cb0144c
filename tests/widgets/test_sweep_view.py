"""A sweep on screen, and as a page."""

import base64
import dataclasses
import json
import re
import threading
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.errors import InvalidRequest, StorageError
from wan_notebook.media import samples
from wan_notebook.sweeps import Grid
from wan_notebook.sweeps.metrics import measure
from wan_notebook.widgets.display.grid import grid_html
from wan_notebook.widgets.display.html_page import write_page
from wan_notebook.widgets.grid.tile_text import face_curves, grid_summary
from wan_notebook.widgets.grid.tile_updates import AxisState, GridSummary, TileState, TileUpdates

from support import engines
from support.displays import Displayed
from support.packages import Index, index_running
from support.widgets import send_from_browser

pytestmark = pytest.mark.slow


def swept(service: Service, character: Path, performance: Path, **varied: Any) -> Grid:
    return wan.sweep(character, performance, service=service, **varied).run().result(60)


@pytest.fixture
def grid(served: Service, character: Path, performance: Path) -> Grid:
    """Four tiles, all done."""
    return swept(served, character, performance, num_inference_steps=[4, 6], shift=[3, 7])


class Parts(HTMLParser):
    """The elements of a page, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self.tags: list[str] = []
        self._id = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._id = dict(attributes).get("id") or ""

    def handle_data(self, data: str) -> None:
        if self._id:
            self.texts[self._id] = self.texts.get(self._id, "") + data


def view(grid: Grid) -> Any:
    """The widget of a sweep."""
    return grid.widget


def all_tiles(grid: Grid) -> dict[str, Any]:
    """The update that a browser gets which has nothing yet."""
    tiles = view(grid).tiles
    sent: list[dict[str, Any]] = []
    tiles.send = lambda content, _buffers=None: sent.append(content)
    send_from_browser(tiles, {"type": "ask", "since": 0})
    return sent[0]


def act(grid: Grid, **message: Any) -> None:
    send_from_browser(view(grid).tiles, {"since": 0, **message})


def player(grid: Grid) -> dict[str, Any]:
    return dict(view(grid).player.state)


def test_a_grid_shows_itself(grid: Grid, displayed: Displayed) -> None:
    """As the last line of a cell it is one widget in every cell; a saved notebook has a table with first frames."""
    grid._ipython_display_()
    (live, _), (saved, _) = displayed.get(timeout=30), displayed.get(timeout=30)
    grid._ipython_display_()
    assert live["application/vnd.jupyter.widget-view+json"]["model_id"] == view(grid).model_id
    assert displayed.get(timeout=30)[0] == live
    assert saved["text/html"].count("<img") == 4
    assert saved["text/plain"] == repr(grid)


def test_finished_grid_is_saved(served: Service, character: Path, performance: Path, displayed: Displayed) -> None:
    """What a notebook keeps of a sweep that was shown while it ran is replaced when it has ended."""
    running = wan.sweep(character, performance, service=served, shift=[3, 7]).run()
    running._ipython_display_()
    _, (_, name) = displayed.get(timeout=30), displayed.get(timeout=30)
    running.result(60)
    after, same = displayed.get(timeout=30)
    assert (same, after["text/html"].count("<img")) == (name, 2)


def test_clips_are_saved_before_they_are_measured(
    served: Service,
    character: Path,
    performance: Path,
    displayed: Displayed,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """A kernel that ends while the clips are measured leaves a notebook that shows them all, also after a retry."""
    swept(served, character, performance, shift=[3, 7])
    request.getfixturevalue("no_models")
    with index_running(Index(wheel=None)) as index:
        for name, value in index.settings.items():
            monkeypatch.setenv(name, value)
        again = wan.sweep(character, performance, service=served, shift=[3, 7]).run()
        again._ipython_display_()
        while displayed.get(timeout=30)[0].get("text/html", "").count("<img") < 2:
            pass
        while not displayed.empty():
            displayed.get()
        for finished_at in (None, 1.0):
            again._change(again._jobs[1], progress=dataclasses.replace(again[1].progress, finished_at=finished_at))
        assert displayed.get(timeout=30)[0]["text/html"].count("<img") == 2
        assert again[0].metrics is None
        index.open.set()
        again.result(60)


def test_all_tiles_are_sent(grid: Grid) -> None:
    """The summary says that all is done, and each tile has a clip and its place."""
    update = all_tiles(grid)
    assert update["summary"]["words"].startswith("All 4 done")
    assert (update["summary"]["tone"], update["summary"]["can_stop"], update["summary"]["fps"]) == ("good", False, 10)
    assert [tile["phase"] for tile in update["tiles"]] == ["Done"] * 4
    assert view(grid).tiles.state["positions"] == [[0, 0, 0], [1, 0, 1], [2, 1, 0], [3, 1, 1]]


def test_nothing_left_to_stop(grid: Grid) -> None:
    """While only numbers are still read off the clips there is nothing to stop, not even of previews."""
    assert not grid_summary(grid.tiles, over=False, cancels=True).can_stop


def test_the_end_is_sent(served: Service, character: Path, performance: Path) -> None:
    """A grid that is on screen while it runs hears that nothing more will happen."""
    running = wan.sweep(character, performance, service=served, shift=[3, 7]).run()
    assert all_tiles(running)["summary"]["tone"] == "busy"
    running.result(60)
    summary = all_tiles(running)["summary"]
    assert (summary["tone"], summary["can_stop"]) == ("good", False)


def test_updates_are_few(served: Service, character: Path, performance: Path) -> None:
    """While jobs run, the browser gets no more than five messages a second, however many tiles change."""
    grid = wan.sweep(character, performance, service=served, num_inference_steps=[4, 6], shift="1-9").run()
    sent: list[float] = []
    view(grid).tiles.send = lambda *_: sent.append(time.monotonic())
    began = time.monotonic()
    grid.result(60)
    assert sent
    assert len(sent) <= 5 * (time.monotonic() - began) + 1


def test_a_tile_is_enlarged(grid: Grid) -> None:
    """It plays in the player, under its coordinates and beside what it was made from, and can be closed again."""
    act(grid, type="enlarge", number=1)
    state = player(grid)
    assert (state["title"], state["closable"]) == ("Steps 4 · Shift 7", True)
    assert state["reference"]["name"] == "dance.mp4"
    assert all_tiles(grid)["summary"]["opened"] == [1]
    send_from_browser(view(grid).player, {"type": "close"})
    assert player(grid)["result"] is None
    assert all_tiles(grid)["summary"]["opened"] == []


def test_curves_stand_below_the_clip(grid: Grid) -> None:
    """Of a tile that is measured the player draws each part of the face over the performer's, also if that is late."""
    act(grid, type="enlarge", number=1)
    measured = measure(samples.reference("hello", seconds=1, person="ada"), samples.reference("hello", seconds=1))
    view(grid).player.show_curves(face_curves(dataclasses.replace(grid.tiles[1], metrics=measured)))
    first = player(grid)["curves"][0]
    assert (first["title"], len(first["result"]), len(first["reference"])) == ("Mouth", 15, 15)
    assert first["agreement"].startswith("r 0.")
    assert player(grid)["title"] == "Steps 4 · Shift 7"
    act(grid, type="compare", numbers=[0, 3])
    assert player(grid)["curves"] == []
    assert face_curves(dataclasses.replace(grid.tiles[1], metrics=None)) == ()


def test_two_tiles_are_compared(grid: Grid) -> None:
    """One clip is wiped over the other, and each goes by its own coordinates."""
    act(grid, type="compare", numbers=[0, 3])
    state = player(grid)
    assert (state["view_mode"], state["called"], state["beside"]) == ("wipe", "Steps 4 · Shift 3", "Steps 6 · Shift 7")
    assert state["title"] == "Steps 4 · Shift 3, with Steps 6 · Shift 7 beside it"
    assert all_tiles(grid)["summary"]["opened"] == [0, 3]


def test_a_failed_tile_can_retry(served: Service, character: Path, performance: Path) -> None:
    """Its message is the service's reason; a retry that fails again says so again."""
    grid = swept(served, character, performance, num_inference_steps=[4, engines.REFUSE])
    tile = all_tiles(grid)["tiles"][1]
    assert (tile["phase"], tile["tone"], tile["can_retry"]) == ("Failed", "bad", True)
    assert "shows nobody" in tile["message"]
    act(grid, type="retry", number=1)
    grid.result(60)
    assert all_tiles(grid)["summary"]["words"].startswith("1 of 2 done · 1 failed")


def test_a_refused_action_is_explained(grid: Grid) -> None:
    """A tile that is done is not tried again, and the reason stands in the summary."""
    act(grid, type="retry", number=0)
    assert "cannot be tried again" in all_tiles(grid)["summary"]["trouble"]


def test_stopping_sends_no_more_jobs(served_alone: Service, character: Path, performance: Path) -> None:
    """What was not sent stays so, and the summary says that what was sent is watched on."""
    plan = wan.sweep(character, performance, service=served_alone, num_inference_steps=[engines.OBEY], shift=[3, 5, 7])
    grid = plan.run(concurrency=1)
    sent = threading.Event()
    grid.observe(lambda _numbers: sent.set() if grid[0].progress.job else None)
    assert sent.wait(30)
    assert all_tiles(grid)["summary"]["can_stop"]
    act(grid, type="stop")
    summary = all_tiles(grid)["summary"]
    assert "nothing more is sent" in summary["words"]
    assert not summary["can_stop"]


def test_a_page_has_its_title(grid: Grid, tmp_path: Path) -> None:
    """The page is called as its author says, as text, and else by what is varied."""
    page = grid.export_html(tmp_path / "page.html", title="Ada <script>\n& Theo").path.read_text()
    assert "<title>Ada &lt;script&gt; &amp; Theo</title>" in page
    assert "<h1>Ada &lt;script&gt; &amp; Theo</h1>" in page
    assert "<title>Steps × Shift</title>" in grid.export_html(tmp_path / "page.html").path.read_text()


def test_a_page_is_complete(grid: Grid, tmp_path: Path) -> None:
    """Clips, first frames and states are in it, what several tiles share once; the size is told."""
    page = grid.export_html(tmp_path / "page.html")
    text = page.path.read_text()
    parts = Parts(text)
    states = json.loads(parts.texts["wan-states"])
    clips = [base64.b64decode(parts.texts[f"wan-{tile['clip']['id']}"]) for tile in states["grid"]["update"]["tiles"]]
    assert clips == [tile.clip.path.read_bytes() for tile in grid.tiles if tile.clip]
    assert len({state["reference"]["id"] for state in states["players"].values()}) == 1
    assert (page.clips, page.bytes) == (4, len(text.encode()))
    assert repr(page).startswith(f"{page.path}: 4 clips, ")
    assert not re.search(r"(src|href)=.?https?:", text)


def test_page_text_stays_text(tmp_path: Path) -> None:
    """Whatever a label, a reason or a title says, it is text: it ends no script and begins no element."""
    odd = "</script><img src=x onerror=alert(1)><!--"
    updates = TileUpdates[TileState]([AxisState("extra", odd, (odd,))], {0: (0,)}, [], lambda tile: tile)
    updates.update([TileState(0, odd, "bad", odd)], GridSummary(odd))
    write_page(tmp_path / "page.html", odd, updates, {}, max_megabytes=1)
    page = Parts((tmp_path / "page.html").read_text())
    assert page.tags.count("script") == 2
    assert "img" not in page.tags
    assert json.loads(page.texts["wan-states"])["grid"]["axes"][0]["labels"] == [odd]


def test_table_text_stays_text(served: Service, character: Path, performance: Path, tmp_path: Path) -> None:
    """A file may be called whatever a file system allows: in the table its name is only text."""
    odd = tmp_path / "<img src=x onerror=alert(1)>.png"
    odd.write_bytes(character.read_bytes())
    grid = swept(served, [odd, character], performance)
    assert Parts(grid_html(grid)).tags.count("img") == 2


def test_a_large_page_is_refused(grid: Grid, tmp_path: Path) -> None:
    """The size is told with the way to write it all the same, and nothing is written."""
    with pytest.raises(InvalidRequest, match=r"kB.*max_megabytes=1\b"):
        grid.export_html(tmp_path / "page.html", max_megabytes=0.001)
    assert not (tmp_path / "page.html").exists()
    assert grid.export_html(tmp_path / "page.html", max_megabytes=1).path.exists()


def test_an_unwritable_page_is_reported(grid: Grid, tmp_path: Path) -> None:
    """A folder that is not there is named."""
    with pytest.raises(StorageError, match="missing"):
        grid.export_html(tmp_path / "missing" / "page.html")


def test_fetched_models_are_told(
    served: Service,
    character: Path,
    performance: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """While the face models are fetched to measure a clip, the sweep says so; clips are measured also without them."""
    swept(served, character, performance, num_inference_steps=4, shift=3)
    request.getfixturevalue("no_models")
    with index_running(Index(wheel=None)) as index:
        for name, value in index.settings.items():
            monkeypatch.setenv(name, value)
        told = threading.Event()
        again = wan.sweep(character, performance, service=served, num_inference_steps=4, shift=3).run()
        again.observe(lambda _numbers: told.set() if again[0].measuring else None)
        assert told.wait(60)
        assert grid_summary(again.tiles, over=False).words == (
            "1 of 1 done · 1 made before · Getting the face models, 7 MB, once"
        )
        index.open.set()
        again.result(60)
    assert again[0].measuring == ""
    assert again[0].metrics is not None
