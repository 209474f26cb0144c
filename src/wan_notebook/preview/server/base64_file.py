"""Media inside a request: a data URI or plain Base64, decoded to a file while it arrives."""

from __future__ import annotations

import binascii
import string
from pathlib import Path

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
