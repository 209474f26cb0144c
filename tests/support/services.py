"""Services for tests: scripted, with jobs that take time, with connections that break, and the preview itself."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import re
import socket
import ssl
import struct
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette

from wan_notebook.client import Service
from wan_notebook.client.prices import remember_price
from wan_notebook.model import protocol
from wan_notebook.model.family import MOVE
from wan_notebook.preview.server.app import create_app

from support.media import clip

TESTS = Path(__file__).parents[1]
BASE = "https://service.test"
CLIP_URL = "https://files.test/clip.mp4"
MODEL = MOVE.id
HOSTED = Service("hosted", "Hosted", "https://api.example", paid=True)
"""One that takes money, for tests which send nothing."""
PAID = Service("hosted", "Hosted (paid)", "http://127.0.0.1:9", paid=True)
"""One that takes money, publishes no price, and cannot be reached."""
remember_price(PAID, MODEL, None)


@dataclass(frozen=True)
class Reply:
    """An answer that is given once."""

    status: int = 200
    body: Any = b""
    """Bytes and texts as they are, everything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        if isinstance(self.body, bytes | str):
            return self.body if isinstance(self.body, bytes) else self.body.encode()
        return json.dumps(self.body).encode()


def queued(job_id: str = "job-1", **more: Any) -> Reply:
    return Reply(body={"id": job_id, "status": "queued", **more})


def generating(job_id: str = "job-1", **more: Any) -> Reply:
    return Reply(body={"id": job_id, "status": "generating", **more})


def completed(url: Any = CLIP_URL, job_id: str = "job-1", **more: Any) -> Reply:
    return Reply(body={"id": job_id, "status": "completed", "video": {"url": url}, **more})


def refusal(status: int, message: str = "", **headers: str) -> Reply:
    """The vendor's error body."""
    body = {"message": message, "path": protocol.GENERATIONS, "requestId": "req-1", "statusCode": str(status)}
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def clip_reply(**headers: str) -> Reply:
    return Reply(200, clip(), {"content-type": "video/mp4", "content-length": str(len(clip())), **headers})


