"""What happens to a job, one method for each event, and the questions that are asked later."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import InvalidRequest, StorageError
from ...model.cost import Estimate
from ...model.job import Job, Request
from ...runtime.data_dir import data_dir, subfolder
from . import database
from .entry import PHASES, Entry, Input, JobPhase, as_json, fingerprint, reusable_job, settings_of
from .table import JobTable, changed_columns, phase_of

if TYPE_CHECKING:
    from ...client import Service
    from ...media import Picture, Video

_FILTERS = ("service", "base_url", "model", "fingerprint", "job_id", "client_request_id")
_RECENT = 1_000
"""How many finished jobs back one looks for some that are alike."""


class Journal:
    """Every job that was ever asked for.

    Each call opens and closes the file by itself, so one journal may be used from any thread, and many at once.

    Args:
        path: the file; jobs.sqlite3 in the data directory's journal folder by default.
        clock: seconds since the epoch.
    """

    def __init__(self, path: str | Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._path = None if path is None else Path(path)
        self._clock = clock

    @property
    def path(self) -> Path:
        """The journal's file."""
        return self._path or subfolder("journal") / "jobs.sqlite3"

    # What happens to a job

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
        """Write a job down before it is sent.

        Args:
            request: what is asked.
            service: of whom.
            image: the picture, where more is known of it than its URL; so for video.
            video: the reference.
            prepare: how both were prepared.
            estimate: what it will probably cost.
            client_request_id: our id of the submit; a new one by default.
            reuse: return an earlier job that makes this one needless, where there is one, and write nothing; see
                reusable().

        Raises:
            StorageError: it cannot be written, so that nothing should be sent.
        """
        row = {
            "client_request_id": client_request_id or f"wan-{uuid.uuid4().hex}",
            "service": service.name,
            "base_url": service.base_url,
            "paid": service.paid,
            "model": request.model,
            "settings": as_json(settings_of(request)),
            "image": Input.of(request.image_url, image).model_dump_json(),
            "video": Input.of(request.video_url, video).model_dump_json(),
            "frames": estimate and estimate.frames,
            "prepare": None if prepare is None else as_json(prepare),
            "fingerprint": fingerprint(request, base_url=service.base_url, image=image, video=video, prepare=prepare),
            "estimate_usd": estimate and estimate.usd,
            "estimate_basis": estimate and estimate.basis,
        }
        return self._table.insert("submitting", row | {"created_at": self._clock()}, reuse=reuse)

    def adopt(self, job: Job, *, service: Service) -> Entry:
        """Write down a job that was begun elsewhere, of which nothing but its id is known."""
        row = {
            "client_request_id": f"adopted-{uuid.uuid4().hex}",
            "service": service.name,
            "base_url": service.base_url,
            "paid": service.paid,
            "job_id": job.id,
            "created_at": self._clock(),
        }
        return self.seen(self._table.insert("running", row), job)

    def submitted(self, entry: Entry, job: Job) -> Entry:
        """The service accepted it; from here on its id is on disk."""
        return self.seen(entry, job)

    def rejected(self, entry: Entry, message: str) -> Entry:
        """Nothing was bought: the service refused it, or it surely was not sent."""
        return self._table.advance(entry, "rejected", error=message)

    def withdraw(self, entry: Entry) -> None:
        """Take back what begin() wrote: the service was too busy to take the job, which will be sent again."""
        self._table.delete(entry)

    def unknown(self, entry: Entry, message: str, job_id: str | None = None) -> Entry:
        """It was sent and the answer lost, but for the job's id perhaps: it may have been bought."""
        return self._table.advance(entry, "unknown", error=message, job_id=job_id)

    def seen(self, entry: Entry, job: Job) -> Entry:
        """The service was asked about it; a change is written down, a mere look is only remembered on the value."""
        now = self._clock()
        changes = changed_columns(entry, job)
        if not changes:
            return entry.model_copy(update={"looked_at": now})
        if job.status.final:
            changes["late_by"] = now - (entry.looked_at or now)
        return self._table.advance(entry, phase_of(job), **changes, looked_at=now)

    def saved(self, entry: Entry, path: str | Path) -> Entry:
        """The clip is on disk."""
        return self._table.advance(entry, "saved", clip=_portable(Path(path)), error=None)

    def delete(self, entry: Entry, *, clip: bool = False, running: bool = False) -> None:
        """Forget a job for good.

        Args:
            entry: the job.
            clip: also remove the clip from the disk.
            running: also when its clip is still to come; whoever deletes such an entry loses the way to it.

        Raises:
            InvalidRequest: the clip is still to come, and `running` is not set.
        """
        if entry.pending and not running:
            raise InvalidRequest(
                f"The clip of job {entry.number} may still come: wan_notebook.resume({entry.number}) fetches it. "
                "To lose the way to it for good, pass running=True."
            )
        self._table.delete(entry)
        if clip and entry.clip is not None:
            _remove(entry.clip)

    # What is asked later

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
        if unknown := equal.keys() - _FILTERS:
            raise InvalidRequest(f"There is no filter {min(unknown)}; there are {', '.join(_FILTERS)}.")
        phases = PHASES if phase is None else (phase,) if isinstance(phase, str) else tuple(phase)
        with self._table.select(equal, phases) as found:
            return list(itertools.islice(found, limit))

    def find(self, key: str | int) -> Entry | None:
        """Return the job of this number, or of this job id or client request id; None when there is none.

        Args:
            key: an int is a number; a text is an id, and a number where there is no such id.
        """
        columns = ("number",) if isinstance(key, int) else ("job_id", "client_request_id", "number")
        for column in columns:
            with self._table.select({column: key}) as found:
                for entry in found:
                    return entry
        return None

    def running(self) -> list[Entry]:
        """Return the jobs which a service accepted and whose clip is still to come, newest first."""
        return [entry for entry in self.entries(phase=("running", "completed")) if not entry.elsewhere]

    def unknown_submits(self) -> list[Entry]:
        """Return the submits which may have been bought without our knowing the job's id, newest first."""
        return self.entries(phase="unknown")

    def reusable(self, fingerprints: Sequence[str]) -> dict[str, Entry]:
        """Return, by fingerprint, the jobs that make new ones needless; one query for all of them.

        That is the newest job that asked the same and whose clip is there, else one that is under way, else one that
        was perhaps bought.

        Raises:
            StorageError: the journal cannot be read.
        """
        found: dict[str, list[Entry]] = {}
        for entry in self._table.with_fingerprints(fingerprints):
            found.setdefault(entry.fingerprint, []).append(entry)
        chosen = {fingerprint: reusable_job(entries) for fingerprint, entries in found.items()}
        return {fingerprint: entry for fingerprint, entry in chosen.items() if entry is not None}

    def finished(self, *, base_url: str, model: str) -> list[Entry]:
        """Return the jobs of a model that a service has finished lately, newest first; durations.like picks some."""
        with self._table.select({"base_url": base_url, "model": model}, ("completed", "saved")) as found:
            return list(itertools.islice(found, _RECENT))

    def set_aside(self) -> Path:
        """Keep a damaged file under another name, begin anew with what can be read of it, and return that name."""
        return database.set_aside(self.path)

    @property
    def _table(self) -> JobTable:
        return JobTable(self.path)


def _portable(clip: Path) -> str:
    """Return the path from the data directory on, so that the directory can be moved."""
    whole = clip.expanduser().resolve()
    kept = data_dir().expanduser().resolve()
    return str(whole.relative_to(kept) if whole.is_relative_to(kept) else whole)


def _remove(clip: Path) -> None:
    try:
        for path in (clip, clip.with_suffix(".json")):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{clip} cannot be removed ({error.strerror}).") from None
