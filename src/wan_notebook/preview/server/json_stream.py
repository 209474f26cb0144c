"""Reading the body of a submit in bounded memory, whatever its size.

A video of 100 MB arrives as 133 MB of Base64 inside JSON. The usual way (collect, decode, parse) holds it four times.
Here each long string is decoded to a file while it arrives; what is left of the JSON is small and parsed as usual.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from pathlib import Path
from typing import Any

from .base64_file import InlineFile, NotBase64

LONG = 65_536
"""Characters beyond which a string goes to a file."""
_SMALL_PARTS = 1_000_000
"""Bytes of JSON allowed beside the long strings."""
_QUOTE_OR_ESCAPE = re.compile(rb'["\\]')
# Some languages write every slash of Base64 as an escape, and line ends too.
_UNESCAPED = {rb"\/": b"/", rb"\n": b"", rb"\r": b""}


class BadBody(Exception):
    """The body is no JSON object."""


class Undecodable:
    """Stands where a long string could not be decoded."""


class Intake:
    """Takes the body piece by piece and ends in its fields.

    Args:
        folder: where the files of long strings go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = secrets.token_hex(16)
        self._small = bytearray()
        self._string: bytearray | None = None
        """The string being read; None between strings."""
        self._file: InlineFile | None = None
        """Where it goes since it turned out to be long."""
        self._refused = False
        self._long: dict[str, Path | Undecodable] = {}
        self._held_back = b""

    def feed(self, piece: bytes) -> None:
        """Take the next piece; once there is too much besides long strings, nothing more is kept."""
        if len(self._small) > _SMALL_PARTS:
            return
        piece, self._held_back = self._held_back + piece, b""
        position = 0
        while position < len(piece):
            step = self._between_strings if self._string is None else self._within_string
            position = step(piece, position)

    def fields(self) -> dict[str, Any]:
        """Return the object; a long string has become the path of its file, or Undecodable.

        Raises:
            BadBody: the body is no JSON object, or too large besides long strings.
        """
        try:
            parsed = json.loads(self._small)
        except (ValueError, RecursionError):
            raise BadBody from None
        if not isinstance(parsed, dict) or len(self._small) > _SMALL_PARTS:
            raise BadBody
        return {name: self._whole(value) for name, value in parsed.items()}

    def close(self) -> None:
        """Let go of a file which is still being written."""
        if self._file is not None:
            self._file.close()

    def _whole(self, value: Any) -> Any:
        return self._long.get(value, value) if isinstance(value, str) else value

    def _between_strings(self, piece: bytes, position: int) -> int:
        end = piece.find(b'"', position) + 1
        if end:
            self._string = bytearray()
        end = end or len(piece)
        self._small += piece[position:end]
        return end

    def _within_string(self, piece: bytes, position: int) -> int:
        found = _QUOTE_OR_ESCAPE.search(piece, position)
        if found is None:
            self._take(piece[position:])
            return len(piece)
        self._take(piece[position : found.start()])
        if found[0] == b'"':
            self._end_string()
            return found.end()
        escape = piece[found.start() : found.start() + 2]
        if len(escape) == 1:
            self._held_back = escape
        else:
            self._take(escape)
        return found.start() + 2

    def _take(self, text: bytes) -> None:
        assert self._string is not None
        if self._refused:
            return
        if self._file is not None:
            self._write(_UNESCAPED.get(text, text))
            return
        self._string += text
        if len(self._string) > LONG:
            self._begin_file(bytes(self._string))
            self._string.clear()

    def _begin_file(self, beginning: bytes) -> None:
        for escaped, plain in _UNESCAPED.items():
            beginning = beginning.replace(escaped, plain)
        try:
            self._file = InlineFile(self._folder / f"string {len(self._long)}", beginning)
        except NotBase64:
            self._refused = True

    def _write(self, text: bytes) -> None:
        assert self._file is not None
        try:
            self._file.write(text)
        except NotBase64:
            self._refused = True

    def _end_string(self) -> None:
        assert self._string is not None
        if self._file is not None or self._refused:
            name = f"{self._mark} {len(self._long)}"
            self._long[name] = self._finished_file()
            self._small += name.encode()
        self._small += self._string + b'"'
        self._string, self._file, self._refused = None, None, False

    def _finished_file(self) -> Path | Undecodable:
        with contextlib.suppress(NotBase64):
            if self._file is not None and not self._refused:
                return self._file.finish()
        return Undecodable()
