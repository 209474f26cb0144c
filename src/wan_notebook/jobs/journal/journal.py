"""The journal: one method for each event in the life of a job, and the queries."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import math
import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from ...errors import InvalidRequest, StorageError
from ...model.cost import CAP_VARIABLE, Estimate, StandingCap
from ...model.job import Job, Request
from ...runtime.data_dir import data_dir, subfolder
from ...runtime.uptime import Uptime
from ..recipe import Input, settings_of
from . import database
from .entry import PHASES, Entry, JobPhase, as_json, fingerprint, reusable_job
from .table import JobTable, changed_columns, columns_of, phase_of
from .writer import writer_of

if TYPE_CHECKING:
    from ...client.service import Service
    from ...media.picture import Picture
    from ...media.video import Video

P = ParamSpec("P")
T = TypeVar("T")

_FILTERS = ("service", "base_url", "model", "fingerprint", "job_id", "client_request_id")
_LONGEST_ANSWER, _SLOWEST_UPLOAD = 180.0, 15_000.0
"""Seconds for which an answer is awaited at most, and bytes of a file that are sent in each second at least."""
_QUICK = 0.02
"""Seconds that a call waits for another notebook where many have waited together already."""
_RECENT = 1_000
"""Finished jobs among which similar ones are looked for."""


class Journal:
    """Every job of this user, in one file.

    Each call opens and closes the file by itself, so one journal may be used from any thread, and many at once.

    Args:
        path: the file; jobs.sqlite3 in the data directory's journal folder by default.
        clock: seconds since the epoch.
        uptime: the moment by the computer's running time.
        patience: seconds that a call blocks at most while another notebook is writing.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        clock: Callable[[], float] = time.time,
        uptime: Callable[[], Uptime] = Uptime.now,
        patience: float = database.PATIENCE,
    ) -> None:
        self._path = None if path is None else Path(path)
        self._clock, self._uptime, self._patience = clock, uptime, patience
        self._connection: sqlite3.Connection | None = None
        """Of the transaction that all calls belong to, if any."""

    @property
    def path(self) -> Path:
        """The path of the journal's file."""
        return self._path or subfolder("journal") / "jobs.sqlite3"

    async def without_blocking(
        self, call: Callable[Concatenate[Journal, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Make a call on an event loop, which goes on while the disk or another notebook is writing.

        Args:
            call: a method, as Journal.seen.
            args: its arguments.
            kwargs: those with a name.

        Raises:
            JournalBusy: the other notebook does not let go.
            StorageError: as the method.
        """
        journal = self._copy(self._patience)  # its file is looked for once
        future = writer_of(journal.path).submit(journal, lambda within: call(within, *args, **kwargs))
        return cast("T", await asyncio.wrap_future(future))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open the file for several changes, which are written when the block ends and undone when the block raises.

        Raises:
            StorageError: the file cannot be written.
        """
        with self._table.writing() as connection:
            yield connection

    def within(self, connection: sqlite3.Connection) -> Journal:
        """Return this journal for calls within a transaction."""
        return self._copy(self._patience, connection)

    def impatient(self) -> Journal:
        """Return this journal for calls that do not wait for another notebook."""
        return self._copy(_QUICK)

    def _copy(self, patience: float, connection: sqlite3.Connection | None = None) -> Journal:
        copy = Journal(self.path, clock=self._clock, uptime=self._uptime, patience=patience)
        copy._connection = connection
        return copy

    def begin(
        self,
        request: Request,
        *,
        service: Service,
        image: Picture | None = None,
        video: Video | None = None,
        prepare: Mapping[str, Any] | None = None,
        estimate: Estimate | None = None,
        client_request_id: str | None = None,
        reuse: bool = False,
    ) -> Entry:
        """Record a job before it is submitted.

        Args:
            request: the job.
            service: runs it.
            image: the picture, where more is known of it than its URL; so for video.
            video: the reference.
            prepare: how both were prepared; see Order.prepared.
            estimate: the expected price.
            client_request_id: our id of the submit; a new one by default.
            reuse: return an earlier job that makes this one needless, where there is one, and write nothing; see
                reusable().

        Raises:
            OverBudget: it would exceed the standing cap.
            StorageError: it cannot be written, so that nothing should be sent.
        """
        cap = standing_cap(service)
        row = {
            "client_request_id": client_request_id or f"wan-{uuid.uuid4().hex}",
            "service": service.name,
            "base_url": service.base_url,
            "paid": service.paid,
            "model": request.model,
            "settings": as_json(settings_of(request)),
            "image": json.dumps(Input.of(request.image_url, image).as_json()),
            "video": json.dumps(Input.of(request.video_url, video).as_json()),
            "frames": estimate and estimate.frames,
            "prepare": None if prepare is None else as_json(prepare),
            "fingerprint": fingerprint(request, base_url=service.base_url, image=image, video=video),
            "estimate_usd": estimate and estimate.usd,
            "estimate_basis": estimate and estimate.basis,
        }
        return self._table.insert(
            "submitting",
            row | {"created_at": self._clock(), "begun": str(self._uptime())},
            reuse=reuse,
            since=self._midnight,
            admit=None if cap is None else lambda today: cap.check([estimate or _UNPRICED], spent(today)),
        )

    def check_cap(self, service: Service, estimates: Sequence[Estimate]) -> None:
        """Refuse jobs that exceed the standing cap, before anything of them is written down; begin() checks again.

        Raises:
            OverBudget: one of them costs more than one may, or all of them more than is left of the day.
            InvalidRequest: WAN_NOTEBOOK_BUDGET states no cap.
            StorageError: the journal cannot be read.
        """
        cap = standing_cap(service)
        if cap is not None:
            cap.check(estimates, self.spent_today())

    def spent_today(self) -> float:
        """Return the dollars that paid jobs begun since midnight cost, or are expected to cost."""
        return spent(self._table.paid_since(self._midnight))

    def adopt(self, job: Job, *, service: Service) -> Entry:
        """Record a job that was submitted elsewhere, of which nothing but its id is known."""
        row = {
            "client_request_id": f"adopted-{uuid.uuid4().hex}",
            "service": service.name,
            "base_url": service.base_url,
            "paid": service.paid,
            "created_at": self._clock(),
            "looked_at": self._clock(),
            "late_by": 0.0 if job.status.final else None,
        }
        return self._table.insert(phase_of(job), row | columns_of(job))

    def submitted(self, entry: Entry, job: Job) -> Entry:
        """Record that the service accepted the job; from here on its id is on disk."""
        return self.seen(entry, job)

    def rejected(self, entry: Entry, message: str) -> Entry:
        """Record that nothing was bought: the service refused the job, or it surely was not sent."""
        return self._table.advance(entry, "rejected", error=message)

    def withdraw(self, entry: Entry) -> None:
        """Remove the row of begin(): the job was not bought, and is perhaps submitted again under a row of its own."""
        try:
            self._table.delete(entry)
        except StorageError:
            self.rejected(entry, "It was withdrawn: nothing was bought.")  # kept, where a deletion is not

    def unknown(self, entry: Entry, message: str, job_id: str | None = None) -> Entry:
        """Record that the answer to the submit was lost, but for the job's id perhaps: it may have been bought."""
        return self._table.advance(entry, "unknown", error=message, job_id=job_id, lost=str(self._uptime()))

    def seen(self, entry: Entry, job: Job) -> Entry:
        """Record a snapshot of the job; where nothing changed, only the returned entry notes the poll."""
        changes = self._changes(entry, job)
        if changes is None:
            return replace(entry, looked_at=self._clock())
        return self._table.advance(entry, phase_of(job), **changes)

    def seen_in_passing(self, entry: Entry, job: Job) -> Entry:
        """Record a snapshot of a job whose id is on the disk: it counts at once, and is written with the next change.

        What a power cut takes of it, the service tells again. It is written within two seconds in any case.
        """
        changes = self._changes(entry, job)
        if changes is None:
            return replace(entry, looked_at=self._clock())
        return self._table.advance_later(entry, phase_of(job), **changes)

    def _changes(self, entry: Entry, job: Job) -> dict[str, Any] | None:
        """Return the columns that a poll changes; None where only its time is new."""
        changes = changed_columns(entry, job)
        if not changes:
            return None
        now = self._clock()
        if job.status.final:
            changes["late_by"] = now - (entry.looked_at or now)
        return changes | {"looked_at": now}

    def saved(self, entry: Entry, job: Job, path: str | Path) -> Entry:
        """Record that the clip is on disk, with everything of its job that could not be written before.

        A preview that was made without the face models gives up its fingerprint: with them, the same request makes
        another clip.
        """
        from ...media.checks.notice import missing_models

        changes = changed_columns(entry, job) | {"clip": portable_path(Path(path)), "error": None}
        if not entry.paid and missing_models(job.preflight or {}):
            changes["fingerprint"] = None
        return self._table.advance(entry, "saved", **changes)

    def delete(self, entry: Entry, *, clip: bool = False, running: bool = False) -> None:
        """Delete a job for good.

        Args:
            entry: the job.
            clip: also remove the clip from the disk.
            running: also when its clip is still to come, which then cannot be fetched any more.

        Raises:
            InvalidRequest: the clip is still to come, and `running` is not set.
        """
        if entry.pending and not running:
            raise InvalidRequest(
                f"The clip of job {entry.number} may still come: wan_notebook.resume({entry.number}"
                f"{entry.service_argument}) fetches it. "
                "To lose the way to it for good, pass running=True."
            )
        self._table.delete(entry)
        if clip and entry.clip is not None:
            remove_clip(entry.clip)

    def entries(
        self,
        *,
        limit: int | None = None,
        phase: JobPhase | Iterable[JobPhase] | None = None,
        **equal: str,
    ) -> list[Entry]:
        """Return the jobs, newest first.

        Args:
            limit: how many at most.
            phase: only those in this phase, or in one of these.
            equal: only those with these values of service, base_url, model, fingerprint, job_id or client_request_id.

        Raises:
            InvalidRequest: there is no such filter.
            StorageError: the journal cannot be read.
        """
        with self._table.select(*_filters(phase, equal)) as found:
            return list(itertools.islice(found, limit))

    def count(self, *, phase: JobPhase | Iterable[JobPhase] | None = None, **equal: str) -> int:
        """Return how many jobs there are, without reading all of them; arguments and errors as for entries()."""
        return self._table.count(*_filters(phase, equal))

    def find(self, key: str | int, *, service: Service | None = None) -> Entry | None:
        """Return the job of this number, or of this job id or client request id; None when there is none.

        Args:
            key: an int is a number; a text is an id, and a number where there is no such id.
            service: whose job id it is, where that is known: two services may have given the same one.
        """
        columns = ("number",) if isinstance(key, int) else ("job_id", "client_request_id", "number")
        for column in columns:
            with self._table.select({column: key}) as found:
                for entry in found:
                    if column != "job_id" or service is None or entry.is_of(service.base_url):
                        return entry
        return None

    def running(self) -> list[Entry]:
        """Return the jobs which a service accepted and whose clip is not saved yet, newest first."""
        return [entry for entry in self.entries(phase=("running", "completed")) if not entry.elsewhere]

    def unknown_submits(self) -> list[Entry]:
        """Return the submits of unknown outcome, which may have been bought, newest first."""
        return self.entries(phase="unknown")

    def reusable(self, fingerprints: Sequence[str]) -> dict[str, Entry]:
        """Return, by fingerprint, the jobs that make new ones needless, with one query for all of them.

        That is the newest saved job with the same request, else one that is under way, else one that was perhaps
        bought.

        Raises:
            StorageError: the journal cannot be read.
        """
        found: dict[str, list[Entry]] = {}
        for entry in self._table.with_fingerprints(fingerprints):
            found.setdefault(entry.fingerprint, []).append(entry)
        chosen = {fingerprint: reusable_job(entries) for fingerprint, entries in found.items()}
        return {fingerprint: entry for fingerprint, entry in chosen.items() if entry is not None}

    def seconds_since_lost(self, entry: Entry) -> float:
        """Return how long ago the answer to a submit was given up: at least so many seconds, whatever the clock did.

        A process that died during its submit left no such moment; then the longest that a submit may take is allowed.
        """
        longest = _LONGEST_ANSWER + sum(one.size or 0 for one in (entry.image, entry.video)) / _SLOWEST_UPLOAD
        if entry.lost is not None:
            return self._uptime().since(entry.lost)
        if entry.begun is not None:
            return self._uptime().since(entry.begun) - longest
        return self._clock() - (entry.created_at or self._clock()) - longest

    def is_overdue(self, entry: Entry) -> bool:
        """Return whether a job has been on its way for longer than any submit takes: its notebook lives, but hangs."""
        return entry.phase == "submitting" and self.seconds_since_lost(entry) > 0

    def oldest_age(self, entry: Entry) -> float:
        """Return how long ago a job was written down: at most so many seconds; infinity where the clock contradicts."""
        by_clock = self._clock() - (entry.created_at or 0.0)
        return math.inf if by_clock < 0 else max(by_clock, self._uptime().since(entry.begun) if entry.begun else 0.0)

    def finished(self, *, base_url: str, model: str) -> list[Entry]:
        """Return the latest finished jobs of a model on a service, newest first."""
        with self._table.select({"base_url": base_url, "model": model}, ("completed", "saved")) as found:
            return list(itertools.islice(found, _RECENT))

    def back_up(self, target: Path) -> Path:
        """Write a copy of the file, as it is between two changes, and return its path.

        Args:
            target: a file, or a folder for one.

        Raises:
            StorageError: the journal cannot be read, or the copy not be written.
        """
        path = target / self.path.name if target.is_dir() else target
        database.back_up(self.path, path)
        return path

    def set_aside(self) -> Path:
        """Rename a damaged file, begin a new one with the rows that can be read, and return the new name."""
        return database.set_aside(self.path)

    @property
    def _midnight(self) -> float:
        now = time.localtime(self._clock())
        return time.mktime((now.tm_year, now.tm_mon, now.tm_mday, 0, 0, 0, 0, 0, -1))

    @property
    def _table(self) -> JobTable:
        return JobTable(self.path, self._patience, self._connection)


def _filters(
    phase: JobPhase | Iterable[JobPhase] | None, equal: Mapping[str, str]
) -> tuple[Mapping[str, str], tuple[JobPhase, ...]]:
    if unknown := equal.keys() - _FILTERS:
        raise InvalidRequest(f"There is no filter {min(unknown)}; there are {', '.join(_FILTERS)}.")
    return equal, PHASES if phase is None else (phase,) if isinstance(phase, str) else tuple(phase)


_UNPRICED = Estimate(None, "nobody asked for its price")


def standing_cap(service: Service) -> StandingCap | None:
    """Return the cap on the cost of a service's jobs that the environment sets; None where nothing is capped.

    Raises:
        InvalidRequest: WAN_NOTEBOOK_BUDGET states no cap.
    """
    cap = StandingCap.parse(os.environ.get(CAP_VARIABLE, "")) if service.paid else StandingCap()
    return None if cap == StandingCap() else cap


def spent(entries: Iterable[Entry]) -> float:
    """Return the dollars that jobs cost, or are expected to; one that was refused or has failed costs nothing."""
    charged = (entry for entry in entries if entry.phase not in ("rejected", "failed"))
    return math.fsum(entry.usd or entry.estimate_usd or 0.0 for entry in charged)


def portable_path(clip: Path) -> str:
    """Return a path relative to the data directory, so that the directory can be moved; any other path in full."""
    path, home = clip.resolve(), data_dir().resolve()
    return str(path.relative_to(home) if path.is_relative_to(home) else path)


def remove_clip(clip: Path) -> None:
    """Remove a clip and its settings from the disk.

    Raises:
        StorageError: they cannot be removed.
    """
    try:
        for path in (clip, clip.with_suffix(".json")):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{clip} cannot be removed ({error.strerror}).") from None
