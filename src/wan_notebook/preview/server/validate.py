"""What is asked for: the fields of a submit, checked strictly and answered in the hosted service's words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...model import family
from .base64_file import InlineFile, NotBase64
from .json_stream import Undecodable

FILE_NAMES = {"image_url": "character image", "video_url": "reference video"}
"""What the files are called, since messages about them name the file."""
_WEB = ("https://", "http://")


class BadFields(Exception):
    """Fields are missing or wrong; its text lists all of them."""


@dataclass(frozen=True)
class Order:
    """A checked request."""

    image_url: Path | str
    """The character image: a file, or an address still to be fetched; so for video_url, the reference video."""
    video_url: Path | str
    settings: Mapping[str, Any]
    """The model and every setting by its wire name, defaults filled in."""
    points: tuple[tuple[float, float], ...] | None = None
    """Two eyes and the mouth in the character image, (x, y) in its pixels: a field of the preview's own."""


def read_order(fields: Mapping[str, Any], folder: Path) -> Order:
    """Return the checked order; media that came within the request become files.

    Args:
        fields: the body of the submit. Unknown fields are ignored, as the hosted service does.
        folder: where files go.

    Raises:
        BadFields: something is missing or wrong.
    """
    reading = _Reading(fields, folder)
    order = Order(
        settings={"model": reading.model(), **{name: reading.setting(name) for name in family.SETTINGS}},
        image_url=reading.media("image_url"),
        video_url=reading.media("video_url"),
        points=reading.points(),
    )
    if reading.problems:
        raise BadFields("; ".join(reading.problems))
    return order


class _Reading:
    """Reads field by field and gathers what is wrong."""

    def __init__(self, fields: Mapping[str, Any], folder: Path) -> None:
        self._fields, self._folder = fields, folder
        self.problems: list[str] = []

    def model(self) -> str:
        known = tuple(family.MODELS)
        self._note("model", _choice_problem(self._fields["model"], known) if "model" in self._fields else "Required")
        return str(self._fields.get("model"))

    def setting(self, name: str) -> Any:
        setting = family.SETTINGS[name]
        if name not in self._fields:
            return setting.default
        value = self._fields[name]
        self._note(name, _setting_problem(setting, value))
        return value

    def media(self, name: str) -> Path | str:
        value = self._fields.get(name)
        if isinstance(value, Path):
            return value.replace(self._folder / FILE_NAMES[name])
        if isinstance(value, str) and value.lower().startswith(_WEB):
            return value
        try:
            if isinstance(value, str):
                return InlineFile(self._folder / FILE_NAMES[name], value.encode()).finish()
        except NotBase64:
            value = Undecodable()
        self._note(name, _media_problem(value))
        return ""

    def points(self) -> tuple[tuple[float, float], ...] | None:
        value = self._fields.get("points")
        if value is None:
            return None
        if not (isinstance(value, list) and len(value) == 3 and all(map(_is_point, value))):
            self._note("points", "Expected [[x, y], [x, y], [x, y]]: two eyes and the mouth, in pixels")
            return None
        return tuple((float(x), float(y)) for x, y in value)

    def _note(self, name: str, problem: str | None) -> None:
        if problem:
            self.problems.append(f"{name}: {problem}")


def _setting_problem(setting: family.Setting, value: Any) -> str | None:
    if setting.kind == "choice":
        return _choice_problem(value, setting.choices)
    if setting.kind == "flag":
        return None if isinstance(value, bool) else f"Expected boolean, received {_kind(value)}"
    if not _is_number(value):
        return f"Expected number, received {_kind(value)}"
    if setting.kind == "integer" and value != int(value):
        return "Expected integer, received float"
    if setting.minimum is not None and value < setting.minimum:
        return f"Number must be greater than or equal to {setting.minimum:g}"
    if setting.maximum is not None and value > setting.maximum:
        return f"Number must be less than or equal to {setting.maximum:g}"
    return None


def _choice_problem(value: Any, choices: tuple[str, ...]) -> str | None:
    if value in choices:
        return None
    expected = " | ".join(f"'{choice}'" for choice in choices)
    if not isinstance(value, str):
        return f"Expected {expected}, received {_kind(value)}"
    return f"Invalid enum value. Expected {expected}, received '{value[:80]}'"


def _media_problem(value: Any) -> str:
    if value is None:
        return "Required"
    if isinstance(value, Undecodable):
        return "Invalid url. Expected an http(s) URL, a Base64 data URI or Base64, which could not be decoded"
    return f"Expected string, received {_kind(value)}"


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_KINDS = ((type(None), "null"), (bool, "boolean"), ((int, float), "number"), (list, "array"), (dict, "object"))


def _kind(value: Any) -> str:
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "string")
