"""Data URIs: writing a file as one, in pieces, and reading the bytes of one."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from ..errors import MediaError
from .file_type import file_type, read_head

_BLOCK = 3 * (1 << 16)
"""Bytes read at a time; a multiple of three, so that pieces of Base64 join without padding."""


def data_uri_length(path: Path) -> int:
    """Return the length in bytes of a file's data URI, without making it.

    Raises:
        MediaError: the file is gone or cannot be read.
    """
    with _readable(path):
        return len(prefix(path)) + 4 * ((path.stat().st_size + 2) // 3)


def data_uri_chunks(path: Path, sha256: str | None = None) -> Iterator[bytes]:
    """Yield the data URI of a file in pieces, holding at most one of them in memory.

    Args:
        path: of the file.
        sha256: of the file that is meant, where it is known.

    Raises:
        MediaError: the file is gone or cannot be read; or, after its last piece, it is not the one that is meant.
    """
    digest = hashlib.sha256()
    with _readable(path), path.open("rb") as file:
        yield prefix(path)
        for block in iter(lambda: file.read(_BLOCK), b""):
            digest.update(block)
            yield base64.b64encode(block)
    if sha256 not in (None, digest.hexdigest()):
        raise MediaError(f"{path.name} has changed since it was chosen. Nothing was bought; choose it again.")


def data_uri_bytes(uri: str) -> bytes:
    """Decode a data URI to its bytes.

    Raises:
        MediaError: it is no data URI, or its Base64 is broken.
    """
    prefix, comma, body = uri.partition(",")
    if not comma:
        raise MediaError("The data URI has no comma: it should read data:image/png;base64,…")
    if not prefix.lower().rstrip().endswith(";base64"):
        return urllib.parse.unquote_to_bytes(body)
    try:
        return base64.b64decode("".join(urllib.parse.unquote(body).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MediaError(f"The data URI's Base64 is broken ({error}). Was it copied whole?") from None


def prefix(path: Path) -> bytes:
    """Return the data URI of a file up to its Base64."""
    return f"data:{file_type(read_head(path)).mime};base64,".encode()


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MediaError(f"{path} cannot be read any more ({error.strerror}). Choose it again.") from None
