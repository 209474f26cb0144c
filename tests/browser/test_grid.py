"""Nine tiles of the embedded engine, as one person looks at them; then as a page of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from wan_notebook.widgets.bundle import style

from .boxes import boxes
from .conftest import SHOTS
from .front_ends import FrontEnd, Notebook, new_page
from .front_ends.lab import FOLD, wear
from .grid_page import GridPage

PLAN = """
import shutil
import wan_notebook as wan
hero = shutil.copy(wan.samples.character(), "hero.png")
dance = shutil.copy(wan.samples.reference(seconds=1, fps=16), "dance.mp4")
steps, shift = [4, 5, 6], [3, 5, 9]
plan = wan.sweep(hero, dance, service=wan.Service.embedded(), num_inference_steps=steps, shift=shift)
"""
RUN = "grid = plan.run(); grid"
SHOW_AGAIN = "grid"
EXPORT = "page = grid.export_html('page.html')"
FEW = PLAN.replace("[4, 5, 6], [3, 5, 9]", "[4, 5], [3]")
HUNDRED = """
from wan_notebook.widgets.frontend import Widget
from wan_notebook.widgets.grid import TileGrid
from wan_notebook.widgets.grid.tile_updates import AxisState, GridSummary, TileState
clip = grid.tiles[0].clip.path
ten = tuple(str(number) for number in range(10))
tiles = {number: TileState(number, "Done", "good", clip=clip) for number in range(100)}
tiles[1] = TileState(1, "Failed", "bad", "<b>Nobody</b> is in the picture.", can_retry=True)
class Hundred(Widget):
    _script, _style = "grid/sweep_view.js", "grid/grid.css"
