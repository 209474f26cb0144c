"""What a status bar says of a run."""

from wan_notebook.errors import JobFailed, ServiceFailure
from wan_notebook.jobs.progress import Progress, RunPhase
from wan_notebook.model.job import Job
from wan_notebook.widgets.status.status import status_of

JOB = Job(id="one", status="pondering", submitted_at=10.0, started_at=12.0)


def test_the_status_bar_tells_queue_and_generation_apart() -> None:
    """Each part of the whole time has its own clock."""
    timers = status_of(Progress(phase=RunPhase.GENERATING, job=JOB))["timers"]
    assert timers == [
        {"label": "Queue", "since": 10.0, "until": 12.0},
        {"label": "Generation", "since": 12.0, "until": None},
    ]


def test_the_status_bar_shows_a_word_it_does_not_know_as_it_came() -> None:
    """An unknown status is shown in the service's own word, and counts as running."""
    state = status_of(Progress(phase=RunPhase.GENERATING, job=JOB))
    assert (state["raw_status"], state["tone"]) == ("pondering", "busy")


def test_an_error_is_one_sentence_with_its_details_apart() -> None:
    """What a support team needs is folded away, and there."""
    error = ServiceFailure("The service failed.", status_code=502, request_id="r-1", body="oops")
    state = status_of(Progress(phase=RunPhase.FAILED, message=str(error), error=error))
    assert state["message"] == "The service failed."
    assert state["details"] == "HTTP status: 502\nRequest id: r-1\nAnswer: oops"
    assert status_of(Progress(phase=RunPhase.FAILED, error=JobFailed("no", JOB)))["details"] == ""
