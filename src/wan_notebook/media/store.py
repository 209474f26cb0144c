"""The folder of inputs that had no file of their own, each named by its content."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import StorageError
from ..runtime.data_dir import subfolder
from .file_type import HEAD, file_type

_BLOCK = 1 << 20


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield what is left to read in the file, a mebibyte at a time."""
    return iter(lambda: file.read(_BLOCK), b"")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in blocks_of(file):
            digest.update(block)
    return digest.hexdigest()


def named_by(sha256: str, suffix: str) -> Path:
    """Return where the input of this content is kept, or would be."""
    return subfolder("inputs") / f"{sha256[:32]}{suffix}"


def short_name(path: Path) -> str:
    """Return what a person sees of an input which came without a name: the beginning of its digest."""
    return path.name[:8] + path.suffix


def keep(blocks: Iterable[bytes]) -> Path:
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
                head += block[: HEAD - len(head)]
                digest.update(block)
                file.write(block)
        target = named_by(digest.hexdigest(), file_type(head).suffix)
        os.replace(partial, target)
    except OSError as error:
        raise StorageError(f"{partial.parent} cannot be written ({error.strerror}).") from None
    finally:
        partial.unlink(missing_ok=True)
    return target
