"""How the service says no: one form of body for every error."""

from __future__ import annotations

import logging
import time
import uuid

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .ticket import iso

_log = logging.getLogger("wan_notebook.service")


async def refuse(request: Request, refusal: Exception) -> Response:
    """Answer with the error's status and a body of the protocol's form."""
    assert isinstance(refusal, HTTPException)
    return _answer(request, refusal.status_code, refusal.detail, dict(refusal.headers or {}))


async def admit_defect(request: Request, defect: Exception) -> Response:
    """Answer 500 to a defect of this program; its details go to the log alone."""
    _log.error("a defect of the service", exc_info=defect)
    return _answer(request, 500, "Internal server error", {})


def _answer(request: Request, status: int, message: str, headers: dict[str, str]) -> Response:
    request_id = str(uuid.uuid4())
    body = {
        "message": message,
        "path": request.scope["path"],
        "requestId": request_id,
        "statusCode": status,
        "timestamp": iso(time.time()),
    }
    return JSONResponse(body, status_code=status, headers={"x-request-id": request_id, **headers})
