"""The journal of a job that has to go on, whatever becomes of the disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from ..errors import StorageError
from .journal.journal import Journal
from .progress import ProgressCallback, RunPhase

P = ParamSpec("P")
T = TypeVar("T")


class TolerantJournal:
    """Writes to a journal, and reports what cannot be written instead of raising it.

    Args:
        journal: is written.
        report: is told what could not be.
    """

    def __init__(self, journal: Journal, report: ProgressCallback) -> None:
        self._journal, self._report = journal, report

    async def write(
        self, phase: RunPhase, write: Callable[Concatenate[Journal, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """Write to the journal; what cannot be written is kept, and written later (see journal.changes).

        Args:
            phase: of the run that hears of it.
            write: a method, as Journal.seen.
            args: its arguments.
            kwargs: those with a name.
        """
        try:
            return await self._journal.without_blocking(write, *args, **kwargs)
        except StorageError as error:
            self._report(phase, note=str(error))
            return None