made_up = TileGrid(
    [AxisState("shift", "Shift", ten), AxisState("seed", "Seed", ten)],
    {number: divmod(number, 10) for number in tiles}, [],
    lambda: (tiles.values(), GridSummary("Made up")), lambda tile: tile,
    on_enlarge=print, on_compare=print, on_stop=print, on_resume=print,
    on_retry=lambda number: tiles.update({number: TileState(number, "Generating", "busy", fraction=0.5)}),
)
hundred = Hundred(tiles=made_up)
hundred.add_class("hundred")
hundred
"""

SHAPES = """
from PIL import Image
with Image.open(hero) as picture:
    picture.crop((0, 60, picture.width, 60 + picture.width // 2)).save("wide.png")
shapes = wan.sweep([hero, "wide.png"], dance, service=wan.Service.embedded(), num_inference_steps=[4, 5]).run()
shapes
"""

TOGGLES = """
<!doctype html>
<meta name=color-scheme content="light dark">
<section class=wan>
  <button aria-pressed=true>Loop</button>
  <button aria-checked=true role=switch>Camera</button>
  <div class=wan-segments><label><input type=radio checked><span>Wipe</span></label></div>
  <button id=elsewhere>Elsewhere</button>
</section>
"""
"""Whatever can be pressed, in a page without a notebook."""

CONTRAST = """(button) => {
  const channels = (name) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = getComputedStyle(button)[name];
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  };
  const luminance = (name) => channels(name).reduce((sum, value, at) => sum + [0.2126, 0.7152, 0.0722][at] * value, 0);
  const [dark, light] = [luminance("color"), luminance("backgroundColor")].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}"""
"""The contrast of a button's text with its ground, as WCAG defines it."""

DRAWN = """(videos) => videos.map((video) => {
  const scale = Math.min(video.clientWidth / video.videoWidth, video.clientHeight / video.videoHeight);
  return { fit: getComputedStyle(video).objectFit, area: scale ** 2 * video.videoWidth * video.videoHeight };
})"""
"""How videos fill their boxes, and the square pixels of their pictures there."""

HEIGHTS = """(videos) => videos.map((video) =>
  Math.min(video.clientHeight, (video.clientWidth * video.videoHeight) / video.videoWidth))"""
"""How high the pictures of videos stand in their boxes."""

FILLS = """([table, controls]) => {
  const { bottom, width } = table.getBoundingClientRect();
  const whole = ["Height", "Width"].every((side) => table[`scroll${side}`] - table[`client${side}`] <= 1);
  const filled = width > 1400 || controls.getBoundingClientRect().y - bottom < 60;
  return document.fullscreenElement && whole && filled;
}"""
"""Whether a table is seen whole in full screen, and fills it in one direction."""

CATCH_UP = """async ([one, other]) => {
  const picture = () => new Promise(requestAnimationFrame);
  while (one.currentTime > 0.2) await picture();
  other.pause();
  other.currentTime = 0.9;
  while (one.currentTime < 0.7) {
    await picture();
    const together = Math.abs(one.currentTime - other.currentTime) < 1 / 16;
    if (together && !other.paused && !other.seeking) return true;
  }
  return false;
}"""
"""Stops one of two videos, puts it elsewhere, and tells whether it is with the other one before that is at its end."""

in_lab = pytest.mark.parametrize("front_end_name", ["lab"], indirect=True)


@pytest.fixture(scope="module")
def notebook(front_end: FrontEnd) -> Iterator[Notebook]:
    """A notebook whose sweep is under way; the tests below use it one after the other, as a person does."""
    opened = front_end.open([PLAN, RUN, SHOW_AGAIN, EXPORT, HUNDRED, SHAPES])
    with closing(opened):
        opened.run_cell(0)
        opened.page.evaluate(FOLD)
        opened.run_cell(1)
        yield opened


@pytest.fixture(scope="module")
def grid(notebook: Notebook) -> GridPage:
    return GridPage(notebook.page, notebook.widget(".wan-sweep").first)


@in_lab
def test_tiles_fill_in_gradually(grid: GridPage) -> None:
    """A tile has its clip while others wait, and in the end all of them play."""
    expect(grid.words).to_contain_text("of 9 done")
    expect(grid.tiles.locator("img[src]").first).to_be_visible(timeout=60_000)
    expect(grid.faces.filter(has_text="Not sent").first).to_be_visible()
    grid.wait_until_done("All 9 done")
    expect(grid.grid.get_by_role("button", name="Stop sending")).to_be_hidden()
    grid.wait_until_playing(9)


@in_lab
def test_axes_stand_on_edges(grid: GridPage) -> None:
    """Rows and columns have the names and the values of the axes, and change places when asked to."""
    grid.axis("columnheader", ["Steps", "Shift", "3", "5", "9"])
    grid.axis("rowheader", ["4", "5", "6"])
    grid.grid.get_by_label(re.compile("^Rows")).select_option("Shift")
    grid.axis("rowheader", ["3", "5", "9"])
    grid.grid.get_by_label(re.compile("^Rows")).select_option("Steps")
    grid.axis("rowheader", ["4", "5", "6"])


@in_lab
def test_controls_have_borders(grid: GridPage) -> None:
    """A select, a button and the segments of a choice are framed, whatever the grid's own measures are."""
    for control in ("select", "button:text-is('Play'), button:text-is('Pause')", ".wan-segments"):
        width = grid.grid.locator(control).first.evaluate("(control) => getComputedStyle(control).borderTopWidth")
        assert width == "1px", control


@in_lab
def test_tiles_play_in_step(grid: GridPage) -> None:
    """While they play, from one loop into the next, no tile is a frame before or after another one.

    That is what their clocks say. How many of the pictures show it depends on the machine: tests/bench/grid.py counts.
    """
    assert grid.plays_in_step(fps=16)


@in_lab
def test_late_tile_catches_up(grid: GridPage) -> None:
    """A tile that was stopped and thrown out of its place plays with the others again."""
    grid.grid.get_by_label("Speed").select_option("0.25×")
    videos = [grid.videos.nth(number).element_handle() for number in (0, 5)]
    assert grid.page.evaluate(CATCH_UP, videos)
    grid.grid.get_by_label("Speed").select_option("1×")


@in_lab
def test_controls_move_all_tiles(grid: GridPage) -> None:
    """Paused, stepped and scrubbed, all tiles stand on the same frame."""
    grid.grid.get_by_role("button", name="Pause").click()
    grid.grid.get_by_label("Frame", exact=True).fill("7")
    expect(grid.grid.get_by_text("frame 8 of 16")).to_be_visible()
    grid.grid.get_by_role("button", name="+1 frame").click()
    expect(grid.grid.get_by_text("frame 9 of 16")).to_be_visible()
    grid.wait_until_each(9, "video.paused && !video.seeking && Math.abs(16 * video.currentTime - 8.5) < 0.01")


@in_lab
def test_keyboard_enlarges_a_tile(grid: GridPage) -> None:
    """The arrow keys go from tile to tile, Enter gives one to the player, and Escape comes back to it."""
    grid.face("Steps 4 · Shift 3").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "Enter"):
        grid.page.keyboard.press(key)
    expect(grid.player).to_contain_text("Steps 5 · Shift 5")
    expect(grid.face("Steps 5 · Shift 5")).to_have_attribute("aria-current", "true")
    expect(grid.player.get_by_role("group", name="Clip")).to_be_focused()
    grid.page.keyboard.press("Escape")
    expect(grid.player).to_be_hidden()
    expect(grid.face("Steps 5 · Shift 5")).to_be_focused()


