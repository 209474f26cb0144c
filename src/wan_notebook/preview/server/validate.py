"""The fields of a submit, checked strictly; problems are worded as the hosted service does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...model import family
from .json_stream import Base64File, NotBase64, Undecodable

FILE_NAMES = {"image_url": "character image", "video_url": "reference video"}
"""The names of the files of a request, since messages about them name the file."""
_FARTHEST = 1_000_000
"""Pixels from a picture's corner beyond which no point can lie."""
_WEB = ("https://", "http://")


class BadFields(Exception):
    """Fields are missing or wrong; the text lists all of them."""


@dataclass(frozen=True)
class GenerationRequest:
    """A submit whose fields are checked."""

    image_url: Path | str
    """The character image: a file, or an address still to be fetched; so for video_url, the reference video."""
    video_url: Path | str
    settings: Mapping[str, Any]
    """The model and every setting by its wire name, defaults filled in."""
    points: tuple[tuple[float, float], ...] | None = None
    """Two eyes and the mouth in the character image, (x, y) in its pixels: a field of the preview's own."""


def validate(fields: Mapping[str, Any], folder: Path) -> GenerationRequest:
    """Return the checked request; media that came within it become files.

    Args:
        fields: the body of the submit. Unknown fields are ignored, as the hosted service does.
        folder: the folder for files.

    Raises:
        BadFields: something is missing or wrong.
    """
    reader = _FieldReader(fields, folder)
    request = GenerationRequest(
        settings={"model": reader.model(), **{name: reader.setting(name) for name in family.SETTINGS}},
        image_url=reader.media("image_url"),
        video_url=reader.media("video_url"),
        points=reader.points(),
    )
    if reader.problems:
        raise BadFields("; ".join(reader.problems))
    return request


class _FieldReader:
    """Reads field by field, and collects the problems of all of them."""

    def __init__(self, fields: Mapping[str, Any], folder: Path) -> None:
        self._fields, self._folder = fields, folder
        self.problems: list[str] = []

    def model(self) -> str:
        sent = self._fields.get("model")
        if found := next((model for model in family.MODELS.values() if sent in (model.id, model.alias)), None):
            return found.id
        self._note("model", choice_problem(sent, tuple(family.MODELS)) if "model" in self._fields else "Required")
        return ""

    def setting(self, name: str) -> Any:
        setting = family.SETTINGS[name]
        if name not in self._fields:
            return setting.default
        value = self._fields[name]
        self._note(name, setting_problem(setting, value))
        return value

    def media(self, name: str) -> Path | str:
        value = self._fields.get(name)
        if isinstance(value, Path):
            return value.replace(self._folder / FILE_NAMES[name])
        if isinstance(value, str):
            if value.lower().startswith(_WEB):
                return value
            try:
                return Base64File(self._folder / FILE_NAMES[name], value.encode()).finish()
            except NotBase64:
                value = Undecodable()
        if isinstance(value, Undecodable):
            undecodable = "Expected an http(s) URL, a Base64 data URI or Base64, which could not be decoded"
            self._note(name, f"Invalid url. {undecodable}")
        else:
            self._note(name, "Required" if value is None else f"Expected string, received {json_type(value)}")
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


def setting_problem(setting: family.Setting, value: Any) -> str | None:
    """Return why a setting does not take a value; None where it does."""
    if setting.kind == "choice":
        return choice_problem(value, setting.choices)
    if setting.kind == "flag":
        return None if isinstance(value, bool) else f"Expected boolean, received {json_type(value)}"
    if not _is_number(value):
        return f"Expected number, received {json_type(value)}"
    if setting.kind == "integer" and value != int(value):
        return "Expected integer, received float"
    if setting.minimum is not None and value < setting.minimum:
        return f"Number must be greater than or equal to {setting.minimum:g}"
    if setting.maximum is not None and value > setting.maximum:
        return f"Number must be less than or equal to {setting.maximum:g}"
    return None


def choice_problem(value: Any, choices: tuple[str, ...]) -> str | None:
    """Return why a value is none of the choices; None where it is one."""
    if value in choices:
        return None
    expected = " | ".join(f"'{choice}'" for choice in choices)
    if not isinstance(value, str):
        return f"Expected {expected}, received {json_type(value)}"
    return f"Invalid enum value. Expected {expected}, received '{value[:80]}'"


_JSON_TYPES = ((type(None), "null"), (bool, "boolean"), ((int, float), "number"), (list, "array"), (dict, "object"))


def json_type(value: Any) -> str:
    """Return the name of a value's type in JSON."""
    return next((name for types, name in _JSON_TYPES if isinstance(value, types)), "string")


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(x) and abs(x) <= _FARTHEST for x in value)


def _is_number(value: Any) -> bool:
    # A whole number of 400 digits is finite, and larger than any float.
    return math.isfinite(value) if isinstance(value, float) else isinstance(value, int) and not isinstance(value, bool)
