"""Faults of a real connection: reset, silent, dripping, cut short."""

import asyncio
import errno
import json
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from wan_notebook import errors
from wan_notebook.client import Client, Service, Timeouts
from wan_notebook.model.job import Request

from support.clients import CANARY, REQUEST, Outcome, live, whole_way
from support.clock import Clock
from support.media import clip
from support.services import (
    Connection,
    RawServer,
    completed,
    http_answer,
    queued,
    refused_port,
    shown_by,
)

NOTHING_BOUGHT = "Nothing was bought."
QUICK = Timeouts(connect=1, read=0.15, write=1, pool=1, answer=0.4, download=0.6)
TAKEN = http_answer(json.dumps(queued().body).encode())


def done(server: RawServer) -> bytes:
    return http_answer(json.dumps(completed(f"{server.url}/clip.mp4").body).encode())


async def well(connection: Connection) -> None:
    """Response whatever comes as a good service does."""
    while True:
        request = await connection.request()
        if request.startswith(b"POST"):
            await connection.send(TAKEN)
        elif b"clip.mp4" in request:
            await connection.send(http_answer(clip(), kind="video/mp4"))
        else:
            await connection.send(done(connection.server))


async def reset_at_once(connection: Connection) -> None:
    connection.reset()


async def reset_before_the_body_ends(connection: Connection) -> None:
    await connection.reader.readuntil(b"\r\n\r\n")
    connection.reset()


async def reset_after_the_body(connection: Connection) -> None:
    await connection.request()
    connection.reset()


async def close_after_the_body(connection: Connection) -> None:
    await connection.request()


async def silent(connection: Connection) -> None:
    await connection.request()
    await asyncio.Event().wait()


async def drip_the_head(connection: Connection) -> None:
    await connection.request()
    await connection.drip(b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 500)


