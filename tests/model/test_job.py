"""A request is checked before it is sent; a job is read off anything that a service may answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wan_notebook.client.parsing import parse_error, parse_job
from wan_notebook.errors import InvalidRequest
from wan_notebook.model import protocol
from wan_notebook.model.job import (
    COMPLETED,
    ERROR,
    GENERATING,
    QUEUED,
    Job,
    Request,
    Status,
    Usage,
    local_path,
    shorten,
)

MEDIA = {"image_url": "https://example.com/hero.png", "video_url": "https://example.com/dance.mp4"}


def read(answer: Any, *, at: float = 100.0, before: Job | None = None) -> Job:
    return parse_job(answer, at=at, before=before)


# Requests


def test_a_request_has_defaults() -> None:
    """Whoever sets nothing gets what the vendor would assume."""
    assert Request(**MEDIA).settings == {
        "model": "alibaba/wan2.2-14b-animate-move",
        "resolution": "480p",
        "num_inference_steps": 20,
        "shift": 5.0,
        "video_quality": "high",
        "video_write_mode": "balanced",
        "enable_safety_checker": None,
    }


def test_choices_ignore_case() -> None:
    """720P is 720p, and replace is the model's whole name."""
    request = Request(**MEDIA, resolution=" 720P ", video_quality="Maximum", model="Replace")
    assert (request.resolution, request.video_quality) == ("720p", "maximum")
    assert request.model == "alibaba/wan2.2-14b-animate-replace"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"resolution": "1080p"}, "resolution is '1080p', but must be 480p or 580p or 720p."),
        (
            {"num_inference_steps": 41},
            "num_inference_steps is 41, but must be a whole number from 2 to 40.",
        ),
        (
            {"num_inference_steps": 2.5},
            "num_inference_steps is 2.5, but must be a whole number from 2 to 40.",
        ),
        ({"num_inference_steps": True}, "num_inference_steps is True, but must be a whole number from 2 to 40."),
        ({"shift": 0.5}, "shift is 0.5, but must be a number from 1 to 10."),
        ({"shift": float("nan")}, "shift is nan, but must be a number from 1 to 10."),
        ({"enable_safety_checker": 1}, "enable_safety_checker is 1, but must be True, False or None."),
        ({"resolutoin": "480p"}, "There is no setting resolutoin. Did you mean resolution?"),
        ({"extra": 5}, "extra is 5, but must be fields by their names, as {'seed': 7}."),
        (
            {"extra": {"video_url": "https://example.com/long.mp4"}},
            "extra holds video_url, which is checked and priced",
        ),
        ({"extra": {"model": "dearer"}}, "extra holds model, which is checked and priced as an argument of its own."),
        ({"extra": {"seed": object()}}, "extra holds a value that cannot be sent as JSON (Object of type object is"),
        ({"extra": {"seed": float("nan")}}, "extra holds a value that cannot be sent as JSON"),
        ({"steps": 10}, "There is no setting steps. Did you mean num_inference_steps?"),
    ],
)
def test_invalid_settings_are_refused(fields: dict[str, Any], message: str) -> None:
    """The message names the field, what came and what is allowed."""
    with pytest.raises(InvalidRequest) as refused:
        Request(**MEDIA, **fields)
    assert str(refused.value).startswith(message)


def test_extra_fields_are_kept() -> None:
    """What is changed in a mapping after a request was made of it changes nothing that is sent."""
    extra = {"points": [(1, 2)]}
    request = Request(**MEDIA, extra=extra)
    extra["points"].append((3, 4))
    assert request.body()["points"] == [[1, 2]]
    assert Request(**MEDIA).extra is not Request(**MEDIA).extra


def test_a_path_is_no_url() -> None:
    """A path where a URL belongs is refused with the way to make one."""
    with pytest.raises(InvalidRequest, match=r"wan_notebook\.media\.picture\(…\) makes one"):
        Request(image_url="hero.png", video_url=MEDIA["video_url"])


def test_a_repr_omits_the_media() -> None:
    """A data URI of a megabyte stays out of the repr."""
    request = Request(image_url="data:image/png;base64," + "A" * 1_000_000, video_url=MEDIA["video_url"])
    assert "data:image/png;base64,… (1,000,022 characters)" in repr(request)
    assert len(repr(request)) < 600


def test_only_texts_are_shortened() -> None:
    """shorten() cuts texts alone."""
    assert shorten("a" * 200) == "a" * 120 + "…"
    assert shorten(12345) == 12345


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///a/b%20c.png", "/a/b c.png"),
        ("FILE://LOCALHOST/a/b.png", "/a/b.png"),
        ("file:/a/b.png", "/a/b.png"),
        ("file://server/share/b.png", "//server/share/b.png"),
        ("file:////server/share/b.png", "//server/share/b.png"),
        ("file:///a/b#1?.png", "/a/b#1?.png"),
        ("file:///a/%E4.png", "/a/\udce4.png"),
    ],
)
def test_file_urls_keep_all(url: str, path: str) -> None:
    """The path of a file URL keeps its server, and every character of its name."""
    assert local_path(url) == Path(path)
    assert str(local_path(url)) == str(Path(path))


