"""Frozen values that are kept as JSON: written plainly, and checked when they are read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T", bound="Record")


@dataclass(frozen=True, slots=True)
class Record:
    """The base of frozen dataclasses that are kept as JSON."""

    @classmethod
    def read(cls: type[T], fields: Mapping[str, Any]) -> T:
        """Return the value with these fields, as as_json() gave them; unknown ones, of a newer version, are left out.

        Raises:
            ValueError: one is missing, or of another kind than it should be.
        """
        try:
            read: T = convert(fields, cls)
        except ValueError as error:
            raise ValueError(f"this is no {cls.__name__}: {error}") from None
        return read

    def as_json(self, *, compact: bool = False) -> dict[str, Any]:
        """Return the fields as JSON has them.

        Args:
            compact: whether to leave out those that are at their defaults.
        """
        return {
            field.name: _as_json(getattr(self, field.name), compact)
            for field in dataclasses.fields(self)
            if not (compact and getattr(self, field.name) == default_of(field))
        }


def convert(value: Any, kind: Any, *, strict: bool = True) -> Any:
    """Return a value of JSON as a field of this kind holds it.

    Args:
        value: as json.loads() gives it, or as the field holds it.
        kind: what the field is annotated with.
        strict: whether to refuse also what a column of a database holds instead: 1 for True, for example.

    Raises:
        ValueError: it is of another kind.
    """
    import msgspec

    try:
        return msgspec.convert(value, kind, strict=strict, dec_hook=_of_text)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def default_of(field: dataclasses.Field[Any]) -> Any:
    """Return the default of a field; dataclasses.MISSING where it has none."""
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _of_text(kind: Any, value: Any) -> Any:
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise ValueError(f"Expected `str`, got `{type(value).__name__}`")
    return kind(value)


def _as_json(value: Any, compact: bool) -> Any:
    if isinstance(value, Record):
        return value.as_json(compact=compact)
    if isinstance(value, Mapping):
        return {name: _as_json(one, compact) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(one, compact) for one in value]
    return str(value) if isinstance(value, Path | str) else value
