"""Clients of the tests' services, on the tests' clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from wan_notebook import errors
from wan_notebook.client import Client, Service, Timeouts
from wan_notebook.errors import WanError
from wan_notebook.jobs.polling import poll
from wan_notebook.model.job import ERROR, Job, Request

from support.clock import Clock
from support.services import (
    BASE,
    ScriptedService,
    queued,
)

T = TypeVar("T")
CANARY = "canary-0123456789abcdef"
REQUEST = Request(image_url="https://example.com/hero.png", video_url="https://example.com/dance.mp4")
SERVICE = Service.at(BASE, CANARY)


def using(
    app: ScriptedService | httpx.AsyncBaseTransport,
    use: Callable[[Client], Awaitable[T]],
    *,
    service: Service = SERVICE,
    clock: Clock | None = None,
) -> T:
    """Run `use` with a client of a service that answers as told, whose sleep takes no time."""
    clock = clock or Clock()
    transport = app.transport if isinstance(app, ScriptedService) else app

    async def go() -> T:
        options: dict[str, Any] = {"clock": clock, "sleep": clock.sleep, "random": lambda: 0.5}
        async with Client(service, transport=transport, timeouts=Timeouts(answer=5, download=5), **options) as client:
            return await use(client)

    return asyncio.run(go())


def submit(app: ScriptedService | httpx.AsyncBaseTransport, request: Request = REQUEST, **options: Any) -> Job:
    return using(app, lambda client: client.submit(request, client_request_id="wan-1"), **options)


class Broken(httpx.AsyncBaseTransport):
    """A network that fails in one way."""

    def __init__(self, error: Exception, *, after_body: bool = False, heals_after: int = 99) -> None:
        self._error, self._after_body, self._heals_after = error, after_body, heals_after
        self.attempts = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.attempts += 1
        if self.attempts > self._heals_after:
            await request.aread()
            return httpx.Response(200, json=queued().body)
        if self._after_body:
            await request.aread()
        raise self._error


DEADLINE = 600.0


@dataclass
class Outcome:
    """What a person who submitted a job has at the end."""

    error: WanError | None = None
    job: Job | None = None
    """What can be resumed."""
    clip: Path | None = None
    troubles: list[str] = field(default_factory=list)
    """What the status bar said on the way."""

    @property
    def kind(self) -> str:
        return type(self.error).__name__ if self.error else "clip"


async def whole_way(client: Client, target: Path, clock: Clock) -> Outcome:
    """Submit, wait and save, as a run does."""
    outcome = Outcome()
    try:
        outcome.job = await client.submit(REQUEST, client_request_id="wan-1")
        fetches = poll(
            client.fetch_once,
            outcome.job,
            deadline=DEADLINE,
            clock=clock,
            sleep=clock.sleep,
            random=lambda: 0.5,
        )
        async for job in fetches:
            outcome.job = job
            outcome.troubles += [job.poll_error] if job.poll_error else []
        if outcome.job.status == ERROR:
            raise errors.JobFailed(str(outcome.job.error), outcome.job)
        outcome.clip = await client.download(outcome.job, target)
    except WanError as error:
        outcome.error = error
    return outcome


def live(service: Service, target: Path, clock: Clock, **options: Any) -> Outcome:
    async def go() -> Outcome:
        async with Client(service, clock=clock, sleep=clock.sleep, random=lambda: 0.5, **options) as client:
            return await whole_way(client, target, clock)

    return asyncio.run(go())
