"""Media inside a request: a data URI or plain Base64, decoded to a file while it arrives."""

from __future__ import annotations

import binascii
import string
from pathlib import Path

_ALPHABET = (string.ascii_letters + string.digits + "+/=").encode()
_LINE_ENDS = b"\r\n"


class NotBase64(Exception):
    """A text is neither a Base64 data URI nor plain Base64."""


class InlineFile:
    """A file that grows as its Base64 arrives, piece by piece.

    Args:
        path: the file to write.
        beginning: the text's first piece, which holds at least the head of a data URI.

    Raises:
        NotBase64: the text is something else.
    """

    def __init__(self, path: Path, beginning: bytes) -> None:
        self.path = path
        self._rest = b""
        body = _without_head(beginning)
        self._file = path.open("wb")
        self.write(body)

    def write(self, piece: bytes) -> None:
        """Append the next piece of the text.

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
        """Write what is left and return the file.

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
        """Close the file as it is."""
        self._file.close()

    def _decode(self, text: bytes) -> None:
        try:
            self._file.write(binascii.a2b_base64(text))
        except binascii.Error:
            self.close()
            raise NotBase64 from None


def _without_head(beginning: bytes) -> bytes:
    if beginning[:5].lower() != b"data:":
        return beginning
    head, comma, body = beginning.partition(b",")
    if not comma or not head.lower().endswith(b";base64"):
        raise NotBase64
    return body
