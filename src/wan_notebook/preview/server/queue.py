"""The jobs of the service: a bounded number of them, done one by one by the worker."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import secrets
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import WanError
from .fetch import Fetcher
from .job import Ticket
from .validate import FILE_NAMES, Order
from .worker_main import FOLDER_PREFIX
from .workers import EngineFailed, WorkerProcess

CAPACITY = 64
"""Unfinished jobs beyond which no more are taken."""
_TICKETS = 1000
"""Finished jobs that are remembered."""
_CLIPS, _CLIP_BYTES = 100, 2_000_000_000
"""Finished clips that are kept, by number and by size; the oldest go first."""
_BYTES = 6_000_000_000
"""Size of all files, waiting inputs and clips, beyond which no more jobs are taken."""

_log = logging.getLogger("wan_notebook.preview")


class QueueFull(Exception):
    """The service has as many unfinished jobs, or as many files, as it takes."""


class JobQueue:
    """Every job that the service knows, and its files: the one mutable thing of the service.

    It belongs to the event loop which first submits to it.

    Args:
        engine: "package.module:function".
        fetcher: gets the media that an order points to.
        capacity: how many unfinished jobs are taken.
        clock: seconds since the epoch.
    """

    def __init__(
        self, engine: str, fetcher: Fetcher, *, capacity: int = CAPACITY, clock: Callable[[], float] = time.time
    ) -> None:
        self._files = tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True)
        self.folder = Path(self._files.name)
        self.worker = WorkerProcess(engine, self.folder)
        self._fetcher, self._capacity, self._clock = fetcher, capacity, clock
        self._tickets: dict[str, Ticket] = {}
        self._tasks: dict[str, asyncio.Task[str]] = {}
        self._clips: dict[str, Path] = {}
        self._turn = asyncio.Lock()

    @property
    def tickets(self) -> list[Ticket]:
        """All jobs that are remembered, newest first."""
        return list(reversed(self._tickets.values()))

    def find(self, job_id: str) -> Ticket | None:
        """Return the job, if there is one of this id."""
        return self._tickets.get(job_id)

    def room(self) -> Path:
        """Return a new folder for the files of one request."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def clip(self, name: str) -> Path | None:
        """Return the clip of this name, if it is still kept."""
        return self._clips.get(name)

    def admit(self) -> None:
        """Make ready for a job that is about to come.

        Raises:
            QueueFull: it would be one too many.
        """
        if len(self._tasks) >= self._capacity or self._bytes() > _BYTES:
            raise QueueFull
        with contextlib.suppress(EngineFailed):  # the job itself will say so
            self.worker.warm_up()

    def submit(self, order: Order, room: Path, *, request_id: str, client_request_id: str | None = None) -> Ticket:
        """Take a job and return its ticket at once.

        Args:
            order: what is asked for.
            room: the folder with the order's files; it is removed when the job is done.
            request_id: of the HTTP call.
            client_request_id: what the client calls it.

        Raises:
            QueueFull: it would be one too many.
        """
        self.admit()
        ticket = Ticket(
            id=f"{uuid.uuid4()}:{order.settings['model']}",
            model=order.settings["model"],
            request_id=request_id,
            client_request_id=client_request_id,
            created_at=self._clock(),
        )
        self._tickets[ticket.id] = ticket
        task = asyncio.get_running_loop().create_task(self._carry_out(ticket.id, order, room))
        task.add_done_callback(functools.partial(self._finish, ticket.id, room))
        self._tasks[ticket.id] = task
        return ticket

    async def cancel(self, job_id: str) -> None:
        """End a job and its work; one that is finished stays as it is."""
        task = self._tasks.get(job_id)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def close(self) -> None:
        """End all jobs and the worker, and remove all files."""
        await asyncio.gather(*map(self.cancel, list(self._tasks)))
        self.worker.stop()
        self._files.cleanup()

    def _bytes(self) -> int:
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    async def _carry_out(self, job_id: str, order: Order, room: Path) -> str:
        errand = {
            "image": await self._file(order.image_url, room / FILE_NAMES["image_url"]),
            "video": await self._file(order.video_url, room / FILE_NAMES["video_url"]),
            "settings": dict(order.settings),
            "points": order.points,
            "clip": str(room / "clip.mp4"),
        }
        async with self._turn:
            self._change(job_id, status="generating", started_at=self._clock(), message="Starting the engine")
            await self.worker.run(errand, lambda message: self._hear(job_id, message))
        return self._keep(room / "clip.mp4")

    async def _file(self, source: Path | str, target: Path) -> str:
        return str(source if isinstance(source, Path) else await self._fetcher.fetch(source, target))

    def _hear(self, job_id: str, message: dict[str, Any]) -> None:
        told = {name: message[name] for name in ("message", "preflight") if name in message}
        progress = max(self._tickets[job_id].progress, min(message.get("progress", 0.0), 1.0))
        self._change(job_id, progress=progress, **told)

    def _change(self, job_id: str, **changes: Any) -> None:
        self._tickets[job_id] = replace(self._tickets[job_id], **changes)

    def _keep(self, clip: Path) -> str:
        name = f"{secrets.token_urlsafe(24)}.mp4"
        self._clips[name] = clip.replace(self.folder / name)
        while len(self._clips) > _CLIPS or sum(path.stat().st_size for path in self._clips.values()) > _CLIP_BYTES:
            self._clips.pop(next(iter(self._clips))).unlink()
        return name

    def _finish(self, job_id: str, room: Path, task: asyncio.Task[str]) -> None:
        del self._tasks[job_id]
        self._change(job_id, finished_at=self._clock(), message="", **_ending(task))
        shutil.rmtree(room, ignore_errors=True)
        finished = [ticket.id for ticket in self.tickets if ticket.finished_at is not None]
        for forgotten in finished[_TICKETS:]:
            del self._tickets[forgotten]


def _ending(task: asyncio.Task[str]) -> dict[str, Any]:
    if task.cancelled():
        return _error("Cancelled", "The job was cancelled.")
    error = task.exception()
    if error is None:
        return {"status": "completed", "progress": 1.0, "clip": task.result()}
    if isinstance(error, WanError):
        return _error(type(error).__name__, str(error))
    _log.error("a defect of the service", exc_info=error)
    return _error("InternalError", f"The service has a defect ({type(error).__name__}: {error}).")


def _error(name: str, message: str) -> dict[str, Any]:
    return {"status": "error", "error": {"name": name, "message": message}}
