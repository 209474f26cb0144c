"""A small server that speaks each peer's own protocol on loopback, with jobs that take as long as it is told.

Usage: python server.py CLIP COUNT MEDIAN SIGMA LOSES. Of the first LOSES submits the job is taken, and the connection
closed without an answer. Prints its port. `GET /counts` tells what was asked since it was asked last.
"""

import asyncio
import itertools
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

HELD = 60.0
"""Seconds for which Replicate holds a submit that prefers to wait."""
Answer = dict[str, Any]
NOT_HERE: Answer = {"error": "not here"}
DROPPED = None
"""In place of an answer: the connection is closed."""


class Jobs:
    """The jobs that were taken, and what was asked."""

    def __init__(self, seconds: list[float], loses: int) -> None:
        self._seconds, self._loses = itertools.cycle(seconds), loses
        self._ends: dict[str, float] = {}
        self.late: dict[str, float] = {}
        """For each job whose end was told, by how many seconds that was late."""
        self.posts = self.polls = self.others = 0

    def forget(self) -> None:
        """Count from nothing again; the jobs stay."""
        self.late = {}
        self.posts = self.polls = self.others = 0

    def take(self) -> str:
        """Take one more job, and return its id."""
        self.posts += 1
        name = f"job-{len(self._ends)}"
        self._ends[name] = time.monotonic() + next(self._seconds)
        return name

    @property
    def loses_answer(self) -> bool:
        """Whether the answer to the submit that was just taken is lost."""
        return self.posts <= self._loses

    def left(self, name: str) -> float:
        """Return the seconds until a job ends."""
        return max(0.0, self._ends[name] - time.monotonic())

    def is_done(self, name: str) -> bool:
        """Return whether a job has ended, and note when that was told first."""
        over = time.monotonic() - self._ends[name]
        if over >= 0:
            self.late.setdefault(name, over)
        return over >= 0

    def counts(self) -> dict[str, Any]:
        return {"late": list(self.late.values()), "posts": self.posts, "polls": self.polls, "others": self.others}


def hosted(jobs: Jobs, name: str, base: str) -> dict[str, Any]:
    """The hosted service, as its own clients and ours ask it."""
    done = jobs.is_done(name)
    video = {"video": {"url": f"{base}/{name}.mp4"}} if done else {}
    return {"id": name, "status": "completed" if done else "generating", **video}


def replicate(jobs: Jobs, name: str, base: str) -> dict[str, Any]:
    done = jobs.is_done(name)
    itself = f"{base}/v1/predictions/{name}"
    return {
        "id": name,
        "model": "wan/animate",
        "version": "1",
        "status": "succeeded" if done else "processing",
        "input": {},
        "output": f"{base}/{name}.mp4" if done else None,
        "logs": "",
        "error": None,
        "created_at": "2026-01-01T00:00:00Z",
        "urls": {"get": itself, "cancel": f"{itself}/cancel"},
    }


def fal(jobs: Jobs, name: str, base: str) -> dict[str, Any]:
    itself = f"{base}/fal-ai/wan/requests/{name}"
    urls = {"response_url": itself, "status_url": f"{itself}/status", "cancel_url": f"{itself}/cancel"}
    done = jobs.is_done(name)
    return {"request_id": name, "status": "COMPLETED" if done else "IN_PROGRESS", "logs": None, "metrics": {}, **urls}


def runway(jobs: Jobs, name: str, base: str) -> dict[str, Any]:
    task = {"id": name, "createdAt": "2026-01-01T00:00:00Z"}
    if jobs.is_done(name):
        return {**task, "status": "SUCCEEDED", "output": [f"{base}/{name}.mp4"]}
    return {**task, "status": "RUNNING", "progress": 0.5}


def openai(jobs: Jobs, name: str, _base: str) -> dict[str, Any]:
    done = jobs.is_done(name)
    return {
        "id": name,
        "object": "video",
        "model": "sora-2",
        "status": "completed" if done else "in_progress",
        "progress": 100 if done else 50,
        "created_at": 0,
        "seconds": "4",
        "size": "720x1280",
    }


Shape = Callable[[Jobs, str, str], Answer]
SUBMITS: dict[str, Shape] = {
    "/v2/video/generations": hosted,
    "/v1/predictions": replicate,
    "/fal-ai/wan": fal,
    "/v1/image_to_video": runway,
    "/v1/videos": openai,
}
POLLS: dict[str, Shape] = {
    "/v1/predictions/": replicate,
    "/fal-ai/wan/requests/": fal,
    "/v1/tasks/": runway,
    "/v1/videos/": openai,
}


async def reply(jobs: Jobs, clip: bytes, method: str, target: str, headers: dict[str, str]) -> bytes | Answer | None:
    """Return what is answered to a request: a clip, a JSON object, or DROPPED."""
    path = urlsplit(target).path.rstrip("/") or "/"
    base = f"http://{headers['host']}"
    if method == "POST" and path in SUBMITS:
        return await take(jobs, path, base, waits="wait" in headers.get("prefer", "") and path == "/v1/predictions")
    if path == "/counts":
        counts = jobs.counts()
        jobs.forget()
        return counts
    if path.endswith((".mp4", "/content")):
        jobs.others += 1
        return clip
    if path == "/v2/video/generations":
        jobs.polls += 1
        return hosted(jobs, parse_qs(urlsplit(target).query)["generation_id"][0], base)
    if path.startswith("/v1/models/"):
        jobs.others += 1
        return {"id": "1", "created_at": "2026-01-01T00:00:00Z", "cog_version": "0.9", "openapi_schema": {}}
    return described(jobs, path, base)


async def take(jobs: Jobs, path: str, base: str, *, waits: bool) -> Answer | None:
    """Take a job; its submit is held for a while where it waits."""
    name = jobs.take()
    if jobs.loses_answer:
        return DROPPED
    if waits:
        await asyncio.sleep(min(HELD, jobs.left(name)))
    return SUBMITS[path](jobs, name, base)


def described(jobs: Jobs, path: str, base: str) -> Answer:
    """Answer a poll of a protocol that has the job's name in its path."""
    prefix = next((prefix for prefix in POLLS if path.startswith(prefix)), None)
    name, _, status = path.removeprefix(prefix or "").partition("/")
    if prefix is None or (POLLS[prefix] is fal and not status):
        jobs.others += 1
        return NOT_HERE if prefix is None else {"video": {"url": f"{base}/{name}.mp4"}}
    jobs.polls += 1
    return POLLS[prefix](jobs, name, base)


async def serve(jobs: Jobs, clip: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                await read_body(reader, headers)
                method, target, _ = first.split(" ")
                answer = await reply(jobs, clip, method, target, headers)
                if answer is DROPPED:
                    break
                kind = "video/mp4" if isinstance(answer, bytes) else "application/json"
                raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                status = "404 Not Found" if answer is NOT_HERE else "200 OK"
                line = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(raw)}\r\n\r\n"
                writer.write(line.encode() + raw)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other side is done
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=1 << 20)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


async def read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> None:
    """Read the body of a request to its end."""
    if headers.get("transfer-encoding") == "chunked":
        while size := int((await reader.readline()).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(headers.get("content-length", "0")))


def main() -> None:
    clip, count, median, sigma, loses = sys.argv[1:]
    chance = random.Random(1)
    seconds = [float(median) * chance.lognormvariate(0, float(sigma)) for _ in range(int(count))]
    threading.Thread(target=end_with_input, daemon=True).start()
    asyncio.run(serve(Jobs(seconds, int(loses)), Path(clip).read_bytes()))


def end_with_input() -> None:
    """End this process with its standard input, which ends with whoever started it."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
