"""The two endpoints: submit a job, fetch a job. And the finished clip at its own address."""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from .job import Ticket
from .json_stream import BadBody, Intake
from .queue import JobQueue, QueueFull
from .validate import BadFields, Order, read_order

MAX_BODY = 300_000_000
"""Bytes of the largest submit: a video of 200 MB as Base64, and a picture."""
_CLIENT_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Generations:
    """Answers about jobs.

    Args:
        jobs: the queue.
        max_body: bytes of the largest submit.
    """

    def __init__(self, jobs: JobQueue, max_body: int = MAX_BODY) -> None:
        self._jobs, self._max_body = jobs, max_body

    async def submit(self, request: Request) -> Response:
        """Take a job."""
        request_id = str(uuid.uuid4())
        try:
            self._jobs.admit()
            room = self._jobs.room()
            try:
                ticket = self._jobs.submit(
                    await self._read(request, room),
                    room,
                    request_id=request_id,
                    client_request_id=_client_request_id(request),
                )
            except BaseException:
                shutil.rmtree(room, ignore_errors=True)
                raise
        except QueueFull:
            raise HTTPException(
                429, "Too Many Requests: the queue is full. Try again when a job is done.", headers={"Retry-After": "5"}
            ) from None
        except OSError as error:
            raise HTTPException(413, f"The service has no room for this upload ({error.strerror}).") from None
        return self._answer(request, ticket, {"x-request-id": request_id})

    async def fetch(self, request: Request) -> Response:
        """Say how a job is doing."""
        return self._answer(request, self._ticket(request))

    async def cancel(self, request: Request) -> Response:
        """End a job and its work; the hosted service knows no such thing."""
        await self._jobs.cancel(self._ticket(request).id)
        return self._answer(request, self._ticket(request))

    async def clip(self, request: Request) -> Response:
        """Send a finished clip, or the asked-for ranges of it."""
        path = self._jobs.clip(request.path_params["name"])
        if path is None:
            raise HTTPException(404, "There is no such clip, or it is no longer kept.")
        return FileResponse(path, media_type="video/mp4")

    def _ticket(self, request: Request) -> Ticket:
        job_id = request.query_params.get("generation_id")
        if job_id is None:
            raise HTTPException(400, "Query validation error: generation_id: Required")
        ticket = self._jobs.find(job_id)
        if ticket is None:
            raise HTTPException(404, "Generation not found: there is no job of this id, or it was long ago.")
        return ticket

    async def _read(self, request: Request, room: Path) -> Order:
        too_large = HTTPException(413, f"The request is larger than {self._max_body / 1e6:,.0f} MB.")
        # What is not much too large is read to its end, since a client in the midst of sending hears no answer.
        most = 2 * self._max_body
        announced = request.headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > most:
            raise too_large
        intake, size = Intake(room), 0
        try:
            async for piece in request.stream():
                size += len(piece)
                if size > most:
                    raise too_large
                if size <= self._max_body:
                    intake.feed(piece)
            if size > self._max_body:
                raise too_large
            return read_order(intake.fields(), room)
        except BadBody:
            raise HTTPException(400, "Body validation error: Expected a JSON object") from None
        except BadFields as error:
            raise HTTPException(400, f"Body validation error: {error}") from None
        except ClientDisconnect:
            raise HTTPException(400, "The request broke off.") from None
        finally:
            intake.close()

    def _answer(self, request: Request, ticket: Ticket, headers: dict[str, str] | None = None) -> Response:
        url = str(request.url_for("clip", name=ticket.clip)) if ticket.clip else None
        facts = {"x-inference-id": ticket.id, "x-aimlapi-credits-used": "0", "Cache-Control": "no-store"}
        return JSONResponse(ticket.answer(url), headers={"x-request-id": str(uuid.uuid4()), **facts, **(headers or {})})


def _client_request_id(request: Request) -> str | None:
    sent = request.headers.get("x-client-request-id", "")
    return sent if _CLIENT_REQUEST_ID.fullmatch(sent) else None
