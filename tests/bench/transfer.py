"""Large files on their way: the seconds and the memory of sending, taking in and handing out 100 megabytes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import re
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx

from wan_notebook.client import Client, Service
from wan_notebook.model.job import Request
from wan_notebook.model.protocol import GENERATIONS
from wan_notebook.preview.server.app import create_app
from wan_notebook.widgets.delivery import Delivery
from wan_notebook.widgets.picker import MediaPicker

from support.bench_rows import Row, at_most
from support.measuring import Taken, alone, taken

MEGABYTE, PIECE = 1_000_000, 1 << 20
MOST = 32
"""Megabytes that each way may add to the peak."""
ANSWER = json.dumps({"id": "bench", "status": "queued"}).encode()
MODEL = "alibaba/wan2.2-14b-animate-move"


async def throw_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take a request, and answer that its job waits."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    lengths = re.findall(rb"content-length: (\d+)", head)
    left = int(lengths[0]) if lengths else 0
    while left > 0:
        left -= len(await reader.read(PIECE))
    writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n")
    writer.write(b"content-length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER))
    await writer.drain()
    writer.close()


@contextlib.contextmanager
def served() -> Iterator[str]:
    """A service which throws away what it is sent; yields its address."""
    loop = asyncio.new_event_loop()
    connection = socket.create_server(("127.0.0.1", 0))
    loop.run_until_complete(asyncio.start_server(throw_away, sock=connection, limit=2 * PIECE))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"http://127.0.0.1:{connection.getsockname()[1]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def submit_streamed(video: Path) -> None:
    async def submit(url: str) -> None:
        request = Request(image_url="https://example.org/hero.png", video_url=video.as_uri())
        async with Client(Service.at(url)) as client:
            await client.submit(request, client_request_id="bench")

    with served() as url:
        asyncio.run(submit(url))


def submit_built(video: Path) -> None:
    uri = "data:video/mp4;base64," + base64.b64encode(video.read_bytes()).decode()
    with served() as url:
        httpx.post(url, json={"video_url": uri}, timeout=120)


def body(video: Path) -> Iterator[bytes]:
    """The JSON of a submit, as a client that streams sends it."""
    yield b'{"model": "%s", "image_url": "aGVsbG8=", "video_url": "data:video/mp4;base64,' % MODEL.encode()
    with video.open("rb") as file:
        while piece := file.read(3 * 65536):
            yield base64.b64encode(piece)
    yield b'"}'


def take_streamed(video: Path) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in body(video):
            yield piece

    async def take() -> None:
        app = create_app()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://preview.test") as client:
            (await client.post(GENERATIONS, content=pieces(), timeout=None)).raise_for_status()
        await app.state.jobs.close()

    asyncio.run(take())


def take_whole(video: Path) -> None:
    base64.b64decode(json.loads(b"".join(body(video)))["video_url"].partition(",")[2])


def pick(video: Path) -> None:
    """Hand a file to a picker, piece by piece, as a browser does."""
    picker, size = MediaPicker("video"), video.stat().st_size
    digest = hashlib.sha256()
    picker.receive({"type": "begin", "upload": "t", "name": video.name, "size": size}, [])
    with video.open("rb") as file:
        for offset in range(0, size, PIECE):
            piece = file.read(PIECE)
            digest.update(piece)
            picker.receive({"type": "piece", "upload": "t", "offset": offset}, [memoryview(piece)])
    picker.receive({"type": "end", "upload": "t", "sha256": digest.hexdigest()}, [])
    assert not picker.state["trouble"], picker.state["trouble"]


def deliver(video: Path) -> None:
    """Fetch a file from a delivery, piece by piece, as a browser does."""
    delivery = Delivery()
    label, size = delivery.offer(video), video.stat().st_size
    parts = (delivery.answer({"id": label.id, "offset": offset})[1][0] for offset in range(0, size, label.chunk))
    assert sum(map(len, parts)) == size


def measured(way: Callable[[Path], None], video: Path, first: Path) -> Taken:
    """Move a video, after a small one, with which everything is loaded."""
    way(first)
    return taken(way, video)


WAYS = {
    "submit": (submit_streamed, "built in memory", submit_built),
    "embedded service takes a submit": (take_streamed, "parsed whole", take_whole),
    "kernel takes an upload": (pick, "", None),
    "kernel hands out a clip": (deliver, "", None),
}


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    first, video = folder / "first.mp4", folder / "dance.mp4"
    for path, megabytes in ((first, 1), (video, 2 if small else 100)):
        with path.open("wb") as file:
            file.writelines(b"\0\0\0\x18ftypisom" + os.urandom(MEGABYTE - 12) for _ in range(megabytes))
    for name, (way, alternative, other) in WAYS.items():
        ours = alone(measured, way, video, first, small=small)
        theirs = alone(measured, other, video, first, small=small) if other else None
        beside = theirs.megabytes if theirs else None
        yield Row(f"{name}: memory", ours.megabytes, "MB", alternative, beside, at_most(MOST))
        yield Row(f"{name}: time", ours.seconds, "s", alternative, theirs.seconds if theirs else None)
