"""Jobs in a journal, and other notebooks that write into it."""

import sqlite3
import subprocess
import sys
import time
from typing import Any

from wan_notebook.client.parsing import parse_job
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.model.job import Job, Request
from wan_notebook.runtime.data_dir import subfolder
from wan_notebook.runtime.uptime import Uptime

from support.clock import Clock
from support.media import Source
from support.services import HOSTED

REQUEST = Request(image_url="file:///pictures/hero.png", video_url="file:///videos/dance.mp4", resolution="720p")
IMAGE = Source(REQUEST.image_url, "hero.png", 1000, "aa")
VIDEO = Source(REQUEST.video_url, "dance.mp4", 2000, "bb")


HERE = Uptime("this boot", 500_000.0)


def journal_of(ago: float = 0.0, *, clock: float = 0.0, boot: str = HERE.boot) -> Journal:
    """The journal so many seconds ago, on a computer whose clock is wrong by so many."""
    moment = Uptime(boot, HERE.seconds - ago)
    return Journal(clock=lambda: time.time() - ago + clock, uptime=lambda: moment)


def begin(journal: Journal, **changes: Any) -> Entry:
    return journal.begin(**{"request": REQUEST, "service": HOSTED, "image": IMAGE, "video": VIDEO} | changes)


def answer(status: str, at: float, before: Job | None = None, **more: Any) -> Job:
    return parse_job({"id": "job:1", "status": status, **more}, at=at, before=before)


def finish(journal: Journal, clock: Clock, seconds: float, **changes: Any) -> Entry:
    """Take a job from the submit to a saved clip, watched all along."""
    entry = begin(journal, **changes)
    job = parse_job({"id": f"job:{entry.number}", "status": "queued"}, at=clock.now)
    entry = journal.submitted(entry, job)
    clock.now += seconds
    entry = journal.seen(entry, job)
    job = parse_job({"id": job.id, "status": "completed"}, at=clock.now, before=job)
    entry = journal.seen(entry, job)
    clip = subfolder("clips") / f"{entry.number}.mp4"
    clip.write_bytes(b"clip")
    return journal.saved(entry, job, clip)


def raw(sql: str, *values: object) -> None:
    """Do something to the file behind the journal's back."""
    connection = sqlite3.connect(Journal().path)
    with connection:
        connection.execute(sql, values)
    connection.close()


BEGIN = """
import sys
from wan_notebook.client.parsing import parse_job
from wan_notebook.jobs.journal import Journal
from wan_notebook.model.job import Request
from wan_notebook.client import Service

HOSTED = Service("hosted", "Hosted", "https://api.example", paid=True)
REQUEST = Request(image_url="https://example.org/a.png", video_url="https://example.org/b.mp4")
journal = Journal()
"""


def notebook(script: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start another notebook's process, which shares the data directory."""
    command = [sys.executable, "-c", BEGIN + script, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
