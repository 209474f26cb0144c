"""The comment and the description in a video's metadata.

A description is written behind an MP4, whose pictures and sound stay as they are.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ..errors import StorageError
from ..runtime.data_dir import atomic_write
from .open import open_video

_UTF8 = 1
"""The type of a text in the metadata of an MP4."""


def description(path: Path) -> str:
    """Return the description that a video carries; empty where it has none.

    Raises:
        MediaError: it cannot be read.
    """
    return _metadata(path, "description")


def comment(path: Path) -> str:
    """Return the comment that a video carries; empty where it has none.

    Raises:
        MediaError: it cannot be read.
    """
    return _metadata(path, "comment")


def _metadata(path: Path, name: str) -> str:
    with open_video(path) as (container, _):
        return container.metadata.get(name, "")


def describe(path: Path, text: str) -> None:
    """Add a description to an MP4; any other file is left as it is.

    It becomes a box of its own at the end of the file, of the kind in which music players keep titles (ISO/IEC
    14496-12, 8.11.1, with Apple's list of items): the bytes before it stay those that came.

    Raises:
        StorageError: the file cannot be written.
    """
    if not is_mp4(path):
        return
    with atomic_write(path) as partial:
        shutil.copyfile(path, partial)
        append_description(partial, text)


def append_description(partial: Path, text: str) -> None:
    """Add a description to an MP4 that nobody reads yet, as describe() does; where that fails, it is as it was.

    Raises:
        StorageError: it cannot be written.
    """
    if not is_mp4(partial):
        return
    size = partial.stat().st_size
    try:
        with partial.open("ab") as file:
            file.write(_description_box(text))
    except OSError as error:
        os.truncate(partial, size)
        raise StorageError(f"The recipe cannot be written into the clip ({error.strerror}).") from None


def is_mp4(path: Path) -> bool:
    """Return whether a file begins as an MP4."""
    with path.open("rb") as file:
        return file.read(8)[4:] == b"ftyp"


def _description_box(text: str) -> bytes:
    data = _box(b"data", _UTF8.to_bytes(4, "big") + bytes(4) + text.encode())
    handler = _box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    return _box(b"meta", bytes(4) + handler + _box(b"ilst", _box(b"desc", data)))


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content
