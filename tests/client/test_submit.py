"""A submit: one request, and what is made of its answer."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from wan_notebook import media
from wan_notebook.client.parsing import parse_price
from wan_notebook.errors import MediaError, NotAllowed, SubmitUnknown, Unreachable
from wan_notebook.media.store import sha256_of
from wan_notebook.model.job import QUEUED, Request, Usage

from support.clients import CANARY, REQUEST, Broken, submit, using
from support.media import clip
from support.services import (
    Reply,
    ScriptedService,
    queued,
)


def test_submit_is_one_post() -> None:
    """The request that goes out is the protocol's, and its answer is a job."""
    app = ScriptedService()
    job = submit(app)
    (post,) = app.requests
    assert (post.method, post.host, post.path) == ("POST", "service.test", "/v2/video/generations")
    assert post.headers["authorization"] == f"Bearer {CANARY}"
    assert post.headers["x-client-request-id"] == "wan-1"
    assert post.headers["content-type"] == "application/json"
    assert post.headers["content-length"] == str(len(post.body))
    assert "transfer-encoding" not in post.headers
    assert json.loads(post.body) == REQUEST.body()
    assert (job.id, job.status) == ("job-1", QUEUED)


def test_files_sent_as_data_uris(tmp_path: Path) -> None:
    """What a file URL names arrives as the bytes of the file, other fields as they are."""
    motion = tmp_path / "dance move.mp4"
    motion.write_bytes(clip())
    request = Request(
        image_url="https://example.com/hero.png", video_url=media.video(motion).url, extra={"note": 'ü "{'}
    )
    app = ScriptedService()
    submit(app, request)
    sent = json.loads(app.requests[0].body)
    kind, content = sent.pop("video_url").split(",")
    assert kind == "data:video/mp4;base64"
    assert base64.b64decode(content) == clip()
    assert sent == {name: value for name, value in request.body().items() if name != "video_url"}
    assert app.requests[0].headers["content-length"] == str(len(app.requests[0].body))


def test_missing_file_sends_nothing(tmp_path: Path) -> None:
    """A picture deleted since it was chosen costs nothing."""
    gone = Request(image_url=(tmp_path / "gone.png").as_uri(), video_url=REQUEST.video_url)
    app = ScriptedService()
    with pytest.raises(MediaError, match="Choose it again"):
        submit(app, gone)
    assert app.requests == []


def test_every_success_status_accepted() -> None:
    """A 201 and a 202 are answers like a 200."""
    for status in (200, 201, 202):
        assert submit(ScriptedService(posts=[Reply(status, queued().body)])).id == "job-1"


def test_id_read_from_headers() -> None:
    """The id in x-inference-id is enough to hold on to the job."""
    job = submit(ScriptedService(posts=[Reply(200, "<html>", {"x-inference-id": "job-9"})]))
    assert (job.id, job.status) == ("job-9", QUEUED)


