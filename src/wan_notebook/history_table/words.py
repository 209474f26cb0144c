"""A job in plain words: where it stands, what it cost, how long it took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ..journal import Entry, Input
from ..model import family
from ..model.cost import about, exactly


def state(entry: Entry) -> str:
    """Return in words where a job stands, and what that means for the money."""
    if entry.phase == "running":
        return entry.status or "running"
    if entry.phase == "saved" and not (entry.clip and entry.clip.is_file()):
        return "its clip was removed"
    return _STATES[entry.phase]


_STATES = {
    "submitting": "being sent",
    "rejected": "refused, not charged",
    "unknown": "unknown, perhaps bought",
    "completed": "finished, not saved yet",
    "failed": "failed, not charged",
    "saved": "saved",
}


def price(entry: Entry) -> str:
    """Return in words what a job did cost, or as long as nobody said, what it was estimated at."""
    if not entry.paid or entry.phase in ("rejected", "failed"):
        return "free" if not entry.paid else "–"
    return exactly(entry.usd) if entry.usd is not None else about(entry.estimate_usd)


def summary(entries: Sequence[Entry]) -> str:
    """Return in words how many jobs there are, what they did cost, and what is still to come."""
    parts = ["1 job" if len(entries) == 1 else f"{len(entries):,} jobs", *_money(entries)]
    for phase, words in (
        ("running", "still running"),
        ("completed", "not saved yet"),
        ("unknown", "of unknown outcome"),
    ):
        if count := sum(e.phase == phase for e in entries):
            parts.append(f"{count} {words}")
    return ", ".join(parts)


def _money(entries: Sequence[Entry]) -> Iterator[str]:
    bought = [entry for entry in entries if entry.paid and entry.phase in ("running", "completed", "saved")]
    untold = [entry for entry in bought if entry.usd is None]
    if bought:
        yield f"{exactly(sum(entry.usd for entry in bought if entry.usd is not None))} spent"
    if expected := sum(entry.estimate_usd or 0 for entry in untold):
        yield f"{about(expected)} more expected"
    if unknown := sum(entry.estimate_usd is None for entry in untold):
        yield f"{unknown} of unknown price"


def settings(entry: Entry) -> tuple[str, str]:
    """Return mode and resolution, and below them steps and shift, and others where they are not the usual."""
    asked = entry.settings
    mode = family.MODELS[entry.model].title if entry.model in family.MODELS else entry.model
    fine = (_steps(asked.get("num_inference_steps")), _shift(asked.get("shift")), *_unusual(asked))
    return _joined(mode, asked.get("resolution")), _joined(*fine)


def inputs(entry: Entry) -> tuple[str, str]:
    """Return what picture and reference are called."""
    return _name(entry.image), _name(entry.video)


def when(seconds: float | None) -> str:
    """Return a time in this machine's time zone, to the minute; empty where it is no time."""
    try:
        return "" if seconds is None else f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):
        return ""


def took(entry: Entry) -> str:
    """Return how long a job took; empty where nobody was there to see."""
    if entry.seconds is None or entry.seconds < 0 or (entry.late_by or 0) > 60:
        return ""
    minutes, seconds = divmod(round(entry.seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _name(kept: Input) -> str:
    return kept.name or kept.url.split("?", 1)[0].rstrip("/").rpartition("/")[2] or "?"


def _steps(value: Any) -> str:
    return f"{value} steps" if value is not None else ""


def _shift(value: Any) -> str:
    return f"shift {value:g}" if isinstance(value, int | float) else ""


def _unusual(asked: Mapping[str, Any]) -> Iterator[str]:
    for name in ("video_quality", "video_write_mode", "enable_safety_checker"):
        setting = family.SETTINGS[name]
        if asked.get(name, setting.default) != setting.default:
            yield f"{setting.label.lower()} {asked[name]}"


def _joined(*parts: Any) -> str:
    return " · ".join(str(part) for part in parts if part)
