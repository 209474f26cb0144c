"""A service that answers as it is told to, fault after fault, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np

from wan_notebook.model.protocol import GENERATIONS
from wan_notebook.video import Writer

BASE = "https://service.test"
CLIP_URL = "https://files.test/clip.mp4"


@dataclass(frozen=True)
class Reply:
    """What is answered once."""

    status: int = 200
    body: Any = b""
    """Bytes and texts as they are, everything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        if isinstance(self.body, bytes | str):
            return self.body if isinstance(self.body, bytes) else self.body.encode()
        return json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


def queued(job_id: str = "job-1", **more: Any) -> Reply:
    return Reply(body={"id": job_id, "status": "queued", **more})


def generating() -> Reply:
    return Reply(body={"id": "job-1", "status": "generating"})


def completed(url: Any = CLIP_URL) -> Reply:
    return Reply(body={"id": "job-1", "status": "completed", "video": {"url": url}})


def refusal(status: int, message: str = "", **headers: str) -> Reply:
    """The vendor's error body."""
    said = {"message": message, "path": GENERATIONS, "requestId": "req-1", "statusCode": str(status)}
    return Reply(status, said, {name.replace("_", "-"): value for name, value in headers.items()})


def clip_reply(**headers: str) -> Reply:
    content = clip()
    return Reply(200, content, {"content-type": "video/mp4", "content-length": str(len(content)), **headers})


@cache
def clip() -> bytes:
    """A small MP4 that plays."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with Writer(path, width=64, height=48, fps=10) as writer:
            for number in range(10):
                writer.write(np.full((48, 64, 3), 20 * number, np.uint8))
        return path.read_bytes()


class FaultyService:
    """An ASGI app for all hosts at once; of each list the last reply is given for ever.

    Args:
        posts: answers to submits.
        looks: answers to fetches.
        files: answers to downloads, from whatever host.
        others: answers by path, for everything else.
    """

    def __init__(
        self,
        *,
        posts: Iterable[Reply] = (queued(),),
        looks: Iterable[Reply] = (completed(),),
        files: Iterable[Reply] | None = None,
        others: Mapping[str, Iterable[Reply]] | None = None,
    ) -> None:
        self._replies = {"POST": list(posts), "GET": list(looks), "file": list(files or [clip_reply()])}
        self._replies |= {path: list(replies) for path, replies in (others or {}).items()}
        self.asked: list[Asked] = []

    @property
    def transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(self, raise_app_exceptions=False)  # type: ignore[arg-type]

    @property
    def posts(self) -> list[Asked]:
        return [one for one in self.asked if one.method == "POST"]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        query = dict(httpx.QueryParams(scope["query_string"]))
        one = Asked(scope["method"], headers["host"], scope["path"], query, headers, await read_body(receive))
        self.asked.append(one)
        reply = self._next(one)
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": [(name.encode(), value.encode()) for name, value in reply.headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": reply.raw})

    def _next(self, one: Asked) -> Reply:
        kind = one.method if one.path == GENERATIONS else one.path if one.path in self._replies else "file"
        replies = self._replies[kind]
        return replies.pop(0) if len(replies) > 1 else replies[0]


async def read_body(receive: Any) -> bytes:
    """Return the whole body of a request."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


class Time:
    """A clock which only goes on when somebody sleeps."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.began = self.now = now
        self.naps: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0, "a loop that does not wait is a busy one"
        self.naps.append(seconds)
        self.now += seconds

    @property
    def passed(self) -> float:
        return self.now - self.began
