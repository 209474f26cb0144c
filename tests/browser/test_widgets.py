"""What the widgets do in a page, beyond what the panel's tests prove in every front end."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from wan_notebook.widgets.bundle import WIDGETS, script, style

from .front_ends import FrontEnd, Notebook

SHOW = """
import time
import wan_notebook as wan
from wan_notebook.widgets.frontend import Widget
from wan_notebook.widgets.landmarks.landmarks import LandmarksForm, LandmarksState
from wan_notebook.widgets.picker import MediaCard, MediaPicker
from wan_notebook.widgets.player import Player
from wan_notebook.widgets.player.player import PlayerCurve
from wan_notebook.widgets.status.status import StatusBar, StatusState
from wan_notebook.media import picture
class Parts(Widget):
    _script, _style = wan.Panel._script, wan.Panel._style
picker = MediaPicker("image")
picker.on_file = lambda path, name: picker.show(MediaCard.of(picture(path)))
picker.on_text = lambda text: picker.show(MediaCard.of(picture(text)))
picker.on_clear = lambda: picker.show(None)
player, status = Player(), StatusBar()
clip = wan.samples.reference(seconds=1, fps=16)
player.play(clip, reference=clip)
status.render(StatusState("Generating", "busy", "<b>Bold</b> words.", started_at=time.time() - 61))
shown = Parts(image_picker=picker, player=player, status_bar=status)
display(shown)
"""
SHOW_AGAIN = """
other = Player()
clip = wan.samples.reference(seconds=1, fps=16)
mouth = PlayerCurve("Mouth", "r 0.91 · gain 0.80", (0.0, 1.0, None, 0.5), (0.1, 0.9, 0.2, 0.4))
other.play(clip, reference=clip, curves=[mouth])
hero = picture(wan.samples.character())
def place(points):
    form.show(MediaCard.of(hero), LandmarksState(size=(hero.width, hero.height), points=points))