@in_lab
def test_tile_is_enlarged_again(grid: GridPage) -> None:
    """A clip that was closed plays when it is enlarged again, and can be downloaded."""
    for _ in range(2):
        grid.face("Steps 4 · Shift 3").click()
        expect(grid.result).to_have_js_property("paused", False)
        with grid.page.expect_download() as download:
            grid.player.get_by_role("link", name="Download").click()
        assert download.value.path().read_bytes()
        grid.player.get_by_role("button", name="Close").click()
        expect(grid.player).to_be_hidden()


@in_lab
def test_paused_grid_stays_paused(grid: GridPage) -> None:
    """A grid that played goes on when the clip that was enlarged is closed, unless a person paused it meanwhile."""
    play, pause = (grid.grid.get_by_role("button", name=name, exact=True) for name in ("Play", "Pause"))
    play.click()
    for paused_meanwhile in (False, True):
        for name in ("Steps 4 · Shift 3", "Steps 5 · Shift 5"):
            grid.face(name).click()
            expect(grid.player).to_contain_text(name)
        expect(play).to_be_visible()
        if paused_meanwhile:
            play.click()
            pause.click()
        grid.player.get_by_role("button", name="Close").click()
        expect(grid.face("Steps 5 · Shift 5")).to_be_focused()
        expect(play if paused_meanwhile else pause).to_be_visible()


