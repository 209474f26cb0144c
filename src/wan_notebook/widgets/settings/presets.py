"""Presets: the model family's own sets of settings, and the user's, which are saved in the data directory."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from ...errors import InvalidRequest, StorageError
from ...model import family
from ...runtime.data_dir import atomic_write, data_dir, subfolder

_FILE = "presets.json"


def all_presets() -> dict[str, Mapping[str, Any]]:
    """Return the settings of all presets by name, the model family's first.

    Raises:
        StorageError: the user's presets cannot be read.
    """
    return dict(family.PRESETS) | own_presets()


def own_presets() -> dict[str, Mapping[str, Any]]:
    """Return the settings of the user's presets by name; one whose name the model family took later says whose it is.

    Raises:
        StorageError: the file cannot be read.
    """
    path = data_dir() / "presets" / _FILE
    try:
        presets = json.loads(path.read_text(encoding="utf-8"))
        return {
            f"{name} (yours)" if is_built_in(str(name)) else str(name): dict(settings)
            for name, settings in presets.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise StorageError(f"{path} cannot be read ({error}). Mend or remove that file.") from None


def matching_preset(settings: Mapping[str, Any], presets: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the name of the preset that agrees with the settings, or "" where none does.

    Args:
        settings: by wire name.
        presets: settings by the preset's name; of several that agree the one with the most settings is returned.
    """
    agreeing = [name for name, preset in presets.items() if preset.items() <= settings.items()]
    return max(agreeing, key=lambda name: len(presets[name]), default="")


def save_preset(name: str, settings: Mapping[str, Any]) -> None:
    """Save settings under a name, in place of those saved under it before.

    Raises:
        InvalidRequest: the name is empty, or one of the model family's own.
        StorageError: they cannot be written.
    """
    name = " ".join(name.split())
    if not name or is_built_in(name):
        raise InvalidRequest(f"A preset of your own needs a name that is not {', '.join(family.PRESETS)}; not saved.")
    _write(own_presets() | {name: dict(settings)})


def is_built_in(name: str) -> bool:
    """Whether a person would take a name for that of one of the model family's presets."""
    return _plain(name) in map(_plain, family.PRESETS)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def delete_preset(name: str) -> None:
    """Delete a preset of the user's.

    Raises:
        StorageError: the others cannot be written.
    """
    _write({other: settings for other, settings in own_presets().items() if other != name})


def _write(presets: Mapping[str, Mapping[str, Any]]) -> None:
    with atomic_write(subfolder("presets") / _FILE) as partial:
        partial.write_text(json.dumps(presets, indent=2, ensure_ascii=False), encoding="utf-8")
