"""Reading a submit piece by piece."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wan_notebook.preview.server.json_stream import LONG, BadBody, JsonStream, Undecodable

MEDIA = bytes(range(256)) * 400
LONG_URI = f"data:video/mp4;base64,{base64.b64encode(MEDIA).decode()}"


def read(body: bytes, folder: Path, size: int = 1000) -> dict[str, Any]:
    stream = JsonStream(folder)
    for start in range(0, len(body), size):
        stream.feed(body[start : start + size])
    return stream.fields()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(fields=st.dictionaries(st.text(), VALUES), size=st.integers(1, 40), ascii_only=st.booleans())
def test_pieces_of_any_size_agree(fields: dict[str, Any], size: int, ascii_only: bool) -> None:
    """Short strings, escapes and nesting come through unchanged, in pieces of any size, and nothing is written."""
    assert read(json.dumps(fields, ensure_ascii=ascii_only).encode(), Path("no such folder"), size) == fields


@pytest.mark.parametrize("size", [7, 4096, 10**9])
def test_long_strings_become_files(size: int, tmp_path: Path) -> None:
    """A video in the body is decoded to a file as it comes; the fields around it stay."""
    fields = read(json.dumps({"a": 1, "video_url": LONG_URI, "b": "c"}).encode(), tmp_path, size)
    assert fields["video_url"].read_bytes() == MEDIA
    assert (fields["a"], fields["b"]) == (1, "c")


def test_long_strings_have_files(tmp_path: Path) -> None:
    """Picture and video do not get mixed up; plain Base64 does as well as a data URI."""
    other = base64.b64encode(MEDIA[::-1]).decode()
    fields = read(json.dumps({"video_url": LONG_URI, "image_url": other}).encode(), tmp_path)
    assert fields["video_url"].read_bytes() == MEDIA
    assert fields["image_url"].read_bytes() == MEDIA[::-1]


@pytest.mark.parametrize("escape", [rb"\/", rb"\n", rb"A\/\r", rb"\t", rb"\\\""])
def test_escapes_take_few_steps(escape: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long string of nothing but escapes is read in one step a piece, since one for each would take hours."""
    steps: list[int] = []
    append = JsonStream._append
    monkeypatch.setattr(JsonStream, "_append", lambda stream, text: steps.append(len(text)) or append(stream, text))
    stream = JsonStream(tmp_path)
    stream.feed(b'{"video_url": "' + b"A" * (LONG + 1))
    stream.feed(b"\\t" if escape[1:2] in b"t\\" else b"")
    steps.clear()
    stream.feed(escape * 1000 + b'", "a": 1}')
    assert len(steps) <= 2
    assert stream.fields()["a"] == 1


def test_escapes_in_base64_are_read(tmp_path: Path) -> None:
    r"""Some languages write / as \/ in JSON, and some break Base64 into lines."""
    lines = base64.encodebytes(MEDIA).decode()
    body = json.dumps({"video_url": f"data:video/mp4;base64,{lines}"}).replace("/", r"\/")
    assert read(body.encode(), tmp_path)["video_url"].read_bytes() == MEDIA


@pytest.mark.parametrize(
    "text",
    ["data:video/mp4," + "a" * LONG, "data:video/mp4;base64," + "ä" * LONG, "https://" + "a" * LONG, LONG_URI + "é"],
)
def test_long_text_is_undecodable(text: str, tmp_path: Path) -> None:
    """What is no Base64 is not kept, and the fields after it are read all the same."""
    fields = read(json.dumps({"video_url": text, "b": 2}).encode(), tmp_path)
    assert isinstance(fields["video_url"], Undecodable)
    assert fields["b"] == 2


def test_endless_json_is_refused(tmp_path: Path) -> None:
    """A body that is large without any long string is given up before it fills the memory."""
    whole_object = b'{"a": [' + b"0, " * 400_000 + b"0]}"
    with pytest.raises(BadBody):
        read(whole_object + b" " * 1000, tmp_path)
