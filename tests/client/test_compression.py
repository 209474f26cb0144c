"""Answers that expand: what is asked for, what is read, and how much of it."""

import gzip
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from wan_notebook.client import Balance, Client
from wan_notebook.errors import BadAnswer, DownloadFailed, NotAllowed, SubmitUnknown, WanError
from wan_notebook.model.job import COMPLETED, Job

from support.clients import REQUEST, using
from support.services import CLIP_URL, Reply, ScriptedService, clip_reply, refusal

MODEL = "alibaba/wan2.2-14b-animate-move"
JOB = Job(id="job-1", status=COMPLETED, video=CLIP_URL)
BALANCE = b'{"current_balance": 7}'
EXPANDED = 200_000_000
MEMORY = 20_000_000
"""Bytes; five times the largest answer that is read."""


def deflated(size: int) -> bytes:
    """So many zeros, compressed piece by piece."""
    compressor = zlib.compressobj()
    return b"".join(compressor.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + compressor.flush()


DEFLATED = deflated(EXPANDED)
GZIPPED = gzip.compress(DEFLATED)
BOMBS = {
    "once": Reply(200, DEFLATED, {"content-encoding": "deflate"}),
    "twice": Reply(200, GZIPPED, {"content-encoding": "deflate, gzip"}),
    "three times": Reply(200, gzip.compress(GZIPPED), {"content-encoding": "Deflate,GZIP , x-gzip"}),
}


def outcome(app: ScriptedService, use: Callable[[Client], Awaitable[Any]]) -> Any:
    """What comes of it, a value or an error, without much memory."""
    tracemalloc.start()
    try:
        return using(app, use)
    except WanError as error:
        return type(error)
    finally:
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < MEMORY


@pytest.mark.parametrize("bomb", BOMBS)
def test_expanding_answers_are_bounded(bomb: str, tmp_path: Path) -> None:
    """Whatever is asked, an answer that would fill the memory or the disk is an answer that cannot be read."""
    reply, target = BOMBS[bomb], tmp_path / "clip.mp4"
    paths = ("/v2/billing", "/v1/models", "/models/metrics", "/v2/logs")
    app = ScriptedService(posts=[reply], fetches=[reply], files=[reply], others={path: [reply] for path in paths})
    asked: list[tuple[Callable[[Client], Awaitable[Any]], Any]] = [
        (lambda client: client.balance(), None),
        (lambda client: client.price(MODEL), None),
        (lambda client: client.durations(MODEL), None),
        (lambda client: client.look_up("wan-1"), BadAnswer),
        (lambda client: client.fetch_once("job-1"), BadAnswer),
        (lambda client: client.submit(REQUEST, client_request_id="wan-1"), SubmitUnknown),
        (lambda client: client.download(JOB, target), DownloadFailed),
    ]
    assert [outcome(app, use) for use, _ in asked] == [expected for _, expected in asked]
    assert len(app.posts) == 1
    assert list(tmp_path.iterdir()) == []


def test_redirects_are_not_read(tmp_path: Path) -> None:
    """The body of a redirect on the way to a clip is left unread, however large it would become."""
    elsewhere = Reply(302, GZIPPED, {"content-encoding": "deflate, gzip", "location": "https://cdn.test/real.mp4"})
    app, target = ScriptedService(files=[elsewhere, clip_reply()]), tmp_path / "clip.mp4"
    assert outcome(app, lambda client: client.download(JOB, target)) == target


def test_accepted_compression_is_read() -> None:
    """Only what can be read is asked for, and one compression is read, with and without having been asked."""
    body = gzip.compress(BALANCE)
    app = ScriptedService(others={"/v2/billing": [Reply(200, body, {"content-encoding": "gzip"})]})
    assert using(app, lambda client: client.balance()) == Balance(7.0)
    assert app.requests[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("coding", "pieces"),
    [
        ("gzip", [gzip.compress(BALANCE[:9]), gzip.compress(BALANCE[9:])]),
        ("deflate", [zlib.compress(BALANCE)[2:-4]]),
    ],
)
def test_loose_compression_is_read(coding: str, pieces: list[bytes]) -> None:
    """Gzip in several parts is gzip, and what some servers call deflate lacks its head."""
    app = ScriptedService(others={"/v2/billing": [Reply(200, b"".join(pieces), {"content-encoding": coding})]})
    assert using(app, lambda client: client.balance()) == Balance(7.0)


def test_unreadable_refusal_is_one() -> None:
    """The status of an answer counts, though its text is compressed in a way that cannot be read."""
    reply = refusal(403)
    garbled = Reply(403, reply.raw, {"content-encoding": "gzip", "x-request-id": "req-7"})
    with pytest.raises(NotAllowed) as refused:
        using(ScriptedService(posts=[garbled]), lambda client: client.submit(REQUEST, client_request_id="wan-1"))
    assert refused.value.request_id == "req-7"
