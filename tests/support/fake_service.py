"""A service whose jobs take as long as it is told, and which takes no more of them at once than it is told.

It runs in a process of its own for the benches (`python -m tests.support.fake_service`), and in a thread for the tests.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from wan_notebook.client import Service
from wan_notebook.model import protocol

from support.fault_app import clip, read_body

Seconds = Callable[[dict[str, Any]], float]


@dataclass
class FakeService:
    """An ASGI app, and what it has seen."""

    seconds: Seconds = lambda _body: 0.05
    """How long a job takes, from the body of its submit."""
    capacity: int = 1000
    """Jobs that run at once; one more is refused with 429."""
    retry_after: str | None = None
    lost: frozenset[int] = frozenset()
    """Submits, counted from 1, which are taken and whose answer is an HTTP 500."""
    closed: bool = False
    """Whether every submit is refused with 403."""

    ends: dict[str, float] = field(default_factory=dict)
    """When each job ends, by its id."""
    bodies: list[str] = field(default_factory=list)
    """A digest of the body of each job that was taken."""
    submits: list[tuple[str, float]] = field(default_factory=list)
    """The client's id of each job that was taken, and when."""
    refusals: list[float] = field(default_factory=list)
    looks: int = 0
    most: int = 0
    """Jobs that ran at once, at most."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] != protocol.GENERATIONS:
            await self._file(scope["path"], send)
        elif scope["method"] == "POST":
            await self._submit(dict(scope["headers"]), await read_body(receive), send)
        else:
            job_id = parse_qs(scope["query_string"].decode())["generation_id"][0]
            self.looks += 1
            await _answer(send, self._job(job_id))

    async def _submit(self, headers: dict[bytes, bytes], raw: bytes, send: Any) -> None:
        now = time.monotonic()
        running = sum(end > now for end in self.ends.values())
        if self.closed or running >= self.capacity:
            self.refusals.append(now)
            wait = {b"retry-after": self.retry_after.encode()} if self.retry_after else {}
            await _answer(send, {"message": "no more"}, 403 if self.closed else 429, wait)
            return
        job_id = f"job-{len(self.ends)}"
        self.ends[job_id] = now + self.seconds(json.loads(raw))
        self.bodies.append(hashlib.sha256(raw).hexdigest())
        self.submits.append((headers[b"x-client-request-id"].decode(), now))
        self.most = max(self.most, running + 1)
        await _answer(send, self._job(job_id), 500 if len(self.submits) in self.lost else 200)

    def _job(self, job_id: str) -> dict[str, Any]:
        if time.monotonic() < self.ends[job_id]:
            return {"id": job_id, "status": "generating"}
        return {"id": job_id, "status": "completed", "video": {"url": f"/{job_id}.mp4"}}

    async def _file(self, path: str, send: Any) -> None:
        if path == protocol.LOGS:
            rows = [
                {"client_request_id": name, "inference_id": f"job-{number}"}
                for number, (name, _) in enumerate(self.submits)
            ]
            await _answer(send, {"data": rows, "pagination": {"has_more": False}})
        elif path == "/seen":
            await _answer(send, {"looks": self.looks, "taken": len(self.ends), "most": self.most})
        elif path.endswith(".mp4"):
            head = [(b"content-type", b"video/mp4"), (b"content-length", str(len(clip())).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": clip()})
        else:
            await _answer(send, {"message": "nothing here"}, 404)

    def finish(self) -> None:
        """End all jobs now."""
        self.ends = dict.fromkeys(self.ends, 0.0)

    @contextlib.contextmanager
    def running(self) -> Iterator[Service]:
        """Serve on a port of this machine, in a thread."""
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(self, log_level="critical", timeout_graceful_shutdown=1, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield Service.at(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server.should_exit = True
        thread.join(10)


async def _answer(send: Any, body: Any, status: int = 200, headers: dict[bytes, bytes] | None = None) -> None:
    raw = json.dumps(body).encode()
    head = {b"content-type": b"application/json", b"content-length": str(len(raw)).encode(), **(headers or {})}
    await send({"type": "http.response.start", "status": status, "headers": list(head.items())})
    await send({"type": "http.response.body", "body": raw})


def between(low: float, high: float, seed: int = 1) -> Seconds:
    """Durations spread evenly over a range, the same ones each time."""
    chance = random.Random(seed)
    return lambda _body: chance.uniform(low, high)


def main() -> None:
    """Serve until standard input ends; the address is the first line printed."""
    low, high = map(float, sys.argv[1:])
    with FakeService(between(low, high)).running() as service:
        sys.stdout.write(f"{service.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
