"""Every fault of a service or a network: what the user sees, how many jobs were bought, what can be resumed."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wan_notebook import errors
from wan_notebook.client import Client, Service, Timeouts
from wan_notebook.errors import WanError
from wan_notebook.jobs.polling import poll
from wan_notebook.model.job import ERROR, Job, Request

from support.clock import Clock
from support.media import clip
from support.services import (
    BASE,
    Connection,
    RawServer,
    Reply,
    ScriptedService,
    clip_reply,
    completed,
    generating,
    http_answer,
    queued,
    refusal,
    refused_port,
    shown_by,
)

CANARY = "canary-0123456789abcdef"
REQUEST = Request(image_url="https://example.com/hero.png", video_url="https://example.com/dance.mp4")
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


@dataclass(frozen=True)
class Row:
    """One fault and what becomes of it."""

    fault: str
    ends: str
    """The name of the error, or "clip"."""
    says: str = ""
    """Part of what the user sees: the error's message, or what the status bar said on the way."""
    resumable: bool = True
    """Whether a job is at hand that can be resumed; what was refused has none, what is unknown is looked up."""
    posts: list[Reply] = field(default_factory=lambda: [queued()])
    fetches: list[Reply] = field(default_factory=lambda: [completed()])
    files: list[Reply] = field(default_factory=lambda: [clip_reply()])

    def __str__(self) -> str:
        return self.fault


def submits(status: int, ends: str, says: str, reply: Reply | None = None, note: str = "") -> Row:
    return Row(f"submit: {status}{note}", ends, says, resumable=False, posts=[reply or refusal(status), queued()])


def reads(fault: str, reply: Reply, says: str) -> Row:
    return Row(f"fetch: {fault}", "clip", says, fetches=[generating(), reply, reply, completed()])


def keeps_failing(status: int) -> Row:
    return Row(f"file: {status} for ever", "DownloadFailed", f"HTTP {status}", files=[refusal(status)])


def fails_at_first(status: int) -> Row:
    return Row(f"file: {status} at first", "clip", files=[refusal(status), refusal(status), clip_reply()])


ELSEWHERE = {"location": "https://elsewhere.test/v2/video/generations"}
HERE = {"location": f"{BASE}/v2/video/generations"}
NOTHING_BOUGHT = "Nothing was bought."
UNKNOWN = "may have been bought"
LOST = "Connection lost"

