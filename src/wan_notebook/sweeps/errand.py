"""The way of one request of a sweep: sent once, sent later where the service is busy, or found to be done already."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from ..client import Client
from ..errors import SubmitUnknown, TooBusy, WanError
from ..jobs.clip import Clip
from ..jobs.durations import Lookout
from ..jobs.journal import Entry, Journal, standing
from ..jobs.order import Order
from ..jobs.polling import Pace
from ..jobs.progress import Phase
from ..jobs.runner import Tell, follow, look_up, offer, send, write_down
from ..model.job import Job
from .gate import Gate, Place

_LOOK_AGAIN = 1.0
"""Seconds between two looks at a job that another notebook is sending."""


@dataclass(frozen=True)
class Asked:
    """One request of a sweep."""

    order: Order
    fingerprint: str
    numbers: tuple[int, ...]
    """The cells which ask for it: two files may hold the same picture."""


class NotSent(WanError):
    """The sweep was stopped before this job was sent."""


@dataclass(frozen=True)
class Errands:
    """What the requests of a sweep share on their way."""

    client: Client
    journal: Journal
    gate: Gate
    lookout: Lookout
    pace: Pace
    search_log: bool = False
    """Whether to look for a submit of unknown outcome in the service's log."""
    again: bool = False
    """Whether to send what an earlier job would make needless."""

    async def carry_out(self, asked: Asked, place: Place, tell: Tell) -> Clip:
        """Return the clip of a request which has a place, and gives it up as soon as its job has ended.

        Raises:
            NotSent: the gate was shut before.
            SubmitUnknown: it was perhaps bought before.
            WanError: as for perform.perform().
        """
        unless = None if self.again else standing
        while True:
            if not await place.take() or not await self.gate.turn():
                raise NotSent("Stopped before this was sent.")
            entry, new = write_down(asked.order, self.journal, unless)
            if entry.done:
                return await offer(entry, tell)
            entry, job = await (self._sent if new else self._found)(asked, entry, place, tell)
            if job is not None:
                request, leaving = asked.order.request, _leaving(place, tell)
                return await follow(entry, request, job, self.client, self.journal, leaving, self.lookout, self.pace)

    async def _sent(self, asked: Asked, entry: Entry, place: Place, tell: Tell) -> tuple[Entry, Job | None]:
        """Send it; there is no job where the service was too busy to take it."""
        try:
            entry, job = await send(asked.order.request, entry, self.client, self.journal, tell)
        except TooBusy as busy:
            self.journal.withdraw(entry)
            seconds = place.refused(busy)
            tell(Phase.PREPARING, message=f"The service takes no more jobs just now; sent again in {seconds:.0f} s.")
            return entry, None
        self.gate.taken()
        return entry, job

    async def _found(self, _asked: Asked, entry: Entry, _place: Place, tell: Tell) -> tuple[Entry, Job | None]:
        """Return the job of before; there is none yet where another notebook is sending it just now."""
        if entry.phase == "unknown" and self.search_log:
            return entry, await look_up(entry, self.client, self.journal)
        if entry.phase == "unknown":
            raise SubmitUnknown(
                f"This was sent before, and it is not known whether it was bought ({entry.error}) "
                "So it is not sent again by itself; a retry looks for it in the service's log.",
                client_request_id=entry.client_request_id,
            )
        job = entry.job()
        if job is None:
            tell(Phase.PREPARING, message="Another notebook is sending the same job.")
            await asyncio.sleep(_LOOK_AGAIN)
        return entry, job


def _leaving(place: Place, tell: Tell) -> Tell:
    """Tell as before, and leave the place once the job has ended: saving its clip keeps no other job waiting."""

    def told(phase: Phase, *, note: str = "", **changes: Any) -> None:
        if phase is Phase.SAVING:
            place.leave()
        tell(phase, note=note, **changes)

    return told
