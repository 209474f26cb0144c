"""Numbers that were read off a clip before, kept in the data directory, so that the same files are read once."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from pathlib import Path

from ...errors import StorageError
from ...model.job import Job
from ...runtime.data_dir import atomic_write, subfolder
from .definitions import Metrics
from .measure import measure, of_the_job

_FORMULAS = 1
"""Raised whenever a formula changes, so that what was read off by the old one is forgotten."""


def measure_once(
    clip: Path, reference: Path | None = None, character: Path | None = None, job: Job | None = None
) -> Metrics:
    """Return the numbers of a clip, from the time when the same files were measured before where there was one.

    Arguments and errors are those of measure().
    """
    try:
        place = subfolder("measures") / f"{_digest(clip, reference, character)}.json"
    except (OSError, StorageError):
        return measure(clip, reference, character, job)  # which says what is wrong with a file that is gone
    known = _read(place)
    if known is None:
        known = measure(clip, reference, character)
        with contextlib.suppress(StorageError):  # it is measured again the next time; nothing is lost
            _write(place, known)
    return Metrics.of(dataclasses.asdict(known) | of_the_job(job))


def _digest(*files: Path | None) -> str:
    """Another one for any other content, as far as names, sizes and times tell."""
    told = [file and (str(file), (stat := file.stat()).st_size, stat.st_mtime_ns) for file in files]
    return hashlib.sha256(json.dumps([_FORMULAS, *told]).encode()).hexdigest()[:32]


def _read(place: Path) -> Metrics | None:
    try:
        return Metrics.of(json.loads(place.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError):
        return None  # not measured yet, or not to be read: it is measured now, and written anew


def _write(place: Path, known: Metrics) -> None:
    with atomic_write(place) as partial:
        partial.write_text(json.dumps(dataclasses.asdict(known)), encoding="utf-8")
