"""What the service knows of one job, and how it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

ENGINE = "preview"


@dataclass(frozen=True)
class Ticket:
    """A snapshot of one job; each change makes a new one."""

    id: str
    model: str
    request_id: str
    """Of the HTTP call that brought it."""
    client_request_id: str | None
    created_at: float
    """Seconds since the epoch; so for started_at and finished_at."""
    status: str = "queued"
    progress: float = 0.0
    message: str = ""
    """What is being done, in a few words."""
    preflight: Mapping[str, Any] | None = None
    """What the engine noticed about the inputs."""
    started_at: float | None = None
    finished_at: float | None = None
    clip: str | None = None
    """The file's name, which cannot be guessed."""
    error: Mapping[str, str] | None = None

    def answer(self, clip_url: str | None) -> dict[str, Any]:
        """Return the JSON of a submit or a fetch.

        Args:
            clip_url: where the finished clip can be had.
        """
        return {
            "id": self.id,
            "status": self.status,
            "video": {"url": clip_url} if clip_url else None,
            "error": self.error,
            "engine": ENGINE,
            "meta": {
                "usage": {"credits_used": 0},
                "progress": round(self.progress, 4),
                "message": self.message,
                "preflight": self.preflight,
            },
        }

    def log_row(self) -> dict[str, Any]:
        """Return the job's row in the log of requests."""
        return {
            "created": iso(self.created_at),
            "status": "failed" if self.status == "error" else "succeeded",
            "origin": "api",
            "model": self.model,
            "cost": {"usd": 0, "credits": 0},
            "tokens": {"input": 0, "output": 0, "total": 0},
            "request_id": self.request_id,
            "inference_id": self.id,
            "client_request_id": self.client_request_id,
        }


def iso(seconds: float) -> str:
    """Return a time as the protocol writes it."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
