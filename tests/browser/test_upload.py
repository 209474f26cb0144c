"""Uploads over a connection that loses messages, and what is dropped onto a picker."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from wan_notebook.video.metadata import describe
from wan_notebook.widgets.bundle import script
from wan_notebook.widgets.picker import MediaCard, MediaPicker

from .boxes import boxes
from .front_ends import FrontEnd, Notebook, new_page

SIZE = 3_000_000
PIECE = 262_144
SMALLEST = 16_384
"""Bytes of a piece, however often some were lost."""
SILENCE = 3000
"""Milliseconds after which the browser asks what has arrived."""
REFUSALS = 3
"""Connections that fail after one broke: JupyterLab tries again ever later, so that an idle kernel seems silent."""

OPEN = """async ([module, state]) => {
  const listeners = {};
  const tell = (event, ...given) => (listeners[event] ?? []).forEach((listener) => listener(...given));
  const model = {
    get: () => state,
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    async send(message, _callbacks, buffers = []) {
      const bytes = buffers.map((buffer) => Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)));
      const answer = await kernel(JSON.stringify([message, bytes.map((letters) => btoa(letters.join("")))]));
      hear(JSON.parse(answer));
    },
  };
  const hear = ([messages, latest]) => {
    messages.forEach((message) => tell("msg:custom", message, []));
    if (JSON.stringify(latest) === JSON.stringify(state)) return;
    state = latest;
    tell("change:state");
  };
  window.hear = hear;
  const { default: part } = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
  const view = new part.View(model, part.share(model));
  model.on("change:state", () => view.draw());
  document.body.append(view.root);
  view.draw();
}"""

DROP = """(picker, { name, size, content, folder, texts, type }) => {
  const transfer = new DataTransfer();
  const given = content && Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const bytes = given ?? new Uint8Array(size).fill(7);
  for (const each of [name ?? []].flat())
    transfer.items.add(new File([bytes], each, { type: type ?? "", lastModified: 1 }));
  for (const [type, text] of Object.entries(texts ?? {})) transfer.setData(type, text);
  DataTransferItem.prototype.webkitGetAsEntry = () => (folder ? { isDirectory: true, name } : null);
  const zone = picker.querySelector(".wan-picker-zone");
  zone.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


class Kernel:
    """A picker's Python half, and pages with its other half; what is sent between them may be lost."""

    def __init__(self, browser: Browser, kind: Literal["image", "video"] = "video") -> None:
        self.texts: list[str] = []
        self.files: list[Path] = []
        self.loses: Callable[[dict[str, Any], int], bool] = lambda _message, _size: False
        """Whether a message of the browser is lost, by the message and the bytes it carries."""
        self.pieces: list[int] = []
        self.picker = MediaPicker(
            kind,
            on_file=self._take_file,
            on_text=lambda text: (self.texts.append(text), self.picker.show(MediaCard(text))),
            on_clear=lambda: self.picker.show(None),
        )
        self._browser = browser
        self._pages: list[Page] = []
        self._sent: list[Any] = []
        self.picker.send = lambda content, _buffers=None: self._sent.append(content)

    def open(self) -> Page:
        """Open a page which shows the picker."""
        page = new_page(self._browser)
        self._pages.append(page)
        page.clock.install()
        page.set_content("<body></body>")
        page.expose_function("kernel", self._receive)
        page.evaluate(OPEN, [script("picker/picker.js"), self.picker.state])
        return page

    def close(self) -> None:
        """Close the pages."""
        for page in self._pages:
            page.context.close()

    def _receive(self, raw: str) -> str:
        message, texts = json.loads(raw)
        buffers = [base64.b64decode(text) for text in texts]
        size = sum(map(len, buffers))
        if message["type"] == "piece":
            self.pieces.append(size)
        self._sent.clear()
        if not self.loses(message, size):
            self.picker.receive(message, buffers)
        return json.dumps([self._sent, self.picker.state])

    def _take_file(self, path: Path, name: str) -> None:
        self.files.append(path)
        self.picker.show(MediaCard(name, (f"{path.stat().st_size:,} bytes",)))


@pytest.fixture
def kernel(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Kernel]:
    """A kernel with a picker of videos, or of what a test says; its pages are closed."""
    opened = Kernel(browser, getattr(request, "param", "video"))
    yield opened
    opened.close()


def picker_of(page: Page) -> Locator:
    return page.locator(".wan-picker")


def test_lost_pieces_are_sent_again(kernel: Kernel) -> None:
    """Of an upload whose connection breaks half-way only what was lost is sent again, and the file arrives whole."""
    page = kernel.open()
    lost = []
    kernel.loses = lambda message, size: (
        message["type"] == "piece" and 5 <= len(kernel.pieces) < 9 and not lost.append(size)
    )
    picker_of(page).evaluate(DROP, {"name": "dance.mp4", "size": SIZE})
    expect(page.get_by_text("Uploading, 2.")).to_be_visible()
    page.clock.run_for(SILENCE)
    expect(page.get_by_text("3,000,000 bytes")).to_be_visible()
    assert kernel.files[0].read_bytes() == bytes([7]) * SIZE
    assert sum(kernel.pieces) == SIZE + sum(lost)


def test_lost_end_is_sent_again(kernel: Kernel) -> None:
    """An upload whose last word was lost comes to its end once the connection is back."""
    page = kernel.open()
    ends: list[int] = []
    kernel.loses = lambda message, size: message["type"] == "end" and not ends and not ends.append(size)
    picker_of(page).evaluate(DROP, {"name": "dance.mp4", "size": SIZE})
    expect(page.get_by_text("Uploading, 3.0 of 3.0 MB")).to_be_visible()
    page.clock.run_for(SILENCE)
    expect(page.get_by_text("3,000,000 bytes")).to_be_visible()
    assert sum(kernel.pieces) == SIZE


def test_lost_begin_is_sent_again(kernel: Kernel) -> None:
    """A long silence is told, with a way to try at once, and ends by itself."""
    page = kernel.open()
    kernel.loses = lambda _message, _size: True
    picker_of(page).evaluate(DROP, {"name": "dance.mp4", "size": SIZE})
    page.clock.run_for(2 * SILENCE)
    expect(page.get_by_text("No answer from the kernel yet")).to_be_visible()
    kernel.loses = lambda _message, _size: False
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("3,000,000 bytes")).to_be_visible()
    assert sum(kernel.pieces) == SIZE


