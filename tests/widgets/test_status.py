"""The status bar's Python half."""

import itertools

import pytest

from wan_notebook.errors import JobFailed, ServiceFailure
from wan_notebook.jobs.progress import Progress, RunPhase
from wan_notebook.model.job import Job
from wan_notebook.widgets.status import StatusBar, StatusState
from wan_notebook.widgets.status.status import Timer, status_state

from support.widgets import send_from_browser

GENERATING = StatusState("Generating", "busy", fraction=0.5)
JOB = Job(id="one", status="pondering", submitted_at=10.0, started_at=12.0)


def test_a_state_replaces_another() -> None:
    """A state replaces the one before it whole, and the browser reads its fields by name."""
    bar = StatusBar(clock=lambda: 100.0)
    bar.render(StatusState("Queued", "busy", trouble="no answer"))
    bar.render(GENERATING)
    assert (bar.state["phase"], bar.state["fraction"], bar.state["trouble"]) == ("Generating", 0.5, "")
    assert set(bar.state) == set(vars(GENERATING))


def test_a_misspelt_field_is_refused() -> None:
    """A field that the bar cannot show is an error that names it."""
    with pytest.raises(TypeError, match="fase"):
        StatusState(fase="Queued")  # type: ignore[call-arg]


def test_resending_brings_the_time() -> None:
    """The state that is sent once more, for a lost update, has a new time."""
    bar = StatusBar(clock=itertools.count(10.0).__next__)
    bar.render(GENERATING)
    before = bar.state
    bar.refresh()
    assert bar.state == {**before, "now": before["now"] + 1}


def test_same_state_is_not_sent_again() -> None:
    """A state that is shown already is not shown anew for its time alone."""
    bar = StatusBar(clock=itertools.count(10.0).__next__)
    bar.render(GENERATING)
    before = bar.state
    bar.render(GENERATING)
    assert bar.state == before


def test_unknown_messages_change_nothing() -> None:
    """Messages of another type, or of no type, are ignored."""
    bar = StatusBar(clock=lambda: 100.0)
    before = bar.state
    for message in ({"type": "render"}, {}):
        send_from_browser(bar, message)
    assert bar.state == before
    assert (before["phase"], before["tone"]) == ("Ready", "calm")


def test_queue_and_generation_are_timed() -> None:
    """Each part of the whole time has its own clock."""
    timers = status_state(Progress(phase=RunPhase.GENERATING, job=JOB)).timers
    assert timers == (Timer("Queue", 10.0, 12.0), Timer("Generation", 12.0, None))


def test_an_unknown_status_is_quoted() -> None:
    """An unknown status is shown in the service's own word, and counts as running."""
    state = status_state(Progress(phase=RunPhase.GENERATING, job=JOB))
    assert (state.raw_status, state.tone) == ("pondering", "busy")


def test_an_error_has_its_details() -> None:
    """An error is one sentence; the facts that a support team needs are there, apart from it."""
    error = ServiceFailure("The service failed.", status_code=502, request_id="r-1", body="oops")
    state = status_state(Progress(phase=RunPhase.FAILED, message=str(error), error=error))
    assert state.message == "The service failed."
    assert state.details == "HTTP status: 502\nRequest id: r-1\nAnswer: oops"
    assert status_state(Progress(phase=RunPhase.FAILED, error=JobFailed("no", JOB))).details == ""
