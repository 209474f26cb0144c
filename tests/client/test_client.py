"""What goes over the wire, and what is made of the answers."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from wan_notebook import media
from wan_notebook.client import Balance, Client, LogRow, Service, Timeouts
from wan_notebook.client.responses import Response, redacted
from wan_notebook.client.service import EMBEDDED_URL
from wan_notebook.errors import (
    BadAnswer,
    DownloadFailed,
    InvalidRequest,
    JobNotFound,
    MediaError,
    NotAuthorized,
    Rejected,
    ServiceError,
    ServiceFailure,
    SubmitUnknown,
    TooBusy,
    Unreachable,
)
from wan_notebook.jobs.polling import PollSchedule, poll
from wan_notebook.model.job import COMPLETED, QUEUED, Job, Request, Usage
from wan_notebook.runtime.keys import Key
from wan_notebook.video import probe

from support.clock import Clock
from support.media import clip, picture, reference
from support.services import (
    BASE,
    CLIP_URL,
    Reply,
    ScriptedService,
    app_of,
    clip_reply,
    completed,
    generating,
    queued,
    refusal,
    shown_by,
)

T = TypeVar("T")
CANARY = "canary-0123456789abcdef"
REQUEST = Request(image_url="https://example.com/hero.png", video_url="https://example.com/dance.mp4")
SERVICE = Service.at(BASE, CANARY)
JOB = Job(id="job-1", status=COMPLETED, video=CLIP_URL, submitted_at=1.0)


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


# Submitting


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


# What a refusal says


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        (
            refusal(400, "Expected 'a' | 'b', received 'x'"),
            Rejected,
            "The service refused the request (“Expected 'a' | 'b', received 'x'”). Nothing was bought.",
        ),
        (
            refusal(401, "Invalid key"),
            NotAuthorized,
            "The service does not accept the key (“Invalid key”). wan.login() takes another one. Nothing was bought.",
        ),
        (
            refusal(429, retry_after="7"),
            TooBusy,
            "The service takes no more requests just now. Try again in 7 s. Nothing was bought.",
        ),
        (Reply(418, "I am <b>a teapot</b>"), Rejected, "The service refused this with HTTP 418. Nothing was bought."),
    ],
)
def test_refusal_names_reason_and_remedy(reply: Reply, kind: type[ServiceError], message: str) -> None:
    """The service's own words stand in a sentence of ours; a web page is left out."""
    with pytest.raises(kind) as refused:
        submit(ScriptedService(posts=[reply]))
    assert str(refused.value) == message


def test_refusal_keeps_support_details() -> None:
    """Status, request id and the shortened raw body stay on the error."""
    with pytest.raises(Rejected) as refused:
        submit(ScriptedService(posts=[refusal(422, "long " * 2000)]))
    assert (refused.value.status_code, refused.value.request_id) == (422, "req-1")
    assert refused.value.body.startswith('{"message": "long long')
    assert len(refused.value.body) < 2100
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": ["a is wrong", "b is wrong"]}, "a is wrong, b is wrong"),
        ({"error": {"message": "no credits"}}, "no credits"),
        ({"detail": [{"loc": ["body", "shift"], "msg": "too large"}]}, "shift: too large"),
        ({"message": {"detail": [{"loc": ["body", "shift"], "msg": "too large"}]}}, "shift: too large"),
        ("Bad &amp; ugly.", "Bad & ugly"),
        ("<html><h1>502</h1></html>", ""),
        ("", ""),
        ("[" * 100_000, ""),
        ({"message": None}, ""),
        (["odd"], ""),
    ],
)
def test_message_found_in_every_form(body: Any, words: str) -> None:
    """Texts, lists and objects become one line; pages and nonsense become none."""
    text = body if isinstance(body, str) else json.dumps(body)
    assert Response(400, {}, text).message == words


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("-3", 0.0),
        ("99999999", 300.0),
        ("inf", 300.0),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 1999 22:13:50 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 300.0),
        ("9" * 400, 300.0),
    ],
)
def test_retry_after_is_bounded(wish: str, seconds: float | None) -> None:
    """Retry-After may be seconds, a date or nonsense; nobody waits for a year."""
    assert Response(429, {"retry-after": wish}, "").retry_after(lambda: 1_700_000_000.0) == seconds


# Secrets


