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
from ..model.job import shorten
from . import fields

MAX_CELLS = 100_000
"""Cells that a sweep may have."""
_TITLES = {"model": "Model", "image_url": "Picture", "video_url": "Reference", "extra": "Extra"}


@dataclass(frozen=True)
class Axis:
    """A field that a sweep varies."""

    name: str
    """The field's name on the wire."""
    values: tuple[Any, ...]
    """Checked, each once, in the order in which they came."""

    @property
    def title(self) -> str:
        """Its heading in a grid."""
        return family.SETTINGS[self.name].label if self.name in family.SETTINGS else _TITLES[self.name]

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each value in a grid, no two alike."""
        counts: dict[str, int] = {}
        labels = []
        for value in self.values:
            label = fields.value_label(self.name, value)
            counts[label] = counts.get(label, 0) + 1
            labels.append(label if counts[label] == 1 else f"{label} ({counts[label]})")
        return tuple(labels)


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of values, for which a sweep makes one request."""

    axes: tuple[Axis, ...]
    """Those of the sweep; none where its position tells no values."""
    position: tuple[int, ...]
    """The number of its value on each axis, from 0."""
    fixed: Mapping[str, Any]
    """The fields of its request that do not vary along the axes."""

    @property
    def coordinates(self) -> Mapping[str, Any]:
        """Its value on each axis, by field."""
        pairs = zip(self.axes, self.position, strict=bool(self.axes))
        return MappingProxyType({axis.name: axis.values[number] for axis, number in pairs})

    @property
    def settings(self) -> Mapping[str, Any]:
        """The fields of its request: its coordinates, and those that are the same for all cells."""
        return MappingProxyType({**self.fixed, **self.coordinates})


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a sweep, and their axes."""

    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    fixed: Mapping[str, Any]
    """Fields that are the same for all cells."""
    notes: tuple[str, ...] = ()
    """Sentences on values and rows that were left out as repeated."""


def product(given: Mapping[str, Any]) -> Cells:
    """Return the cells of every combination; the last axis changes fastest.

    Args:
        given: for each field one value, a list of values, or a text as in ranges.

    Raises:
        InvalidRequest: a field is unknown, an axis is empty, a value is not taken, or there are more than MAX_CELLS
            cells; names the axis and the value.
    """
    varied, fixed = split_axes(given)
    axes = tuple(Axis(name, tuple(distinct(values).values())) for name, values in varied.items())
    count = math.prod(len(axis.values) for axis in axes)
    if count > MAX_CELLS:
        lengths = " × ".join(f"{axis.name} {len(axis.values):,}" for axis in axes)
        raise InvalidRequest(f"These axes make {count:,} cells ({lengths}); {MAX_CELLS:,} at most are taken.")
    positions = itertools.product(*(range(len(axis.values)) for axis in axes))
    notes = tuple(note for name, values in varied.items() for note in notes_on_repeats(name, values))
    return Cells(axes, tuple(Cell(axes, position, fixed) for position in positions), MappingProxyType(fixed), notes)


def zipped(given: Mapping[str, Any]) -> Cells:
    """Return the cells made of the first values of all axes, then of the second ones, and so on.

    Args:
        given: as for product.

    Raises:
        InvalidRequest: as for product; or the axes are not equally long.
    """
    varied, fixed = split_axes(given)
    if len({len(values) for values in varied.values()}) > 1:
        lengths = ", ".join(f"{name} has {len(values)}" for name, values in varied.items())
        raise InvalidRequest(f"Zipped axes must have equally many values, and {lengths}.")
    rows = [dict(zip(varied, row, strict=True)) for row in zip(*varied.values(), strict=True)]
    return cells_of_rows(rows or [{}], fixed)


def listed(rows: Any, given: Mapping[str, Any] | None = None) -> Cells:
    """Return exactly the cells that are written down; what differs between them makes the axes.

    Args:
        rows: a pandas DataFrame or a list of mappings; a field that is missing in a row has its default there.
        given: fields that are the same for all cells.

    Raises:
        InvalidRequest: as for product, naming the row; or there are no rows, or a field is both in them and beside.
    """
    written = read_rows(rows)
    fixed = {name: fields.check_value(name, value) for name, value in fields.check_names(given or {}).items()}
    for name in fixed:
        if name in written[0]:
            column = fields.column(name)
            raise InvalidRequest(f"{column} stands both in the rows and beside them. Leave one of them out.")
    return cells_of_rows(written, fixed)


def split_axes(given: Mapping[str, Any]) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return the fields with several values, and those with one."""
    read = {name: fields.parse_values(name, value) for name, value in fields.check_names(given).items()}
    fixed = {name: values[0] for name, values in read.items() if len(values) == 1}
    return {name: values for name, values in read.items() if len(values) > 1}, fixed