def test_web_address_has_no_path() -> None:
    """What is no file URL names no file."""
    assert local_path("https://file.test/a.png") is None


# Jobs


def test_the_published_example_is_read() -> None:
    """The answer of the vendor's documentation gives a finished job with its clip and its price."""
    job = read(
        {
            "id": "60ac7c34-3224-4b14-8e7d-0aa0db708325",
            "status": "completed",
            "video": {"url": "https://cdn.example.com/clip.mp4"},
            "error": None,
            "meta": {"usage": {"credits_used": 120000}},
        }
    )
    assert job.id == "60ac7c34-3224-4b14-8e7d-0aa0db708325"
    assert job.status == COMPLETED
    assert job.video == "https://cdn.example.com/clip.mp4"
    assert job.usage == Usage(credits_used=120000)
    assert job.usage is not None
    assert job.usage.usd == 0.06


@pytest.mark.parametrize(
    "video",
    [
        {"url": "https://a/b.mp4"},
        {"url": "https://a/b.mp4", "content_type": "video/mp4", "file_size": 12, "duration": 5.0},
        ["https://a/b.mp4", "https://a/c.mp4"],
        [{"url": "https://a/b.mp4"}],
        "https://a/b.mp4",
    ],
)
def test_every_clip_form_is_read(video: Any) -> None:
    """An object, a list of URLs, a list of objects and a bare URL all name the clip."""
    assert read({"id": "1", "status": "completed", "video": video}).video == "https://a/b.mp4"


@pytest.mark.parametrize("video", [None, [], {}, {"url": None}, {"url": 5}, 7, "", [[]], {"url": ""}])
def test_no_clip_is_no_failure(video: Any) -> None:
    """A job whose clip is not told is still a job."""
    assert read({"id": "1", "status": "completed", "video": video}).video is None


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"name": "Error", "message": "no face found"}, "no face found"),
        ({"detail": [{"loc": ["body", "video_url"], "msg": "too long", "type": "value"}]}, "video_url: too long"),
        ({"detail": [{"loc": "video_url", "msg": "too long"}]}, "video_url: too long"),
        ({"detail": [{"loc": 5, "msg": "too long"}]}, "5: too long"),
        ({"detail": "not allowed"}, "not allowed"),
        ("out of memory", "out of memory"),
        ({"message": "invalid", "data": [{"path": ["shift"], "message": "too large"}]}, "shift: too large"),
        ({"name": "Timeout"}, "Timeout"),
        (None, None),
        ("", None),
        ({}, None),
    ],
)
def test_every_error_form_is_read(error: Any, message: str | None) -> None:
    """Objects, validation lists and plain texts all become one message."""
    assert read({"id": "1", "status": "error", "error": error}).error == message


def test_an_unknown_status_is_running() -> None:
    """A word that we do not know is kept as it came, and the job is taken to go on."""
    status = read({"id": "1", "status": "Finalizing"}).status
    assert (str(status), status.final, status.known) == ("Finalizing", False, False)


@pytest.mark.parametrize(("word", "status"), [("COMPLETED", COMPLETED), (" error ", ERROR), ("Queued", QUEUED)])
def test_a_status_ignores_case(word: str, status: Status) -> None:
    """A finished job is not waited for because of a capital letter."""
    assert read({"id": "1", "status": word}).status == status


@pytest.mark.parametrize(
    ("word", "video", "status"),
    [
        ("succeeded", {"url": "https://a/b.mp4"}, COMPLETED),
        ("Succeeded", ["https://a/b.mp4"], COMPLETED),
        ("succeeded", None, "succeeded"),
        ("failed", None, ERROR),
        ("FAILED", None, ERROR),
    ],
)
def test_other_models_words_are_ends(word: str, video: Any, status: str) -> None:
    """The gateway's words for the ends of other models are ends; success without a clip is none yet."""
    job = read({"id": "1", "status": word, "video": video})
    assert job.status == status
    assert job.status.final == (status in (COMPLETED, ERROR))


def test_the_status_outweighs_an_error() -> None:
    """A running job with a word in its error field goes on."""
    assert not read({"id": "1", "status": "generating", "error": {"message": "retrying"}}).status.final


def test_a_numeric_id_is_read() -> None:
    """A number where a text belongs loses no job."""
    assert read({"id": 1234567890123, "status": "queued"}).id == "1234567890123"