def test_echoed_secrets_are_redacted() -> None:
    """A service that repeats the request in its error gives neither key nor media away."""
    echo = f"auth Bearer {CANARY}, image data:image/png;base64,{'QUJD' * 1000} end"
    with pytest.raises(Rejected) as refused:
        submit(ScriptedService(posts=[Reply(400, {"message": echo}, {"x-request-id": CANARY})]))
    seen = f"{refused.value} {refused.value.body} {refused.value.request_id}"
    assert CANARY not in seen
    assert "QUJDQUJD" not in seen
    assert "data:image/png;base64,… end" in refused.value.body


def test_redaction_keeps_json_valid() -> None:
    """A data URI with escaped slashes, at the end of a text in a text, is taken out without its closing quote."""
    text = json.dumps({"input": json.dumps({"url": "data:video/mp4;base64,AA/BB=="})}).replace("/", "\\/")
    assert json.loads(json.loads(redacted(text, None))["input"]) == {"url": "data:video/mp4;base64,…"}
    assert redacted("Bearer abcdefghijklmnop!", None) == "Bearer …!"
    assert redacted("a\\/b", Key("a/b")) == "[key]"


@pytest.mark.parametrize(
    "network",
    [
        Broken(httpx.ConnectError("refused")),
        Broken(httpx.ReadTimeout("slow"), after_body=True),
        Broken(httpx.LocalProtocolError(f"Illegal header value b'Bearer {CANARY}'")),
        Broken(RuntimeError(f"a defect that shows Bearer {CANARY}"), after_body=True),
        Broken(asyncio.CancelledError()),  # type: ignore[arg-type]
        ScriptedService(posts=[refusal(401)]),
        ScriptedService(posts=[Reply(500, CANARY)]),
    ],
)
def test_no_traceback_shows_key(network: Any) -> None:
    """Frames with their local variables, and every exception behind, are free of the key."""
    with pytest.raises(BaseException) as failed:  # noqa: PT011 - whichever it is
        submit(network, service=Service.at(BASE, Key(CANARY)))
    assert all(CANARY not in shown for shown in shown_by(failed.value, except_in=__file__))


def test_broken_key_sends_nothing() -> None:
    """A key with a line break would be refused by the HTTP library, in words that show it."""
    app = ScriptedService()
    with pytest.raises(NotAuthorized, match="a character which no key has"):
        submit(app, service=Service.at(BASE, Key("broken\nkey", "AIML_API_KEY")))
    assert app.requests == []


def test_missing_key_sends_nothing() -> None:
    """Who has no key learns where to put one."""
    app = ScriptedService()
    with pytest.raises(NotAuthorized, match=r"wan\.login\(\)"):
        submit(app, service=Service.hosted())
    assert app.requests == []


def test_redirected_submit_goes_nowhere() -> None:
    """Neither the key nor a second POST follows a redirect."""
    app = ScriptedService(posts=[Reply(307, b"", {"location": "https://elsewhere.test/v2/video/generations"})])
    with pytest.raises(Rejected, match=r"sends us on to elsewhere\.test.*Nothing was bought"):
        submit(app)
    assert [one.host for one in app.requests] == ["service.test"]


# Fetching


def fetch(app: ScriptedService, **options: Any) -> Job:
    return using(app, lambda client: client.fetch("uuid:alibaba/wan 2"), **options)


def test_odd_id_arrives_unchanged() -> None:
    """Colons and slashes of an id survive the address."""
    app = ScriptedService()
    assert fetch(app).video == CLIP_URL
    assert app.requests[0].query == {"generation_id": "uuid:alibaba/wan 2"}


def test_fetch_retries_transient_errors() -> None:
    """Failures that pass are asked through, ever more slowly and as slowly as the service wishes."""
    clock = Clock()
    app = ScriptedService(fetches=[refusal(503), Reply(200, "<html>"), refusal(429, retry_after="40"), completed()])
    assert fetch(app, clock=clock).status == COMPLETED
    assert clock.naps == [0.5, 1.0, 40.0]


def test_fetch_gives_up_in_words() -> None:
    """A service that keeps failing is told apart from a failed job."""
    app = ScriptedService(fetches=[refusal(502)])
    with pytest.raises(ServiceFailure, match=r'HTTP 502.*The job goes on; wan\.resume\("uuid:alibaba/wan 2"\)'):
        fetch(app)
    assert len(app.requests) == 4


