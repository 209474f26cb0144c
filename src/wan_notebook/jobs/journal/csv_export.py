"""The journal as a CSV file, for a spreadsheet or an accountant."""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ...runtime.data_dir import atomic_write
from ...runtime.redaction import public_value
from ..recipe import Recipe
from .entry import Entry

_LEFT_OUT = ("fingerprint", "process", "elsewhere", "looked_at", "late_by")
_INPUTS = {"image": "picture", "video": "reference"}
"""The columns of the inputs."""
_BLANK = r"\s\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
"""Characters of a class that show nothing: white space, control characters, and those without a width."""
_FORMULA = re.compile(rf"(^|[\n\r\t;])(?=[{_BLANK}]*[=+\-@＝＋－＠﹦﹢﹣﹫−⁼⁺⁻₌₊₋])|^(?=[^\S ]|[\x00-\x1f])")
"""Where a spreadsheet could begin a formula: one that splits its lines at semicolons begins cells within a text."""


def write(entries: Iterable[Entry], path: Path) -> Path:
    """Write one line per job, with a column for each setting, and return the path.

    Raises:
        StorageError: the file cannot be written.
    """
    return write_lines([line(entry) for entry in entries], path)


def write_lines(lines: Sequence[Mapping[str, Any]], path: Path) -> Path:
    """Write flat lines of any columns, each value as by cell(); otherwise as write()."""
    with atomic_write(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer, names = csv.writer(file), columns(lines)
        writer.writerow(map(cell, names))
        writer.writerows([cell(one.get(name)) for name in names] for one in lines)
    return path


def line(entry: Entry) -> dict[str, Any]:
    """Return an entry as one flat line: times in UTC, settings side by side, inputs by name as they were chosen."""
    flat: dict[str, Any] = {}
    recipe = entry.recipe or Recipe(image=entry.image, video=entry.video)
    for name in (field.name for field in dataclasses.fields(entry)):
        value = getattr(entry, name)
        if name == "settings":
            flat |= {key: setting for key, setting in value.items() if key != "extra"}
        elif name in _INPUTS:
            column, chosen = _INPUTS[name], getattr(recipe, name)
            flat |= {column: chosen.name or chosen.url, f"{column}_sha256": chosen.sha256}
        elif name == "prepare":
            flat |= recipe.columns
        elif name not in _LEFT_OUT:
            flat[name] = when(value) if name.endswith("_at") else value
    return flat


def columns(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names that occur in the lines, in their order."""
    return list(dict.fromkeys(name for one in lines for name in one)) or ["number"]


def when(seconds: float | None) -> datetime | None:
    """Return a time since the epoch as a moment in UTC; None where it is no time."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, tz=timezone.utc)
    except (OverflowError, OSError, ValueError):
        return None


def cell(value: Any) -> Any:
    """Return a value for a file that others open: numbers as they are, all else as public text and never a formula.

    What a spreadsheet could take for the beginning of a formula gets an apostrophe in front; names of files and
    messages of servers are not ours.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    return _FORMULA.sub(r"\1'", str(public_value(value)))
