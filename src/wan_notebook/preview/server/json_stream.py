"""Reading the body of a submit in bounded memory, whatever its size.

A video of 100 MB arrives as 133 MB of Base64 inside JSON. Collecting, decoding and parsing it would hold it four times.
Here each long string is decoded to a file while it arrives; what is left of the JSON is small and parsed as usual.
"""

from __future__ import annotations

import binascii
import contextlib
import json
import re
import secrets
import string
from pathlib import Path
from typing import Any

LONG = 65_536
"""Characters beyond which a string goes to a file."""
_SMALL_PARTS = 1_000_000
"""Bytes of JSON allowed without the long strings."""
# Some languages write every slash of Base64 as an escape, and line ends too; a step for each would take hours.
_UNESCAPED = {rb"\/": b"/", rb"\n": b"", rb"\r": b""}
_QUOTE_OR_ESCAPE = re.compile(rb'"|\\(?![/nr])')
"""The end of a string, or an escape that none in Base64 is."""
_ESCAPE = re.compile(rb"\\.", re.DOTALL)


class BadBody(Exception):
    """The body is no JSON object, or too large without its long strings; the text says what was expected."""


class Undecodable:
    """The value of a field whose long string could not be decoded."""


class JsonStream:
    """Reads a body piece by piece, and returns its fields at the end.

    Args:
        folder: the folder for the files of long strings.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._placeholder = secrets.token_hex(16)
        self._small = bytearray()
        """The JSON so far, with a placeholder for each long string."""
        self._string: bytearray | None = None
        """The string being read; None between strings."""
        self._file: Base64File | None = None
        """The file of that string, since it turned out to be long."""
        self._undecodable = False
        """Whether that string turned out not to be Base64."""
        self._long: dict[str, Path | Undecodable] = {}
        """The long strings read so far, by their placeholders."""
        self._held_back = b""
        """The beginning of an escape that was cut in two by the end of a piece."""

    def feed(self, piece: bytes) -> None:
        """Read the next piece; beyond _SMALL_PARTS nothing more is stored."""
        if len(self._small) > _SMALL_PARTS:
            return
        piece, self._held_back = self._held_back + piece, b""
        position = 0
        while position < len(piece):
            step = self._between_strings if self._string is None else self._within_string
            position = step(piece, position)

    def fields(self) -> dict[str, Any]:
        """Return the fields; a long string has become the path of its file, or Undecodable.

        Raises:
            BadBody: the body is no JSON object, names a field twice, holds what cannot be written as JSON in UTF-8
                (NaN, Infinity, half a surrogate pair), or is too large without its long strings.
        """
        if len(self._small) > _SMALL_PARTS:
            raise BadBody(f"Expected at most {_SMALL_PARTS:,} bytes beside the media")
        try:
            parsed = json.loads(self._small, object_pairs_hook=once_each)
            json.dumps(parsed, ensure_ascii=False, allow_nan=False).encode()
        except UnicodeEncodeError:
            raise BadBody("Expected text, received half a surrogate pair") from None
        except (ValueError, RecursionError):
            raise BadBody("Expected a JSON object") from None
        if not isinstance(parsed, dict):
            raise BadBody("Expected a JSON object")
        return {
            name: self._long.get(value, value) if isinstance(value, str) else value for name, value in parsed.items()
        }

    def close(self) -> None:
        """Close the file that is being written, if there is one."""
        if self._file is not None:
            self._file.close()

    def _between_strings(self, piece: bytes, position: int) -> int:
        end = piece.find(b'"', position) + 1
        if end:
            self._string = bytearray()
        end = end or len(piece)
        self._small += piece[position:end]
        return end

    def _within_string(self, piece: bytes, position: int) -> int:
        if self._undecodable:
            piece = _ESCAPE.sub(b"  ", piece[position:]).rjust(len(piece))
        found = _QUOTE_OR_ESCAPE.search(piece, position)
        if found is None:
            self._append(piece[position:])
            return len(piece)
        self._append(piece[position : found.start()])
        if found[0] == b'"':
            self._end_string()
            return found.end()
        escape = piece[found.start() : found.start() + 2]
        if len(escape) == 1:
            self._held_back = escape
        else:
            self._append(escape)
        return found.start() + 2

    def _append(self, text: bytes) -> None:
        assert self._string is not None
        if self._undecodable:
            return
        try:
            if self._file is not None:
                self._file.write(unescaped(text))
                return
            self._string += text
            if len(self._string) > LONG:
                beginning = unescaped(bytes(self._string))
                self._string.clear()
                self._file = Base64File(self._folder / f"string {len(self._long)}", beginning)
        except NotBase64:
            self._undecodable = True

    def _end_string(self) -> None:
        assert self._string is not None
        if self._file is not None or self._undecodable:
            placeholder = f"{self._placeholder} {len(self._long)}"
            self._long[placeholder] = Undecodable()
            if self._file is not None and not self._undecodable:
                with contextlib.suppress(NotBase64):
                    self._long[placeholder] = self._file.finish()
            self._small += placeholder.encode()
        self._small += self._string + b'"'
        self._string, self._file, self._undecodable = None, None, False


def unescaped(text: bytes) -> bytes:
    """Return Base64 without the escapes that languages write into it."""
    for escaped, plain in _UNESCAPED.items():
        text = text.replace(escaped, plain)
    return text


def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields of a JSON object.

    Raises:
        BadBody: two of them have one name, and nobody can tell which of them is meant.
    """
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise BadBody("Expected each field once")
    return fields


_ALPHABET = (string.ascii_letters + string.digits + "+/=").encode()
_LINE_ENDS = b"\r\n"


class NotBase64(Exception):
    """The text is neither a Base64 data URI nor plain Base64."""


class Base64File:
    """A file that grows as its Base64 arrives, piece by piece.

    Args:
        path: the file to write.
        beginning: the text's first piece, which holds at least the head of a data URI.

    Raises:
        NotBase64: the beginning is something else.
    """

    def __init__(self, path: Path, beginning: bytes) -> None:
        self.path = path
        self._rest = b""
        head, comma, body = beginning.partition(b",")
        if head[:5].lower() != b"data:":
            body = beginning
        elif not comma or not head.lower().endswith(b";base64"):
            raise NotBase64
        self._file = path.open("wb")
        self.write(body)

    def write(self, piece: bytes) -> None:
        """Decode the next piece of the text and append it.

        Raises:
            NotBase64: it has a character which Base64 has not.
        """
        text = self._rest + piece.translate(None, _LINE_ENDS)
        if text.translate(None, _ALPHABET):
            self.close()
            raise NotBase64
        whole = len(text) // 4 * 4
        self._decode(text[:whole])
        self._rest = text[whole:]

    def finish(self) -> Path:
        """Decode the rest of the text and return the file.

        Raises:
            NotBase64: the text breaks off within a byte, or holds nothing.
        """
        self._decode(self._rest + b"=" * (-len(self._rest) % 4))
        empty = self._file.tell() == 0
        self.close()
        if empty:
            raise NotBase64
        return self.path

    def close(self) -> None:
        """Close the file, whether or not it is whole."""
        self._file.close()

    def _decode(self, text: bytes) -> None:
        try:
            self._file.write(binascii.a2b_base64(text))
        except binascii.Error:
            self.close()
            raise NotBase64 from None