@pytest.mark.parametrize(("status", "kind"), [(401, NotAuthorized), (404, JobNotFound), (400, Rejected)])
def test_permanent_errors_raise_at_once(status: int, kind: type[ServiceError]) -> None:
    """A wrong key and an unknown job are not asked about again."""
    app = ScriptedService(fetches=[refusal(status)])
    with pytest.raises(kind):
        fetch(app)
    assert len(app.requests) == 1


def test_fetch_once_never_retries() -> None:
    """The waiting loop gets failures at once and counts them itself."""
    app = ScriptedService(fetches=[refusal(503), completed()])
    with pytest.raises(ServiceFailure):
        using(app, lambda client: client.fetch_once("job-1"))
    assert len(app.requests) == 1


# Downloading


def download(app: ScriptedService, target: Path, job: Job = JOB, **options: Any) -> Path:
    return using(app, lambda client: client.download(job, target), **options)


def test_clip_downloaded_whole_without_key(tmp_path: Path) -> None:
    """The bytes are the service's, and the key stays here."""
    app, target = ScriptedService(), tmp_path / "clip.mp4"
    assert download(app, target) == target
    assert target.read_bytes() == clip()
    (asked,) = app.requests
    assert asked.host == "files.test"
    assert "authorization" not in asked.headers
    assert list(tmp_path.iterdir()) == [target]


def test_redirect_followed_without_key(tmp_path: Path) -> None:
    """A clip may lie elsewhere; nothing but its address goes there."""
    app = ScriptedService(files=[Reply(302, b"", {"location": "https://cdn.test/real.mp4"}), clip_reply()])
    download(app, tmp_path / "clip.mp4")
    assert [one.host for one in app.requests] == ["files.test", "cdn.test"]
    assert all("authorization" not in one.headers for one in app.requests)


def test_expired_address_is_refreshed(tmp_path: Path) -> None:
    """When the old address answers no more, the job tells a fresh one."""
    app = ScriptedService(files=[refusal(403), clip_reply()], fetches=[completed("https://files.test/fresh.mp4")])
    download(app, tmp_path / "clip.mp4")
    assert [one.path for one in app.requests] == ["/clip.mp4", "/v2/video/generations", "/fresh.mp4"]
    assert (tmp_path / "clip.mp4").read_bytes() == clip()


def test_clip_address_may_be_relative(tmp_path: Path) -> None:
    """A path alone is a path on the service."""
    app = ScriptedService()
    download(app, tmp_path / "clip.mp4", JOB.model_copy(update={"video": "/files/clip.mp4"}))
    assert (app.requests[0].host, app.requests[0].path) == ("service.test", "/files/clip.mp4")
    assert "authorization" not in app.requests[0].headers


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://a/b.mp4", "http://[::1", "http://", "data:video/mp4;base64,AAAA"]
)
def test_bad_address_fails_in_words(address: str, tmp_path: Path) -> None:
    """Only web addresses are followed."""
    app = ScriptedService(fetches=[completed(address)])
    with pytest.raises(DownloadFailed, match=r'could not be saved: its address .*wan\.resume\("job-1"\)'):
        download(app, tmp_path / "clip.mp4", JOB.model_copy(update={"video": address}))
    assert list(tmp_path.iterdir()) == []


def test_unwritable_folder_is_not_retried(tmp_path: Path) -> None:
    """No attempt is repeated where the disk is at fault."""
    app = ScriptedService()
    with pytest.raises(DownloadFailed, match="cannot be written"):
        download(app, tmp_path / "missing" / "clip.mp4")
    assert len(app.requests) <= 1


# The account


def test_balance_is_read() -> None:
    """Amount and currency, in words too."""
    app = ScriptedService(others={"/v2/billing": [Reply(body={"current_balance": 1234.5, "currency": "USD"})]})
    balance = using(app, lambda client: client.balance())
    assert balance == Balance(1234.5, "USD")
    assert str(balance) == "$1,234.50"


@pytest.mark.parametrize("said", [{}, [], None, "x", {"current_balance": None}, {"current_balance": "much"}])
def test_missing_balance_is_none(said: Any) -> None:
    """An odd answer is no balance of zero."""
    app = ScriptedService(others={"/v2/billing": [Reply(body=json.dumps(said))]})
    assert using(app, lambda client: client.balance()) is None


MODEL = "alibaba/wan2.2-14b-animate-move"


