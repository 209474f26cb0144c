"""Fetching a job."""

from typing import Any

import pytest

from wan_notebook.errors import JobNotFound, NotAuthorized, Rejected, ServiceError, ServiceFailure
from wan_notebook.model.job import COMPLETED, GENERATING, Job

from support.clients import using
from support.clock import Clock
from support.services import (
    CLIP_URL,
    Reply,
    ScriptedService,
    completed,
    generating,
    refusal,
)


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
    with pytest.raises(ServiceFailure, match=r'HTTP 502.*goes on; wan\.resume\("uuid:alibaba/wan 2", service=.*key\)'):
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


def test_news_is_what_was_not_told() -> None:
    """A fetch that waits says what it was told last; one that was told nothing asks for the present state at once."""
    told = Job(id="job-1", status=GENERATING, revision=7)
    app = ScriptedService(fetches=[generating(meta={"revision": 8})])
    later = using(app, lambda client: client.fetch_once("job-1", before=told, wait=20.0))
    assert later.revision == 8
    assert app.requests[0].query == {"generation_id": "job-1", "after": "7"}
    assert app.requests[0].headers["prefer"] == "wait=20"
    resumed = Job(id="job-1", status=GENERATING)
    using(app, lambda client: client.fetch_once("job-1", before=resumed, wait=20.0))
    assert app.requests[1].query == {"generation_id": "job-1"}
    assert "prefer" not in app.requests[1].headers


def test_generating_is_not_final() -> None:
    """A running job is fetched as one."""
    job = using(ScriptedService(fetches=[generating()]), lambda client: client.fetch("job-1"))
    assert not job.status.final