@in_lab
def test_two_tiles_are_compared(grid: GridPage) -> None:
    """Two that are chosen lie over each other in the player, one wiped over the other."""
    for name, key in (("Steps 4 · Shift 3", "c"), ("Steps 6 · Shift 9", "C")):
        grid.face(name).focus()
        grid.page.keyboard.press(key)
    grid.grid.get_by_role("button", name="Compare the two").click()
    expect(grid.player).to_contain_text("Steps 4 · Shift 3, with Steps 6 · Shift 9 beside it")
    expect(grid.player.get_by_role("radio", name="Wipe")).to_be_checked()
    expect(grid.player.get_by_role("radio", name="Steps 4 · Shift 3", exact=True)).to_be_attached()
    expect(grid.player.get_by_role("radio", name="Beside Steps 6 · Shift 9")).to_be_attached()
    other = grid.player.locator("video[aria-label='Steps 6 · Shift 9']")
    grid.page.wait_for_function("(video) => video.readyState > 2", arg=other.element_handle())
    one = grid.player.locator("video[aria-label='Steps 4 · Shift 3']")
    first, second = boxes(one, other)
    assert first == second
    grid.player.get_by_role("button", name="Close").click()
    grid.face("Steps 4 · Shift 9").focus()
    grid.page.keyboard.press("c")
    grid.grid.get_by_role("button", name="Compare the two").click()
    expect(grid.player).to_contain_text("Steps 6, with Steps 4 beside it")
    lines = grid.player.locator(".wan-player-facts p")
    expect(lines).to_contain_text(["Steps 6: hero.png · dance.mp4 · Move", "Steps 4: hero.png · dance.mp4 · Move"])
    expect(lines.locator("strong")).to_have_text(["6 steps", "4 steps"])
    grid.player.get_by_role("button", name="Close").click()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_pressed_legible_under_mouse(browser: Browser, theme: Literal["dark", "light"]) -> None:
    """A toggle that is pressed looks pressed, and is legible, while the mouse is on it as well as before."""
    page = browser.new_page(color_scheme=theme)
    page.set_content(f"{TOGGLES}<style>{style('grid/grid.css')}</style>")
    ground = "(toggle) => getComputedStyle(toggle).backgroundColor"
    unpressed = page.locator("#elsewhere").evaluate(ground)
    for toggle in page.locator("[aria-pressed], [aria-checked], .wan-segments label").all():
        coloured = toggle.locator("span").or_(toggle).last
        assert coloured.evaluate(CONTRAST) > 4.5
        toggle.hover()
        page.wait_for_function("(toggle) => toggle.matches(':hover')", arg=toggle.element_handle())
        assert coloured.evaluate(CONTRAST) > 4.5
        assert coloured.evaluate(ground) != unpressed
    page.close()


@in_lab
def test_close_stays_beside_the_name(grid: GridPage) -> None:
    """The name of an enlarged tile and the way out are in one row, however narrow the player is."""
    grid.face("Steps 4 · Shift 3").click()
    close = grid.player.get_by_role("button", name="Close")
    for width in (1400, 1024, 600):
        grid.page.set_viewport_size({"width": width, "height": 1200})
        name = grid.player.get_by_text("Steps 4 · Shift 3", exact=True)
        name_box, close_box = boxes(name, close)
        assert abs(name_box["y"] - close_box["y"]) < 12, width
    grid.page.set_viewport_size({"width": 1400, "height": 1200})
    close.click()


@in_lab
def test_full_screen_is_used(grid: GridPage) -> None:
    """In full screen all tiles are seen at once and fill it in one direction, and one of them is enlarged in it."""
    grid.page.set_viewport_size({"width": 1600, "height": 1200})
    grid.grid.get_by_role("button", name="Full screen").click()
    controls, table = grid.grid.get_by_role("button", name="Full screen"), grid.grid.locator(".wan-grid-scroller")
    grid.page.wait_for_function(FILLS, arg=[table.element_handle(), controls.element_handle()])
    grid.face("Steps 4 · Shift 3").click()
    expect(grid.result).to_be_in_viewport(ratio=1)
    grid.player.get_by_role("button", name="Close").click()
    grid.grid.get_by_role("button", name="Full screen").click()
    grid.page.set_viewport_size({"width": 1400, "height": 1200})


@in_lab
def test_list_sorts_and_filters(grid: GridPage) -> None:
    """As a list they come in the order of an axis, and only those with a wanted value."""
    grid.grid.get_by_role("radio", name="List").check(force=True)
    grid.grid.get_by_label("Sort by").select_option("Shift")
    grid.grid.get_by_role("button", name="Reversed").click()
    expect(grid.names).to_have_text([re.compile(f"Shift {shift}") for shift in 3 * "9" + 3 * "5" + 3 * "3"])
    grid.grid.get_by_role("combobox", name="Steps").select_option("5")
    expect(grid.names).to_have_text([f"Steps 5 · Shift {shift}" for shift in (9, 5, 3)])
    expect(grid.grid.get_by_text("3 of 9 shown")).to_be_visible()
    grid.grid.get_by_role("button", name="Show all").click()
    expect(grid.names).to_have_count(9)


