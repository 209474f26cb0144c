"""Settings under a name: the model family's own presets, and the user's, kept in the data directory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import InvalidRequest, StorageError
from ...model import family
from ...runtime.data_dir import atomic_write, data_dir, subfolder


def presets() -> dict[str, Mapping[str, Any]]:
    """Return all presets by name, the model family's first.

    Raises:
        StorageError: the user's presets cannot be read.
    """
    return dict(family.PRESETS) | _own()


def matching(settings: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the name of the preset that these settings are; of several the one that says most, empty where none is.

    Args:
        settings: by their wire names.
        known: presets by name.
    """
    alike = {name: len(preset) for name, preset in known.items() if preset.items() <= settings.items()}
    return max(alike, key=lambda name: alike[name], default="")


def keep(name: str, settings: Mapping[str, Any]) -> None:
    """Keep settings under a name, in place of those kept under it before.

    Raises:
        InvalidRequest: the name is empty, or one of the model family's own.
        StorageError: they cannot be written.
    """
    name = name.strip()
    if not name or name in family.PRESETS:
        raise InvalidRequest(f"A preset of your own needs a name that is not {', '.join(family.PRESETS)}.")
    _write(_own() | {name: dict(settings)})


def forget(name: str) -> None:
    """Remove a preset of the user's.

    Raises:
        StorageError: the rest cannot be written.
    """
    _write({kept: settings for kept, settings in _own().items() if kept != name})


def _path() -> Path:
    return data_dir() / "presets" / "presets.json"


def _own() -> dict[str, Mapping[str, Any]]:
    try:
        read = json.loads(_path().read_text(encoding="utf-8"))
        return {str(name): dict(settings) for name, settings in read.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise StorageError(f"{_path()} cannot be read ({error}). Mend or remove that file.") from None


def _write(kept: Mapping[str, Mapping[str, Any]]) -> None:
    with atomic_write(subfolder("presets") / _path().name) as partial:
        partial.write_text(json.dumps(kept, indent=2, ensure_ascii=False), encoding="utf-8")