def test_pieces_shrink_until_they_pass(kernel: Kernel) -> None:
    """Where larger messages never arrive, smaller ones are tried; a size that has passed once is kept."""
    page = kernel.open()
    kernel.loses = lambda _message, size: size > 100_000
    picker_of(page).evaluate(DROP, {"name": "dance.mp4", "size": SIZE})
    for _ in range(2):
        expect(page.get_by_text("Uploading")).to_be_visible()
        page.clock.run_for(SILENCE)
    expect(page.get_by_text("3,000,000 bytes")).to_be_visible()
    assert set(kernel.pieces) >= {PIECE, PIECE // 2, PIECE // 4}
    assert max(kernel.pieces) == PIECE


def test_reloaded_page_goes_on(kernel: Kernel) -> None:
    """After a reload in the middle of an upload the page says so, and the same file chosen again goes on from there."""
    page = kernel.open()
    kernel.loses = lambda _message, _size: len(kernel.pieces) > 4
    picker_of(page).evaluate(DROP, {"name": "dance.mp4", "size": SIZE})
    expect(page.get_by_text("Uploading, 1.0 of")).to_be_visible()
    page.close()
    kernel.loses = lambda _message, _size: False
    kernel.pieces.clear()
    anew = kernel.open()
    anew.clock.run_for(2 * SILENCE)
    expect(anew.get_by_text("dance.mp4 comes no further")).to_be_visible()
    picker_of(anew).evaluate(DROP, {"name": "dance.mp4", "size": SIZE})
    expect(anew.get_by_text("3,000,000 bytes")).to_be_visible()
    assert sum(kernel.pieces) == SIZE - 4 * PIECE


def test_later_upload_wins(kernel: Kernel) -> None:
    """Of two files dropped onto one picker the later one is chosen, and the earlier one ends."""
    page = kernel.open()
    uploads: list[str] = []

    def is_of_first(message: dict[str, Any], _size: int) -> bool:
        uploads.append(message["upload"])
        return message["type"] == "piece" and message["upload"] == uploads[0]

    kernel.loses = is_of_first
    picker_of(page).evaluate(DROP, {"name": "first.mp4", "size": SIZE})
    expect(page.get_by_text("Uploading")).to_be_visible()
    picker_of(page).evaluate(DROP, {"name": "second.mp4", "size": SIZE})
    expect(page.get_by_text("3,000,000 bytes")).to_be_visible()
    assert [path.name for path in kernel.files] == ["second.mp4"]


CHANGED = """() => {
  const { arrayBuffer } = Blob.prototype;
  Blob.prototype.arrayBuffer = async function () { return (await arrayBuffer.call(this)).slice(1); };
}"""


def test_changed_file_is_refused(kernel: Kernel) -> None:
    """A file that becomes shorter while it is read is told, instead of being waited for."""
    page = kernel.open()
    page.evaluate(CHANGED)
    picker_of(page).evaluate(DROP, {"name": "dance.mp4", "size": SIZE})
    expect(page.get_by_role("alert")).to_have_text(
        "dance.mp4 was changed or taken away while it was read; choose it again."
    )
    assert kernel.files == []


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        ({"name": "clips.mp4", "size": 0, "folder": True}, "clips.mp4 is a folder. Choose one video in it."),
        ({"name": "notes.txt", "size": 9}, "notes.txt is no video. Choose an MP4, MOV, WebM or AVI file."),
        ({"name": ["a.mp4", "b.mp4"], "size": 9}, "Several files came, and one video is wanted."),
        ({"name": "empty.mp4", "size": 0}, "empty.mp4 is empty; choose another file."),
        (
            {"texts": {"text/uri-list": "file:///a.mp4\r\nfile:///b.mp4"}},
            "Several files came, and one video is wanted.",
        ),
        (
            {"texts": {"text/uri-list": "blob:null/1"}},
            "This video cannot be read from the page. Save it, and choose the file.",
        ),
    ],
    ids=["folder", "other type", "several", "empty", "several addresses", "vanished"],
)
def test_each_refusal_says_why(kernel: Kernel, dropped: dict[str, Any], said: str) -> None:
    """What cannot be used is told in one sentence with the next step, and something else can be chosen at once."""
    page = kernel.open()
    picker_of(page).evaluate(DROP, dropped)
    expect(page.get_by_role("alert")).to_have_text(said)
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()


