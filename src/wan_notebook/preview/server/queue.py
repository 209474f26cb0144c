"""The jobs of the service: a bounded number of them, rendered by workers, first come, first served."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import secrets
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import MediaError, WanError
from ...faces.weights import ModelsForWorker, models_for_worker
from ...model import protocol
from ...runtime.task import Task, TaskLimits, Workers
from ...runtime.worker_pool import WorkerPool
from .fetch import Fetcher
from .files import QUOTA, QuotaExceeded, ServiceFiles, size_of
from .job import ServerJob
from .render_job import render
from .validate import FILE_NAMES, GenerationRequest

CAPACITY = 64
"""Unfinished jobs beyond which no more are taken."""
_REMEMBERED = 1000
"""Finished jobs that are remembered."""
_CLIPS, _CLIP_BYTES = 100, 2_000_000_000
"""Finished clips that are kept, by number and by size; the oldest go first."""
_FETCHES = 4
"""Jobs whose media are fetched at a time."""
_CALM = 0.25
"""Seconds between two answers to a client that waits for news of a job which goes on."""
_CLIPS_AT_ONCE = 4
"""Clips in the making for which room is kept."""
LIMITS = TaskLimits(
    # Frames are decoded ahead, and stacks set aside, for each processor.
    memory=2_000_000_000 + 64_000_000 * (os.cpu_count() or 1),
    file_size=300_000_000,
    seconds=900.0,
    silence=120.0,
)
"""Of one job: the largest that engine.reference lets through needs half of the memory, and a minute or two."""

_log = logging.getLogger("wan_notebook.preview")


class EngineFailed(WanError):
    """The engine could not make the clip: it failed, or its process died twice or hung."""


class QueueFull(Exception):
    """The service has as many unfinished jobs, or as many files, as it takes."""


def render_task(
    engine: str, media: Sequence[Path], request: GenerationRequest, clip: Path, models: ModelsForWorker
) -> Task:
    """Return the work of one job.

    Args:
        engine: "package.module:function", imported in the worker.
        media: the files of the picture and the video.
        request: the checked fields.
        clip: the file to write.
        models: what the engine reads faces with.
    """
    return Task(
        f"{render.__module__}:{render.__name__}",
        {
            "engine": engine,
            "settings": dict(request.settings),
            "points": request.points,
            "models_missing": models.missing,
        },
        inputs={"image": media[0], "video": media[1], "models": models.files},
        outputs={"clip": clip},
        subject="The preview engine's process",
        error=EngineFailed,
        limits=LIMITS,
    )


class JobQueue:
    """Every job that the service remembers, its files, and the workers that render.

    It belongs to the event loop which first submits to it.

    Args:
        engine: "package.module:function".
        fetcher: gets the media that a request points to.
        workers: render the jobs; they are closed with the queue.
        capacity: how many unfinished jobs are taken, those counted that are still being received.
        quota: bytes of all files together.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        engine: str,
        fetcher: Fetcher,
        workers: Workers | None = None,
        *,
        capacity: int = CAPACITY,
        quota: int = QUOTA,
        clock: Callable[[], float] = time.time,
    ) -> None:
        fetched = _FETCHES * len(FILE_NAMES) * fetcher.max_bytes
        self._files = ServiceFiles(quota, set_aside=fetched + _CLIPS_AT_ONCE * (LIMITS.file_size or 0))
        self.folder = self._files.folder
        self.workers: Workers = workers or WorkerPool()
        self._engine = engine
        self._fetcher, self._capacity, self._clock = fetcher, capacity, clock
        self._jobs: dict[str, ServerJob] = {}
        self._tasks: dict[str, asyncio.Task[str]] = {}
        self._ending = False
        self._clips: dict[str, Path] = {}
        self._requests: set[Path] = set()
        """The folders of requests that are received, wait or are rendered."""
        self._fetching, self._turn = asyncio.Semaphore(_FETCHES), asyncio.Lock()
        """The turn keeps the jobs in their order while they wait for the models."""

    @property
    def jobs(self) -> list[ServerJob]:
        """All jobs that are remembered, newest first."""
        return list(reversed(self._jobs.values()))

    def find(self, job_id: str) -> ServerJob | None:
        """Return the job of an id, if there is one."""
        return self._jobs.get(job_id)

    def clip(self, name: str) -> Path | None:
        """Return the clip of a file name, if it is still kept."""
        return self._clips.get(name)

    def admit(self, size: int, workers: Workers | None = None) -> Path:
        """Make ready for a request that is about to come, and return the folder for its files.

        Args:
            size: bytes of its files at most; so many are reserved.
            workers: will render it, in place of the queue's own.

        Raises:
            QueueFull: it would be one too many, or there is no room for its files.
        """
        if len(self._requests) >= self._capacity:
            raise QueueFull
        try:
            folder = self._files.new_folder(size)
        except QuotaExceeded:
            raise QueueFull from None
        self._requests.add(folder)
        modules = (render.__module__, self._engine.partition(":")[0])
        with contextlib.suppress(OSError):  # the job itself will say so
            (workers or self.workers).prepare(modules, len(self._requests))
        return folder

    def drop(self, folder: Path) -> None:
        """Remove the folder of a request which became no job, or whose job is done."""
        self._files.remove(folder)
        self._requests.discard(folder)

    def submit(
        self,
        request: GenerationRequest,
        folder: Path,
        workers: Workers | None = None,
        *,
        request_id: str,
        client_request_id: str | None = None,
    ) -> ServerJob:
        """Take a job and return it at once.

        Args:
            request: the checked fields.
            folder: the folder from admit() with the request's files; it is removed when the job is done.
            workers: render it, in place of the queue's own.
            request_id: of the HTTP call.
            client_request_id: the client's own name for it.
        """
        self._files.reserve(folder, size_of(folder))
        job = ServerJob(
            id=f"{uuid.uuid4()}:{request.settings['model']}",
            model=request.settings["model"],
            request_id=request_id,
            client_request_id=client_request_id,
            created_at=self._clock(),
        )
        self._jobs[job.id] = job
        task = asyncio.get_running_loop().create_task(self._render(job.id, request, folder, workers or self.workers))
        task.add_done_callback(functools.partial(self._finish, job.id, folder))
        self._tasks[job.id] = task
        return job

    async def cancel(self, job_id: str) -> None:
        """End a job and its work; one that is finished stays as it is."""
        task = self._tasks.get(job_id)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def news(self, job_id: str, seconds: float, after: int | None = None) -> None:
        """Wait until a job has ended, or at most so long for anything else that is new of it.

        Whoever waits again at once hears of the end when it comes, and of its progress a few times a second.

        Args:
            job_id: its id.
            seconds: to wait at most.
            after: the revision of the job that the client was told last; by default it knows the present one.
        """
        job, left = self._jobs.get(job_id), seconds
        known = job.revision if job is not None and after is None else after
        while left > 0 and job_id in self._tasks and not self._ending:
            await asyncio.wait([self._tasks[job_id]], timeout=min(_CALM, left))
            left -= _CALM
            job = self._jobs.get(job_id)
            if job is None or job.revision != known:
                return

    def let_go(self) -> None:
        """Keep nobody waiting for news any more: the service is about to end."""
        self._ending = True

    async def close(self) -> None:
        """End all jobs and the workers, and remove all files."""
        await asyncio.gather(*map(self.cancel, list(self._tasks)))
        await self.workers.close()
        self._files.close()

    async def _render(self, job_id: str, request: GenerationRequest, folder: Path, workers: Workers) -> str:
        """Fetch the media, wait for a worker, render, and return the name under which the clip is kept."""
        media = await self._media(request, folder)
        async with self._turn:
            models = await models_for_worker(lambda words: self._change(job_id, message=words))
        task = render_task(self._engine, media, request, folder / "clip.mp4", models)
        await workers.run(task, functools.partial(self._on_message, job_id))
        return self._keep_clip(folder / "clip.mp4")

    async def _media(self, request: GenerationRequest, folder: Path) -> list[Path]:
        """Return the files of both media, fetched where the request has an address."""
        files = []
        for name in FILE_NAMES:
            source = getattr(request, name)
            if not isinstance(source, Path):
                async with self._fetching:
                    source = await self._fetcher.fetch(source, folder / FILE_NAMES[name])
                    try:
                        self._files.reserve(folder, size_of(folder))
                    except QuotaExceeded:
                        source.unlink()
                        raise MediaError("The service has no room for the media now. Try again later.") from None
            files.append(source)
        return files

    def _on_message(self, job_id: str, message: dict[str, Any]) -> None:
        if message.pop("begun", False):
            started_at = self._jobs[job_id].started_at or self._clock()
            self._change(job_id, status="generating", started_at=started_at, message="Starting the engine")
        progress = max(self._jobs[job_id].progress, min(message.pop("progress", 0.0), 1.0))
        self._change(job_id, progress=progress, **message)

    def _change(self, job_id: str, **changes: Any) -> None:
        job = self._jobs[job_id]
        self._jobs[job_id] = replace(job, revision=job.revision + 1, **changes)

    def _keep_clip(self, clip: Path) -> str:
        name = f"{secrets.token_urlsafe(24)}.mp4"
        size = clip.stat().st_size
        while not self._has_room_for_clip(self.folder / name, size):
            if not self._clips:
                raise WanError("The service has no room for the clip now. Try again when other jobs are done.")
            self._files.remove(self._clips.pop(next(iter(self._clips))))
        self._clips[name] = clip.replace(self.folder / name)
        return name

    def _has_room_for_clip(self, path: Path, size: int) -> bool:
        kept = sum(clip.stat().st_size for clip in self._clips.values())
        if self._clips and (len(self._clips) >= _CLIPS or kept + size > _CLIP_BYTES):
            return False
        try:
            self._files.reserve(path, size)
        except QuotaExceeded:
            return False
        return True

    def _finish(self, job_id: str, folder: Path, task: asyncio.Task[str]) -> None:
        del self._tasks[job_id]
        self._change(job_id, finished_at=self._clock(), message="", **outcome(task))
        self.drop(folder)
        finished = [job.id for job in self.jobs if job.finished_at is not None]
        for forgotten in finished[_REMEMBERED:]:
            del self._jobs[forgotten]


def outcome(task: asyncio.Task[str]) -> dict[str, Any]:
    """Return the fields of a ServerJob that a finished task decides: its status, and its clip or its error."""
    if task.cancelled():
        return _failure("Cancelled", protocol.CANCELLED)
    error = task.exception()
    if error is None:
        return {"status": "completed", "progress": 1.0, "clip": task.result()}
    if isinstance(error, WanError):
        return _failure(type(error).__name__, str(error))
    _log.error("a defect of the service", exc_info=error)
    return _failure("InternalError", f"The service has a defect ({type(error).__name__}: {error}).")


def _failure(name: str, message: str) -> dict[str, Any]:
    return {"status": "error", "error": {"name": name, "message": message}}