def distinct(values: Iterable[Any]) -> dict[Hashable, Any]:
    """Return each of the values once, by its key, in the order in which they came."""
    found: dict[Hashable, Any] = {}
    for value in values:
        found.setdefault(fields.value_key(value), value)
    return found


def notes_on_repeats(name: str, values: Sequence[Any]) -> Iterator[str]:
    """Yield a sentence for each value that an axis has more than once."""
    times = Counter(fields.value_key(value) for value in values)
    for key, value in distinct(values).items():
        if times[key] > 1:
            yield f"{name}: {fields.value_label(name, value)} came {times[key]} times and is kept once."


def cells_of_rows(rows: Sequence[Mapping[str, Any]], fixed: Mapping[str, Any]) -> Cells:
    """Return the cells of complete rows; fields in which the rows do not differ are fixed."""
    once = {name: distinct(row[name] for row in rows) for name in rows[0]}
    same = {name: next(iter(values.values())) for name, values in once.items() if len(values) == 1}
    axes = tuple(Axis(name, tuple(values.values())) for name, values in once.items() if len(values) > 1)
    numbers = {axis.name: {key: at for at, key in enumerate(once[axis.name])} for axis in axes}
    everywhere = {**fixed, **same}
    rows_at: dict[tuple[int, ...], list[int]] = {}
    for number, row in enumerate(rows, start=1):
        position = tuple(numbers[axis.name][fields.value_key(row[axis.name])] for axis in axes)
        rows_at.setdefault(position, []).append(number)
    notes = tuple(
        f"Rows {', '.join(map(str, numbers))} are the same and kept once."
        for numbers in rows_at.values()
        if len(numbers) > 1
    )
    cells = tuple(Cell(axes, position, everywhere) for position in rows_at)
    return Cells(axes, cells, MappingProxyType(everywhere), notes)


def read_rows(rows: Any) -> list[dict[str, Any]]:
    """Return the checked settings of each row; all rows have the same fields.

    Args:
        rows: a pandas DataFrame or mappings; a field that is missing in a row has its default there.

    Raises:
        InvalidRequest: there are none or too many, or one cannot be used; names the row, the field and the value.
    """
    records = records_of(rows)
    if not records:
        raise InvalidRequest("There are no rows. Write down at least one cell.")
    if len(records) > MAX_CELLS:
        raise InvalidRequest(f"There are more than {MAX_CELLS:,} rows; that many at most are taken.")
    checked: list[dict[str, Any]] = []
    for number, row in enumerate(records, start=1):
        if not isinstance(row, Mapping):
            raise InvalidRequest(f"Row {number} is {shorten(repr(row))}, and not a mapping of fields to values.")
        with errors_in_row(number):
            checked.append(checked_row(row))
    names = dict.fromkeys(name for row in checked for name in row)
    complete = []
    for number, row in enumerate(checked, start=1):
        with errors_in_row(number):
            complete.append({name: row[name] if name in row else fields.default_value(name) for name in names})
    return complete


def checked_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked fields of a row by their wire names; its inputs may be called as in a table of results."""
    named: dict[str, Any] = {}
    for column, value in row.items():
        name = fields.field_of(column)
        if name in named:
            raise InvalidRequest(f"{fields.column(name)} and {name} are the same. Leave one of them out.")
        named[name] = value
    return {name: fields.check_value(name, value) for name, value in fields.check_names(named).items()}


def records_of(rows: Any) -> list[Any]:
    """Return the rows of a table or an iterable, one more than MAX_CELLS at most."""
    if hasattr(rows, "itertuples"):
        return records_of_frame(rows)
    if isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Iterable):
        raise InvalidRequest("Cells are written down as a list of mappings or a pandas DataFrame, a row for each cell.")
    return list(itertools.islice(rows, MAX_CELLS + 1))


def records_of_frame(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of a pandas DataFrame, without the fields that are missing in them."""
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


@contextlib.contextmanager
def errors_in_row(number: int) -> Iterator[None]:
    """Name the row, counted from 1, in each InvalidRequest that is raised inside."""
    try:
        yield
    except InvalidRequest as error:
        raise InvalidRequest(f"Row {number}: {error}") from None