def price_of(pricing: Any, **entry: Any) -> Any:
    listed = {"data": [{"id": "other"}, {"id": MODEL, "pricing": pricing, **entry}]}
    app = ScriptedService(others={"/v1/models": [Reply(body=listed)]})
    price = using(app, lambda client: client.price(MODEL))
    (asked,) = app.requests
    assert asked.query == {"id": MODEL, "include": "pricing"}
    assert "authorization" not in asked.headers
    return price and dict(price.usd_per_unit)


def test_price_by_resolution_is_read() -> None:
    """Rates that depend on the resolution are read with the number of units that they stand for."""
    variants = [
        {"when": {"resolution": "480p"}, "price": 40, "unit": "second", "per": 1000},
        {"when": {"resolution": "720p"}, "price": 0.005, "unit": "frame", "per": 1},
        {"when": {"audio": True}, "price": 9, "unit": "second"},
    ]
    assert price_of({"kind": "variants", "variants": variants}) == {"480p": 0.04, "720p": 0.08}


def test_fixed_price_covers_all_resolutions() -> None:
    """One rate is the rate of each."""
    assert price_of({"kind": "fixed", "units": [{"name": "second", "price": 0.05, "per": 1}]}) == {
        "480p": 0.05,
        "580p": 0.05,
        "720p": 0.05,
    }


def test_model_found_by_its_alias() -> None:
    """A model published under another name is the same model."""
    pricing = {"units": [{"unit": "second", "price": 0.05}]}
    assert price_of(pricing, id="alibaba/renamed", aliases=[MODEL])


@pytest.mark.parametrize(
    "pricing",
    [
        None,
        {},
        [],
        {"kind": "variable"},
        {"units": [{"unit": "token", "price": 1, "per": 1}]},
        {"units": [{"unit": "second", "price": "x"}]},
    ],
)
def test_price_in_unknown_unit_ignored(pricing: Any) -> None:
    """An unknown unit makes no estimate."""
    assert price_of(pricing) is None


def test_recent_durations_read_as_seconds() -> None:
    """Percentiles in milliseconds become shares and seconds."""
    duration = {"p50": 90_000, "p75": 110_000, "p90": 150_000, "p99": 300_000}
    listed = {"models": [{"alias": MODEL, "metrics": {"duration_ms": duration}}]}
    app = ScriptedService(others={"/models/metrics": [Reply(body=listed)]})
    known = using(app, lambda client: client.durations(MODEL))
    assert known == {0.5: 90.0, 0.75: 110.0, 0.9: 150.0, 0.99: 300.0}
    assert app.requests[0].query == {"aliases": MODEL}


@pytest.mark.parametrize(
    "listed",
    [
        {},
        {"models": []},
        {"models": [{"alias": MODEL, "metrics": {"duration_ms": {"p50": 900}}}]},
        {"models": [{"alias": MODEL}]},
    ],
)
def test_durations_of_requests_are_ignored(listed: Any) -> None:
    """Absent figures, and those of under five seconds, tell nothing about jobs."""
    app = ScriptedService(others={"/models/metrics": [Reply(body=listed)]})
    assert using(app, lambda client: client.durations(MODEL)) is None


def log_page(ids: list[str | None], has_more: bool) -> Reply:
    rows = [
        {
            "client_request_id": one,
            "inference_id": f"job-of-{one}",
            "status": "succeeded",
            "created": "2026-07-02T03:04:05.000Z",
            "cost": {"usd": 0.48, "credits": 960000},
        }
        for one in ids
    ]
    return Reply(body={"data": rows, "pagination": {"has_more": has_more}})


def test_lost_submit_found_in_log() -> None:
    """The row of our own id tells the job, on whichever page it stands."""
    app = ScriptedService(others={"/v2/logs": [log_page([None, "other"], True), log_page(["wan-1"], False)]})
    row = using(app, lambda client: client.look_up("wan-1"))
    assert row == LogRow("job-of-wan-1", "succeeded", 0.48)
    assert [one.query["offset"] for one in app.requests] == ["0", "100"]
    assert app.requests[0].query["period"] == "24h"


def test_unknown_submit_not_in_log() -> None:
    """No row of our id means none."""
    app = ScriptedService(others={"/v2/logs": [log_page(["other", None], False)]})
    assert using(app, lambda client: client.look_up("wan-1")) is None


def test_endless_log_proves_nothing() -> None:
    """What was not read to its end does not prove that nothing was bought."""
    app = ScriptedService(others={"/v2/logs": [log_page(["other", None], True)]})
    with pytest.raises(BadAnswer, match="too long"):
        using(app, lambda client: client.look_up("wan-1"))
    assert len(app.requests) == 5


