"""Earlier jobs that make new ones needless."""

from typing import Any

import pytest

from wan_notebook.jobs.journal import Journal, fingerprint

from support.clock import Clock
from support.journals import IMAGE, REQUEST, VIDEO, answer, begin, finish
from support.media import Source


def test_finished_job_is_reusable(journal: Journal, clock: Clock) -> None:
    """A finished job answers for one that asks the same, until its clip is removed."""
    done = finish(journal, clock, 60)
    assert done.clip is not None
    assert journal.reusable([done.fingerprint]) == {done.fingerprint: done}
    done.clip.unlink()
    assert journal.reusable([done.fingerprint]) == {}


def test_running_job_is_reused(journal: Journal) -> None:
    """Where the same is being sent or not finished yet, that job is given instead of a new one, unless asked for."""
    sending = begin(journal)
    assert begin(journal, reuse=True) == sending
    running = journal.submitted(sending, answer("queued", 1_000.0))
    assert begin(journal, reuse=True) == running
    assert begin(journal, reuse=True, video=VIDEO._replace(sha256="cc")).number == 2
    journal.seen(running, answer("error", 1_001.0))
    assert begin(journal, reuse=True).number == 3
    assert begin(journal).number == 4


def print_of(**changes: Any) -> str:
    whole = {"request": REQUEST, "base_url": "https://api.example", "image": IMAGE, "video": VIDEO, "prepare": None}
    whole |= changes
    return fingerprint(whole.pop("request"), **whole)


def test_renamed_file_is_the_same() -> None:
    """Files count by their contents, not by their names or places."""
    assert print_of() == print_of(image=Source("file:///other.png", "other.png", 1000, "aa"))
    assert print_of() == print_of(base_url="https://api.example/")


@pytest.mark.parametrize(
    "change",
    [
        {"request": REQUEST.model_copy(update={"shift": 7.0})},
        {"request": REQUEST.model_copy(update={"model": "alibaba/wan2.2-14b-animate-replace"})},
        {"request": REQUEST.model_copy(update={"extra": {"seed": 1}})},
        {"base_url": "http://127.0.0.1:8000"},
        {"image": IMAGE._replace(sha256="cc")},
        {"video": VIDEO._replace(sha256="cc")},
        {"prepare": {"fps": 16}},
    ],
    ids=["setting", "model", "extra", "service", "picture", "video", "preparation"],
)
def test_fingerprint_follows_the_clip(change: dict[str, Any]) -> None:
    """Two jobs are the same only if all that shapes the clip is the same."""
    assert print_of(**change) != print_of()


def test_many_fingerprints_in_one_query(journal: Journal, clock: Clock) -> None:
    """One query tells, for each of very many fingerprints, the newest job that asked the same."""
    old, new = finish(journal, clock, 60), finish(journal, clock, 70)
    other = begin(journal, request=REQUEST.model_copy(update={"shift": 9.0}))
    asked = [f"none-{number}" for number in range(3000)]
    told = journal.reusable([*asked, old.fingerprint, other.fingerprint])
    assert {name: entry.number for name, entry in told.items()} == {
        old.fingerprint: new.number,
        other.fingerprint: other.number,
    }


def test_finished_job_prevents_new_row(journal: Journal, clock: Clock) -> None:
    """A finished job that asked the same is returned instead of a new row, unless a new one is asked for."""
    done = finish(journal, clock, 60)
    assert begin(journal, reuse=True) == done
    assert begin(journal).number == done.number + 1
    assert begin(journal, request=REQUEST.model_copy(update={"shift": 9.0}), reuse=True).phase == "submitting"
    assert len(journal.entries()) == 3


def test_withdrawn_job_leaves_no_row(journal: Journal) -> None:
    """A job that the service was too busy to take is withdrawn."""
    journal.withdraw(journal.rejected(begin(journal), "Too busy."))
    assert journal.entries() == []
