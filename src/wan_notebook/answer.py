"""What an answer says of a job, read from every form in which services have been seen to say it.

Nothing here fails on an oddity: a field that cannot be read is absent, so that no job is lost for its sake.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .model import family

_DEEPEST = 20
"""Levels of nesting that are read; the protocol has four."""


def read_fields(answer: Any) -> dict[str, Any]:
    """Return the fields of a job that a decoded answer tells; what it does not tell, or not readably, is absent.

    Args:
        answer: any JSON value.
    """
    said = _mapping(_printable(answer))
    meta = _mapping(said.get("meta"))
    fields = {
        "id": _id(said.get("id")),
        "status": _status(said.get("status")),
        "video": _video(said.get("video")),
        "error": read_error(said.get("error")),
        "usage": _usage(_mapping(meta.get("usage"))),
        "progress": _share(meta.get("progress")),
        "preflight": _mapping(meta.get("preflight")) or None,
        "engine": _text(said.get("engine")),
        "message": _text(meta.get("message")),
    }
    return {name: value for name, value in fields.items() if value is not None}


def read_error(error: Any) -> str | None:
    """Return one message from any form of error that a service is known to send, None where there is none.

    Args:
        error: None, a string, {name, message}, or {detail: [{loc, msg, type, input}]}.
    """
    if isinstance(error, dict):
        detail = error.get("detail")
        if isinstance(detail, list) and detail:
            return "; ".join(map(_detail, detail))
        error = error.get("message") or detail or error.get("name") or error
    return str(error).strip() or None if error else None


def _detail(detail: Any) -> str:
    if not isinstance(detail, dict):
        return str(detail) or "?"
    loc = detail.get("loc")
    where = ".".join(str(part) for part in (loc if isinstance(loc, list) else [loc]) if part not in (None, "", "body"))
    said = str(detail.get("msg") or detail)
    return f"{where}: {said}" if where else said


def _id(value: Any) -> str | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else _text(value)


def _status(value: Any) -> str | None:
    word = (_text(value) or "").strip()
    return word.lower() if word.lower() in family.STATUSES else word or None


def _video(video: Any) -> str | None:
    while isinstance(video, list):
        video = video[0] if video else None
    return _text(video.get("url") if isinstance(video, dict) else video)


def _usage(usage: Mapping[str, Any]) -> dict[str, float] | None:
    figures = {
        "credits_used": _number(usage.get("credits_used", usage.get("tokens_used"))),
        "usd_spent": _number(usage.get("usd_spent")),
    }
    return {name: figure for name, figure in figures.items() if figure is not None} or None


def _share(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= 1 else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _printable(value: Any, depth: int = 0) -> Any:
    """Replace what nothing can write down: halves of surrogate pairs, figures without end, nesting without end."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | dict) and depth == _DEEPEST:
        return "…"
    if isinstance(value, list):
        return [_printable(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {_printable(name): _printable(one, depth + 1) for name, one in value.items()}
    return value
