"""Numbers and names as a person reads them, once for the whole package: dollars, sizes, times, settings, files.

A figure is shown no more exactly than it is known: an estimate in cents up to ten dollars, an estimated time in steps
of five seconds, a file size in two or three digits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from . import family


def dollars(usd: float) -> str:
    """Return a price to the cent: "$1.20"; below a cent, to a hundredth of one."""
    cents = f"{usd:,.2f}"
    return f"${cents}" if usd >= 0.01 or usd == 0 else f"${usd:.4f}".rstrip("0")


def estimated_dollars(usd: float | None) -> str:
    """Return an estimated price: "about $0.48", "about $12", "free", "price unknown"."""
    if usd is None:
        return "price unknown"
    if usd == 0:
        return "free"
    if usd < 0.01:
        return "less than $0.01"
    return f"about ${usd:,.2f}" if usd < 9.995 else f"about ${usd:,.0f}"


def file_size(size: float) -> str:
    """Return a number of bytes in decimal units: "6.1 MB", "48 MB", "312 bytes"; thousands of TB are that."""
    units = ["TB", "GB", "MB", "kB", "bytes"]
    while round(size) >= 1000 and len(units) > 1:
        size /= 1000
        units.pop()
    exact = units[-1] != "bytes" and round(size, 1) < 10
    return f"{size:,.{int(exact)}f} {units[-1]}"


def decimal(number: float) -> str:
    """Return a number with one digit behind the point, or none where that is a zero: "3.5", "16"."""
    return f"{number:.1f}".removesuffix(".0")


def second(number: float) -> str:
    """Return a second of a video to a hundredth, within which a frame is told from the next: "3.53", "5"."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def estimated_duration(seconds: float) -> str:
    """Return an estimated duration, given in seconds: "25 s", "6 min", "3 h"."""
    if seconds < 57.5:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min" if seconds < 6000 else f"{round(seconds / 3600)} h"


def duration_range(shortest: float, longest: float) -> str:
    """Return a range of estimated durations, given in seconds: "20 to 45 s", "45 s to 3 min"."""
    first, last = estimated_duration(shortest).split(), estimated_duration(longest).split()
    return f"{first[0]} to {' '.join(last)}" if first[1] == last[1] else f"{' '.join(first)} to {' '.join(last)}"


def duration(seconds: float) -> str:
    """Return a measured duration, given in seconds and exact to one: "48 s", "3 min 5 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def time_left(seconds: float) -> str:
    """Return the time left for a job, or for many, given in seconds: "about 25 s left", "should finish soon"."""
    return "should finish soon" if seconds < 5 else f"about {estimated_duration(seconds)} left"


def resume_call(job: str | int, service: str = "") -> str:
    """Return the code that watches a job again; quotes in a service's id end no string.

    Args:
        job: its id, or its number in the journal.
        service: the source of the service where the journal alone does not lead there.
    """
    literal = repr(job)
    if isinstance(job, str) and '"' not in literal:
        literal = f'"{literal[1:-1]}"'
    return f"wan.resume({literal}{service and f', service={service}'})"


def local_time(seconds: float | None) -> str:
    """Return a time since the epoch in this machine's time zone, to the minute; empty where it is no time."""
    try:
        return "" if seconds is None else f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"
    except (OverflowError, OSError, ValueError):
        return ""


def printable(text: str) -> str:
    """Return a text that can be shown: "�" stands for control characters, and for bytes of a name that are no UTF-8."""
    return "".join("�" if unicodedata.category(one) in ("Cc", "Cs") else one for one in text)


def count(number: int, noun: str) -> str:
    """Return a number of things: "1 cell", "9 cells"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def settings_text(settings: Mapping[str, Any], *, defaults: bool = True) -> list[str]:
    """Return settings as phrases: "Move", "480p", "20 steps", "shift 5", "high quality", "balanced write mode".

    How inputs were prepared is the last one: "with preparation (reference: 1 to 3.5 s, 16 fps; picture: cropped)".

    Args:
        settings: by their wire names, and preparations as the arguments of animate(); one that is absent is left out.
        defaults: whether to name quality and write mode also where they are the model's defaults.
    """
    phrases = []
    if model := settings.get("model"):
        phrases.append(family.MODELS[model].title if model in family.MODELS else str(model))
    if resolution := settings.get("resolution"):
        phrases.append(str(resolution))
    if (steps := settings.get("num_inference_steps")) is not None:
        phrases.append(f"{steps} steps")
    if isinstance(shift := settings.get("shift"), int | float):
        phrases.append(f"shift {shift:g}")
    for name, noun in (("video_quality", "quality"), ("video_write_mode", "write mode")):
        value = settings.get(name)
        if value is not None and (defaults or value != family.SETTINGS[name].default):
            phrases.append(f"{value} {noun}")
    if (checker := settings.get("enable_safety_checker")) is not None:
        phrases.append(f"safety checker {'on' if checker else 'off'}")
    inputs = {"reference": settings.get("prepare_video"), "picture": settings.get("prepare_image")}
    prepared = [f"{label}: {', '.join(preparation_text(changes))}" for label, changes in inputs.items() if changes]
    prepared += ["eyes and mouth placed by hand"] if settings.get("points") else []
    return phrases + ([f"with preparation ({'; '.join(prepared)})"] if prepared else [])


def preparation_text(changes: Mapping[str, Any]) -> list[str]:
    """Return a preparation as phrases: "1 to 3.5 s", "16 fps", "480p", "cropped", "without sound".

    Args:
        changes: the fields of a media.preparation.Preparation that differ from its defaults.
    """
    phrases = []
    start, end = changes.get("start", 0.0), changes.get("end")
    if end is not None:
        phrases.append(f"{second(start)} to {second(end)} s")
    elif start:
        phrases.append(f"from {second(start)} s on")
    if fps := changes.get("fps"):
        phrases.append(f"{decimal(fps)} fps")
    if short_side := changes.get("short_side"):
        phrases.append(f"{short_side}p")
    if changes.get("aspect"):
        phrases.append("padded" if changes.get("fit") == "pad" else "cropped")
    if not changes.get("sound", True):
        phrases.append("without sound")
    return phrases or ["as MP4"]
