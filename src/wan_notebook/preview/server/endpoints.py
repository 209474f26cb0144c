"""The endpoints about jobs: submit, fetch, cancel, and the finished clip at its own address."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from ...model import protocol
from .job import ServerJob
from .json_stream import BadBody, JsonStream
from .queue import JobQueue, QueueFull
from .validate import BadFields, GenerationRequest, validate

MAX_BODY = 300_000_000
"""Bytes of the largest submit: a video of 200 MB as Base64, and a picture."""
CLIENT_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
"""The names that clients may give to their calls."""
_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*\"?(\d{1,9})\b", re.ASCII | re.IGNORECASE)
"""The seconds for which a client prefers to wait, among other preferences (RFC 7240)."""
_REVISION = re.compile(r"\d{1,9}", re.ASCII)
WORKERS = "wan_notebook.workers"
"""The entry of a request's scope that holds who does its job, where that is not the queue's own workers."""


_WELCOME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>wan-notebook: free motion previews</title>
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 3rem auto; padding: 0 1rem; }</style>
<h1>It works</h1>
<p>This is the free motion preview of wan-notebook. It makes clips for programs; on this page there is nothing to do.
</p>
<p>In a notebook: <code>wan.Service.at("the address of this page", "the token", paid=False)</code>. The token stands in
the terminal where the service was started, or whoever started it has it.</p>
</html>
"""


class Endpoints:
    """Answers requests about the jobs of a queue.

    Args:
        jobs: the queue.
        max_body: bytes of the largest submit.
        public_url: the address under which clients reach the service; None takes the one that each request was for.
    """

    def __init__(self, jobs: JobQueue, max_body: int = MAX_BODY, public_url: str | None = None) -> None:
        self._jobs, self._max_body, self._public_url = jobs, max_body, public_url

    async def welcome(self, _request: Request) -> Response:
        """Answer a browser that somebody opened at the service's address."""
        rules = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return HTMLResponse(_WELCOME, headers=rules)

    async def generations(self, request: Request) -> Response:
        """Answer a request about jobs, by its method."""
        by_method = {"POST": self.submit, "DELETE": self.cancel}
        return await by_method.get(request.method, self.fetch)(request)

    async def submit(self, request: Request) -> Response:
        """Take a job and answer with its id."""
        request_id = str(uuid.uuid4())
        sent_id = request.headers.get("x-client-request-id", "")
        try:
            workers = request.scope.get(WORKERS)
            folder = self._jobs.admit(self._largest_files(request), workers)
            try:
                job = self._jobs.submit(
                    await self._read(request, folder),
                    folder,
                    workers,
                    request_id=request_id,
                    client_request_id=sent_id if CLIENT_REQUEST_ID.fullmatch(sent_id) else None,
                )
            except BaseException:
                self._jobs.drop(folder)
                raise
        except QueueFull:
            raise HTTPException(
                429, "Too Many Requests: the queue is full. Try again when a job is done.", headers={"Retry-After": "5"}
            ) from None
        except OSError as error:
            raise HTTPException(413, f"The service has no room for this upload ({error.strerror}).") from None
        return self._answer(request, job, request_id)

    async def fetch(self, request: Request) -> Response:
        """Answer with the present state of a job, or once there is news, where the client prefers to wait for that."""
        job, preferred = self._find(request), _WAIT.search(request.headers.get("prefer", ""))
        if preferred is None:
            return self._answer(request, job)
        known = request.query_params.get("after", "")
        after = int(known) if _REVISION.fullmatch(known) else None
        await self._jobs.news(job.id, min(int(preferred[1]), protocol.LONGEST_WAIT), after)
        answer = self._answer(request, self._find(request))
        answer.headers["Preference-Applied"] = "wait"
        return answer

    async def cancel(self, request: Request) -> Response:
        """End a job and its work; the hosted service has no such request."""
        await self._jobs.cancel(self._find(request).id)
        return self._answer(request, self._find(request))

    async def clip(self, request: Request) -> Response:
        """Send a finished clip, or the ranges of it that were asked for."""
        path = self._jobs.clip(request.path_params["name"])
        if path is None:
            raise HTTPException(404, "There is no such clip, or it is no longer kept.")
        return FileResponse(path, media_type="video/mp4")

    def _find(self, request: Request) -> ServerJob:
        job_id = request.query_params.get("generation_id")
        if job_id is None:
            raise HTTPException(400, "Query validation error: generation_id: Required")
        job = self._jobs.find(job_id)
        if job is None:
            raise HTTPException(404, "Generation not found: there is no job of this id, or it was long ago.")
        return job

    def _largest_files(self, request: Request) -> int:
        """Return the bytes that a submit may write, before any of it is read."""
        packing = request.headers.get("content-encoding", "identity").strip().lower()
        if packing not in ("", "identity"):
            raise HTTPException(
                415,
                "Unsupported Content-Encoding: send the body as it is.",
                headers={"Accept-Encoding": "identity"},
            )
        announced = request.headers.get("content-length", "")
        length = int(announced[:20]) if announced.isdecimal() else self._max_body
        # A body that is not much too large is read to its end, since a client in the midst of sending reads no answer.
        if length > 2 * self._max_body:
            raise self._too_large
        return min(length, self._max_body) * 3 // 4

    @property
    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"The request is larger than {self._max_body / 1e6:,.0f} MB.")

    async def _read(self, request: Request, folder: Path) -> GenerationRequest:
        stream, size = JsonStream(folder), 0
        try:
            async for piece in request.stream():
                size += len(piece)
                if size > 2 * self._max_body:
                    raise self._too_large
                if size <= self._max_body:
                    stream.feed(piece)
            if size > self._max_body:
                raise self._too_large
            return validate(stream.fields(), folder)
        except BadBody as error:
            raise HTTPException(400, f"Body validation error: {error}") from None
        except BadFields as error:
            raise HTTPException(400, f"Body validation error: {error}") from None
        except ClientDisconnect:
            raise HTTPException(400, "The request broke off.") from None
        finally:
            stream.close()

    def _answer(self, request: Request, job: ServerJob, request_id: str | None = None) -> Response:
        headers = {
            "x-request-id": request_id or str(uuid.uuid4()),
            "x-inference-id": job.id,
            "x-aimlapi-credits-used": "0",
            "x-aimlapi-usd-spent": "0",
            "Cache-Control": "no-store",
        }
        return JSONResponse(job.to_json(self._clip_url(request, job.clip)), headers=headers)

    def _clip_url(self, request: Request, name: str | None) -> str | None:
        if name is None:
            return None
        path = request.app.url_path_for("clip", name=name)
        return f"{self._public_url}{path}" if self._public_url else str(path.make_absolute_url(request.base_url))
