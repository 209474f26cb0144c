"""The folder of inputs that had no file of their own, each named by its digest."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import StorageError
from ..runtime.data_dir import subfolder
from .file_type import HEAD_SIZE, file_type

_BLOCK = 1 << 20


def read_blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the rest of an open file, a mebibyte at a time."""
    return iter(lambda: file.read(_BLOCK), b"")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in read_blocks(file):
            digest.update(block)
    return digest.hexdigest()


def stored_path(sha256: str, suffix: str) -> Path:
    """Return the path of the input with this digest, whether or not it exists."""
    return subfolder("inputs") / f"{sha256[:32]}{suffix}"


def short_name(path: Path) -> str:
    """Return a name for an input that came without one: the beginning of its digest."""
    return path.name[:8] + path.suffix


def store_bytes(blocks: Iterable[bytes]) -> Path:
    """Write bytes to a file named by their content; the same bytes are the same file.

    Args:
        blocks: the bytes, in pieces; an exception from them leaves no file.

    Raises:
        StorageError: the data directory cannot be written.
    """
    digest, head = hashlib.sha256(), b""
    partial = subfolder("inputs") / f".{uuid.uuid4().hex}.part"
    try:
        with partial.open("wb") as file:
            for block in blocks:
                head += block[: HEAD_SIZE - len(head)]
                digest.update(block)
                file.write(block)
        target = stored_path(digest.hexdigest(), file_type(head).suffix)
        os.replace(partial, target)
    except OSError as error:
        raise StorageError(f"{partial.parent} cannot be written ({error.strerror}).") from None
    finally:
        partial.unlink(missing_ok=True)
    return target
