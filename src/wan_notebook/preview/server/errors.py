"""Error responses in the protocol's form: refusals with their reason, and defects without their details."""

from __future__ import annotations

import logging
import time
import uuid
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .job import iso

_log = logging.getLogger("wan_notebook.preview")


async def refusal_response(request: Request, refusal: Exception) -> Response:
    """Answer a refused request with the refusal's status, message and headers."""
    assert isinstance(refusal, HTTPException)
    return error_response(request, refusal.status_code, refusal.detail, dict(refusal.headers or {}))


async def defect_response(request: Request, defect: Exception) -> Response:
    """Answer 500 to a defect of this program; its details go to the log alone."""
    _log.error("a defect of the service", exc_info=defect)
    return error_response(request, 500, "Internal server error", {})


def error_response(request: Request, status: int, message: str, headers: dict[str, str]) -> Response:
    """Return an error with the fields of both forms of the protocol, and its request id in a header too."""
    request_id, path, title = str(uuid.uuid4()), request.scope["path"], HTTPStatus(status).phrase
    body = {
        "message": message,
        "path": path,
        "requestId": request_id,
        "statusCode": status,
        "timestamp": iso(time.time()),
        "title": title,
        "status": status,
        "instance": path,
        "error": {"name": title.replace(" ", ""), "message": message},
    }
    return JSONResponse(
        body,
        status_code=status,
        headers={"x-request-id": request_id, **headers},
        media_type="application/problem+json",
    )
