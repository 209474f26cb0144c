"""What the journal costs: milliseconds per call with 10 to 10,000 jobs in it."""

import contextlib
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable

from wan_notebook.client import Service
from wan_notebook.client.parsing import parse_job
from wan_notebook.jobs.history import History
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.model.job import Request

REPEATS = 15
SIZES = (10, 100, 1_000, 10_000)
HOSTED = Service("hosted", "Hosted", "https://api.example", paid=True)
REQUEST = Request(image_url="file:///hero.png", video_url="file:///dance.mp4")


def finished(journal: Journal) -> Entry:
    """Take one job from the submit to the saved clip."""
    entry = journal.begin(REQUEST, service=HOSTED)
    for status in ("queued", "completed"):
        job = parse_job({"id": f"job:{entry.number}", "status": status}, at=time.time())
        entry = journal.seen(entry, job)
    return journal.saved(entry, job, __file__)


def fill(journal: Journal, size: int) -> None:
    """Copy the journal's first job until there are so many, each with an id and a fingerprint of its own."""
    finished(journal)
    own = ("number", "client_request_id", "job_id", "fingerprint")
    with contextlib.closing(sqlite3.connect(journal.path)) as connection, connection:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(jobs)")]
        names = ", ".join(name for name in columns if name not in own)
        connection.execute(f"""
            WITH RECURSIVE copies(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM copies WHERE n < {size})
            INSERT INTO jobs (client_request_id, job_id, fingerprint, {names})
            SELECT 'copy-' || n, 'job:' || n, 'print-' || n, {names} FROM jobs, copies WHERE number = 1""")


def milliseconds(call: Callable[[], object]) -> float:
    """The median time of a call."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1_000 * statistics.median(times)


def calls(journal: Journal) -> dict[str, float]:
    """Milliseconds of each call that a session makes."""
    entry = journal.begin(REQUEST, service=HOSTED)
    queued = parse_job({"id": "bench", "status": "queued"}, at=time.time())
    entry = journal.submitted(entry, queued)
    everything = History(tuple(journal.entries()), journal)
    return {
        "begin": milliseconds(lambda: journal.begin(REQUEST, service=HOSTED)),
        "change": milliseconds(lambda: journal.saved(entry, queued, f"/clips/{time.time_ns()}.mp4")),
        "look": milliseconds(lambda: journal.seen(entry, queued)),
        "find": milliseconds(lambda: journal.find("job:5")),
        "dedupe": milliseconds(lambda: journal.reusable(["print-5"])),
        "running": milliseconds(journal.running),
        "newest 50": milliseconds(lambda: journal.entries(limit=50)),
        "finished": milliseconds(lambda: journal.finished(base_url=HOSTED.base_url, model=REQUEST.model)),
        "all": milliseconds(journal.entries),
        "page": milliseconds(everything._repr_mimebundle_),
    }


def main() -> None:
    """Print the table."""
    print("milliseconds per call, median of", REPEATS)
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["WAN_NOTEBOOK_HOME"] = folder
            journal = Journal()
            fill(journal, size)
            took = calls(journal)
            if size == SIZES[0]:
                print(f"{'jobs':>7}", *(f"{name:>10}" for name in took), f"{'bytes/job':>10}")
            print(f"{size:>7,}", *(f"{value:>10.2f}" for value in took.values()), end=" ")
            print(f"{journal.path.stat().st_size / size:>10,.0f}")


if __name__ == "__main__":
    main()
