"""The user's data directory, with clips, inputs and the journal in it."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ..errors import StorageError, WanError
from .file_lock import FileLock, remove_if_dead


def data_dir() -> Path:
    """Return the data directory: `WAN_NOTEBOOK_HOME`, else the platform's directory for the data of applications.

    Raises:
        StorageError: WAN_NOTEBOOK_HOME names no place that can be found.
    """
    chosen = chosen_folder("WAN_NOTEBOOK_HOME")
    if chosen is not None:
        return chosen
    import platformdirs

    try:
        return _absolute(platformdirs.user_data_dir("wan-notebook", appauthor=False))
    except (OSError, RuntimeError) as error:
        raise StorageError(
            f"A home directory, and so the place for data, cannot be found ({error}). "
            "Set WAN_NOTEBOOK_HOME to a folder you can write to."
        ) from None


def chosen_folder(variable: str) -> Path | None:
    """Return the folder that an environment variable names; None where it is not set.

    Raises:
        StorageError: it names no place that can be found.
    """
    chosen = os.environ.get(variable, "").strip(" \t\r\n'\"")  # a line of %env keeps the quotes around a value
    try:
        return _absolute(chosen) if chosen else None
    except (OSError, RuntimeError) as error:
        remedy = f"Set {variable} to a folder you can write to."
        raise StorageError(f"{variable} is {chosen}, which cannot be found ({error}). {remedy}") from None


@cache
def _absolute(chosen: str) -> Path:
    # Resolved once: a cell that changes the current directory must not change the journal.
    return Path(chosen).expanduser().absolute()


def expanded(path: str | Path) -> Path:
    """Return a path of the user's with the home directory in place of "~".

    Raises:
        StorageError: there is no such home directory.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise StorageError(f"{path} names a home directory, and there is none. Write the whole path.") from None


def subfolder(name: str) -> Path:
    """Return a folder of the data directory, and make it if need be.

    Raises:
        StorageError: it cannot be made.
    """
    remove_leftovers(data_dir())
    folder = data_dir() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be made ({error.strerror}). Set WAN_NOTEBOOK_HOME to a folder you can write to."
        ) from None
    return folder


@cache
def remove_leftovers(home: Path) -> None:
    """Remove the half-written files, and the signs of life, that dead processes left in a data directory."""
    for path in (*home.rglob(f"{_PARTIAL}*"), *home.glob("journal/alive/*")):
        remove_if_dead(path)


_PARTIAL = ".partial-"
"""The beginning of the name of a file that is not whole."""


class PartialFile:
    """A file that is being written; when its process dies before the end, the next one removes it.

    Args:
        folder: where it lies; on a drive without locks nobody removes it.
        suffix: of its name.

    Raises:
        StorageError: the folder cannot be written.
    """

    def __init__(self, folder: Path, suffix: str = "") -> None:
        # A file of the tempfile module would be its owner's alone, in whatever shared folder it ends up.
        self.path = folder / f"{_PARTIAL}{uuid.uuid4().hex[:12]}{suffix}"
        self._lock: FileLock | None = None
        try:
            with contextlib.suppress(OSError):
                self._lock = FileLock.take(self.path)
            self.path.touch()
        except OSError as error:
            raise StorageError(f"{folder} cannot be written ({error.strerror}).") from None

    def move(self, target: Path, *, keep: bool = False) -> None:
        """Give it its name, in place of any file of that name.

        Args:
            target: the path with that name.
            keep: leave such a file in its place instead.

        Raises:
            OSError: that cannot be done.
        """
        if keep and target.exists():
            return
        if os.name == "nt":
            self._release()  # there no file is moved that is open
        os.replace(self.path, target)
        self._release()

    def discard(self) -> None:
        """Remove it, unless it was moved."""
        if os.name == "nt":
            self._release()
        self.path.unlink(missing_ok=True)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()


@contextlib.contextmanager
def atomic_write(target: Path, *, keep: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `target`; it replaces the target when the block succeeds, and is removed otherwise.

    An error of this package that names the temporary file comes out naming the target.

    Args:
        target: the path to write.
        keep: leave a file in its place that another process has written meanwhile: it was read already, perhaps.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    partial = PartialFile(target.parent, target.suffix)
    try:
        yield partial.path
        partial.move(target, keep=keep)
    except WanError as error:
        _rename(error, partial.path.name, target.name)
        raise
    except OSError as error:
        raise StorageError(f"{target} cannot be written ({error.strerror or error}).") from None
    finally:
        partial.discard()


def _rename(error: WanError, before: str, after: str) -> None:
    """Give a file another name in the sentences of an error."""
    error.args = tuple(one.replace(before, after) if isinstance(one, str) else one for one in error.args)
    for name, value in vars(error).items():
        if isinstance(value, str):
            setattr(error, name, value.replace(before, after))
