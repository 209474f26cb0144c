"""Fields of a sweep: parsing, checking and labelling their values."""

from __future__ import annotations

import dataclasses
import glob
import itertools
import json
import os
import reprlib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from ..errors import InvalidRequest
from ..media.resolve import existing_path, file_name, is_array, unquoted, uploads_in
from ..model import family
from ..model.formatting import printable
from ..model.job import Request, refuse_unknown
from ..model.record import default_of
from . import ranges

COLUMNS: Mapping[str, str] = MappingProxyType({"image_url": "picture", "video_url": "reference"})
"""The inputs as tables name them; all other fields have the same name there as on the wire."""
_FIELDS = {column: name for name, column in COLUMNS.items()}


def column(name: str) -> str:
    """Return the name of a field's column in a table."""
    return COLUMNS.get(name, name)


def field_of(name: str) -> str:
    """Return the wire name of the field in a column; a name that is no column's stays as it is."""
    return _FIELDS.get(name, name)


def check_names(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields unchanged, if each is a field of Request.

    Raises:
        InvalidRequest: one is not; the message suggests the nearest name.
    """
    refuse_unknown(given, known=list(_REQUEST))
    return given


def parse_values(name: str, given: Any) -> list[Any]:
    """Return the checked values of a field; more than one make an axis.

    Args:
        name: the field's wire name.
        given: one value; a list or another finite iterable of them; for a number a text as in ranges, for a choice
            words with commas, for pictures and videos an upload of several files, or a pattern as "poses/*.mp4".

    Raises:
        InvalidRequest: there is none, or one of them is not taken.
    """
    found = split_values(name, given)
    if not found:
        raise InvalidRequest(f"{name} is an axis without values. Give it at least one.")
    return [check_value(name, value) for value in found]


def split_values(name: str, given: Any) -> list[Any]:
    """Return the values of a field one by one, not checked yet; arguments as for parse_values()."""
    if name in family.MEDIA_FIELDS:
        return split_media(name, given)
    if isinstance(given, str):
        return parse_text(name, given)
    if isinstance(given, Mapping | bytes) or not isinstance(given, Iterable):
        return [given]
    return finite(name, given)


def finite(name: str, values: Iterable[Any]) -> list[Any]:
    """Return the values of an iterable.

    Raises:
        InvalidRequest: there are too many, or the folder behind it cannot be listed.
    """
    try:
        found = list(itertools.islice(values, ranges.MAX_VALUES + 1))
    except OSError as error:
        raise InvalidRequest(f"The files of {name} cannot be listed ({error.strerror or error}).") from None
    if len(found) > ranges.MAX_VALUES:
        raise InvalidRequest(f"{name} has more than {ranges.MAX_VALUES:,} values.")
    return found


def split_media(name: str, given: Any) -> list[Any]:
    """Return the pictures or videos of a field one by one: what a list holds in its order, files that are found sorted.

    Args:
        name: the field's wire name.
        given: anything that media.picture or media.video takes, several of it in any iterable, an upload of several
            files, or the pattern of a path. A text with commas is one path, and bytes or an array are one picture.
    """
    if (uploads := uploads_in(given)) is not None:
        return list(uploads)
    if isinstance(given, str | os.PathLike):
        return files_like(name, given)
    one = isinstance(given, bytes | bytearray | memoryview | Mapping) or hasattr(given, "read")
    if one or not isinstance(given, Iterable) or (is_array(given) and not holds_texts(given)):
        return [given]
    found = finite(name, given)
    if isinstance(given, Iterator | Set) and all(isinstance(one, str | os.PathLike) for one in found):
        # A folder lists its files in any order.
        found.sort(key=lambda one: PurePath(os.fsdecode(one)).parts)
    return [one for source in found for one in (split_media(name, source) if is_bundle(source) else [source])]


def holds_texts(array: Any) -> bool:
    """Whether a NumPy array is a list of paths, and no picture."""
    return getattr(array.dtype, "kind", "u") in "USOT"


def is_bundle(source: Any) -> bool:
    """Whether one element of a list may stand for several files: a pattern, or an upload."""
    return isinstance(source, str | os.PathLike) or uploads_in(source) is not None


def files_like(name: str, path: Any) -> list[Any]:
    """Return the files that a pattern matches, sorted; the path itself where it is none, or a file's very name."""
    text = existing_path(os.fsdecode(path))
    pattern = os.path.expanduser(text)
    if "://" in text[:16] or text[:5].lower() == "data:" or not glob.has_magic(text) or os.path.lexists(pattern):
        return [path]
    found = finite(name, glob.iglob(pattern, recursive=True))
    return sorted(map(Path, found), key=lambda one: one.parts) or [path]


def parse_text(name: str, text: str) -> list[Any]:
    """Return the values in a text: numbers as in ranges, words between commas; none in an empty one."""
    setting = family.SETTINGS.get(name)
    if not text.strip():
        return []
    if setting is None or setting.kind not in ("integer", "number"):
        return [word.strip() for word in text.split(",")]
    try:
        return ranges.parse(text, whole=setting.kind == "integer")
    except ValueError as error:
        raise InvalidRequest(f"{name} is {text!r}, but {error}. Write {ranges.EXAMPLES}.") from None


def check_value(name: str, value: Any) -> Any:
    """Return one value of a field as it goes on the wire; a picture or a video unchanged.

    Raises:
        InvalidRequest: it is not taken; names the field, the value and what is taken.
    """
    if name == "extra":
        if not isinstance(value, Mapping):
            raise InvalidRequest(f"extra is {reprlib.repr(value)}, but must be a mapping of undocumented fields.")
        return MappingProxyType(dict(value))
    if name in family.MEDIA_FIELDS:
        if value is None or (isinstance(value, str) and not value.strip()):
            raise InvalidRequest(f"{name} is {value!r}, but must be a picture or a video.")
        uploads = uploads_in(value)
        return uploads[0] if uploads is not None and len(uploads) == 1 else value
    try:
        return family.find_model(value).id if name == "model" else family.SETTINGS[name].check(value)
    except ValueError as error:
        raise InvalidRequest(str(error)) from None
    except (TypeError, OverflowError):
        raise InvalidRequest(f"{name} is {reprlib.repr(value)}, but must be {family.SETTINGS[name].allowed}.") from None


def default_value(name: str) -> Any:
    """Return the default of a field.

    Raises:
        InvalidRequest: it has none and must be set.
    """
    default = default_of(_REQUEST[name])
    if default is dataclasses.MISSING:
        raise InvalidRequest(f"{column(name)} is missing")
    return default


_REQUEST = {field.name: field for field in dataclasses.fields(Request)}


def value_key(value: Any) -> Hashable:
    """Return a key that is equal for equal settings; arrays and images differ by identity."""
    if isinstance(value, Mapping):
        return json.dumps(dict(value), sort_keys=True, default=repr)
    try:
        hash(value)
    except (TypeError, ValueError):  # a view of bytes that may change has the latter
        return id(value)
    return str(value) if isinstance(value, PurePath) else value


def value_label(name: str, value: Any) -> str:
    """Return the label of a field's value in a grid."""
    if name in family.MEDIA_FIELDS:
        return media_label(value)
    if name == "model":
        return family.find_model(value).mode
    if value is None or isinstance(value, bool):
        return {None: "unset", True: "on", False: "off"}[value]
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{field}={one}" for field, one in value.items())
    return str(value)


def media_label(value: Any) -> str:
    """Return the name of a picture or a video, or its type where it has no name."""
    named = getattr(value, "name", None)
    text = named if isinstance(named, str) else os.fsdecode(value) if isinstance(value, os.PathLike) else value
    if not isinstance(text, str):
        return type(value).__name__
    text = unquoted(text)
    if text.startswith("data:"):
        return text.split(",", 1)[0]
    # What follows the path of a URL may be a signature, which is nobody's business.
    path = urlsplit(text).path if "://" in text else text
    return file_name(path.rstrip("/\\")) or printable(text) or type(value).__name__
