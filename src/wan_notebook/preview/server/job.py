"""A job as the service knows it, and its form on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

ENGINE = "preview"
"""The name of the engine in every answer: no client takes a preview for the model's work."""


@dataclass(frozen=True)
class ServerJob:
    """A snapshot of one job; each change makes a new one."""

    id: str
    model: str
    request_id: str
    """Of the HTTP call that brought it."""
    client_request_id: str | None
    """The client's own name for that call."""
    created_at: float
    """Seconds since the epoch; so for started_at and finished_at."""
    revision: int = 0
    """Counts the changes, so that a client can say which one it was told last."""
    status: str = "queued"
    progress: float = 0.0
    """The share of the work done, 0 to 1."""
    message: str = ""
    """The current step, in a few words."""
    preflight: Mapping[str, Any] | None = None
    """The engine's findings about the inputs."""
    started_at: float | None = None
    finished_at: float | None = None
    clip: str | None = None
    """The file's name, which cannot be guessed."""
    error: Mapping[str, str] | None = None

    def to_json(self, clip_url: str | None) -> dict[str, Any]:
        """Return the body that answers a submit or a fetch.

        Args:
            clip_url: the address of the finished clip.
        """
        return without_nulls(
            {
                "id": self.id,
                "status": self.status,
                "video": {"url": clip_url} if clip_url else None,
                "error": self.error,
                "engine": ENGINE,
                "meta": {
                    "usage": {"credits_used": 0, "usd_spent": 0},
                    "revision": self.revision,
                    "progress": round(self.progress, 4),
                    "message": self.message,
                    "preflight": self.preflight,
                },
            }
        )

    def log_row(self) -> dict[str, Any]:
        """Return the job's row in the log of requests."""
        row = {
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
        return without_nulls(row)


def without_nulls(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value: the hosted service leaves the others out, and clients break on a null."""
    return {
        name: without_nulls(value) if isinstance(value, Mapping) else value
        for name, value in fields.items()
        if value is not None
    }


def iso(seconds: float) -> str:
    """Return a time as the protocol writes it, ISO 8601 in UTC with milliseconds.

    Args:
        seconds: since the epoch.
    """
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
