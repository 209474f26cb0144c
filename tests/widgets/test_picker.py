"""The picker's Python half: messages as a browser sends them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from wan_notebook.errors import MediaError, defect
from wan_notebook.runtime.data_dir import subfolder
from wan_notebook.widgets.picker import MediaCard, MediaPicker

from support.widgets import send_from_browser

CONTENT = b"one frame after the other" * 100
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class RecordedPicker:
    """A picker that records its messages and its callbacks."""

    def __init__(self, kind: Any = "video") -> None:
        self.calls: list[tuple[Any, ...]] = []
        names = ("on_file", "on_text", "on_sample", "on_earlier", "on_clear")
        self.picker = MediaPicker(kind, **{name: self._listener(name) for name in names})
        self.sent: list[tuple[Any, Any]] = []
        self.picker.send = lambda content, buffers=None: self.sent.append((content, buffers))

    def _listener(self, name: str) -> Any:
        return lambda *given: self.calls.append((name, *given))

    def send(self, type_: str, *buffers: bytes, **more: Any) -> None:
        """Send what a browser would."""
        send_from_browser(self.picker, {"type": type_, **more}, [memoryview(buffer) for buffer in buffers])

    def upload(self, ticket: str = "t1", sha256: str = SHA256) -> None:
        """Send a whole file."""
        self.send("begin", upload=ticket, name="dance.mp4", size=len(CONTENT))
        self.send("piece", CONTENT[:1000], upload=ticket, offset=0)
        self.send("piece", CONTENT[1000:], upload=ticket, offset=1000)
        self.send("end", upload=ticket, sha256=sha256)

    @property
    def types(self) -> list[str]:
        return [content["type"] for content, _buffers in self.sent]


@pytest.fixture
def recorded() -> RecordedPicker:
    return RecordedPicker()


CHOSEN = MediaCard("dance.mp4", ("1280 × 720", "5.2 s"), poster=b"a jpeg")


def test_an_upload_becomes_a_file(recorded: RecordedPicker) -> None:
    """What was sent in pieces is handed on as a file, once it is whole."""
    recorded.upload()
    cleared, (name, path, called) = recorded.calls
    assert (cleared, name, called) == (("on_clear",), "on_file", "dance.mp4")
    assert path.read_bytes() == CONTENT
    assert recorded.types == ["go", "received", "received", "ended"]
    assert recorded.sent[1][0]["received"] == 1000


def test_the_kernel_sets_the_pace(recorded: RecordedPicker) -> None:
    """The kernel, not the browser, decides on the size of a piece and on how many are under way."""
    recorded.send("begin", upload="t1", name="dance.mp4", size=10)
    ((answer, _buffers),) = recorded.sent
    assert (answer["chunk"], answer["window"]) == (262_144, 16)


def test_a_new_choice_clears_first(recorded: RecordedPicker) -> None:
    """From the first message of an upload on, nothing of the earlier file is shown or chosen."""
    recorded.picker.show(CHOSEN)
    recorded.send("begin", upload="t1", name="dance.mp4", size=10)
    assert recorded.picker.state["file"] is None
    assert recorded.calls == [("on_clear",)]


def test_a_damaged_upload_chooses_nothing(recorded: RecordedPicker) -> None:
    """A file that did not arrive whole is not handed on, and the reason is shown."""
    recorded.picker.show(CHOSEN)
    recorded.upload(sha256="0" * 64)
    assert recorded.calls == [("on_clear",)]
    assert recorded.picker.state["file"] is None
    assert recorded.picker.state["trouble"] == "dance.mp4 did not arrive whole; choose it again."


def test_a_second_upload_replaces_it(recorded: RecordedPicker) -> None:
    """Pieces of a file that was given up change nothing any more, and nothing of it stays on disk."""
    recorded.send("begin", upload="t1", name="first.mp4", size=len(CONTENT))
    recorded.send("begin", upload="t2", name="second.mp4", size=len(CONTENT))
    recorded.send("piece", CONTENT, upload="t1", offset=0)
    recorded.send("end", upload="t1", sha256=SHA256)
    assert recorded.types == ["go", "ended", "go"]
    assert recorded.calls == [("on_clear",), ("on_clear",)]
    assert len(list(subfolder("uploads").iterdir())) == 1


def test_repeated_begin_tells_missing(recorded: RecordedPicker) -> None:
    """A browser that had no answer begins again, is told what has not arrived, and nothing is thrown away."""
    recorded.send("begin", upload="t1", name="dance.mp4", size=len(CONTENT))
    recorded.send("piece", CONTENT[500:600], upload="t1", offset=500)
    recorded.send("begin", upload="t1", name="dance.mp4", size=len(CONTENT), sent=2)
    answer, _buffers = recorded.sent[-1]
    assert (answer["type"], answer["sent"]) == ("go", 2)
    assert answer["missing"] == [(0, 500), (600, len(CONTENT))]
    assert recorded.calls == [("on_clear",)]


def test_same_file_goes_on(recorded: RecordedPicker) -> None:
    """A file chosen once more, as after a reload, goes on where its upload stopped; the earlier one is over."""
    file = {"name": "dance.mp4", "size": len(CONTENT), "modified": 7}
    recorded.send("begin", upload="t1", **file)
    recorded.send("piece", CONTENT[:1000], upload="t1", offset=0)
    recorded.send("begin", upload="t2", **file)
    recorded.send("piece", CONTENT[1000:], upload="t2", offset=1000)
    recorded.send("end", upload="t2", sha256=SHA256)
    assert recorded.types == ["go", "received", "ended", "go", "received", "ended"]
    assert recorded.calls[-1][1].read_bytes() == CONTENT


def test_ended_upload_stays_ended(recorded: RecordedPicker) -> None:
    """A page that asks late for an upload which another choice replaced does not begin it again."""
    recorded.send("begin", upload="t1", name="first.mp4", size=len(CONTENT))
    recorded.upload("t2")
    recorded.send("begin", upload="t1", name="first.mp4", size=len(CONTENT))
    assert recorded.sent[-1] == ({"type": "ended", "upload": "t1"}, None)
    assert recorded.calls[-1][0] == "on_file"


def test_state_names_the_upload(recorded: RecordedPicker) -> None:
    """A page that is opened in the middle of an upload can say whose it is; afterwards there is none."""
    recorded.send("begin", upload="t1", name="dance.mp4", size=10)
    assert recorded.picker.state["upload"] == {"id": "t1", "name": "dance.mp4", "size": 10}
    recorded.send("abort", upload="t1")
    assert recorded.picker.state["upload"] is None


def test_server_file_is_found(recorded: RecordedPicker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path of the server's file browser counts from the server's root, whatever folder the kernel is in."""
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "a:b.mp4").write_bytes(CONTENT)
    (tmp_path / "dance.mp4").write_bytes(CONTENT)
    monkeypatch.setenv("HOME", str(tmp_path))
    for path, root in (("clips/a:b.mp4", "~"), ("RTC:dance.mp4", str(tmp_path)), ("RTC:clips/a:b.mp4", "~/")):
        recorded.send("server_file", path=path, root=root)
    assert [text for name, *text in recorded.calls if name == "on_text"] == [
        [str(tmp_path / "clips" / "a:b.mp4")],
        [str(tmp_path / "dance.mp4")],
        [str(tmp_path / "clips" / "a:b.mp4")],
    ]


