"""The jobs of the service: a bounded number of them, rendered one by one by the worker process."""

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
from ...runtime.subprocess_worker import SubprocessWorker
from .fetch import Fetcher
from .job import ServerJob
from .render_job import FOLDER_PREFIX
from .validate import FILE_NAMES, GenerationRequest

CAPACITY = 64
"""Unfinished jobs beyond which no more are taken."""
_REMEMBERED = 1000
"""Finished jobs that are remembered."""
_CLIPS, _CLIP_BYTES = 100, 2_000_000_000
"""Finished clips that are kept, by number and by size; the oldest go first."""
_BYTES = 6_000_000_000
"""Size of all files, waiting inputs and clips, beyond which no more jobs are taken."""

_log = logging.getLogger("wan_notebook.preview")


class EngineFailed(WanError):
    """The engine could not make the clip: it failed, or its process died or hung."""


class QueueFull(Exception):
    """The service has as many unfinished jobs, or as many files, as it takes."""


def render_worker(engine: str, folder: Path, patience: float = 120.0) -> SubprocessWorker:
    """Return a worker that renders with an engine; its process starts with the first job.

    Args:
        engine: "package.module:function", imported in that process.
        folder: an existing folder for its files and its log.
        patience: seconds without any word from the engine after which it is given up.
    """
    return SubprocessWorker(
        "The preview engine's process",
        f"{__package__}.render_job",
        engine,
        str(folder),
        folder=folder,
        log=folder / "worker.log",
        patience=patience,
        error=EngineFailed,
    )


class JobQueue:
    """Every job that the service remembers, its files, and the worker that renders.

    It belongs to the event loop which first submits to it.

    Args:
        engine: "package.module:function".
        fetcher: gets the media that a request points to.
        capacity: how many unfinished jobs are taken.
        clock: seconds since the epoch.
    """

    def __init__(
        self, engine: str, fetcher: Fetcher, *, capacity: int = CAPACITY, clock: Callable[[], float] = time.time
    ) -> None:
        self._files = tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True)
        self.folder = Path(self._files.name)
        self.worker = render_worker(engine, self.folder)
        self._fetcher, self._capacity, self._clock = fetcher, capacity, clock
        self._jobs: dict[str, ServerJob] = {}
        self._tasks: dict[str, asyncio.Task[str]] = {}
        self._clips: dict[str, Path] = {}
        self._turn = asyncio.Lock()

    @property
    def jobs(self) -> list[ServerJob]:
        """All jobs that are remembered, newest first."""
        return list(reversed(self._jobs.values()))

    def find(self, job_id: str) -> ServerJob | None:
        """Return the job of an id, if there is one."""
        return self._jobs.get(job_id)

    def job_folder(self) -> Path:
        """Return a new folder for the files of one request."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def clip(self, name: str) -> Path | None:
        """Return the clip of a file name, if it is still kept."""
        return self._clips.get(name)

    def admit(self) -> None:
        """Make ready for a job that is about to come.

        Raises:
            QueueFull: it would be one too many.
        """
        size = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        if len(self._tasks) >= self._capacity or size > _BYTES:
            raise QueueFull
        with contextlib.suppress(EngineFailed):  # the job itself will say so
            self.worker.start()

    def submit(
        self, request: GenerationRequest, folder: Path, *, request_id: str, client_request_id: str | None = None
    ) -> ServerJob:
        """Take a job and return it at once.

        Args:
            request: the checked fields.
            folder: the folder with the request's files; it is removed when the job is done.
            request_id: of the HTTP call.
            client_request_id: the client's own name for it.

        Raises:
            QueueFull: it would be one too many.
        """
        self.admit()
        job = ServerJob(
            id=f"{uuid.uuid4()}:{request.settings['model']}",
            model=request.settings["model"],
            request_id=request_id,
            client_request_id=client_request_id,
            created_at=self._clock(),
        )
        self._jobs[job.id] = job
        task = asyncio.get_running_loop().create_task(self._render(job.id, request, folder))
        task.add_done_callback(functools.partial(self._finish, job.id, folder))
        self._tasks[job.id] = task
        return job

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

    async def _render(self, job_id: str, request: GenerationRequest, folder: Path) -> str:
        """Fetch the media, wait for the worker, render, and return the name under which the clip is kept."""

        async def media_file(source: Path | str, target: Path) -> str:
            return str(source if isinstance(source, Path) else await self._fetcher.fetch(source, target))

        task = {
            "image": await media_file(request.image_url, folder / FILE_NAMES["image_url"]),
            "video": await media_file(request.video_url, folder / FILE_NAMES["video_url"]),
            "settings": dict(request.settings),
            "points": request.points,
            "clip": str(folder / "clip.mp4"),
        }
        async with self._turn:
            self._change(job_id, status="generating", started_at=self._clock(), message="Starting the engine")
            await self.worker.run(task, functools.partial(self._on_message, job_id))
        return self._keep_clip(folder / "clip.mp4")

    def _on_message(self, job_id: str, message: dict[str, Any]) -> None:
        progress = max(self._jobs[job_id].progress, min(message.pop("progress", 0.0), 1.0))
        self._change(job_id, progress=progress, **message)

    def _change(self, job_id: str, **changes: Any) -> None:
        self._jobs[job_id] = replace(self._jobs[job_id], **changes)

    def _keep_clip(self, clip: Path) -> str:
        name = f"{secrets.token_urlsafe(24)}.mp4"
        self._clips[name] = clip.replace(self.folder / name)
        while len(self._clips) > _CLIPS or sum(path.stat().st_size for path in self._clips.values()) > _CLIP_BYTES:
            self._clips.pop(next(iter(self._clips))).unlink()
        return name

    def _finish(self, job_id: str, folder: Path, task: asyncio.Task[str]) -> None:
        del self._tasks[job_id]
        self._change(job_id, finished_at=self._clock(), message="", **outcome(task))
        shutil.rmtree(folder, ignore_errors=True)
        finished = [job.id for job in self.jobs if job.finished_at is not None]
        for forgotten in finished[_REMEMBERED:]:
            del self._jobs[forgotten]


def outcome(task: asyncio.Task[str]) -> dict[str, Any]:
    """Return the fields of a ServerJob that a finished task decides: its status, and its clip or its error."""
    if task.cancelled():
        return _failure("Cancelled", "The job was cancelled.")
    error = task.exception()
    if error is None:
        return {"status": "completed", "progress": 1.0, "clip": task.result()}
    if isinstance(error, WanError):
        return _failure(type(error).__name__, str(error))
    _log.error("a defect of the service", exc_info=error)
    return _failure("InternalError", f"The service has a defect ({type(error).__name__}: {error}).")


def _failure(name: str, message: str) -> dict[str, Any]:
    return {"status": "error", "error": {"name": name, "message": message}}
