"""The cells of a sweep: all combinations, side by side, or exactly those that are written down."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..errors import InvalidRequest
from ..model import family
from . import fields

MOST = 100_000
"""Cells of one sweep."""
_TITLES = {"model": "Model", "image_url": "Character", "video_url": "Reference", "extra": "Extra"}


@dataclass(frozen=True)
class Axis:
    """One thing that a sweep varies."""

    name: str
    """The field's name on the wire."""
    values: tuple[Any, ...]
    """Checked, each once, in the order in which they came."""

    @property
    def title(self) -> str:
        """What a grid calls it."""
        return family.SETTINGS[self.name].label if self.name in family.SETTINGS else _TITLES[self.name]

    @property
    def labels(self) -> tuple[str, ...]:
        """What a grid calls each value, no two alike."""
        said: dict[str, int] = {}
        labels = []
        for value in self.values:
            name = fields.label(self.name, value)
            said[name] = said.get(name, 0) + 1
            labels.append(name if said[name] == 1 else f"{name} ({said[name]})")
        return tuple(labels)


@dataclass(frozen=True)
class Cell:
    """One request to be made."""

    place: tuple[int, ...]
    """Its number along each axis, from 0."""
    coordinates: Mapping[str, Any]
    """Its value on each axis, by field."""
    settings: Mapping[str, Any]
    """What its request is made of: its coordinates, and what is the same for all cells."""


@dataclass(frozen=True)
class Cells:
    """What a sweep will try."""

    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    fixed: Mapping[str, Any]
    """Fields that are the same for all cells."""
    notes: tuple[str, ...] = ()
    """What was left out, in sentences."""


def product(given: Mapping[str, Any]) -> Cells:
    """Return the cells of every combination; the last axis changes fastest.

    Args:
        given: for each field one value, a list of values, or a text as in ranges.

    Raises:
        InvalidRequest: a field is unknown, an axis is empty, a value is not taken, or there are more than MOST cells;
            names the axis and the value.
    """
    varied, fixed = _read(given)
    axes = tuple(Axis(name, tuple(_once(values).values())) for name, values in varied.items())
    count = math.prod(len(axis.values) for axis in axes)
    if count > MOST:
        lengths = " × ".join(f"{axis.name} {len(axis.values):,}" for axis in axes)
        raise InvalidRequest(f"These axes make {count:,} cells ({lengths}); {MOST:,} at most are taken.")
    places = itertools.product(*(range(len(axis.values)) for axis in axes))
    notes = tuple(note for name, values in varied.items() for note in _repeats(name, values))
    return Cells(axes, tuple(_cell(axes, place, fixed) for place in places), MappingProxyType(fixed), notes)


def zipped(given: Mapping[str, Any]) -> Cells:
    """Return the cells made of the first values of all axes, then of the second ones, and so on.

    Args:
        given: as for product.

    Raises:
        InvalidRequest: as for product; or the axes are not equally long.
    """
    varied, fixed = _read(given)
    if len({len(values) for values in varied.values()}) > 1:
        lengths = ", ".join(f"{name} has {len(values)}" for name, values in varied.items())
        raise InvalidRequest(f"Zipped axes must have equally many values, and {lengths}.")
    rows = [dict(zip(varied, row, strict=True)) for row in zip(*varied.values(), strict=True)]
    return _explicit(rows or [{}], fixed)


def listed(rows: Any, given: Mapping[str, Any] | None = None) -> Cells:
    """Return exactly the cells that are written down; what differs between them makes the axes.

    Args:
        rows: a pandas DataFrame or a list of mappings; a field that is missing in a row has its default there.
        given: fields that are the same for all cells.

    Raises:
        InvalidRequest: as for product, naming the row; or there are no rows, or a field is both in them and beside.
    """
    written = read_rows(rows, MOST)
    fixed = {name: fields.checked(name, value) for name, value in fields.known(given or {}).items()}
    for name in fixed:
        if name in written[0]:
            raise InvalidRequest(f"{name} stands both in the rows and beside them. Leave one of them out.")
    return _explicit(written, fixed)


