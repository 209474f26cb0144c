"""Drives that take nothing."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from wan_notebook.runtime.data_dir import atomic_write


@contextlib.contextmanager
def on_a_full_drive(target: Path) -> Iterator[Path]:
    """Write a file as atomic_write() does, on a drive that has become full; Linux has one."""
    with atomic_write(target) as partial:
        partial.unlink(missing_ok=True)
        partial.symlink_to("/dev/full")
        yield partial