def log_reply(rows: Iterable[Mapping[str, Any]], *, more: bool = False) -> Reply:
    """A page of the service's log."""
    return Reply(body={"data": list(rows), "pagination": {"has_more": more}})


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class FakeService:
    """An ASGI app; its kinds say how it replies."""

    def reply(self, request: Received) -> Reply:
        raise NotImplementedError

    async def hold(self, request: Received) -> None:
        """Keep the reply back for a while."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        query = dict(httpx.QueryParams(scope["query_string"]))
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        received = Received(scope["method"], headers["host"], scope["path"], query, headers, body)
        await self.hold(received)
        reply = self.reply(received)
        head = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": head})
        await send({"type": "http.response.body", "body": reply.raw})

    @property
    def transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(self, raise_app_exceptions=False)  # type: ignore[arg-type]


class ScriptedService(FakeService):
    """Answers as it is told to, for all hosts at once, and remembers the requests; the last of each list is repeated.

    Args:
        posts: answers to submits.
        fetches: answers to fetches.
        files: answers to downloads, from whatever host.
        others: answers by path, for everything else.
    """

    def __init__(
        self,
        *,
        posts: Iterable[Reply] = (queued(),),
        fetches: Iterable[Reply] = (completed(),),
        files: Iterable[Reply] | None = None,
        others: Mapping[str, Iterable[Reply]] | None = None,
    ) -> None:
        self._replies = {"POST": list(posts), "GET": list(fetches), "file": list(files or [clip_reply()])}
        self._replies |= {path: list(replies) for path, replies in (others or {}).items()}
        self.requests: list[Received] = []

    @property
    def posts(self) -> list[Received]:
        return [request for request in self.requests if request.method == "POST"]

    def reply(self, request: Received) -> Reply:
        self.requests.append(request)
        known = request.path if request.path in self._replies else "file"
        replies = self._replies[request.method if request.path == protocol.GENERATIONS else known]
        return replies.pop(0) if len(replies) > 1 else replies[0]


Seconds = Callable[[dict[str, Any]], float]


@dataclass
class TimedService(FakeService):
    """Takes no more jobs at once than it is told, each for as long as it is told, and counts them."""

    seconds: Seconds = lambda _body: 0.05
    """How long a job takes, from the body of its submit."""
    capacity: int = 1000
    """Jobs that run at once; one more is refused with 429."""
    retry_after: str | None = None
    lost: frozenset[int] = frozenset()
    """Submits, counted from 1, which are taken and whose answer is an HTTP 500."""
    closed: bool = False
    """Whether every submit is refused with 403."""
    preview: bool = False
    """Whether it is like a preview: it says so, and keeps answers back until there is news where that is preferred."""

    ends: dict[str, float] = field(default_factory=dict)
    """When each job ends, by its id."""
    bodies: list[str] = field(default_factory=list)
    """A digest of the body of each job that was taken."""
    submits: list[tuple[str, float]] = field(default_factory=list)
    """The client's id of each job that was taken, and when."""
    refusals: list[float] = field(default_factory=list)
    fetches: int = 0
    most: int = 0
    """Jobs that ran at once, at most."""

    def reply(self, request: Received) -> Reply:
        reply = self._reply(request)
        more = {protocol.PREVIEW_HEADER: "free"} if self.preview else {}
        return replace(reply, headers={**reply.headers, **more})

    async def hold(self, request: Received) -> None:
        end = self.ends.get(request.query.get("generation_id", ""), 0.0)
        seconds = float(request.headers.get("prefer", "wait=0").partition("=")[2])
        if self.preview and (wait := min(end - time.monotonic(), seconds)) > 0:
            await asyncio.sleep(wait)

    def _reply(self, request: Received) -> Reply:
        if request.path == protocol.GENERATIONS and request.method == "POST":
            return self._submit(request)
        if request.path == protocol.GENERATIONS:
            self.fetches += 1
            return self._job(request.query["generation_id"])
        if request.path == protocol.LOGS:
            ids = (name for name, _ in self.submits)
            return log_reply(
                {"client_request_id": name, "inference_id": f"job-{number}"} for number, name in enumerate(ids)
            )
        if request.path == "/counts":
            return Reply(body={"fetches": self.fetches, "taken": len(self.ends), "most": self.most})
        return clip_reply() if request.path.endswith(".mp4") else refusal(404)

    def _submit(self, request: Received) -> Reply:
        now = time.monotonic()
        running = sum(end > now for end in self.ends.values())
        if self.closed or running >= self.capacity:
            self.refusals.append(now)
            wait = {"retry_after": self.retry_after} if self.retry_after else {}
            return refusal(403 if self.closed else 429, "no more", **wait)
        job_id = f"job-{len(self.ends)}"
        self.ends[job_id] = now + self.seconds(json.loads(request.body))
        self.bodies.append(hashlib.sha256(request.body).hexdigest())
        self.submits.append((request.headers["x-client-request-id"], now))
        self.most = max(self.most, running + 1)
        answer = self._job(job_id)
        return Reply(500, answer.body) if len(self.submits) in self.lost else answer

    def _job(self, job_id: str) -> Reply:
        done = time.monotonic() >= self.ends[job_id]
        meta = {"meta": {"revision": int(done)}} if self.preview else {}
        return completed(f"/{job_id}.mp4", job_id, **meta) if done else generating(job_id, **meta)

    def finish(self) -> None:
        """End all jobs now."""
        self.ends = dict.fromkeys(self.ends, 0.0)

    @contextlib.contextmanager
    def running(self) -> Iterator[Service]:
        """Serve on a port of this machine, in a thread."""
        with on_a_port(self) as url:
            yield Service.at(url, paid=False)


def between(low: float, high: float, seed: int = 1) -> Seconds:
    """Durations spread evenly over a range, the same ones each time."""
    chance = random.Random(seed)
    return lambda _body: chance.uniform(low, high)


