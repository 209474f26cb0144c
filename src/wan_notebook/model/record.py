"""Frozen values that are kept as JSON: written plainly, and checked when they are read."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T", bound="Record")


@dataclass(frozen=True)
class Record:
    """The base of frozen dataclasses that are kept as JSON."""

    @classmethod
    def read(cls: type[T], fields: Mapping[str, Any]) -> T:
        """Return the value with these fields, as as_json() gave them; unknown ones, of a newer version, are left out.

        Raises:
            ValueError: one is missing, or of another kind than it should be.
        """
        checks, make = checks_of(cls), cast("Callable[..., T]", cls)
        try:
            return make(**{name: checks[name](value) for name, value in fields.items() if name in checks})
        except (TypeError, AttributeError) as error:
            raise ValueError(f"this is no {cls.__name__}: {error}") from None

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


def default_of(field: dataclasses.Field[Any]) -> Any:
    """Return the default of a field; dataclasses.MISSING where it has none."""
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _as_json(value: Any, compact: bool) -> Any:
    if isinstance(value, Record):
        return value.as_json(compact=compact)
    if isinstance(value, Mapping):
        return {name: _as_json(one, compact) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(one, compact) for one in value]
    return str(value) if isinstance(value, Path | str) else value


Check = Callable[[Any], Any]
"""Returns a value of JSON as its field holds it, and raises a ValueError where it is of another kind."""


def checks_of(record: Any) -> Mapping[str, Check]:
    """Return the check of each field of a record's class, by its name."""
    return _checks_of(record)


@cache
def _checks_of(record: Any) -> Mapping[str, Check]:
    hints = get_type_hints(record)
    return {field.name: _check_of(hints[field.name]) for field in dataclasses.fields(record)}


def _check_of(kind: Any) -> Check:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _optional(_check_of(next(one for one in arguments if one is not types.NoneType)))
    if origin is Literal:
        return _one_of(arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        return _tuple_of(_check_of(arguments[0]), None)
    if origin is tuple:
        return _tuple_of(_check_of(arguments[0]), len(arguments))
    return _SCALARS.get(kind) or _instance_of(origin or kind)


def _optional(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _one_of(values: tuple[Any, ...]) -> Check:
    def check(value: Any) -> Any:
        if value not in values:
            raise ValueError(f"{value!r} is none of {values}")
        return value

    return check


def _tuple_of(check: Check, length: int | None) -> Check:
    def check_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or length not in (None, len(value)):
            raise _other_kind(value)
        return tuple(map(check, value))

    return check_all


def _instance_of(kind: Any) -> Check:
    def check(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        if issubclass(kind, Record) and isinstance(value, Mapping):
            return kind.read(value)
        if issubclass(kind, str | Path) and isinstance(value, str):
            return kind(value)
        raise _other_kind(value)

    return check


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _other_kind(value)
    try:
        return float(value)
    except OverflowError:
        raise _other_kind(value) from None


def _int(value: Any) -> int:
    number = _float(value)
    if not number.is_integer():
        raise _other_kind(value)
    return int(value)


def _bool(value: Any) -> bool:
    if value not in (0, 1):
        raise _other_kind(value)
    return bool(value)


_SCALARS: Mapping[Any, Check] = {float: _float, int: _int, bool: _bool}


def _other_kind(value: Any) -> ValueError:
    return ValueError(f"a {type(value).__name__} is in its place")
