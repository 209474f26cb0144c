"""The folder of inputs that had no file of their own.

What came as bytes is named by the digest of its content; what is made here by the digest of what it is made of, since
an encoder does not write the same bytes each time, nor in its next version.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from ..errors import MediaError, StorageError
from ..model.job import local_path
from ..runtime.data_dir import PartialFile, data_dir, subfolder
from .file_type import HEAD_SIZE, file_type

_FOLDER, _DIGITS = "inputs", 32
"""The folder, and how many digits of a digest name a file in it."""
_BLOCK = 1 << 20
_NAME_BYTES = 180
"""Bytes of a file's name that are used, without its suffix: most file systems take 255 in all."""


@dataclass(frozen=True)
class Original:
    """The file that a picture or a video was converted from, where a copy is sent in its place."""

    url: str
    size: int
    """Bytes."""
    sha256: str

    @classmethod
    def at(cls, path: Path) -> Original:
        """Return the record of a file, which is read whole."""
        return cls(path.as_uri(), path.stat().st_size, sha256_of(path))


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


def check_unchanged(path: Path, sha256: str | None, name: str = "") -> None:
    """Refuse a file which is no longer the one that was chosen.

    Args:
        path: of the file.
        sha256: of the file that was chosen; None where it is not known, so that any file may take its place.
        name: of the file in messages; its own when empty.

    Raises:
        MediaError: it has changed, or is gone.
    """
    try:
        # A pipe in its place would never end.
        if sha256 is not None and not (S_ISREG(path.stat().st_mode) and sha256_of(path) == sha256):
            raise MediaError(f"{name or path.name} has changed since it was chosen. Choose it again.")
    except OSError as error:
        raise MediaError(f"{name or path.name} cannot be read any more ({error.strerror}). Choose it again.") from None


@contextlib.contextmanager
def unchanging(path: Path, name: str) -> Iterator[None]:
    """Refuse a file which changes while the block reads it, since its frames and its digest would be of two files.

    Raises:
        MediaError: it has changed.
    """
    before = _state(path)
    yield
    if _state(path) != before:
        raise MediaError(f"{name} changed while it was being read. Choose it again once it is written.")


def _state(path: Path) -> tuple[int, int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def stored_path(sha256: str, suffix: str) -> Path:
    """Return the path of the input with this digest, whether or not it exists."""
    return subfolder(_FOLDER) / f"{sha256[:_DIGITS]}{suffix}"


def converted(sha256: str) -> str:
    """Return what a picture's copy in sRGB is made of: the file with these bytes."""
    return f"picture {sha256}"


def made_path(made_of: str, suffix: str) -> Path:
    """Return the path of the input that is made of this, whether or not it exists.

    Args:
        made_of: all that it follows from, as text.
        suffix: of its name.
    """
    return stored_path(made_digest(made_of), suffix)


def made_digest(made_of: str) -> str:
    """Return the digest that names an input which is made of this."""
    return hashlib.sha256(made_of.encode()).hexdigest()[:_DIGITS]


def identity(url: str, sha256: str | None) -> str | None:
    """Return the digest by which an input is the same as another one; None of a web address.

    Args:
        url: of the input; a file that was made here counts by what it was made of, whatever bytes an encoder wrote.
        sha256: of its bytes, by which any other file counts.
    """
    path = local_path(url)
    if path is None or sha256 is None or path.parent != data_dir() / _FOLDER:
        return sha256
    return digest_in_name(path, sha256) or sha256


def digest_in_name(path: Path, sha256: str | None) -> str | None:
    """Return the digest of what an input is made of, which is its name; None of one that came as these bytes."""
    named = path.parent.name == _FOLDER and re.fullmatch(f"[0-9a-f]{{{_DIGITS}}}", path.stem)
    return path.stem if named and not (sha256 or "").startswith(path.stem) else None


def short_name(path: Path) -> str:
    """Return a name for an input that came without one: the beginning of its digest."""
    return path.name[:8] + path.suffix


def safe_name(name: str) -> str:
    """Return the last part of a file's name, without characters that a file system or a terminal could stumble over."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r'[\x00-\x1f\x7f<>:"|?*]', "", last).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    return f"{_shortened(stem)}{dot}{suffix[:10]}" if stem else _shortened(plain) or "file"


def _shortened(name: str) -> str:
    return name.encode(errors="replace")[:_NAME_BYTES].decode(errors="ignore")


def store_bytes(blocks: Iterable[bytes]) -> Path:
    """Write bytes to a file named by their content; the same bytes are the same file.

    Args:
        blocks: the bytes, in pieces; an exception from them leaves no file.

    Raises:
        StorageError: the data directory cannot be written.
    """
    digest, head = hashlib.sha256(), b""
    partial = PartialFile(subfolder(_FOLDER))
    try:
        with partial.path.open("wb") as file:
            for block in blocks:
                head += block[: HEAD_SIZE - len(head)]
                digest.update(block)
                file.write(block)
        target = stored_path(digest.hexdigest(), file_type(head).suffix)
        partial.move(target)
    except OSError as error:
        raise StorageError(f"{partial.path.parent} cannot be written ({error.strerror}).") from None
    finally:
        partial.discard()
    return target
