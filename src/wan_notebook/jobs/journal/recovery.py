"""The rows of a damaged journal, read page by page: each page that is whole gives its rows, whatever became of others.

The layout of a file, a page and a row is that of https://www.sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_MAGIC, _FILE_HEADER, _PAGE_HEADER = b"SQLite format 3\0", 100, 8
_PAGE_SIZE = 4096
"""Bytes of a page where the file does not tell any more: SQLite's own choice."""
_LEAF_OF_TABLE = 13
_IN_ORDER = ("submitting", "unknown", "running", "completed", "rejected", "failed", "saved")
"""Phases of a job; of two rows with one number, the one that came further is the newer."""


def rows(path: Path, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Return the rows of the table of jobs that can be read in a file, one for each number.

    Args:
        path: the damaged file.
        columns: names of those that the table has now; what an older row lacks is None.

    Raises:
        OSError: the file cannot be read.
    """
    phase, request_id = columns.index("phase"), columns.index("client_request_id")
    found: dict[int, tuple[Any, ...]] = {}
    for row in Pages(path.read_bytes()).rows():
        is_job = phase < len(row) <= len(columns) and row[phase] in _IN_ORDER and isinstance(row[request_id], str)
        if is_job:
            number, known = row[0], found.get(row[0])
            if known is None or _IN_ORDER.index(row[phase]) >= _IN_ORDER.index(known[phase]):
                found[number] = row + (None,) * (len(columns) - len(row))
    return [found[number] for number in sorted(found)]


class Pages:
    """The pages of a file.

    Args:
        content: of the file, all of it.
    """

    def __init__(self, content: bytes) -> None:
        size, reserved = int.from_bytes(content[16:18], "big"), content[20] if content.startswith(_MAGIC) else 0
        size = size if content.startswith(_MAGIC) and size.bit_count() == 1 and size >= 512 else _PAGE_SIZE
        self._pages = [content[at : at + size] for at in range(0, len(content), size)]
        self._usable = size - reserved

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows in all leaves of tables, each with its number first; those that make no sense are left out."""
        for page in self._pages:
            start = _FILE_HEADER if page.startswith(_MAGIC) else 0
            if len(page) < start + _PAGE_HEADER or page[start] != _LEAF_OF_TABLE:
                continue
            count = int.from_bytes(page[start + 3 : start + 5], "big")
            for (at,) in struct.iter_unpack(">H", page[start + _PAGE_HEADER :][: 2 * count]):
                with contextlib.suppress(IndexError, KeyError, ValueError, struct.error):
                    yield self._row(page, at)

    def _row(self, page: bytes, at: int) -> tuple[Any, ...]:
        length, at = _varint(page, at)
        number, at = _varint(page, at)
        return (number, *_values(self._payload(page, at, length))[1:])

    def _payload(self, page: bytes, at: int, length: int) -> bytes:
        """Return the bytes of a row: in its page, and in those that its end flowed over into."""
        most, least = self._usable - 35, (self._usable - 12) * 32 // 255 - 23
        here = length
        if length > most:
            here = least + (length - least) % (self._usable - 4)
            here = here if here <= most else least
        payload, following = page[at : at + here], page[at + here : at + here + 4]
        for _ in self._pages:
            if len(payload) >= length:
                break
            page = self._pages[int.from_bytes(following, "big") - 1]
            payload, following = payload + page[4 : self._usable], page[:4]
        return payload[:length]


def _values(payload: bytes) -> list[Any]:
    end, at = _varint(payload, 0)
    values: list[Any] = []
    kinds: list[int] = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    for kind in kinds:
        begin, end = end, end + (_SIZES[kind] if kind < 12 else (kind - 12) // 2)
        values.append(_value(payload[begin:end], kind))
    if end > len(payload):
        raise ValueError("the row is cut off")
    return values


_SIZES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
"""Bytes of a value of each kind; from 12 on the kind of a text or bytes tells their length."""
_NONE, _FLOAT, _ZERO, _ONE = 0, 7, 8, 9


def _value(content: bytes, kind: int) -> Any:
    if kind >= 12:
        return content.decode("utf-8", errors="replace") if kind % 2 else content
    if kind == _FLOAT:
        return struct.unpack(">d", content)[0]
    constants = {_NONE: None, _ZERO: 0, _ONE: 1}
    return constants[kind] if kind in constants else int.from_bytes(content, "big", signed=True)


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """Return the number of one to nine bytes that begins there, and where the next value begins."""
    value = 0
    for here in range(at, at + 8):
        value = value << 7 | content[here] & 127
        if content[here] < 128:
            return value, here + 1
    return value << 8 | content[at + 8], at + 9
