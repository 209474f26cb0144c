"""How the way of a job is told to whoever waits for it, and to the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..errors import StorageError
from ..journal import Entry
from ..progress import Phase


class Tell(Protocol):
    """Is called with a phase and changes of Progress whenever there is something to say."""

    def __call__(self, phase: Phase, *, note: str = "", **changes: Any) -> None:
        """Say it."""


def note(tell: Tell, phase: Phase, write: Callable[..., Entry], *what: Any) -> Entry | None:
    """Write to the journal; once a job is bought, a journal that cannot be written must not stop it."""
    try:
        return write(*what)
    except StorageError as error:
        tell(phase, note=str(error))
        return None
