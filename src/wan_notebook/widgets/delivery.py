"""Bytes for the browser, which asks for them piece by piece and makes a Blob of them.

Nothing of them is stored in a notebook, and a page that is loaded anew asks anew.
"""

from __future__ import annotations

import hashlib
import math
import mimetypes
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import MediaError, StorageError
from ..media.store import sha256_of
from ..media.viewing import plays_in_browsers, viewing_copy
from .frontend import CHUNK_SIZE, Handler, Part, S, in_background

_BLOB_TYPES = (
    *("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"),
    *("video/mp4", "video/webm", "video/quicktime"),
)
"""Media types that a browser may take a Blob for; an SVG, which can hold a script, is not among them."""

Content = Path | bytes | Callable[[], bytes | Path]
"""A file, bytes, or a function that makes either when a browser asks for them."""


@dataclass(frozen=True, slots=True)
class Label:
    """The description of offered bytes by which a browser asks for them."""

    id: str
    """The content's SHA-256 in hexadecimal; of unread content a digest of its name, or such a name itself."""
    size: int
    """Bytes of the content; 0 for unread content, whose size comes with the first piece."""
    type: str
    """The media type, as "video/mp4"."""
    name: str = ""
    """The file's name, for a download."""
    chunk: int = 0
    """Bytes of one piece at most."""


def unread(content_id: str, media_type: str) -> Label:
    """Return the label of content that nobody has looked into yet."""
    return Label(content_id, 0, media_type, chunk=CHUNK_SIZE)


class Delivery:
    """The bytes that a browser may ask for, by content id; nothing else is ever read for it.

    Args:
        find: returns the content of an id under which nothing was offered, and None where there is none: of thousands
            of contents whose owner can tell them from their ids, none needs to be offered by itself.
    """

    def __init__(self, find: Callable[[str], Content | None] = lambda _: None) -> None:
        self._find = find
        self._offers: dict[str, Content] = {}
        self._slow: set[str] = set()
        self._lock = threading.Lock()

    def offer(self, content: Path | bytes) -> Label:
        """Offer a file, or bytes of a JPEG, and return the label by which the browser asks.

        Raises:
            MediaError: the file cannot be read.
        """
        if isinstance(content, bytes):
            label = Label(hashlib.sha256(content).hexdigest(), len(content), "image/jpeg")
        else:
            label = _label_of_file(content)
        return self._add(label, content)

    def offer_video(self, path: Path, *, largest: float = math.inf) -> Label:
        """Offer a video for looking at: the file itself, or a small copy of it.

        Args:
            path: of the video.
            largest: bytes beyond which a copy is offered; it is, too, where not every browser plays the file.

        Raises:
            MediaError: the file cannot be read.
        """
        label = self.offer(path)
        try:
            if label.size <= largest and plays_in_browsers(path):
                return label
        except MediaError:
            # What cannot be read here a browser may play all the same, or else it says so.
            return label
        return self.offer_slowly(f"copy of {label.id}", "video/mp4", lambda: viewing_copy(path))

    def is_slow(self, content_id: str) -> bool:
        """Return whether it may take seconds until the first piece of a content is there."""
        return content_id in self._slow

    def offer_unread(self, name: str, media_type: str, content: Path | Callable[[], bytes | Path]) -> Label:
        """Offer content that nobody has looked into yet, so that a thousand offers cost nothing, and return its label.

        Args:
            name: a name which no other content has.
            media_type: as "video/mp4".
            content: the file, or a function that makes the bytes.
        """
        digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
        return self._add(unread(digest, media_type), content)

    def offer_slowly(self, name: str, media_type: str, content: Callable[[], bytes | Path]) -> Label:
        """Offer content that takes seconds to be made, off the kernel's thread; arguments as for offer_unread()."""
        label = self.offer_unread(name, media_type, content)
        self._slow.add(label.id)
        return label

    def _add(self, label: Label, content: Content) -> Label:
        with self._lock:
            self._offers[label.id] = content
        return replace(label, chunk=CHUNK_SIZE)

    def content(self, content_id: str) -> bytes:
        """Return all bytes that are offered under an id.

        Raises:
            MediaError: they cannot be read.
            KeyError: nothing is offered under it.
        """
        content = self._offered(content_id)
        if content is None:
            raise KeyError(content_id)
        content = content() if callable(content) else content
        if isinstance(content, bytes):
            return content
        try:
            return content.read_bytes()
        except OSError as error:
            raise MediaError(f"{content} cannot be read ({error.strerror}).") from None

    def _offered(self, content_id: str) -> Content | None:
        with self._lock:
            content = self._offers.get(content_id)
        return self._find(content_id) if content is None else content

    def withdraw(self) -> None:
        """Withdraw all offers: a browser that asks for one is told that it is gone."""
        with self._lock:
            self._offers.clear()

    def answer(self, message: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer to one request: the piece at an offset, or the word that it is gone."""
        content_id, offset = str(message.get("id")), int(message.get("offset", 0))
        content = self._offered(content_id)
        try:
            piece, size = (b"", 0) if content is None else _piece(content, offset)
        except (OSError, MediaError, StorageError):
            piece, size = b"", 0
        answer = {"id": content_id, "offset": offset}
        return ({"type": "piece", "size": size} | answer, [piece]) if piece else ({"type": "gone"} | answer, [])


class MediaPart(Part[S]):
    """A widget with pictures or videos, which its browser half fetches by the labels in the state.

    Args:
        shown: as for Part.
        handlers: as for Part.
        delivery: the offers of the labels in `shown`; empty by default.
    """

    def __init__(self, shown: S, handlers: Mapping[str, Handler], delivery: Delivery | None = None) -> None:
        self.delivery = delivery or Delivery()
        super().__init__(shown, {"want": self._answer, **handlers})

    def _answer(self, message: Mapping[str, Any]) -> None:
        def answer() -> None:
            self.send(*self.delivery.answer(message))

        if self.delivery.is_slow(str(message.get("id"))):
            in_background(answer, lambda _: None)
        else:
            answer()


def _piece(content: Content, offset: int) -> tuple[bytes, int]:
    """Return the bytes from an offset on, as many as one message takes, and how many there are in all."""
    content = content() if callable(content) else content
    if isinstance(content, Path):
        with content.open("rb") as file:
            file.seek(offset)
            return file.read(CHUNK_SIZE), content.stat().st_size
    return content[offset : offset + CHUNK_SIZE], len(content)


def _label_of_file(path: Path) -> Label:
    try:
        stat = path.stat()
        digest = _cached_sha256(path, stat.st_size, stat.st_mtime_ns)
    except OSError as error:
        raise MediaError(f"{path} cannot be read ({error.strerror}).") from None
    guessed = mimetypes.guess_type(path.name)[0]
    return Label(digest, stat.st_size, guessed if guessed in _BLOB_TYPES else "application/octet-stream", path.name)


@lru_cache(maxsize=256)
def _cached_sha256(path: Path, _size: int, _changed: int) -> str:
    return sha256_of(path)
