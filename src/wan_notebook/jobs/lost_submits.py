"""Submits whose answers were lost: looked up at the service, and told from those that never arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import AskedBefore, BadAnswer, JobNotFound, ServiceError
from ..model.job import Job
from ..model.protocol import LOG_REACHES
from .journal.journal import Journal
from .progress import ProgressCallback, RunPhase
from .tolerant_journal import TolerantJournal

if TYPE_CHECKING:
    from ..client import Client
    from .journal.entry import Entry

_LOG_LAG = 120.0
"""Seconds after the answer was given up from which on a service's log surely lists a submit that arrived."""


class LostSubmits:
    """Finds out what became of submits whose answers were lost; nothing is ever sent again.

    Args:
        client: of the jobs' service.
        journal: records what is found.
        report: is told what is looked for.
    """

    def __init__(self, client: Client, journal: Journal, report: ProgressCallback) -> None:
        self._client, self._journal, self._report = client, journal, report
        self._tolerant = TolerantJournal(journal, report)

    async def find(self, entry: Entry) -> Job:
        """Find the job of a submit whose answer was lost, by the id that came through or in the service's log.

        Raises:
            JobNotFound: the log of the last 24 hours does not list it: most likely nothing was bought.
            ServiceError: the log cannot be read, or does not tell.
        """
        message = "The answer to its submit was lost: looking it up at the service."
        self._report(RunPhase.PREPARING, message=message, error_phase=RunPhase.UNKNOWN)
        job_id = entry.job_id or await self._id_in_log(entry)
        if job_id is None:
            raise JobNotFound(_not_listed(entry))
        job = await self._client.fetch(job_id)
        await self._tolerant.write(RunPhase.PREPARING, Journal.submitted, entry, job)
        return job

    async def was_bought(self, lost: Entry) -> bool:
        """Return whether a submit whose answer was lost had reached the service, as its log shows; recorded either way.

        Only a log that was understood and read to its end, late enough to list the submit and early enough not to have
        forgotten it, proves that nothing was bought.

        Raises:
            AskedBefore: the log cannot tell.
        """
        # Before the log is asked: it shows what it listed by then, however slowly it answers.
        too_early = lost.phase == "submitting" or self._journal.seconds_since_lost(lost) < _LOG_LAG
        try:
            job_id = lost.job_id or await self._id_in_log(lost)
            if job_id is not None:
                job = await self._client.fetch(job_id)
                await self._tolerant.write(RunPhase.PREPARING, Journal.submitted, lost, job)
                return True
        except ServiceError as error:
            raise _asked_before(lost, str(error)) from None
        if too_early or self._journal.oldest_age(lost) > LOG_REACHES:
            raise _asked_before(lost, _not_listed(lost))
        await self._journal.without_blocking(Journal.rejected, lost, _not_listed(lost))
        return False

    async def _id_in_log(self, entry: Entry) -> str | None:
        """Return the id under which the service's log has a submit; None where the log surely has no such submit.

        Raises:
            ServiceError: the log cannot be read, or does not tell.
        """
        row = await self._client.look_up(entry.client_request_id, entry.model)
        if row is not None and row.job_id is None:
            raise BadAnswer("The service's log lists the submit without the id of its job.")
        return None if row is None else row.job_id


def _not_listed(entry: Entry) -> str:
    return (
        f"The service's log of the last 24 hours lists no submit {entry.client_request_id}: "
        "most likely nothing was bought."
    )


def _asked_before(lost: Entry, why: str) -> AskedBefore:
    return AskedBefore(
        f"The same job was sent before, as number {lost.number}, and its answer was lost: it may have been bought, so "
        f"nothing was sent now. Looking it up did not settle that ({why.rstrip('.')}). Try again in a few "
        "minutes, or make it anew (again=True) and perhaps pay twice.",
        lost.number,
    )