form = LandmarksForm(on_place=place, on_clear=lambda: place(None))
place(None)
display(shown, Parts(player=other, landmarks_form=form))
"""
BLOCK = "time.sleep(3)"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="

HAND_OVER = """(picker, { event, name, type, content, text }) => {
  const transfer = new DataTransfer();
  if (text) transfer.setData("text/plain", text);
  else transfer.items.add(new File([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], name, { type }));
  const zone = picker.querySelector(".wan-picker-zone");
  const given = { bubbles: true, cancelable: true, dataTransfer: transfer, clipboardData: transfer };
  zone.dispatchEvent(event === "paste" ? new ClipboardEvent(event, given) : new DragEvent(event, given));
}"""

UNREADABLE = """() => {
  const { arrayBuffer } = Blob.prototype;
  window.readable = () => { Blob.prototype.arrayBuffer = arrayBuffer; };
  Blob.prototype.arrayBuffer = async () => { throw new DOMException("gone", "NotReadableError"); };
}"""
"""As where a disk was taken out."""

DIGEST = """async ({ module, length, cut }) => {
  const { Sha256 } = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
  const bytes = Uint8Array.from({ length }, (_, at) => (7 * at) % 256);
  const digest = new Sha256();
  digest.update(bytes.subarray(0, cut));
  digest.update(bytes.subarray(cut));
  return digest.hex();
}"""


SILENT_KERNEL = """async ({ module, status }) => {
  const { Kernel } = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
  window.sent = [];
  const own = { comm_live: true, on() {}, widget_manager: { kernel: { status } } };
  window.say = (status) => { own.widget_manager.kernel.status = status; };
  const manager = status === null ? undefined : { get_model: async () => own };
  const listeners = [];
  const model = { get: () => "id", send: (message) => sent.push(message.type), widget_manager: manager };
  window.kernel = new Kernel({ ...model, on: (_, listen) => listeners.push(listen) });
  window.answer = () => listeners.forEach((listen) => listen());
  await kernel.find();
  kernel.send({ type: "set" });
}"""
"""A front end that says so much of its kernel, which does not answer."""


in_lab = pytest.mark.parametrize("front_end_name", ["lab"], indirect=True)


@pytest.fixture(scope="module")
def notebook(front_end: FrontEnd) -> Iterator[Notebook]:
    """The widgets in JupyterLab, the picker in two cells; the tests below use it one after the other."""
    with closing(front_end.open([SHOW, SHOW_AGAIN, BLOCK])) as opened:
        opened.run_cell(0)
        opened.run_cell(1)
        yield opened


@pytest.fixture
def pickers(notebook: Notebook) -> list[Locator]:
    """Two views of one picker."""
    both = notebook.widget(".wan-picker")
    return [both.nth(0), both.nth(1)]


@pytest.fixture
def silent(browser: Browser) -> Iterator[Callable[[str | None], Page]]:
    """Opens a page whose clock is ours, in which a message to a kernel of such a status waits for its answer."""
    page = browser.new_page()
    page.clock.install()

    def open_page(status: str | None) -> Page:
        page.evaluate(SILENT_KERNEL, {"module": script("shared/kernel.js"), "status": status})
        return page

    yield open_page
    page.close()


def test_digest_in_browser_is_sha256(browser: Browser) -> None:
    """Whatever the length and wherever it is cut, the digest in the browser is that of Python."""
    page = browser.new_page()
    module = (WIDGETS / "picker" / "sha256.js").read_text()
    for length in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000):
        expected = hashlib.sha256(bytes(7 * at % 256 for at in range(length))).hexdigest()
        assert page.evaluate(DIGEST, {"module": module, "length": length, "cut": length // 3}) == expected, length
    page.close()


def test_progress_bar_jumps_at_once(browser: Browser) -> None:
    """The first picture after a change shows the new length, not one on the way to it."""
    page = browser.new_page()
    page.set_content(f"<style>{style('shared/theme.css')}</style><div class=wan><progress value=0.1></progress></div>")
    bar = page.get_by_role("progressbar")
    bar.screenshot()
    bar.evaluate("(bar) => { bar.value = 1; }")
    picture = Image.open(io.BytesIO(bar.screenshot(animations="allow"))).convert("RGB")
    middle = [picture.getpixel((part * picture.width // 10, picture.height // 2)) for part in range(1, 10)]
    assert len(set(middle)) == 1
    page.close()


@pytest.mark.parametrize("name", ["generate", "grid", "history", "landmarks", "picker", "player"])
def test_picture_on_its_way_is_no_broken_one(browser: Browser, name: str) -> None:
    """A picture that the kernel has yet to send leaves its place empty, and is seen once it is there."""
    page = browser.new_page()
    sheet = style(f"{name}/{name}.css")
    page.set_content(f"<style>{sheet}</style><div class='wan wan-{name}'><figure><img alt='A picture'></figure></div>")
    image = page.locator("img")
    expect(image).to_be_hidden()
    image.evaluate("(image, url) => { image.src = url; }", PIXEL)
    expect(image).to_be_visible()
    page.close()


@pytest.mark.parametrize(("width", "hidden", "rows"), [(400, "", [2, 2]), (400, "hidden", [3]), (600, "", [4])])
def test_views_leave_none_alone(browser: Browser, width: int, hidden: str, rows: list[int]) -> None:
    """The four views of a clip stand in one row, or else two by two; a clip without its character has three in one."""
    views = ["Result", "Beside the reference", "Beside the character", "Wipe"]
    labels = "".join(f"<label {hidden * ('char' in view)}><span>{view}</span></label>" for view in views)
    page = browser.new_page()
    head = f"<div class=wan-player-head><strong>Clip</strong><div class=wan-segments>{labels}</div></div>"
    player = f"<div class='wan wan-player' style='width: {width}px'>{head}</div>"
    page.set_content(f"<style>{style('player/player.css')}</style>{player}")
    tops = [label.bounding_box() for label in page.locator("label").all() if label.is_visible()]
    counts = Counter(box["y"] for box in tops if box)
    assert list(counts.values()) == rows
    page.close()


@pytest.mark.parametrize(
    ("status", "quiet", "alarmed", "words"),
    [("idle", 4, 6, "was restarted"), (None, 70, 80, "over a minute"), ("unknown", 70, 80, "over a minute")],
)
def test_silence_raises_an_alarm(
    silent: Callable[[str | None], Page], status: str | None, quiet: int, alarmed: int, words: str
) -> None:
    """An idle kernel may be silent for seconds, one of which nobody knows whether it computes for over a minute.

    It is asked whether it is there before that, and its next word takes the alarm back.
    """
    page = silent(status)
    page.clock.run_for(1000 * quiet)
    assert page.evaluate("[kernel.gone, ...sent.slice(0, 2)]") == ["", "set", "ping"]
    page.clock.run_for(1000 * (alarmed - quiet))
    assert words in page.evaluate("kernel.gone")
    page.evaluate("answer()")
    assert page.evaluate("kernel.gone") == ""


def test_busy_kernel_raises_none(silent: Callable[[str | None], Page]) -> None:
    """A kernel that is said to compute may do so for an hour."""
    page = silent("busy")
    page.clock.run_for(3_600_000)
    assert page.evaluate("[kernel.gone, ...sent]") == ["", "set", "ping"]


def test_lost_connection_is_no_restart(silent: Callable[[str | None], Page]) -> None:
    """A connection that is back after a while raises no alarm: the kernel is asked first whether it is there."""
    page = silent("unknown")
    page.clock.run_for(20_000)
    page.evaluate("sent.length = 0; say('idle')")
    page.clock.run_for(2000)
    assert page.evaluate("[kernel.gone, ...sent]") == ["", "ping"]
    page.clock.run_for(5000)
    assert "was restarted" in page.evaluate("kernel.gone")


def test_narrow_connection_is_no_restart(silent: Callable[[str | None], Page]) -> None:
    """What follows an upload may take its time: an idle kernel that bytes are on their way to may be silent longer."""
    page = silent("idle")
    page.evaluate("answer(); kernel.send({ type: 'piece' }, undefined, [new ArrayBuffer(9)])")
    page.clock.run_for(70_000)
    assert page.evaluate("kernel.gone") == ""
    page.clock.run_for(10_000)
    assert "was restarted" in page.evaluate("kernel.gone")


def test_kernel_thought_gone_is_asked_again(silent: Callable[[str | None], Page]) -> None:
    """An alarm in error is taken back without anybody's doing: the kernel is asked on, ever more rarely."""
    page = silent("idle")
    page.clock.run_for(6000)
    assert "was restarted" in page.evaluate("kernel.gone")
    page.evaluate("sent.length = 0")
    page.clock.run_for(600_000)
    assert page.evaluate("sent") == ["ping"] * 4
    page.evaluate("answer()")
    assert page.evaluate("kernel.gone") == ""