@pytest.mark.parametrize("path", ["gone.mp4", "s3:bucket/dance.mp4", "a\0b", "x" * 9000])
def test_unseen_server_file_is_told(recorded: RecordedPicker, tmp_path: Path, path: str) -> None:
    """Where the kernel does not see the server's files, that is said, with the way to choose the file itself."""
    recorded.send("server_file", path=path, root=str(tmp_path))
    assert "The kernel sees no" in recorded.picker.state["trouble"]
    assert "Choose the file itself" in recorded.picker.state["trouble"]


@pytest.mark.parametrize("reason", ["folder", "several", "unreadable"])
def test_refusals_name_the_medium(recorded: RecordedPicker, reason: str) -> None:
    """Each refusal says what is wanted."""
    recorded.send("refuse", reason=reason, name="clips")
    assert "video" in recorded.picker.state["trouble"]


def test_a_cancelled_upload_is_removed(recorded: RecordedPicker) -> None:
    """Cancelling removes what has arrived."""
    recorded.send("begin", upload="t1", name="dance.mp4", size=len(CONTENT))
    recorded.send("abort", upload="t1")
    assert recorded.types == ["go", "ended"]
    assert list(subfolder("uploads").iterdir()) == []


def test_changed_file_is_told(recorded: RecordedPicker) -> None:
    """A file that could not be read to its end is named with the reason, and nothing of it is kept."""
    recorded.send("begin", upload="t1", name="dance.mp4", size=len(CONTENT))
    recorded.send("unreadable", upload="t1")
    assert "was changed or taken away while it was read" in recorded.picker.state["trouble"]
    assert list(subfolder("uploads").iterdir()) == []