async def drip_the_body(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    await connection.drip(b" ")


async def cut_the_answer(connection: Connection) -> None:
    await connection.request()
    await connection.send(http_answer(b'{"id": "job-1", "sta', length=500))


async def not_http(connection: Connection) -> None:
    await connection.request()
    await connection.send(b"220 smtp.example.com ESMTP ready\r\n")


def first(script: Callable[[Connection], Awaitable[None]]) -> list[Any]:
    """The fault on the first connection, and a good service after it."""
    return [script, well]


def raw(scripts: list[Any], target: Path) -> tuple[RawServer, Outcome]:
    """Go the whole way with a server on loopback; a fresh connection for every request."""
    server, clock = RawServer(scripts), Clock()

    async def go() -> Outcome:
        async with server.running():
            service = Service.at(server.url, CANARY, paid=True)
            async with Client(service, timeouts=QUICK, clock=clock, sleep=clock.sleep, random=lambda: 0.5) as client:
                return await whole_way(client, target, clock)

    return server, asyncio.run(go())


def test_real_connection_gives_a_clip(tmp_path: Path) -> None:
    """Without a fault the way over a real connection ends in a clip, and the key goes to the service alone."""
    server, outcome = raw([well], tmp_path / "clip.mp4")
    assert outcome.kind == "clip"
    keyed = [CANARY.encode() in request for request in server.requests]
    assert keyed == [b"/clip.mp4" not in request.split(b"\r\n")[0] for request in server.requests]


def test_refused_connection_bought_nothing(tmp_path: Path) -> None:
    """Where nobody listens no job is bought, and the system's reason is told."""
    outcome = live(Service.at(f"http://127.0.0.1:{refused_port()}", CANARY, paid=True), tmp_path / "clip.mp4", Clock())
    assert (outcome.kind, outcome.job) == ("Unreachable", None)
    assert NOTHING_BOUGHT in str(outcome.error)
    assert os.strerror(errno.ECONNREFUSED) in str(outcome.error)


@pytest.mark.parametrize(
    "fault",
    [reset_after_the_body, close_after_the_body, silent, drip_the_head, drip_the_body, cut_the_answer, not_http],
)
def test_lost_answer_stays_unknown(fault: Callable[[Connection], Awaitable[None]], tmp_path: Path) -> None:
    """After the last byte of the request no failure makes us send it again, though the service would be well again."""
    server, outcome = raw(first(fault), tmp_path / "clip.mp4")
    assert (outcome.kind, len(server.posts)) == ("SubmitUnknown", 1)
    assert "wan-1" in str(outcome.error)


def test_reset_upload_bought_nothing(tmp_path: Path) -> None:
    """A connection reset in the middle of the body cannot have bought anything, and nothing is sent again."""
    motion = tmp_path / "dance.mp4"
    motion.write_bytes(clip() + bytes(30_000_000))
    large = Request(image_url=REQUEST.image_url, video_url=motion.as_uri())
    clock, server = Clock(), RawServer(first(reset_before_the_body_ends))

    async def go() -> None:
        service = lambda: Service.at(server.url, paid=True)  # noqa: E731 - its address is known once it runs
        async with server.running(), Client(service(), timeouts=QUICK, sleep=clock.sleep) as client:
            await client.submit(large, client_request_id="wan-1")

    with pytest.raises(errors.Unreachable, match=NOTHING_BOUGHT):
        asyncio.run(go())
    assert (server.posts, clock.naps) == ([], [])


def test_stalled_upload_bought_nothing(tmp_path: Path) -> None:
    """An upload of which nothing more is taken is given up, and nothing is sent again."""

    async def takes_no_more(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await asyncio.Event().wait()

    (tmp_path / "dance.mp4").write_bytes(clip() + bytes(30_000_000))
    large = Request(image_url=REQUEST.image_url, video_url=(tmp_path / "dance.mp4").as_uri())
    clock, server = Clock(), RawServer([takes_no_more])

    async def go() -> None:
        async with server.running():
            service, timeouts = Service.at(server.url, paid=True), Timeouts(write=0.2)
            async with Client(service, timeouts=timeouts, sleep=clock.sleep) as client:
                await client.submit(large, client_request_id="wan-1")

    with pytest.raises(errors.Unreachable, match=f"the upload stalled. {NOTHING_BOUGHT}"):
        asyncio.run(go())
    assert clock.naps == []


@pytest.mark.parametrize(("headers", "size"), [(1, 60_000), (120, 400)])
def test_long_heads_are_read(headers: int, size: int, tmp_path: Path) -> None:
    """An answer whose head is long, as by a policy of its host, is no lost one: the job is known, and its clip."""
    head = "".join(f"X-Policy-{number}: {'a' * size}\r\n" for number in range(headers))

    async def wordy(connection: Connection) -> None:
        while True:
            request = await connection.request()
            answer = TAKEN if request.startswith(b"POST") else done(connection.server)
            answer = http_answer(clip(), kind="video/mp4") if b"clip.mp4" in request else answer
            await connection.send(answer.replace(b"\r\n", f"\r\n{head}".encode(), 1))

    _server, outcome = raw([wordy], tmp_path / "clip.mp4")
    assert outcome.kind == "clip"


@pytest.mark.parametrize("query", ["sig=a%2Fb%7E+%20c&x=%C3%A9", "sig=a/b~c=='(1)", "b=2&a=1&a="])
def test_signed_address_is_left_as_it_is(query: str, tmp_path: Path) -> None:
    """The signed address of a clip is asked for to the letter: spelled otherwise, its signature would not hold."""

    async def signed(connection: Connection) -> None:
        while True:
            request = await connection.request()
            if b"clip.mp4" in request:
                await connection.send(http_answer(clip(), kind="video/mp4"))
            elif request.startswith(b"POST"):
                await connection.send(TAKEN)
            else:
                url = f"{connection.server.url}/a%2Fb/clip.mp4?{query}"
                await connection.send(http_answer(json.dumps(completed(url).body).encode()))

    server, outcome = raw([signed], tmp_path / "clip.mp4")
    assert outcome.kind == "clip"
    asked = [request.split(b"\r\n")[0] for request in server.requests if b"clip.mp4" in request]
    assert asked == [f"GET /a%2Fb/clip.mp4?{query} HTTP/1.1".encode()]


@pytest.mark.parametrize(
    "fault",
    [
        reset_at_once,
        reset_after_the_body,
        close_after_the_body,
        silent,
        drip_the_head,
        drip_the_body,
        cut_the_answer,
        not_http,
    ],
)
def test_broken_fetch_is_repeated(fault: Callable[[Connection], Awaitable[None]], tmp_path: Path) -> None:
    """A broken look at a job is told as a lost connection, and the next look finds the clip."""

    async def submit_only(connection: Connection) -> None:
        await connection.request()
        await connection.send(TAKEN.replace(b"Content-Type", b"Connection: close\r\nContent-Type"))

    # The HTTP library itself repeats a GET once, where a connection ends without a word.
    server, outcome = raw([submit_only, fault, fault, well], tmp_path / "clip.mp4")
    assert (outcome.kind, len(server.posts)) == ("clip", 1)
    assert set(outcome.troubles) == {"Connection lost, retrying."}


@pytest.mark.parametrize("where", ["reset", "closed", "silent", "dripping"])
def test_broken_download_is_retried(where: str, tmp_path: Path) -> None:
    """Half a clip never lies under the clip's name, and the next attempt brings it whole."""
    broken: list[bool] = []

    async def breaking_once(connection: Connection) -> None:
        while True:
            request = await connection.request()
            if b"clip.mp4" not in request or broken:
                raw_answer = TAKEN if request.startswith(b"POST") else done(connection.server)
                await connection.send(http_answer(clip()) if b"clip.mp4" in request else raw_answer)
                continue
            broken.append(True)
            await connection.send(http_answer(clip()[:1000], length=len(clip()), kind="video/mp4"))
            if where == "reset":
                connection.reset()
            elif where == "silent":
                await asyncio.Event().wait()
            elif where == "dripping":
                await connection.drip(b"\0")
            return

    server, outcome = raw([breaking_once], tmp_path / "clip.mp4")
    assert (outcome.kind, len(server.posts), broken) == ("clip", 1, [True])
    assert (tmp_path / "clip.mp4").read_bytes() == clip()
    assert len(list(tmp_path.iterdir())) == 1


def named(body: bytes, etag: str, *, status: str = "200 OK", length: int | None = None, part: str = "") -> bytes:
    """An answer with a file, or a part of it, under the server's own name for its bytes."""
    head = f"Content-Type: video/mp4\r\nETag: {etag}\r\n" + (f"Content-Range: bytes {part}\r\n" if part else "")
    raw_answer = http_answer(body, status=status, length=length, kind="video/mp4")
    return raw_answer.replace(b"Content-Type: video/mp4\r\n", head.encode())


WHOLE = clip() + bytes(200_000)
HALF = 2 << 16
REST = f"{HALF}-{len(WHOLE) - 1}/{len(WHOLE)}"
PARTS = {
    "the rest": (named(WHOLE[HALF:], '"a"', status="206 Partial Content", part=REST), 1),
    "another file under another name": (named(WHOLE, '"b"'), 1),
    "the rest of another file": (named(WHOLE[HALF:], '"b"', status="206 Partial Content", part=REST), 2),
    "another part": (named(WHOLE, '"a"', status="206 Partial Content", part=f"0-{len(WHOLE) - 1}/{len(WHOLE)}"), 2),
    "no such part": (named(b"", '"a"', status="416 Range Not Satisfiable"), 2),
}


@pytest.mark.parametrize("what", PARTS)
def test_download_continues_where_it_broke(what: str, tmp_path: Path) -> None:
    """Only what surely belongs to the half that came is put behind it; otherwise the whole is fetched anew."""
    asked: list[bytes] = []
    second, more = PARTS[what]

    async def breaking_once(connection: Connection) -> None:
        while True:
            request = await connection.request()
            if b"clip.mp4" not in request:
                await connection.send(TAKEN if request.startswith(b"POST") else done(connection.server))
                continue
            asked.append(request.lower())
            if len(asked) == 1:
                await connection.send(named(WHOLE[:HALF], '"a"', length=len(WHOLE)))
                return
            await connection.send(second if len(asked) == 2 else named(WHOLE, '"a"'))

    _server, outcome = raw([breaking_once], tmp_path / "clip.mp4")
    assert outcome.kind == "clip"
    assert (tmp_path / "clip.mp4").read_bytes() == WHOLE
    assert len(asked) == 1 + more
    wished = [b"range: bytes=131072-" in one and b'if-range: "a"' in one for one in asked]
    assert wished == [False, True, False][: 1 + more]


@pytest.mark.parametrize("fault", [silent, reset_after_the_body, not_http])
def test_no_connection_traceback_shows_key(fault: Callable[[Connection], Awaitable[None]], tmp_path: Path) -> None:
    """The HTTP library's frames hold the request's headers; none of them hangs on our errors."""
    _server, outcome = raw([fault], tmp_path / "clip.mp4")
    assert outcome.error is not None
    assert all(CANARY not in shown for shown in shown_by(outcome.error))


def test_no_cancelled_request_shows_key() -> None:
    """Nor do they hang on the cancellation of a request that waits for its answer."""
    server = RawServer([silent])

    async def go() -> BaseException:
        async with server.running(), Client(Service.at(server.url, CANARY, paid=True)) as client:
            task = asyncio.ensure_future(client.fetch_once("job-1"))
            await server.received.wait()
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as error:
                return error
            raise AssertionError

    error = asyncio.run(go())
    assert all(CANARY not in shown for shown in shown_by(error))


def test_no_log_shows_key(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """With every library told to log all it can, neither a good way nor a broken one writes the key down."""
    with caplog.at_level(logging.DEBUG):
        raw([well], tmp_path / "clip.mp4")
        raw([silent], tmp_path / "none.mp4")
    assert "POST" in caplog.text
    assert CANARY not in caplog.text


def test_local_services_bypass_proxies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A proxy set for the outside world never sees a request, and so no token, for a service on this machine."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{refused_port()}")
    _server, outcome = raw([well], tmp_path / "clip.mp4")
    assert outcome.kind == "clip"
    assert httpx.AsyncClient()._mounts  # the variables are ones that the library heeds