@in_lab
@pytest.mark.parametrize("event", ["drop", "paste"])
def test_dropped_file_in_both_views(pickers: list[Locator], image: Path, event: str) -> None:
    """A picture that is dropped or pasted in one view is shown in the other too, and removed from both."""
    content = base64.b64encode(image.read_bytes()).decode()
    given = {"event": event, "name": f"{event}.png", "type": "image/png", "content": content}
    pickers[0].evaluate(HAND_OVER, given)
    for picker in pickers:
        expect(picker.get_by_text(f"{event}.png")).to_be_visible()
        expect(picker.get_by_role("img", name="The chosen picture")).to_be_visible()
    pickers[1].get_by_role("button", name="Remove").click()
    for picker in pickers:
        expect(picker.get_by_role("button", name="Choose a file")).to_be_visible()


@in_lab
def test_empty_file_is_refused(pickers: list[Locator]) -> None:
    """A picture without a single byte ends in a sentence, and the next one can be chosen."""
    pickers[0].evaluate(HAND_OVER, {"event": "drop", "name": "nothing.png", "type": "image/png", "content": ""})
    for picker in pickers:
        expect(picker.get_by_role("alert")).to_contain_text("nothing.png is empty")
        expect(picker.get_by_role("button", name="Choose a file")).to_be_visible()