@in_lab
def test_two_views_stay_in_step(notebook: Notebook, grid: GridPage) -> None:
    """What is chosen in one cell is seen in the other too, and both play as one."""
    notebook.run_cell(2)
    other = GridPage(notebook.page, notebook.widget(".wan-sweep").nth(1))
    expect(other.tiles).to_have_count(9)
    expect(other.names).to_have_text(grid.names.all_inner_texts())
    other.grid.get_by_role("radio", name="Table").check(force=True)
    expect(grid.grid.get_by_role("table")).to_be_visible()
    other.grid.get_by_role("button", name="Play", exact=True).click()
    expect(grid.grid.get_by_role("button", name="Pause", exact=True)).to_be_attached()
    expect(other.grid.get_by_role("button", name="Pause", exact=True)).to_be_visible()


@in_lab
@pytest.mark.parametrize("width", [1400, 600])
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_contrast_and_width(grid: GridPage, theme: str, width: int) -> None:
    """In each theme and width axe-core finds nothing in the grid that seriously hinders anybody."""
    wear(grid.page, theme)
    grid.page.set_viewport_size({"width": width, "height": 1200})
    grid.root.screenshot(path=SHOTS / f"grid-{theme.lower()}-{width}.png")
    assert grid.faults() == []


@in_lab
def test_inputs_head_rows_and_columns(notebook: Notebook) -> None:
    """Pictures that vary are seen in the heads of a table and under the tiles of a list.

    Their clips, of two shapes, stand whole and as large as each other in the tiles, and fill one frame in a wipe.
    """
    notebook.page.set_viewport_size({"width": 1400, "height": 1000})
    notebook.run_cell(5)
    shapes = GridPage(notebook.page, notebook.widget(".wan-sweep").last)
    shapes.wait_until_done("All 4 done")
    heads = shapes.grid.get_by_role("rowheader")
    expect(heads).to_have_text(["hero.png", "wide.png"])
    expect(heads.locator("img")).to_have_count(2)
    for head in heads.locator("img").all():
        assert head.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    shapes.wait_until_playing(4)
    drawn = shapes.videos.evaluate_all(DRAWN)
    assert {video["fit"] for video in drawn} == {"contain"}
    assert max(video["area"] for video in drawn) < 1.2 * min(video["area"] for video in drawn)
    shapes.grid.get_by_role("radio", name="List").check(force=True)
    expect(shapes.tiles.locator(".wan-grid-foot img:visible")).to_have_count(4)
    shapes.grid.get_by_role("radio", name="Table").check(force=True)
    expect(shapes.tiles.locator(".wan-grid-foot img:visible")).to_have_count(0)
    for name in ("hero.png", "wide.png"):
        shapes.face(f"Picture {name} · Steps 4").focus()
        notebook.page.keyboard.press("c")
    shapes.grid.get_by_role("button", name="Compare the two").click()
    pair = [shapes.player.locator(f"video[aria-label='Picture {name}']") for name in ("hero.png", "wide.png")]
    for video in pair:
        expect(video).to_have_js_property("readyState", 4)
    first, *others = boxes(*pair, shapes.player.locator(".wan-player-frame"))
    assert all(abs(box[side] - first[side]) < 1 for box in others for side in box), [first, *others]
    heights = notebook.page.evaluate(HEIGHTS, [video.element_handle() for video in pair])
    assert abs(heights[0] - heights[1]) < 1.5


