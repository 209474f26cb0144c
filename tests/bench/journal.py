"""What a call of the journal costs with ten thousand jobs in it, beside one with ten."""

import contextlib
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from wan_notebook.client.parsing import parse_job
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.model.job import Request

from support.bench_rows import Row, at_most
from support.measuring import taken
from support.services import HOSTED

REQUEST = Request(image_url="file:///hero.png", video_url="file:///dance.mp4")


def finished(journal: Journal) -> Entry:
    """Take one job from the submit to the saved clip."""
    entry = journal.begin(REQUEST, service=HOSTED)
    for status in ("queued", "completed"):
        job = parse_job({"id": f"job:{entry.number}", "status": status}, at=time.time())
        entry = journal.seen(entry, job)
    return journal.saved(entry, job, __file__)


def filled(path: Path, size: int) -> Journal:
    """Make a journal in which the first job lies so often, each with an id and a fingerprint of its own."""
    journal = Journal(path)
    finished(journal)
    own = ("number", "client_request_id", "job_id", "fingerprint")
    with contextlib.closing(sqlite3.connect(journal.path)) as connection, connection:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(jobs)")]
        names = ", ".join(name for name in columns if name not in own)
        connection.execute(f"""
            WITH RECURSIVE copies(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM copies WHERE n < {size})
            INSERT INTO jobs (client_request_id, job_id, fingerprint, {names})
            SELECT 'copy-' || n, 'job:' || n, 'print-' || n, {names} FROM jobs, copies WHERE number = 1""")
    return journal


def calls(journal: Journal) -> dict[str, Callable[[], object]]:
    """The calls that a session makes."""
    entry = journal.begin(REQUEST, service=HOSTED)
    queued = parse_job({"id": "bench", "status": "queued"}, at=time.time())
    entry = journal.submitted(entry, queued)
    return {
        "a submit is written": lambda: journal.begin(REQUEST, service=HOSTED),
        "a change is written": lambda: journal.saved(entry, queued, f"/clips/{time.time_ns()}.mp4"),
        "a job is found": lambda: journal.find("job:5"),
        "the same job is looked for": lambda: journal.reusable(["print-5"]),
        "the newest 10 are listed": lambda: journal.entries(limit=10),
        "running jobs are listed": journal.running,
    }


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    few, many = (10, 5_000) if small else (10, 10_000)
    empty, full = (calls(filled(folder / f"{size}.sqlite3", size)) for size in (few, many))
    for name in full:
        # In turn, so that other work of the disk meets both alike.
        pairs = [(taken(full[name]).seconds, taken(empty[name]).seconds) for _ in range(3 if small else 25)]
        ours, beside = (1000 * statistics.median(times) for times in zip(*pairs, strict=True))
        yield Row(
            name, ours, "ms", "few jobs", beside, at_most(1.5, of_ratio=True, loosely=5), f"{many:,} beside {few}"
        )