class CutShort(httpx.AsyncBaseTransport, httpx.AsyncByteStream):
    """A network that breaks in the midst of the answer, after its head."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return httpx.Response(self._reply.status, headers=dict(self._reply.headers), stream=self)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._reply.raw
        raise httpx.RemoteProtocolError("peer closed connection")


def test_head_of_cut_answer_counts() -> None:
    """An answer that breaks off names its job in its head, and a refusal is one; the rest stays unknown."""
    assert submit(CutShort(Reply(200, '{"id": "jo', {"x-inference-id": "job-9"}))).id == "job-9"
    assert submit(CutShort(Reply(200, {"id": "job-8", "status": "queued"}))).id == "job-8"
    with pytest.raises(NotAllowed, match="Nothing was bought"):
        submit(CutShort(Reply(403, '{"mess')))
    with pytest.raises(SubmitUnknown):
        submit(CutShort(Reply(200, '{"id": "jo')))


def test_byte_order_mark_is_skipped() -> None:
    """A job is not lost for a mark that some servers write before their JSON."""
    assert submit(ScriptedService(posts=[Reply(200, b"\xef\xbb\xbf" + queued().raw)])).id == "job-1"


def test_id_alone_is_a_job() -> None:
    """A submit that tells an id and forgets the status is taken."""
    assert submit(ScriptedService(posts=[Reply(200, {"id": "job-9"})])).id == "job-9"


def test_charge_read_from_headers() -> None:
    """A cost told in a header is a cost, a cost of zero is none."""
    charged = {"x-aimlapi-credits-used": "120000", "x-aimlapi-usd-spent": "0.06"}
    assert submit(ScriptedService(posts=[Reply(200, queued().body, charged)])).usage == Usage(
        credits_used=120000, usd_spent=0.06
    )
    free = {"x-aimlapi-credits-used": "0"}
    assert submit(ScriptedService(posts=[Reply(200, queued().body, free)])).usage is None


def test_no_charge_is_negative() -> None:
    """A charge below nothing, which would let a budget be exceeded, is none; so is such a price."""
    below = queued(meta={"usage": {"credits_used": -5, "usd_spent": -1}}).body
    headers = {"x-aimlapi-credits-used": "-9", "x-aimlapi-usd-spent": "-0.5"}
    assert submit(ScriptedService(posts=[Reply(200, below, headers)])).usage is None
    for unit in ({"price": -1, "per": 1}, {"price": 1, "per": -1}):
        entry = {"id": REQUEST.model, "pricing": {"units": [{"unit": "second", **unit}]}}
        assert parse_price({"data": [entry]}, REQUEST.model) is None


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full"), httpx.ProxyError("no")],
)
def test_failed_connection_is_retried(error: Exception) -> None:
    """What surely was not sent may be sent again, so a short outage goes unnoticed."""
    network = Broken(error, heals_after=2)
    assert submit(network).id == "job-1"
    assert network.attempts == 3


def test_failed_connections_end_in_words() -> None:
    """After a few attempts the user is told that nothing was bought."""
    network = Broken(httpx.ConnectError("[Errno 111] Connection refused"))
    with pytest.raises(Unreachable) as refused:
        submit(network)
    assert str(refused.value) == (
        "The request did not get through: no connection could be made ([Errno 111] Connection refused). "
        "Nothing was bought. Try again."
    )
    assert network.attempts == 4


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("t"), httpx.ReadError("r"), httpx.RemoteProtocolError("p"), OSError("o")]
)
def test_lost_answer_is_never_resent(error: Exception) -> None:
    """Once the whole request was sent, silence means unknown, and the POST stays the only one."""
    network = Broken(error, after_body=True)
    with pytest.raises(SubmitUnknown) as unknown:
        submit(network)
    assert network.attempts == 1
    assert unknown.value.client_request_id == "wan-1"
    assert "may have been bought" in str(unknown.value)
    assert "wan-1" in str(unknown.value)


class HalfRead(httpx.AsyncBaseTransport):
    """A network that breaks in the middle of the upload."""

    attempts = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.attempts += 1
        assert isinstance(request.stream, httpx.AsyncByteStream)
        async for _chunk in request.stream:
            raise httpx.WriteError("reset")
        raise AssertionError


def test_broken_upload_bought_nothing(tmp_path: Path) -> None:
    """A request that never arrived whole cannot have been accepted; it is not repeated by itself either."""
    motion = tmp_path / "dance.mp4"
    motion.write_bytes(clip() * 20)
    network = HalfRead()
    with pytest.raises(Unreachable, match="Nothing was bought"):
        submit(network, Request(image_url=REQUEST.image_url, video_url=motion.as_uri()))
    assert network.attempts == 1


@pytest.mark.parametrize("network", ["socket", "app"])
def test_changed_file_breaks_off(network: str, tmp_path: Path) -> None:
    """A body whose file has changed never ends, and the error says so, whatever the transport makes of that."""
    motion = tmp_path / "dance.mp4"
    motion.write_bytes(clip() + bytes(300_000))
    digests = {"video_url": sha256_of(motion)}
    request = Request(image_url=REQUEST.image_url, video_url=motion.as_uri())
    sent: list[bytes] = []

    class Taking(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            motion.write_bytes(clip() + bytes(299_999) + b"x")
            assert isinstance(request.stream, httpx.AsyncByteStream)
            try:
                async for chunk in request.stream:
                    sent.append(chunk)  # noqa: PERF401 - what came before the error counts
            except MediaError:
                if network == "socket":
                    raise
            return httpx.Response(500)

    def refused() -> None:
        said = r"dance\.mp4 has changed since it was chosen\. .*choose it again"
        with pytest.raises(MediaError, match=f"(?i){said}"):
            using(Taking(), lambda client: client.submit(request, client_request_id="wan-1", digests=digests))

    refused()
    assert sent
    assert not b"".join(sent).endswith(b"}")
    sent.clear()
    refused()
    assert sent == []