@in_lab
def test_unreadable_file_is_refused(notebook: Notebook, pickers: list[Locator]) -> None:
    """A file that was taken away after it was chosen is told, instead of being waited for."""
    notebook.page.evaluate(UNREADABLE)
    pickers[0].evaluate(HAND_OVER, {"event": "drop", "name": "gone.png", "type": "image/png", "content": "AAAA"})
    expect(pickers[0].get_by_role("alert")).to_contain_text("gone.png was changed or taken away while it was read")
    notebook.page.evaluate("readable()")


@in_lab
def test_pasted_text_is_a_source(pickers: list[Locator], image: Path) -> None:
    """A text which is pasted outside of the text field is taken as if it had been typed there."""
    pickers[0].evaluate(HAND_OVER, {"event": "paste", "text": str(image)})
    expect(pickers[1].get_by_text(image.name)).to_be_visible()


@in_lab
def test_failed_choice_clears_earlier(pickers: list[Locator]) -> None:
    """A path that leads nowhere leaves nothing chosen, and is told."""
    pickers[0].get_by_role("textbox").fill("nothing.png")
    pickers[0].get_by_role("button", name="Use", exact=True).click()
    for picker in pickers:
        expect(picker.get_by_role("alert")).to_contain_text("nothing.png")
        expect(picker.get_by_role("img")).to_have_count(0)


