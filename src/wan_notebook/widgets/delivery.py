"""Bytes on their way to the browser, which asks for them piece by piece and makes a Blob of them.

Nothing of them is stored in a notebook, and a page that is loaded anew asks anew.
"""

from __future__ import annotations

import hashlib
import mimetypes
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import MediaError
from ..media.store import sha256_of
from .frontend import chunk_size

_SHOWN = (
    *("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"),
    *("video/mp4", "video/webm", "video/quicktime"),
)
"""What a browser may take a Blob for; an SVG, which can hold a script, is not among them."""


Source = Path | bytes | Callable[[], bytes]
"""A file, bytes, or what makes the bytes when somebody asks for them."""


class Delivery:
    """What a browser may ask for, by content id; nothing else is ever read for it."""

    def __init__(self) -> None:
        self._offers: dict[str, Source] = {}
        self._lock = threading.Lock()

    def offer(self, source: Path | bytes) -> dict[str, Any]:
        """Offer a file, or bytes of a JPEG, and return the label by which the browser asks.

        Raises:
            MediaError: the file cannot be read.
        """
        label = _label_of_jpeg(source) if isinstance(source, bytes) else _label_of_file(source)
        with self._lock:
            self._offers[label["id"]] = source
        return label | {"chunk": chunk_size()}

    def offer_unread(self, name: str, kind: str, source: Path | Callable[[], bytes]) -> dict[str, Any]:
        """Offer what nobody has looked into yet, so that a thousand offers cost nothing, and return its label.

        Args:
            name: which no other content has.
            kind: its media type.
            source: where it is, or what makes it; its size is told with the first piece.
        """
        wanted = hashlib.sha256(name.encode()).hexdigest()[:16]
        with self._lock:
            self._offers[wanted] = source
        return {"id": wanted, "size": 0, "type": kind, "name": "", "chunk": chunk_size()}

    def content(self, wanted: str) -> bytes:
        """Return all bytes of what is offered under an id.

        Raises:
            MediaError: it cannot be read.
            KeyError: nothing is.
        """
        with self._lock:
            source = self._offers[wanted]
        if not isinstance(source, Path):
            return source if isinstance(source, bytes) else source()
        try:
            return source.read_bytes()
        except OSError as error:
            raise MediaError(f"{source} cannot be read ({error.strerror}).") from None

    def withdraw(self) -> None:
        """Offer nothing any more."""
        with self._lock:
            self._offers.clear()

    def answer(self, message: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Return what to send for one request: the piece at an offset, or word that it is gone."""
        wanted, offset = str(message.get("id")), int(message.get("offset", 0))
        with self._lock:
            source = self._offers.get(wanted)
        try:
            piece, size = (b"", 0) if source is None else _piece(source, offset)
        except (OSError, MediaError):
            piece, size = b"", 0
        answer = {"id": wanted, "offset": offset}
        return ({"type": "piece", "size": size} | answer, [piece]) if piece else ({"type": "gone"} | answer, [])


def _piece(source: Source, offset: int) -> tuple[bytes, int]:
    """The bytes from an offset on, as many as one message takes, and how many there are in all."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            file.seek(offset)
            return file.read(chunk_size()), source.stat().st_size
    content = source if isinstance(source, bytes) else source()
    return content[offset : offset + chunk_size()], len(content)


def _label_of_jpeg(jpeg: bytes) -> dict[str, Any]:
    return {"id": hashlib.sha256(jpeg).hexdigest(), "size": len(jpeg), "type": "image/jpeg", "name": ""}


def _label_of_file(path: Path) -> dict[str, Any]:
    try:
        stat = path.stat()
        digest = _remembered_sha256(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise MediaError(f"{path} cannot be read ({error.strerror}).") from None
    guessed = mimetypes.guess_type(path.name)[0]
    kind = guessed if guessed in _SHOWN else "application/octet-stream"
    return {"id": digest, "size": stat.st_size, "type": kind, "name": path.name}


@lru_cache(maxsize=256)
def _remembered_sha256(path: Path, _size: int, _changed: int) -> str:
    return sha256_of(path)
