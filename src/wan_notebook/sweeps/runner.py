"""The way of one request of a sweep: sent once, sent later where the service is busy, or found to be done already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from ..client import Client, Service
from ..errors import NotAllowed, NotAuthorized, SubmitUnknown, TooBusy, Unreachable, WanError
from ..jobs.clip import Clip
from ..jobs.durations import Lookout
from ..jobs.journal import Entry, Journal, standing
from ..jobs.order import Order
from ..jobs.polling import Pace
from ..jobs.progress import Phase, Progress
from ..jobs.run import Run
from ..jobs.runner import Tell, follow, look_up, offer, send, write_down
from ..model.job import Job
from ..runtime import event_loop
from .limiter import Gate, Place
from .metrics import measurer

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


def known(journal: Journal, fingerprints: Sequence[str]) -> dict[str, Entry]:
    """Return, by fingerprint, the jobs that make new ones needless; one question for all of them.

    Raises:
        StorageError: the journal cannot be read.
    """
    found = {one: standing(entries) for one, entries in journal.asking(fingerprints).items()}
    return {one: entry for one, entry in found.items() if entry is not None}


_MUCH_TO_SAVE = 2
"""While so many times as many requests as may run at once are not saved yet, no more are sent."""
_HOPELESS = (NotAuthorized, NotAllowed, Unreachable)
"""Errors which every other request would meet as well."""

Work = Callable[[Tell], Coroutine[Any, Any, Clip]]


class News(Protocol):
    """Is called with what has changed on the tiles of a request."""

    def __call__(self, asked: Asked, **changes: Any) -> None:
        """Take it."""


class Running:
    """Carries out requests; mutable, and belongs to the private loop.

    Args:
        service: of whom they are asked.
        journal: where they are written down.
        concurrency: how many jobs run at once.
        stop_on_error: whether nothing more is sent once a job has failed.
    """

    def __init__(self, service: Service, journal: Journal, concurrency: int, *, stop_on_error: bool = False) -> None:
        self._service, self._journal = service, journal
        self._concurrency = concurrency
        self._fatal: tuple[type[WanError], ...] = (WanError,) if stop_on_error else _HOPELESS
        self._gate = Gate(concurrency, local=service.local)
        self._lookout, self._pace = Lookout(service, journal), Pace.of_service(service)
        self._active: set[str] = set()
        self._measuring: set[asyncio.Task[None]] = set()
        self._end: WanError | None = None

    def stop(self) -> None:
        """Send nothing more; what was sent is watched on. May be called from any thread."""
        event_loop.loop().call_soon_threadsafe(self._gate.shut)

    async def work(self, asked: Sequence[Asked], news: News, *, look_up: bool = False, again: bool = False) -> None:
        """Carry out these requests: what is done is offered first, then comes what is under way, then all else.

        Args:
            asked: which.
            news: is told everything.
            look_up: whether to look for a submit of unknown outcome in the service's log.
            again: whether to send what an earlier job makes needless.

        Raises:
            WanError: what made going on senseless; what was sent before is done all the same.
        """
        self._gate.open()
        self._end = None
        asked = [one for one in asked if one.fingerprint not in self._active]
        self._active |= {one.fingerprint for one in asked}
        try:
            await self._work(asked, news, look_up=look_up, again=again)
        finally:
            self._active -= {one.fingerprint for one in asked}
        if self._end is not None:
            raise self._end

    async def _work(self, asked: Sequence[Asked], news: News, *, look_up: bool, again: bool) -> None:
        earlier = {} if again else known(self._journal, [one.fingerprint for one in asked])
        finished = {name: entry for name, entry in earlier.items() if entry.done}
        for one in asked:
            if one.fingerprint in finished:
                await self._carry_out(one, news, partial(offer, finished[one.fingerprint]))
        left = [one for one in asked if one.fingerprint not in finished]
        left.sort(key=lambda one: one.fingerprint not in earlier)
        async with Client(self._service) as client:
            errands = Errands(client, self._journal, self._gate, self._lookout, self._pace, look_up, again)
            await self._send(left, errands, news)
        while self._measuring:
            await asyncio.wait(self._measuring)

    async def _send(self, asked: Sequence[Asked], errands: Errands, news: News) -> None:
        tasks: set[asyncio.Task[None]] = set()
        for number, one in enumerate(asked):
            place = await self._gate.enter()
            if place is None:
                # From now on another call may carry out what this one leaves.
                self._active -= {left.fingerprint for left in asked[number:]}
                break
            tasks.add(asyncio.create_task(self._in_place(place, one, errands, news)))
            while len(tasks) > _MUCH_TO_SAVE * self._concurrency:
                _, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks:
            await asyncio.wait(tasks)

    async def _in_place(self, place: Place, asked: Asked, errands: Errands, news: News) -> None:
        try:
            await self._carry_out(asked, news, partial(errands.carry_out, asked, place))
        finally:
            place.leave()

    async def _carry_out(self, asked: Asked, news: News, work: Work) -> None:
        run = Run(work, paid=self._service.paid)
        run.observe(lambda progress: news(asked, progress=_shown(progress)))
        try:
            clip = await run
        except NotSent:
            return
        except WanError as error:
            if isinstance(error, self._fatal):
                self._end = self._end or error
                self._gate.shut()
            return
        task = asyncio.create_task(_measure(asked, clip, news))
        self._measuring.add(task)
        task.add_done_callback(self._measuring.discard)


async def _measure(asked: Asked, clip: Clip, news: News) -> None:
    measuring = measurer.measure(clip.path, clip.reference, clip.character, clip.job)
    try:
        news(asked, metrics=await asyncio.wrap_future(measuring), trouble="")
    except WanError as error:
        news(asked, trouble=f"The clip could not be measured: {error}")


def _shown(progress: Progress) -> Progress:
    """What was not sent stands where it stood before."""
    return Progress() if isinstance(progress.error, NotSent) else progress