@in_lab
def test_keys_stay_in_widget(notebook: Notebook, pickers: list[Locator]) -> None:
    """Letters that cut or delete cells do nothing to the notebook while the focus is in a widget."""
    pickers[0].get_by_role("group").focus()
    for key in ("x", "d", "d", "b"):
        notebook.page.keyboard.press(key)
    expect(notebook.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(3)


@in_lab
def test_arrow_keys_step_frames(notebook: Notebook) -> None:
    """The arrow keys go from frame to frame, and show the one they stopped at."""
    player = notebook.widget(".wan-player").first
    expect(player.get_by_text("of 16")).to_be_visible()
    player.get_by_role("group").focus()
    for key, frame in (("Home", 1), ("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", 16)):
        notebook.page.keyboard.press(key)
        expect(player.get_by_text(f"frame {frame} of 16")).to_be_visible()
    time = player.locator("video[aria-label=Result]").evaluate("(video) => video.currentTime")
    assert time == pytest.approx(15.5 / 16)


@in_lab
def test_download_is_the_file(notebook: Notebook) -> None:
    """The file that the browser saves is the very file whose path can be copied."""
    player = notebook.widget(".wan-player").first
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    player.get_by_role("button", name="Copy path").click()
    expect(player.get_by_role("button", name="Copied")).to_be_visible()
    original = Path(notebook.page.evaluate("navigator.clipboard.readText()"))
    with notebook.page.expect_download() as download:
        player.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == original.name
    assert download.value.path().read_bytes() == original.read_bytes()


@in_lab
def test_page_has_script_and_style_once(notebook: Notebook) -> None:
    """Widgets of one kind share one style sheet in the page, and a script that ran once."""
    assert notebook.page.evaluate(
        "[document.querySelectorAll('style[id=wan-panel-style]').length, Object.keys(wanNotebookScripts).length]"
    ) == [1, 1]


@in_lab
def test_time_is_written_when_it_changes(notebook: Notebook) -> None:
    """While a clip plays, its time is written once a frame, not with each picture that the browser draws."""
    player = notebook.widget(".wan-player").first
    written: list[str] = player.locator(".wan-clock").first.evaluate(
        """async (time) => {
          const texts = [];
          const watch = new MutationObserver(() => texts.push(time.textContent));
          watch.observe(time, { childList: true });
          await time.closest(".wan-player").querySelector("video[aria-label=Result]").play();
          const end = performance.now() + 20000;
          while (texts.length < 20 && performance.now() < end) await new Promise(requestAnimationFrame);
          watch.disconnect();
          return texts;
        }"""
    )
    assert len(written) >= 20
    assert all(one != next_ for one, next_ in itertools.pairwise(written))


@in_lab
def test_speed_loop_full_screen(notebook: Notebook) -> None:
    """Each control does to the video what it says."""
    player = notebook.widget(".wan-player").first
    result = player.locator("video[aria-label=Result]")
    player.get_by_label("Speed").select_option("0.5")
    assert result.evaluate("(video) => video.playbackRate") == 0.5
    player.get_by_role("button", name="Loop").click()
    expect(player.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "false")
    player.get_by_role("button", name="Full screen").click()
    notebook.page.wait_for_function("document.fullscreenElement?.matches('.wan-player')")
    player.get_by_role("button", name="Full screen").click()
    notebook.page.wait_for_function("!document.fullscreenElement")


@in_lab
def test_players_are_independent(notebook: Notebook) -> None:
    """What is chosen in one leaves the choice in the other as it is."""
    one, other = (notebook.widget(".wan-player").nth(at) for at in (0, 2))
    one.get_by_role("radio", name="Wipe", exact=True).check()
    expect(other.get_by_role("radio", name="Result", exact=True)).to_be_checked()
    one.get_by_role("radio", name="Result", exact=True).check()


@in_lab
def test_curves_are_drawn(notebook: Notebook) -> None:
    """A part of the face is two lines below the clip, with a gap where no face is seen, and says how they agree."""
    player = notebook.widget(".wan-player").nth(2)
    picture = player.get_by_role("img", name="Mouth of the clip over the performer's: r 0.91 · gain 0.80")
    expect(picture).to_be_visible()
    lines = picture.locator("path").evaluate_all("(lines) => lines.map((line) => line.getAttribute('d'))")
    assert [line.count("M") for line in lines] == [1, 2]
    assert lines[1].startswith("M0.0 26.0L106.7 2.0M320.0")
    expect(player.get_by_text("r 0.91 · gain 0.80")).to_be_visible()
    expect(notebook.widget(".wan-player").first.get_by_role("group", name="The face over time")).to_be_hidden()


@in_lab
def test_landmarks_need_all_three(notebook: Notebook) -> None:
    """A single moved marker places nothing yet and says what is missing; the last one places all three."""
    form = notebook.widget(".wan-landmarks")
    form.get_by_text("Place eyes and mouth").click()
    for name, text in (
        ("Left eye", "Still to be placed: right eye and mouth."),
        ("Mouth", "Still to be placed: right eye."),
        ("Right eye", "Placed by you."),
    ):
        form.get_by_role("button", name=name).press("ArrowUp")
        expect(form.get_by_role("status")).to_have_text(text)
    form.get_by_role("button", name="Let the preview find them").click()
    expect(form.get_by_role("status")).to_have_text("Nothing is placed: the preview looks for the face itself.")


@in_lab
def test_text_is_never_markup(notebook: Notebook) -> None:
    """What a server says is shown letter by letter."""
    expect(notebook.widget(".wan-text").first).to_contain_text("<b>Bold</b> words.")


@in_lab
def test_clock_runs_without_kernel(notebook: Notebook) -> None:
    """The elapsed time is counted in the browser, and needs no word from the kernel."""
    clock = notebook.widget(".wan-status .wan-clock").first
    expect(clock).to_contain_text(":")
    notebook.run_cell_nowait(2)
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)
