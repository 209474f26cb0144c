"""Earlier jobs that make new ones needless."""

from dataclasses import replace
from typing import Any

import pytest

from wan_notebook import media
from wan_notebook.client import Service
from wan_notebook.jobs.journal import Journal, fingerprint
from wan_notebook.model.job import Request
from wan_notebook.model.protocol import MODELS_MISSING
from wan_notebook.runtime.data_dir import subfolder

from support.clock import Clock
from support.journals import IMAGE, REQUEST, VIDEO, answer, begin, finish
from support.media import Source
from support.services import HOSTED

FREE = Service.embedded()


def test_finished_job_is_reusable(journal: Journal, clock: Clock) -> None:
    """A finished job answers for one that asks the same, until its clip is removed."""
    done = finish(journal, clock, 60)
    assert done.clip is not None
    assert journal.reusable([done.fingerprint]) == {done.fingerprint: done}
    done.clip.unlink()
    assert journal.reusable([done.fingerprint]) == {}


@pytest.mark.parametrize("service", [FREE, HOSTED], ids=["free", "paid"])
def test_faceless_preview_is_made_again(journal: Journal, service: Service) -> None:
    """A preview that lacked the face models answers for no later job; what was paid does, whatever the service says."""
    notice = {"about": "picture", "topic": MODELS_MISSING, "text": "The face models are missing."}
    entry = begin(journal, service=service)
    clip = subfolder("clips") / "faceless.mp4"
    clip.write_bytes(b"clip")
    saved = journal.saved(entry, answer("completed", 1.0, meta={"preflight": {"notices": [notice]}}), clip)
    assert saved.done
    assert set(journal.reusable([entry.fingerprint])) == ({entry.fingerprint} if service.paid else set())


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
    whole = {"request": REQUEST, "base_url": "https://api.example", "image": IMAGE, "video": VIDEO}
    whole |= changes
    return fingerprint(whole.pop("request"), **whole)


def test_renamed_file_is_the_same() -> None:
    """Files count by their contents, not by their names or places."""
    assert print_of() == print_of(image=Source("file:///other.png", "other.png", 1000, "aa"))
    assert print_of() == print_of(base_url="https://api.example/")


@pytest.mark.parametrize(
    "change",
    [
        {"request": replace(REQUEST, shift=7.0)},
        {"request": replace(REQUEST, model="alibaba/wan2.2-14b-animate-replace")},
        {"request": replace(REQUEST, extra={"seed": 1})},
        {"base_url": "http://127.0.0.1:8000"},
        {"image": IMAGE._replace(sha256="cc")},
        {"video": VIDEO._replace(sha256="cc")},
    ],
    ids=["setting", "model", "extra", "service", "picture", "video"],
)
def test_fingerprint_follows_the_clip(change: dict[str, Any]) -> None:
    """Two jobs are the same only if all that shapes the clip is the same."""
    assert print_of(**change) != print_of()


@pytest.mark.parametrize(
    "spelling",
    [
        "http://127.0.0.1:8765/",
        "http://LocalHost:8765",
        "http://[::1]:8765",
        "http://localhost:8765/v2",
        "HTTP://localhost:8765/V1/",
    ],
)
def test_service_counts_by_its_place(spelling: str) -> None:
    """The ways of writing a service's address make no other service; another port, host or path does."""
    here = print_of(base_url="http://localhost:8765")
    assert print_of(base_url=spelling) == print_of(base_url=Service.at(spelling).base_url) == here
    others = (
        "http://localhost:8766",
        "http://gateway.test:8765",
        "http://localhost:8765/wan",
        "https://localhost:8765",
    )
    assert here not in [print_of(base_url=other) for other in others]


def test_web_address_counts_by_its_place() -> None:
    """An input that only the service reads counts as its address, however that is written."""

    def of(url: str) -> str:
        request = Request(image_url=REQUEST.image_url, video_url=url)
        return fingerprint(request, base_url="https://api.example", video=media.video(url))

    same = (
        "https://example.com/a.mp4?x=1",
        "HTTPS://EXAMPLE.com:443/a.mp4?x=1#t=2",
        "https://example.com./a.mp4?x=1",
    )
    assert len({of(url) for url in same}) == 1
    others = ("https://example.com/a.mp4?x=2", "https://example.com/A.mp4?x=1", "http://example.com/a.mp4?x=1")
    assert of(same[0]) not in [of(url) for url in others]


def test_many_fingerprints_in_one_query(journal: Journal, clock: Clock) -> None:
    """One query tells, for each of very many fingerprints, the newest job that asked the same."""
    old, new = finish(journal, clock, 60), finish(journal, clock, 70)
    other = begin(journal, request=replace(REQUEST, shift=9.0))
    asked = [f"none-{number}" for number in range(3000)]
    found = journal.reusable([*asked, old.fingerprint, other.fingerprint])
    assert {name: entry.number for name, entry in found.items()} == {
        old.fingerprint: new.number,
        other.fingerprint: other.number,
    }


def test_finished_job_prevents_new_row(journal: Journal, clock: Clock) -> None:
    """A finished job that asked the same is returned instead of a new row, unless a new one is asked for."""
    done = finish(journal, clock, 60)
    assert begin(journal, reuse=True) == done
    assert begin(journal).number == done.number + 1
    assert begin(journal, request=replace(REQUEST, shift=9.0), reuse=True).phase == "submitting"
    assert len(journal.entries()) == 3


def test_withdrawn_job_leaves_no_row(journal: Journal) -> None:
    """A job that the service was too busy to take is withdrawn."""
    journal.withdraw(journal.rejected(begin(journal), "Too busy."))
    assert journal.entries() == []