ROWS = [
    # The submit is refused: nothing was bought
    submits(400, "Rejected", "“Expected”", refusal(400, "Expected")),
    submits(401, "NotAuthorized", "does not accept the key"),
    submits(403, "NotAllowed", "out of credits"),
    submits(404, "Rejected", "nothing at this address"),
    submits(408, "Rejected", "too long to arrive"),
    submits(409, "Rejected", "HTTP 409"),
    submits(413, "Rejected", "too large for the service"),
    submits(
        422, "Rejected", "“shift: too large”", Reply(422, {"detail": [{"loc": ["body", "shift"], "msg": "too large"}]})
    ),
    submits(425, "Rejected", "not ready yet"),
    submits(429, "TooBusy", "Try again in a minute"),
    submits(429, "TooBusy", "Try again in 7 s", refusal(429, retry_after="7"), ", wait 7 s"),
    submits(
        429, "TooBusy", "Try again in 30 s", refusal(429, retry_after="Tue, 14 Nov 2023 22:13:50 GMT"), ", wait till"
    ),
    submits(429, "TooBusy", "Try again in 300 s", refusal(429, retry_after="31536000"), ", wait a year"),
    submits(307, "Rejected", "sends us on to elsewhere.test", Reply(307, b"", ELSEWHERE), " elsewhere"),
    submits(308, "Rejected", "sends us on to service.test", Reply(308, b"", HERE), " to itself"),
    # The answer to the submit is no answer: unknown, unless an id is told
    *(submits(status, "SubmitUnknown", UNKNOWN) for status in (500, 501, 502, 503, 504)),
    submits(302, "SubmitUnknown", UNKNOWN, Reply(302, b"", ELSEWHERE)),
    submits(200, "SubmitUnknown", UNKNOWN, Reply(200, "<html>proxy</html>"), " HTML"),
    submits(200, "SubmitUnknown", UNKNOWN, Reply(200, '{"id": "job-'), " truncated"),
    submits(200, "SubmitUnknown", UNKNOWN, Reply(200, b""), " empty"),
    submits(200, "SubmitUnknown", UNKNOWN, Reply(200, {"id": None, "status": "queued"}), " without id"),
    submits(200, "SubmitUnknown", UNKNOWN, Reply(200, ["job-1"]), " of another type"),
    submits(200, "SubmitUnknown", UNKNOWN, Reply(200, b"\xff\xfe\x00"), " binary"),
    Row("submit: HTML with an id in the header", "clip", posts=[Reply(200, "<html>", {"x-inference-id": "job-1"})]),
    Row("submit: id without status", "clip", posts=[Reply(200, {"id": "job-1"})]),
    Row("submit: fields of wrong types", "clip", posts=[queued(video=7, error=[], meta="x", engine=5)]),
    Row("submit: completed at once", "clip", posts=[completed()]),
    Row(
        "submit: error at once",
        "JobFailed",
        "no face",
        posts=[Reply(body={"id": "job-1", "status": "error", "error": "no face"})],
    ),
    # The fetch fails in passing: the job lives on
    *(reads(str(status), refusal(status), "The service has trouble") for status in (500, 501, 502, 503, 504)),
    reads("408", refusal(408), LOST),
    reads("425", refusal(425), LOST),
    reads("429", refusal(429), "The service is busy"),
    reads("429, wait 7 s", refusal(429, retry_after="7"), "The service is busy"),
    reads("429, wait till", refusal(429, retry_after="Tue, 14 Nov 2023 22:13:50 GMT"), "The service is busy"),
    reads("429, wait a year", refusal(429, retry_after="31536000"), "The service is busy"),
    reads("429, wait for nonsense", refusal(429, retry_after="soon"), "The service is busy"),
    reads("503, wait 7 s", refusal(503, retry_after="7"), "The service has trouble"),
    reads("404 at first", refusal(404), "does not show the job yet"),
    reads("HTML", Reply(200, "<html>proxy</html>"), "cannot be read"),
    reads("truncated JSON", Reply(200, '{"id": "job-1", "stat'), "cannot be read"),
    reads("wrong types", Reply(200, {"id": 1, "status": ["completed"]}), "cannot be read"),
    reads("no status", Reply(200, {"id": "job-1"}), "cannot be read"),
    reads("empty", Reply(200, b""), "cannot be read"),
    reads("redirect elsewhere", Reply(302, b"", ELSEWHERE), "cannot be read"),
    reads("redirect to itself", Reply(302, b"", HERE), "cannot be read"),
    reads("204", Reply(204, b""), "cannot be read"),
    # The fetch fails for good: the job is still there to be resumed
    Row("fetch: 400", "Rejected", "The job goes on", fetches=[refusal(400)]),
    Row("fetch: 401", "NotAuthorized", "The job goes on", fetches=[refusal(401)]),
    Row("fetch: 403", "NotAllowed", "The job goes on", fetches=[generating(), refusal(403)]),
    Row("fetch: 404 for ever", "JobNotFound", "knows no job job-1", fetches=[refusal(404)]),
    *(Row(f"fetch: {status}", "Rejected", "The job goes on", fetches=[refusal(status)]) for status in (409, 413, 422)),
    Row("fetch: 500 for ever", "StillRunning", 'wan.resume("job-1")', fetches=[refusal(500)]),
    Row("fetch: 429 for ever", "StillRunning", 'wan.resume("job-1")', fetches=[refusal(429, retry_after="31536000")]),
    Row("fetch: HTML for ever", "StillRunning", "cannot be read", fetches=[Reply(200, "<html>")]),
    Row(
        "fetch: unknown status for ever",
        "StillRunning",
        "“frobnicating”",
        fetches=[Reply(200, {"id": "job-1", "status": "frobnicating"})],
    ),
    Row("fetch: queued for ever", "StillRunning", "after 10 min", fetches=[queued()]),
    Row(
        "fetch: failed with detail",
        "JobFailed",
        "video_url: too long",
        fetches=[
            Reply(
                body={
                    "id": "job-1",
                    "status": "error",
                    "error": {"detail": [{"loc": ["body", "video_url"], "msg": "too long"}]},
                }
            )
        ],
    ),
    # The clip
    Row(
        "video: list",
        "clip",
        fetches=[Reply(body={"id": "j", "status": "completed", "video": ["https://files.test/clip.mp4"]})],
    ),
    Row(
        "video: string",
        "clip",
        fetches=[Reply(body={"id": "j", "status": "completed", "video": "https://files.test/clip.mp4"})],
    ),
    Row("video: no address at first", "clip", "not told yet", fetches=[completed(None), completed(None), completed()]),
    Row("video: no address ever", "DownloadFailed", "does not say where it lies", fetches=[completed(None)]),
    Row("video: no web address", "DownloadFailed", "none of the web", fetches=[completed("file:///etc/passwd")]),
    *map(keeps_failing, (401, 403, 404, 410)),
    *map(fails_at_first, (404, 408, 429, 500, 503)),
    Row("file: 206 without being asked for a part", "clip", files=[Reply(206, clip())]),
    Row("file: redirect on the same host", "clip", files=[Reply(302, b"", {"location": "/other.mp4"}), clip_reply()]),
    Row(
        "file: redirect elsewhere",
        "clip",
        files=[Reply(307, b"", {"location": "https://cdn.test/x.mp4"}), clip_reply()],
    ),
    Row("file: redirect without end", "DownloadFailed", "circles", files=[Reply(302, b"", {"location": "/clip.mp4"})]),
    Row("file: redirect to nowhere", "DownloadFailed", "", files=[Reply(302, b"", {"location": "ftp://a/b"})]),
    Row("file: empty", "DownloadFailed", "no clip that plays", files=[Reply(200, b"")]),
    Row(
        "file: half, and says so",
        "DownloadFailed",
        "bytes came",
        files=[Reply(200, clip()[:900], {"content-length": str(len(clip()))})],
    ),
    Row("file: half, and hides it", "DownloadFailed", "no clip that plays", files=[Reply(200, clip()[:900])]),
    Row("file: whole at the second attempt", "clip", files=[Reply(200, clip()[:900]), clip_reply()]),
    Row("file: HTML", "DownloadFailed", "no clip that plays", files=[Reply(200, "<html>sign in</html>")]),
    Row("file: 5 GB", "DownloadFailed", "5.0 GB", files=[Reply(200, b"x", {"content-length": "5000000000"})]),
    Row("file: length of nonsense", "clip", files=[Reply(200, clip(), {"content-length": "many"})]),
    Row(
        "file: broken compression",
        "DownloadFailed",
        "no clip that plays",
        files=[Reply(200, b"x", {"content-encoding": "gzip"})],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_fault_buys_once(row: Row, tmp_path: Path) -> None:
    """Whatever a service answers, one POST was sent, the user is told, the key stays here, and no job is forgotten."""
    app, clock, target = (
        ScriptedService(posts=row.posts, fetches=row.fetches, files=row.files),
        Clock(),
        tmp_path / "clip.mp4",
    )
    outcome = live(Service.at(BASE, CANARY), target, clock, transport=app.transport)
    seen = f"{outcome.error or ''} {' '.join(outcome.troubles)}"
    assert (outcome.kind, len(app.posts)) == (row.ends, 1)
    assert row.says in seen
    assert (outcome.job is not None) == row.resumable
    assert list(tmp_path.iterdir()) == ([target] if row.ends == "clip" else [])
    assert all(one.host == "service.test" for one in app.requests if "authorization" in one.headers)
    assert all(CANARY not in shown for shown in (seen, *shown_by(outcome.error, except_in=__file__)))
    assert len(app.requests) < 4000
    if row.ends in ("Rejected", "NotAuthorized", "NotAllowed", "TooBusy") and not row.resumable:
        assert NOTHING_BOUGHT in seen
    if row.ends == "SubmitUnknown":
        assert "wan-1" in seen


texts = (
    st.binary(max_size=40) | st.text(max_size=40) | st.sampled_from(['{"id": "job-1", "status": "', "<html>", "null"])
)
headers = st.dictionaries(
    st.sampled_from(["x-inference-id", "retry-after", "location", "content-encoding", "content-type", "x-request-id"]),
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20),
)
replies = st.builds(Reply, st.integers(200, 599), texts, headers)


@settings(deadline=None, max_examples=80)
@given(
    posts=st.lists(replies, min_size=1, max_size=2), fetches=st.lists(replies, min_size=1, max_size=3), files=replies
)
def test_any_answer_one_post(posts: list[Reply], fetches: list[Reply], files: Reply) -> None:
    """No nonsense at any stage buys a second job, ends in an exception of a library, or leaves half a file."""
    app = ScriptedService(posts=posts, fetches=fetches, files=[files])
    with TemporaryDirectory() as folder:
        outcome = live(Service.at(BASE, CANARY), Path(folder) / "clip.mp4", Clock(), transport=app.transport)
        assert list(Path(folder).iterdir()) == []
    assert outcome.error is not None
    assert len(app.posts) == 1


# What only a real connection can do

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
            service = Service.at(server.url, CANARY)
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
    """Where nobody listens no job is bought."""
    outcome = live(Service.at(f"http://127.0.0.1:{refused_port()}", CANARY), tmp_path / "clip.mp4", Clock())
    assert (outcome.kind, outcome.job) == ("Unreachable", None)
    assert NOTHING_BOUGHT in str(outcome.error)


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
        async with server.running(), Client(Service.at(server.url), timeouts=QUICK, sleep=clock.sleep) as client:
            await client.submit(large, client_request_id="wan-1")

    with pytest.raises(errors.Unreachable, match=NOTHING_BOUGHT):
        asyncio.run(go())
    assert (server.posts, clock.naps) == ([], [])


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

    server, outcome = raw([submit_only, fault, well], tmp_path / "clip.mp4")
    assert (outcome.kind, len(server.posts)) == ("clip", 1)
    assert outcome.troubles == ["Connection lost, retrying."]


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
    assert all(CANARY not in shown for shown in shown_by(outcome.error, except_in=__file__))


def test_no_cancelled_request_shows_key() -> None:
    """Nor do they hang on the cancellation of a request that waits for its answer."""
    server = RawServer([silent])

    async def go() -> BaseException:
        async with server.running(), Client(Service.at(server.url, CANARY)) as client:
            task = asyncio.ensure_future(client.fetch_once("job-1"))
            await server.received.wait()
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as error:
                return error
            raise AssertionError

    error = asyncio.run(go())
    assert all(CANARY not in shown for shown in shown_by(error, except_in=__file__))


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
