"""Measured numbers, kept in the data directory, so that the same files are measured once."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from pathlib import Path

from ...errors import StorageError
from ...faces.weights import find_models
from ...runtime.data_dir import atomic_write, subfolder
from .definitions import Metrics

_FORMULAS = 2
"""Raised whenever a formula changes, so that numbers kept by the old one are measured again."""


def kept_file(*files: Path | None) -> Path | None:
    """Return the file that keeps the numbers of a clip, of its reference and character; None where none can be kept."""
    try:
        return subfolder("measures") / f"{_digest(*files)}.json"
    except (OSError, StorageError):
        return None  # measuring says what is wrong with a file that is gone


def kept_metrics(file: Path | None) -> Metrics | None:
    """Return the numbers in a file; None where there are none yet, or they cannot be read."""
    try:
        return Metrics.from_json(json.loads(file.read_text(encoding="utf-8"))) if file else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def keep(measured: Metrics, file: Path | None) -> None:
    """Keep numbers in a file; where they cannot be kept, they are measured again the next time, and nothing is lost."""
    if file is not None:
        with contextlib.suppress(StorageError), atomic_write(file) as partial:
            partial.write_text(json.dumps(dataclasses.asdict(measured)), encoding="utf-8")


def _digest(*files: Path | None) -> str:
    """Return a text that changes with the names, sizes and times of the files, and with what can be measured."""
    facts = [file and (str(file), (stat := file.stat()).st_size, stat.st_mtime_ns) for file in files]
    return hashlib.sha256(json.dumps([_FORMULAS, find_models() is not None, *facts]).encode()).hexdigest()[:32]
