"""The user's data directory, with clips, inputs and the journal in it."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ..errors import StorageError


def data_dir() -> Path:
    """Return the data directory: `WAN_NOTEBOOK_HOME`, else the platform's directory for the data of applications.

    Raises:
        StorageError: WAN_NOTEBOOK_HOME names no place that can be found.
    """
    import platformdirs

    # A line of %env keeps the quotes around a value.
    if chosen := os.environ.get("WAN_NOTEBOOK_HOME", "").strip(" \t\r\n'\""):
        return _absolute(chosen)
    return Path(platformdirs.user_data_dir("wan-notebook", appauthor=False))


@cache
def _absolute(chosen: str) -> Path:
    # Resolved once: a cell that changes the current directory must not change the journal.
    try:
        return Path(chosen).expanduser().absolute()
    except (OSError, RuntimeError) as error:
        raise StorageError(f"WAN_NOTEBOOK_HOME is {chosen}, which cannot be found ({error}). Set it anew.") from None


def subfolder(name: str) -> Path:
    """Return a folder of the data directory, and make it if need be.

    Raises:
        StorageError: it cannot be made.
    """
    folder = data_dir() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be made ({error.strerror}). Set WAN_NOTEBOOK_HOME to a folder you can write to."
        ) from None
    return folder


@contextlib.contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`; it replaces the target when the block succeeds, and is removed otherwise.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    partial = target.with_name(f".{target.stem}-{uuid.uuid4().hex[:8]}{target.suffix}")
    try:
        # A file of the tempfile module would be its owner's alone, in whatever shared folder it ends up.
        partial.touch(exist_ok=False)
    except OSError as error:
        raise StorageError(f"{target.parent} cannot be written ({error.strerror}).") from None
    try:
        yield partial
        os.replace(partial, target)
    except OSError as error:
        raise StorageError(f"{target} cannot be written ({error.strerror or error}).") from None
    finally:
        partial.unlink(missing_ok=True)
