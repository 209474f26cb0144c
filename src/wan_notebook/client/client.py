"""The client: submits a job exactly once, asks after it, and brings its clip home."""

from __future__ import annotations

import asyncio
import random as chance
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import (
    BadAnswer,
    JobNotFound,
    MediaError,
    NotAuthorized,
    Rejected,
    ServiceError,
    SubmitUnknown,
    Unreachable,
)
from ..model import family, protocol
from ..model.cost import Price
from ..model.job import Job, Request
from ..runtime import daemon_threads
from ..runtime.event_loop import in_daemon_thread, within
from . import parsing
from .body import RequestBody
from .download import Complete, download
from .responses import NoResponse, Response, error_from, read_job, salvage_job
from .retry import retry
from .service import Service, note_refused
from .transport import Timeouts, Transport

if TYPE_CHECKING:
    import httpx

_MOVED = (301, 307, 308)
"""Redirects after which nothing has happened yet, unlike 302 and 303."""
_GONE = (404, 410)
"""Statuses of a submit to an address, or of a model, which the service has no more."""
_REASON_SECONDS = 5.0
"""For the service to tell the reason of a refusal that is certain already."""
_LOG_PAGES, _LOG_ROWS = 5, 100

T = TypeVar("T")


class Client:
    """Speaks to one service; to be used as an async context manager, within one event loop.

    Args:
        service: where to, and with which key.
        transport: stands in for the network.
        timeouts: when to give up.
        clock: seconds since the epoch.
        sleep: waits so many seconds.
        random: from 0 to 1.
    """

    def __init__(
        self,
        service: Service,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeouts: Timeouts | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self.service = service
        self._transport, self._timeouts = transport, timeouts or Timeouts()
        self._clock, self._sleep, self._random = clock, sleep, random

    async def __aenter__(self) -> Client:
        self._http = Transport(self.service, self._transport, self._timeouts)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._http.close()

    async def submit(
        self, request: Request, *, client_request_id: str, digests: Mapping[str, str | None] = MappingProxyType({})
    ) -> Job:
        """Send a job, once. A connection that could not even be made is tried again; nothing else ever is.

        Args:
            request: what is asked.
            client_request_id: 1–128 of A–Z a–z 0–9 . _ : -, under which the service's log lists it.
            digests: the SHA-256 of the files that are meant, by the name of their field.

        Raises:
            MediaError: a file cannot be read, or is not the one that is meant; nothing was bought.
            Rejected: the service said no; nothing was bought.
            Unreachable: the request did not get through whole; nothing was bought.
            SubmitUnknown: it got through and the answer was lost: the job may have been bought.
        """
        bodies: list[RequestBody] = []

        async def attempt() -> Job:
            bodies.append(RequestBody(request, digests))
            await in_daemon_thread(bodies[-1].check, daemon_threads.read)
            return await self._submit(bodies[-1], client_request_id, request.model)

        return await retry(
            attempt,
            should_retry=lambda error: isinstance(error, Unreachable) and not bodies[-1].started,
            sleep=self._sleep,
            random=self._random,
        )

    async def fetch(self, job_id: str, *, before: Job | None = None) -> Job:
        """Ask after a job, again where that fails in passing.

        Args:
            job_id: its id.
            before: the snapshot known so far; its times are kept.

        Raises:
            JobNotFound: the service knows no job of this id.
            Rejected: the service refuses to tell; the job itself goes on.
            ServiceError: no answer came, or none of the protocol.
        """
        return await self._retrying(lambda: self.fetch_once(job_id, before=before))

    async def fetch_once(self, job_id: str, *, before: Job | None = None, wait: float = 0.0) -> Job:
        """Ask after a job a single time, for a loop which copes with failures itself; otherwise as fetch().

        Args:
            job_id: its id.
            before: the snapshot known so far; its times are kept.
            wait: seconds for which a preview may keep its answer back until there is news. It answers at once where
                `before` has no revision: whatever it tells is news then.
        """
        params, headers = {"generation_id": job_id}, {}
        if wait >= 1 and before is not None and before.revision is not None:
            params["after"], headers["Prefer"] = str(before.revision), f"wait={int(wait)}"
        answer = await self._http.request("GET", protocol.GENERATIONS, params=params, headers=headers)
        refused = isinstance(answer, Response) and answer.status in _KEY_REFUSED
        goes_on = f"The job goes on; {self.service.resume_call(job_id, wants_key=refused)} watches it again."
        if isinstance(answer, NoResponse):
            raise Unreachable(f"The service gave no answer: {answer.reason}. {goes_on}")
        if answer.status == 404:
            raise JobNotFound(
                f"The service knows no job {job_id}, at least not of the account of this key.",
                **answer.details(self._clock),
            )
        if not answer.is_success:
            raise self._error(answer, goes_on)
        job = read_job(answer, at=self._clock(), before=before)
        if job is None:
            raise _unreadable(answer, self._clock, goes_on)
        return job

    async def cancel(self, job_id: str) -> Job:
        """End a job and its work; one that has ended already stays as it is. The hosted service has no such request.

        Raises:
            ServiceError: the service did not do it.
        """
        answer = await self._http.request("DELETE", protocol.GENERATIONS, params={"generation_id": job_id})
        if isinstance(answer, NoResponse):
            raise Unreachable(f"The service gave no answer: {answer.reason}.")
        job = read_job(answer, at=self._clock()) if answer.is_success else None
        if job is None:
            raise self._error(answer)
        return job

    async def download(self, job: Job, target: Path, complete: Complete = lambda *_: None) -> Path:
        """Save the clip of a finished job; the file appears only when it is whole and plays.

        Args:
            job: a completed one.
            target: the file to make; its folder exists.
            complete: adds what is ours to the file before it appears; raises nothing.

        Raises:
            DownloadFailed: it could not be had or does not play; it can be tried again.
        """
        return await download(
            *(self._http, job, target),
            complete=complete,
            refresh=self._refreshed,
            sleep=self._sleep,
            random=self._random,
        )

    async def balance(self) -> parsing.Balance | None:
        """Return the balance of the account; None where the service does not tell."""
        return parsing.parse_balance(await self._read(protocol.BILLING))

    async def price(self, model: str) -> Price | None:
        """Return the price of a model; None where the service does not tell, or in a unit that cannot be compared."""
        params = {"id": model, "include": "pricing"}
        return parsing.parse_price(await self._read(protocol.MODELS, params, signed=False), model)

    async def durations(self, model: str) -> dict[float, float] | None:
        """Return how long jobs took lately, share of the jobs → seconds; None where the service does not tell."""
        said = await self._read(protocol.METRICS, {"aliases": model}, signed=False)
        return parsing.parse_percentiles(said, model)

    async def look_up(self, client_request_id: str, model: str = "") -> parsing.LogRow | None:
        """Find a submit of the last 24 hours in the service's log; None where the log, read to its end, lacks it.

        Args:
            client_request_id: of the submit.
            model: its id; a request for it that is listed without an id of its own may be the submit.

        Raises:
            BadAnswer: the log cannot be understood, or not read to its end, so that it says nothing about the submit.
            ServiceError: the log cannot be read.
        """
        rows: list[parsing.LogRow] = []
        keys: frozenset[str] = frozenset()
        for number in range(_LOG_PAGES):
            params = {"period": "24h", "limit": str(_LOG_ROWS), "offset": str(number * _LOG_ROWS)}
            page = parsing.parse_log_page(await self._read(protocol.LOGS, params))
            if page is None:
                raise BadAnswer("The service's log cannot be understood, so it does not tell of the submit.")
            found = [row for row in page.rows if row.client_request_id == client_request_id]
            if found:
                return next((row for row in found if row.job_id), found[0])
            if number and page.keys <= keys:
                break  # the page before promised more, and nothing new came
            rows += page.rows
            keys |= page.keys
            if page.last and page.total <= len(rows):
                nameless = [row.model for row in rows if row.client_request_id is None]
                names = (model, family.find_model(model).alias) if model else ()
                if (rows and len(nameless) == len(rows)) or any(one in names for one in nameless):
                    raise BadAnswer("The service's log does not tell of each request whose it is.")
                return None
        raise BadAnswer(
            f"The service's log does not say where it ends: the submit is not among the last {_LOG_PAGES * _LOG_ROWS}."
        )

    async def _submit(self, body: RequestBody, client_request_id: str, model: str) -> Job:
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(body.length),
            "X-Client-Request-Id": client_request_id,
        }
        answer = await self._http.request("POST", protocol.GENERATIONS, headers=headers, body=body)
        if body.broken_off is not None and (isinstance(answer, NoResponse) or not answer.is_success):
            raise MediaError(body.broken_off.message)
        if isinstance(answer, NoResponse):
            if not body.handed_over:
                raise Unreachable(f"The request did not get through: {answer.reason}. {_NOTHING_BOUGHT} Try again.")
            raise self._unknown(answer.reason, client_request_id)
        if answer.is_success:
            job = read_job(answer, at=self._clock()) or salvage_job(answer, at=self._clock())
            if job is None:
                raise self._unknown("it cannot be read", client_request_id, answer)
            return job
        if answer.status in _GONE:
            consequence = f"{await self._why_gone(model)} {_NOTHING_BOUGHT}"
            raise self._error(answer, consequence)
        if 400 <= answer.status < 500 or not body.handed_over:
            raise self._error(answer, _NOTHING_BOUGHT)
        if answer.status in _MOVED:
            raise Rejected(f"{self._error(answer, _NOTHING_BOUGHT)}", **answer.details(self._clock))
        raise self._unknown(f"it was HTTP {answer.status}", client_request_id, answer)

    def _error(self, answer: Response, consequence: str = "") -> ServiceError:
        wrong = self.service.on_wrong_key
        error = error_from(answer, clock=self._clock, consequence=consequence, on_wrong_key=wrong)
        if isinstance(error, NotAuthorized):
            note_refused(self.service)
        return error

    def _unknown(self, why: str, client_request_id: str, answer: Response | None = None) -> SubmitUnknown:
        job_id = answer.headers.get("x-inference-id") if answer else None
        named = f" It named the job {job_id}: {self.service.resume_call(job_id)} looks for it." if job_id else ""
        return SubmitUnknown(
            f"The answer to the submit was lost ({why}): the job may have been bought, so it is not sent again by "
            f"itself. The service's log tells, under the client request id {client_request_id}.{named}",
            client_request_id=client_request_id,
            job_id=job_id,
            status_code=answer.status if answer else None,
            body=answer.details(self._clock)["body"] if answer else "",
        )

    async def _why_gone(self, model: str) -> str:
        """Return a sentence on why a submit of this model leads nowhere; the service may have withdrawn the model."""
        asking = self._http.request("GET", protocol.DEPRECATIONS, signed=False)
        try:
            answer = await within(_REASON_SECONDS, asking)
        except asyncio.TimeoutError:
            answer = NoResponse("no answer came in time")
        listed = answer.json() if isinstance(answer, Response) and answer.is_success else None
        said = parsing.parse_withdrawal(listed, (model, family.find_model(model).alias))
        if said is None:
            return f"Is its address right, and does it still offer {model}?"
        return f"It has withdrawn the model {model}{said}."

    async def _refreshed(self, job: Job) -> Job:
        """Fetch the job anew, since the address of its clip expires; return the job as it was where that fails."""
        try:
            return await self.fetch_once(job.id, before=job)
        except ServiceError:
            return job

    async def _read(self, path: str, params: Mapping[str, str] | None = None, *, signed: bool = True) -> Any:
        async def once() -> Any:
            answer = await self._http.request("GET", path, params=params, signed=signed)
            if isinstance(answer, NoResponse):
                raise Unreachable(f"The service gave no answer: {answer.reason}.")
            if not answer.is_success:
                raise self._error(answer)
            return answer.json()

        return await self._retrying(once)

    async def _retrying(self, read: Callable[[], Awaitable[T]]) -> T:
        return await retry(read, sleep=self._sleep, random=self._random)


_NOTHING_BOUGHT = "Nothing was bought."
_KEY_REFUSED = (401, 403)


def _unreadable(answer: Response, clock: Callable[[], float], then: str) -> BadAnswer:
    return BadAnswer(f"The service's answer cannot be read. {then}", **answer.details(clock))