@pytest.mark.parametrize(
    ("texts", "taken"),
    [
        ({"text/uri-list": "# dragged\r\nfile:///clips/dance.mp4"}, "file:///clips/dance.mp4"),
        ({"text/plain": " clips/dance.mp4\n"}, "clips/dance.mp4"),
        ({"application/vnd.code.uri-list": "file:///dance.mp4", "text/plain": "dance.mp4"}, "file:///dance.mp4"),
    ],
    ids=["file address", "path", "editor"],
)
def test_dropped_text_is_a_source(kernel: Kernel, texts: dict[str, str], taken: str) -> None:
    """A path or an address that is dropped is taken as if it had been typed."""
    page = kernel.open()
    picker_of(page).evaluate(DROP, {"texts": texts})
    expect(picker_of(page).get_by_text(taken)).to_be_visible()
    assert kernel.texts == [taken]


@pytest.mark.parametrize("kernel", ["image"], indirect=True)
def test_page_image_is_uploaded(kernel: Kernel) -> None:
    """A picture that stands in the page as a data URI or a Blob is sent piece by piece, however long it is."""
    page = kernel.open()
    address = "data:image/png;base64," + base64.b64encode(bytes(SIZE)).decode()
    picker_of(page).evaluate(DROP, {"texts": {"text/uri-list": address}})
    expect(page.get_by_text("3,000,000 bytes")).to_be_visible()
    assert (kernel.files[0].name, max(kernel.pieces)) == ("dropped.png", PIECE)
    blob = page.evaluate("URL.createObjectURL(new Blob(['abc'], { type: 'image/webp' }))")
    page.get_by_role("textbox").fill(blob)
    page.get_by_role("button", name="Use").click()
    expect(page.get_by_text("dropped.webp")).to_be_visible()
    assert kernel.texts == []