@contextlib.contextmanager
def on_a_port(app: Any) -> Iterator[str]:
    """Serve an ASGI app on a loopback port, in a thread; yields its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)  # as _listen() does for the preview itself
    lifespan = "auto" if isinstance(app, Starlette) else "off"
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, lifespan=lifespan)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@dataclass
class Connection:
    """One connection, as a script sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: RawServer

    async def request(self) -> bytes:
        """Read a whole request, note it, and return it."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        whole = head + await self.reader.readexactly(int(length[1]) if length else 0)
        self.server.requests.append(whole)
        self.server.received.set()
        return whole

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def drip(self, raw: bytes) -> None:
        """Send a byte at a time, for ever."""
        while True:
            for number in range(len(raw)):
                await self.send(raw[number : number + 1])
                await asyncio.sleep(0.005)

    def reset(self) -> None:
        """End the connection with a reset instead of an orderly close."""
        plug = self.writer.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Connection], Awaitable[None]]


@dataclass
class RawServer:
    """Plays one script for each connection, as no app can: reset, silent, dripping; the last one again and again."""

    scripts: list[Script]
    requests: list[bytes] = field(default_factory=list)
    url: str = ""
    certificate: ssl.SSLContext | None = None
    """For https."""

    def __post_init__(self) -> None:
        self.received = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def posts(self) -> list[bytes]:
        return [request for request in self.requests if request.startswith(b"POST")]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[RawServer]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.certificate)
        self.url = f"http{'s' if self.certificate else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await script(Connection(reader, writer, self))
        writer.close()


def http_answer(
    body: bytes, *, status: str = "200 OK", length: int | None = None, kind: str = "application/json"
) -> bytes:
    """A whole HTTP answer, whose announced length may be a lie."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode() + body


def refused_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return int(plug.getsockname()[1])


def app_of(engine: str = "support.engines:mixing", **options: Any) -> Starlette:
    """The preview's app, with an engine of the tests."""
    return create_app(engine=engine, **options)


@contextlib.contextmanager
def preview_on_a_port(token: str = "token") -> Iterator[Service]:
    """A preview on a loopback port; its engine obeys num_inference_steps as engines.moody says, and mixes otherwise."""
    with on_a_port(app_of("support.engines:moody", token=token)) as url:
        yield Service.at(url, token)


@contextlib.asynccontextmanager
async def client_of(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client in this process; when it is done, so is the service."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://preview.test") as client:
        yield client
    await app.state.jobs.close()


async def finished(client: httpx.AsyncClient, job_id: str) -> dict[str, Any]:
    """Wait until a job has ended, and return the last answer."""
    return await answered(client, job_id, lambda answer: answer["status"] in protocol.FINAL_STATUSES)


async def submitted(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    """Submit and return the final answer."""
    answer = await client.post(protocol.GENERATIONS, json=body)
    assert answer.status_code == 200, answer.text
    return await finished(client, answer.json()["id"])


async def begun(client: httpx.AsyncClient, body: dict[str, Any]) -> str:
    """Submit to `engines.moody`, wait until it has said its first word, and return the id."""
    job_id = (await client.post(protocol.GENERATIONS, json=body)).json()["id"]
    await answered(client, job_id, lambda answer: answer["meta"]["message"] == "In a mood")
    return str(job_id)


async def answered(
    client: httpx.AsyncClient, job_id: str, condition: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Wait for the first answer which is as it should be.

    The service keeps each answer back until there is news, as it does for a notebook: a client that asks again and
    again takes the processor from the workers that it waits for.
    """
    while True:
        question = client.get(protocol.GENERATIONS, params={"generation_id": job_id}, headers={"Prefer": "wait=20"})
        answer: dict[str, Any] = (await question).json()
        if condition(answer):
            return answer


def shown_by(error: BaseException | None) -> Iterator[str]:
    """Yield all that tracebacks with local variables could show of an error and of those that it came from.

    Variables of the tests are left out: they may hold anything.
    """
    while error is not None:
        yield "".join(traceback.format_exception(error))
        for frame, _line in traceback.walk_tb(error.__traceback__):
            own = Path(frame.f_code.co_filename).is_relative_to(TESTS)
            for value in () if own else frame.f_locals.values():
                yield repr(value)
                yield repr(vars(value)) if hasattr(value, "__dict__") else ""
        error = error.__cause__ or error.__context__


def main() -> None:
    """Serve jobs that take time until standard input ends; the address is the first line printed.

    The arguments are the seconds that a job takes at least and at most, and "preview" or "hosted".
    """
    low, high, kind = sys.argv[1:]
    with TimedService(between(float(low), float(high)), preview=kind == "preview").running() as service:
        sys.stdout.write(f"{service.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
