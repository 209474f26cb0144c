"""Every fault of a service: what the user sees, how many jobs were bought, what can be resumed."""

import gzip
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wan_notebook.client import Service

from support.clients import CANARY, live
from support.clock import Clock
from support.media import clip
from support.services import (
    BASE,
    Reply,
    ScriptedService,
    clip_reply,
    completed,
    generating,
    queued,
    refusal,
    shown_by,
)


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
HALF_COMPRESSED = gzip.compress(clip())[:-20]
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
        "compressed in a way that cannot be read",
        files=[Reply(200, b"x", {"content-encoding": "gzip"})],
    ),
    Row("file: compressed", "clip", files=[Reply(200, gzip.compress(clip()), {"content-encoding": "gzip"})]),
    Row(
        "file: compressed and cut", "DownloadFailed", files=[Reply(200, HALF_COMPRESSED, {"content-encoding": "gzip"})]
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
    assert all(CANARY not in shown for shown in (seen, *shown_by(outcome.error)))
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


@pytest.mark.slow
@settings(max_examples=80)
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
