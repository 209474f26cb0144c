"""Cells that are written down one by one, as a pandas DataFrame or a list of mappings."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import InvalidRequest
from . import fields


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