def test_first_answers_set_the_times() -> None:
    """When a job was submitted, began and ended is told by the first answers that say so."""
    queued = read({"id": "1", "status": "queued"}, at=1.0)
    running = read({"id": "1", "status": "generating"}, at=2.0, before=queued)
    later = read({"id": "1", "status": "generating"}, at=3.0, before=running)
    done = read({"id": "1", "status": "completed"}, at=4.0, before=later)
    again = read({"id": "1", "status": "completed"}, at=9.0, before=done)
    assert (queued.submitted_at, queued.started_at, queued.finished_at) == (1.0, None, None)
    assert (again.submitted_at, again.started_at, again.finished_at) == (1.0, 2.0, 4.0)


def test_shorter_answers_erase_nothing() -> None:
    """An answer that says less than the one before takes nothing away but its trouble."""
    before = Job(
        id="1",
        status=GENERATING,
        usage=Usage(credits_used=5),
        engine="preview",
        preflight={"faces": 1},
        request_id="r",
        poll_error="Connection lost, retrying.",
    )
    job = read({"id": "1", "status": "generating"}, before=before)
    assert (job.usage, job.engine, job.preflight, job.request_id) == (
        Usage(credits_used=5),
        "preview",
        {"faces": 1},
        "r",
    )
    assert job.poll_error is None


def test_a_job_keeps_its_id() -> None:
    """An answer which names the job otherwise, or not at all, is still about that job."""
    before = Job(id="uuid:alibaba/wan", status=QUEUED)
    assert read({"id": "uuid", "status": "queued"}, before=before).id == "uuid:alibaba/wan"
    assert read({"status": "queued"}, before=before).id == "uuid:alibaba/wan"


@pytest.mark.parametrize(
    ("progress", "read_as"), [(0.25, 0.25), (1, 1.0), (55, None), (-1, None), ("half", None), (True, None)]
)
def test_progress_is_a_share(progress: Any, read_as: float | None) -> None:
    """A figure that is no share of the work is not shown as one."""
    assert read({"id": "1", "status": "generating", "meta": {"progress": progress}}).progress == read_as


@pytest.mark.parametrize(
    "answer", [None, [], "queued", 5, {}, {"id": "1"}, {"status": "queued"}, {"id": "", "status": "queued"}]
)
def test_an_incomplete_job_is_refused(answer: Any) -> None:
    """Without an id and a status there is nothing to hold on to."""
    with pytest.raises(ValueError, match="Job"):
        read(answer)


# Anything at all

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=12,
)
error_like = st.dictionaries(
    st.sampled_from(["name", "message", "detail"]),
    json_values | st.lists(st.dictionaries(st.sampled_from(["loc", "msg", "type", "input"]), json_values), max_size=3),
)
meta_like = st.fixed_dictionaries(
    {},
    optional={
        "usage": json_values
        | st.dictionaries(st.sampled_from(["credits_used", "tokens_used", "usd_spent"]), json_values),
        "progress": json_values,
        "preflight": json_values,
    },
)
answers = st.fixed_dictionaries(
    {},
    optional={
        "id": json_values,
        "status": json_values | st.sampled_from([*protocol.STATUSES, "waiting", "active"]),
        "video": json_values | st.dictionaries(st.just("url"), json_values),
        "error": json_values | error_like,
        "meta": json_values | meta_like,
        "engine": json_values,
    },
)


@given(answer=json_values | answers)
def test_no_answer_breaks_parsing(answer: Any) -> None:
    """Whatever JSON comes, it is a job that can be written down, or a ValueError."""
    try:
        job = read(answer)
    except ValueError:
        return
    assert Job.read(json.loads(json.dumps(job.as_json()))) == job
    assert repr(job)


@given(answer=answers, job_id=st.text("abc:/-0123456789", min_size=1), status=st.sampled_from(protocol.STATUSES))
@example(answer={"meta": {"usage": {"credits_used": 10**400}}}, job_id="1", status="queued")
@example(answer={"error": {"detail": [{"loc": 5}]}}, job_id="1", status="error")
@example(answer={"error": "\ud800"}, job_id="1", status="error")
@example(answer={"meta": {"preflight": {"\ud800": "\udfff"}}}, job_id="1", status="queued")
def test_no_oddity_hides_a_job(answer: dict[str, Any], job_id: str, status: str) -> None:
    """An answer with a usable id and status is that job, whatever else stands in it."""
    job = read({**answer, "id": job_id, "status": status})
    assert (job.id, job.status) == (job_id, status)
    assert Job.read(json.loads(json.dumps(job.as_json()))) == job


@given(error=json_values | error_like)
def test_every_error_has_a_message(error: Any) -> None:
    """parse_error never fails, and never gives an empty text."""
    message = parse_error(error)
    assert message is None or message.strip()


def test_deep_nesting_harms_nothing() -> None:
    """A list in a list, nine hundred times, where a text belongs, hides no job."""
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    assert read({"id": "1", "status": "queued", "video": deep, "error": {"message": deep}}).id == "1"