@pytest.mark.parametrize("kernel", ["image"], indirect=True)
def test_clip_is_sent_as_picture(kernel: Kernel, tmp_path: Path) -> None:
    """A clip that was made here reaches a picker of pictures, which tells what made it; no other video is sent."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"\0\0\0\x08ftyp")
    describe(clip, "made here")
    page = kernel.open()
    picker_of(page).evaluate(DROP, {"name": "dance.mp4", "size": SIZE})
    expect(page.get_by_role("alert")).to_have_text("dance.mp4 is no picture. Choose a JPEG, PNG, WebP or BMP file.")
    assert kernel.pieces == []
    picker_of(page).evaluate(DROP, {"name": "clip.mp4", "content": base64.b64encode(clip.read_bytes()).decode()})
    expect(page.get_by_text("clip.mp4", exact=True)).to_be_visible()
    assert [path.read_bytes() for path in kernel.files] == [clip.read_bytes()]


SHOW = """
import os
import wan_notebook as wan
from wan_notebook.widgets.frontend import Widget
from wan_notebook.widgets.picker import MediaCard, MediaPicker
class Alone(Widget):
    _script, _style = wan.Panel._script, wan.Panel._style
os.chdir("/")
picker = MediaPicker("video")
picker.on_file = lambda path, name: picker.show(MediaCard(name, (f"{path.stat().st_size:,} bytes",)))
picker.on_text = lambda text: picker.show(MediaCard(text))
picker.on_clear = lambda: picker.show(None)
display(Alone(video_picker=picker))
"""


in_lab = pytest.mark.parametrize("front_end_name", ["lab"], indirect=True)


@pytest.fixture(scope="module")
def notebook(front_end: FrontEnd) -> Iterator[Notebook]:
    """A picker in a notebook, whose kernel works in another folder than the one that JupyterLab shows a file in."""
    (front_end.server.notebooks / "dance.mp4").write_bytes(b"a performance")
    with closing(front_end.open([SHOW])) as opened:
        opened.run_cell(0)
        yield opened


@in_lab
def test_file_dragged_in_lab(front_end: FrontEnd, notebook: Notebook) -> None:
    """A file that is dragged from JupyterLab's own file browser is chosen by its path on the server."""
    page, zone = notebook.page, notebook.widget(".wan-picker-zone")
    page.locator(".jp-DirListing-item", has_text="dance.mp4").hover()
    page.mouse.down()
    (box,) = boxes(zone)
    page.mouse.move(box["x"] + 20, box["y"] + 20, steps=8)
    expect(notebook.widget(".wan-picker-over")).to_be_visible()
    page.mouse.up()
    expect(notebook.widget(".wan-picker").get_by_text(str(front_end.server.notebooks / "dance.mp4"))).to_be_visible()
    expect(notebook.widget(".wan-picker-over")).to_have_count(0)


@in_lab
def test_upload_survives_lost_connection(notebook: Notebook) -> None:
    """A websocket that breaks in the middle of an upload, and cannot be had for a while, costs nothing but time."""
    breaks = [3, 6]
    refused = [0]

    def route(browser: WebSocketRoute) -> None:
        if refused[0]:
            refused[0] -= 1
            browser.close(code=1011)
            return
        server = browser.connect_to_server()
        pieces: list[int] = []

        def forward(message: str | bytes) -> None:
            if len(message) > SMALLEST:
                pieces.append(len(message))
            if breaks and len(pieces) == breaks[0]:
                breaks.pop(0)
                refused[0] = REFUSALS
                pieces.clear()
                browser.close(code=1011)
            else:
                server.send(message)

        browser.on_message(forward)

    notebook.page.route_web_socket("**/channels?**", route)
    notebook.reload()
    picker = notebook.widget(".wan-picker")
    picker.evaluate(DROP, {"name": "broken.mp4", "size": SIZE})
    expect(picker.get_by_text("3,000,000 bytes")).to_be_visible(timeout=90_000)
    assert breaks == []