# Services


def test_environment_chooses_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address, else a key, else the preview."""
    assert Service.choose() == Service.embedded()
    monkeypatch.setenv("AIML_API_KEY", CANARY)
    assert Service.choose() == Service.hosted(CANARY)
    monkeypatch.setenv("WAN_NOTEBOOK_BASE_URL", "http://127.0.0.1:8765/")
    assert Service.choose() == Service.at("http://127.0.0.1:8765", CANARY)


def test_later_login_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hosted service that was chosen without a key has the one that is found later; any other stays as it is."""
    chosen, other = Service.hosted(), Service.at("http://127.0.0.1:8765")
    assert chosen.renewed().key is None
    monkeypatch.setenv("AIMLAPI_API_KEY", CANARY)
    assert chosen.renewed() == Service.hosted(CANARY)
    assert other.renewed() is other


def test_only_local_services_are_free() -> None:
    """Whatever lies elsewhere may cost money; who knows better says so."""
    assert Service.at("http://127.0.0.1:8765", paid=True).paid
    assert not Service.at("https://classroom.example.com", paid=False).paid
    assert not Service.at("http://127.0.0.1:8765").paid
    assert not Service.at("http://localhost:8765").paid
    assert Service.at("https://gateway.example.com/wan").paid
    assert Service.hosted("k").paid
    assert not Service.embedded().paid


@pytest.mark.parametrize(
    "url", ["", "service.test", "ftp://a", "http://", "http://a:x", "http://a?b=c", "http://[::1", "http://u:p@a"]
)
def test_bad_service_address_is_refused(url: str) -> None:
    """A typing mistake is told where it is made, and a password in an address is not kept."""
    with pytest.raises(InvalidRequest) as refused:
        Service.at(url)
    assert "u:p" not in str(refused.value)


def test_base_address_keeps_its_path() -> None:
    """A gateway under a path is asked under that path."""
    app = ScriptedService(others={"/wan/v2/billing": [Reply(body={"current_balance": 1})]})
    service = Service.at("https://gateway.test/wan/")
    assert service.name == "gateway.test/wan"
    assert using(app, lambda client: client.balance(), service=service) == Balance(1.0)


def test_embedded_service_makes_a_clip(tmp_path: Path) -> None:
    """Two files go in, the service of this package makes a clip of them, and it comes home through the same door."""
    (tmp_path / "hero.png").write_bytes(picture())
    reference(tmp_path)
    request = Request(image_url=(tmp_path / "hero.png").as_uri(), video_url=(tmp_path / "small.mp4").as_uri())
    app = app_of()

    async def go() -> tuple[Job, Path, LogRow | None]:
        async with Client(Service.embedded(), transport=httpx.ASGITransport(app)) as client:
            job = await client.submit(request, client_request_id="wan-1")
            async for seen in poll(client.fetch_once, job, schedule=PollSchedule(floor=0.01, ceiling=0.05)):
                job = seen
            path = await client.download(job, tmp_path / "clip.mp4")
            row = await client.look_up("wan-1")
        await app.state.jobs.close()
        return job, path, row

    job, path, row = asyncio.run(go())
    assert (job.status, job.engine, job.usage) == (COMPLETED, "preview", Usage(credits_used=0))
    assert probe(path).frames == 10
    assert row is not None
    assert row.job_id == job.id


def test_embedded_service_needs_no_network() -> None:
    """Without a transport of its own, the client of the embedded service needs no network."""

    async def go() -> Any:
        async with Client(Service.embedded()) as client:
            return await client.balance(), await client.durations(MODEL), await client.price(MODEL)

    balance, durations, price = asyncio.run(go())
    assert (balance, durations) == (Balance(0.0), None)
    assert price is not None
    assert set(price.usd_per_unit.values()) == {0.0}
    assert EMBEDDED_URL == "http://embedded.invalid"


def test_missing_preview_names_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the preview's libraries the way to install them is told."""
    monkeypatch.setattr("wan_notebook.client.service._PREVIEW_NEEDS", ("no_such_library",))

    async def go() -> None:
        async with Client(Service.embedded()):
            pass

    with pytest.raises(Unreachable, match=r"pip install 'wan-notebook\[preview\]'"):
        asyncio.run(go())


def test_generating_is_not_final() -> None:
    """A running job is fetched as one."""
    job = using(ScriptedService(fetches=[generating()]), lambda client: client.fetch("job-1"))
    assert not job.status.final