def test_an_empty_file_is_refused(recorded: RecordedPicker) -> None:
    """A file without content ends the upload with a sentence."""
    recorded.send("begin", upload="t1", name="dance.mp4", size=0)
    assert recorded.types == ["ended"]
    assert recorded.picker.state["trouble"] == "dance.mp4 is empty; choose another file."


def test_other_file_types_are_refused(recorded: RecordedPicker) -> None:
    """A text dropped where a video belongs clears the choice and says why."""
    recorded.picker.show(CHOSEN)
    recorded.send("refuse", reason="kind", name="notes.txt")
    assert recorded.picker.state["file"] is None
    assert recorded.picker.state["trouble"] == "notes.txt is no video. Choose an MP4, MOV, WebM or AVI file."


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ({"type_": "text", "text": "  https://host/dance.mp4\n"}, ("on_text", "https://host/dance.mp4")),
        ({"type_": "sample"}, ("on_sample",)),
        ({"type_": "earlier", "key": "clip-1"}, ("on_earlier", "clip-1")),
    ],
)
def test_each_choice_is_handed_on(recorded: RecordedPicker, message: dict[str, Any], asked: tuple[str, ...]) -> None:
    """A text, the sample and an earlier result each clear the old choice, then ask for the new one."""
    recorded.picker.show(CHOSEN)
    recorded.send(**message)
    assert recorded.calls == [("on_clear",), asked]
    assert recorded.picker.state["busy"] != ""


def test_removing_only_clears(recorded: RecordedPicker) -> None:
    """Taking the choice back leaves the picker empty and idle."""
    recorded.picker.show(CHOSEN)
    recorded.send("clear")
    assert recorded.calls == [("on_clear",)]
    assert (recorded.picker.state["file"], recorded.picker.state["busy"]) == (None, "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MediaError("nothing.mp4 is not there."), "nothing.mp4 is not there."),
        (KeyError("x"), defect(KeyError("x"))),
    ],
)
def test_a_failing_callback_is_shown(error: Exception, words: str) -> None:
    """No exception of a callback is lost, and none leaves the picker busy."""

    def fail(_text: str) -> None:
        raise error

    picker = MediaPicker("video", on_text=fail)
    send_from_browser(picker, {"type": "text", "text": "nothing.mp4"})
    assert (picker.state["trouble"], picker.state["busy"]) == (words, "")


def test_the_state_holds_labels(recorded: RecordedPicker, tmp_path: Path) -> None:
    """The state holds labels only; the bytes are sent to a browser that asks for them."""
    clip = tmp_path / "dance.mp4"
    clip.write_bytes(CONTENT)
    recorded.picker.show(MediaCard("dance.mp4", ("5.2 s",), poster=b"a jpeg", clip=clip))
    file = json.loads(json.dumps(recorded.picker.state))["file"]
    assert (file["name"], file["facts"]) == ("dance.mp4", ["5.2 s"])
    for label in (file["poster"], file["clip"]):
        recorded.send("want", id=label["id"], offset=0)
    assert [buffers for _content, buffers in recorded.sent] == [[b"a jpeg"], [CONTENT]]


def test_equal_cards_change_nothing(recorded: RecordedPicker, tmp_path: Path) -> None:
    """A panel may render as often as it likes: the file is not even looked at."""
    clip = tmp_path / "dance.mp4"
    clip.write_bytes(CONTENT)
    recorded.picker.show(MediaCard("dance.mp4", clip=clip))
    shown = recorded.picker.state
    clip.unlink()
    recorded.picker.show(MediaCard("dance.mp4", clip=clip))
    assert recorded.picker.state is shown


def test_an_error_outlives_a_render(recorded: RecordedPicker) -> None:
    """show(None) repeats what is: the reason of a failure, or the wait for an answer, stays."""
    recorded.picker.fail("Too large.")
    recorded.picker.show(None)
    assert recorded.picker.state["trouble"] == "Too large."
    recorded.send("sample")
    recorded.picker.show(None)
    assert recorded.picker.state["busy"] == "Drawing the sample …"


def test_earlier_files_are_listed(recorded: RecordedPicker) -> None:
    """They are listed in the order given."""
    recorded.picker.offer_earlier({"b": "Yesterday", "a": "Monday"})
    assert recorded.picker.state["earlier"] == [{"key": "b", "label": "Yesterday"}, {"key": "a", "label": "Monday"}]