def _read(given: Mapping[str, Any]) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Fields which vary, and those which do not."""
    read = {name: fields.values(name, value) for name, value in fields.known(given).items()}
    fixed = {name: values[0] for name, values in read.items() if len(values) == 1}
    return {name: values for name, values in read.items() if len(values) > 1}, fixed


def _once(values: Iterable[Any]) -> dict[Hashable, Any]:
    """Each of the values once, by its key."""
    kept: dict[Hashable, Any] = {}
    for value in values:
        kept.setdefault(fields.key(value), value)
    return kept


def _repeats(name: str, values: Sequence[Any]) -> Iterator[str]:
    times = Counter(fields.key(value) for value in values)
    for key, value in _once(values).items():
        if times[key] > 1:
            yield f"{name}: {fields.label(name, value)} came {times[key]} times and is kept once."


def _cell(axes: Sequence[Axis], place: tuple[int, ...], fixed: Mapping[str, Any]) -> Cell:
    coordinates = {axis.name: axis.values[at] for axis, at in zip(axes, place, strict=True)}
    return Cell(place, MappingProxyType(coordinates), MappingProxyType({**fixed, **coordinates}))


def _explicit(rows: Sequence[Mapping[str, Any]], fixed: Mapping[str, Any]) -> Cells:
    """The cells of complete rows; fields in which they do not differ are fixed."""
    once = {name: _once(row[name] for row in rows) for name in rows[0]}
    same = {name: next(iter(values.values())) for name, values in once.items() if len(values) == 1}
    axes = tuple(Axis(name, tuple(values.values())) for name, values in once.items() if len(values) > 1)
    numbers = {axis.name: {key: at for at, key in enumerate(once[axis.name])} for axis in axes}
    everywhere = {**fixed, **same}
    rows_at: dict[tuple[int, ...], list[int]] = {}
    for number, row in enumerate(rows, start=1):
        place = tuple(numbers[axis.name][fields.key(row[axis.name])] for axis in axes)
        rows_at.setdefault(place, []).append(number)
    notes = tuple(
        f"Rows {', '.join(map(str, numbers))} are the same and kept once."
        for numbers in rows_at.values()
        if len(numbers) > 1
    )
    cells = tuple(_cell(axes, place, everywhere) for place in rows_at)
    return Cells(axes, cells, MappingProxyType(everywhere), notes)


def read_rows(rows: Any, most: int) -> list[dict[str, Any]]:
    """Return the settings of each row, checked; all rows have the same fields.

    Args:
        rows: a pandas DataFrame or mappings; a field that is missing in a row has its default there.
        most: rows that are taken.

    Raises:
        InvalidRequest: there are none or too many, or one cannot be used; names the row, the field and the value.
    """
    records = _records(rows, most)
    if not records:
        raise InvalidRequest("There are no rows. Write down at least one cell.")
    if len(records) > most:
        raise InvalidRequest(f"There are more than {most:,} rows; that many at most are taken.")
    checked = [_checked_row(row, number) for number, row in enumerate(records, start=1)]
    names = dict.fromkeys(name for row in checked for name in row)
    return [{name: _or_default(row, name, number) for name in names} for number, row in enumerate(checked, start=1)]


def _records(rows: Any, most: int) -> list[Any]:
    if hasattr(rows, "itertuples"):
        return _from_frame(rows)
    if isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Iterable):
        raise InvalidRequest("Cells are written down as a list of mappings or a pandas DataFrame, a row for each cell.")
    return list(itertools.islice(rows, most + 1))


def _from_frame(frame: Any) -> list[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    for name, times in Counter(names).items():
        if times > 1:
            raise InvalidRequest(f"The column {name} stands in the table {times} times.")
    present = frame.notna().itertuples(index=False, name=None)
    values = frame.itertuples(index=False, name=None)
    return [
        {name: value for name, value, there in zip(names, row, is_there, strict=True) if there}
        for row, is_there in zip(values, present, strict=True)
    ]


def _checked_row(row: Any, number: int) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise InvalidRequest(f"Row {number} is {row!r}, and not a mapping of fields to values.")
    with _in_row(number):
        return {name: fields.checked(name, value) for name, value in fields.known(row).items()}


def _or_default(row: Mapping[str, Any], name: str, number: int) -> Any:
    with _in_row(number):
        return row[name] if name in row else fields.default(name)


@contextlib.contextmanager
def _in_row(number: int) -> Iterator[None]:
    try:
        yield
    except InvalidRequest as error:
        raise InvalidRequest(f"Row {number}: {error}") from None