@in_lab
def test_far_tiles_hold_nothing(notebook: Notebook) -> None:
    """Of a hundred clips only those near the screen are in the page; others come when they are scrolled to."""
    notebook.page.set_viewport_size({"width": 1400, "height": 1000})
    notebook.run_cell(4)
    hundred = GridPage(notebook.page, notebook.widget(".hundred"))
    first, last = hundred.tiles.first, hundred.tiles.last
    expect(hundred.tiles).to_have_count(100)
    first.scroll_into_view_if_needed()
    expect(first.locator("video")).to_have_count(1)
    expect(last.locator("video")).to_have_count(0)
    last.scroll_into_view_if_needed()
    expect(last.locator("video")).to_have_count(1)
    expect(first.locator("video")).to_have_count(0)


@in_lab
def test_too_many_videos_are_counted(notebook: Notebook) -> None:
    """Where more clips are in sight than a browser plays, a sentence says so, and only there."""
    hundred = GridPage(notebook.page, notebook.widget(".hundred"))
    notice = hundred.grid.get_by_text("in sight play; a browser takes no more.")
    hundred.grid.get_by_role("button", name="Pause", exact=True).click()  # sixty that play keep a machine busy
    hundred.grid.get_by_label("Size").fill("96")
    hundred.grid.get_by_role("button", name="Full screen").click()
    expect(notice).to_have_text(re.compile(r"^60 of \d+ in"))
    expect(hundred.videos).to_have_count(60)
    hundred.grid.get_by_label("Size").fill("180")
    expect(notice).to_be_hidden()
    hundred.grid.get_by_role("button", name="Full screen").click()


@in_lab
def test_failed_tile_is_retried(notebook: Notebook) -> None:
    """It says why it failed, letter by letter, and is under way again after a click."""
    hundred = GridPage(notebook.page, notebook.widget(".hundred"))
    failed = hundred.tiles.nth(1)
    failed.scroll_into_view_if_needed()
    expect(failed).to_contain_text("<b>Nobody</b> is in the picture.")
    failed.get_by_role("button", name="Try again").click()
    expect(failed).to_contain_text("Generating, 50 %")


@in_lab
def test_reload_loses_nothing(notebook: Notebook) -> None:
    """A page that is loaded anew shows all tiles as they are now, and plays them."""
    notebook.reload()
    again = GridPage(notebook.page, notebook.widget(".wan-sweep").first)
    again.wait_until_done("All 9 done")
    again.wait_until_playing(9)


@in_lab
def test_exported_page_plays_offline(browser: Browser, front_end: FrontEnd, notebook: Notebook) -> None:
    """Opened as a file, without kernel or network, it plays all tiles in step and enlarges one of them.

    The others stand still meanwhile, and go on when that one is closed.
    """
    notebook.run_cell(3)
    page = new_page(browser)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = (front_end.server.notebooks / "page.html").as_uri()
    page.goto(address)
    alone = GridPage(page, page.locator(".wan-sweep"))
    alone.wait_until_playing(9)
    alone.face("Steps 6 · Shift 5").click()
    expect(alone.player).to_contain_text("Steps 6 · Shift 5")
    alone.player.get_by_role("radio", name="Wipe").check(force=True)
    reference = alone.player.locator("video[aria-label=Reference]")
    expect(reference).to_have_js_property("readyState", 4)
    assert [url for url in asked if not url.startswith(("blob:", "data:"))] == [address]
    expect(alone.grid.get_by_role("button", name="Play", exact=True)).to_be_visible()
    alone.player.get_by_role("button", name="Close").click()
    alone.wait_until_playing(9)
    page.context.close()


@pytest.mark.parametrize("front_end_name", ["colab_deaf"], indirect=True)
def test_deaf_front_end_asks(front_end: FrontEnd) -> None:
    """Where all that comes late is lost, the tiles fill in all the same, and one is enlarged."""
    with closing(front_end.open([FEW, RUN])) as notebook:
        notebook.run_cell(0)
        notebook.run_cell(1)
        grid = GridPage(notebook.page, notebook.widget(".wan-sweep"))
        grid.wait_until_done("All 2 done")
        grid.wait_until_playing(2)
        grid.face("Steps 5").click()
        expect(grid.player).to_contain_text("Steps 5")
