"""The body of a submit as a stream: files become data URIs while they pass, and are never in memory whole."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import MediaError
from ..media.data_uri import data_uri_chunks, data_uri_length
from ..media.store import check_unchanged
from ..model.job import Request, local_path

_LEAST_CHUNK = 1 << 16
"""Bytes that are handed over at once, since each chunk is sent by itself; the end of the body stays apart."""


@dataclass(frozen=True)
class FilePiece:
    """The part of a body that is the data URI of a file."""

    path: Path
    sha256: str | None
    """Of the file that is meant, where it is known."""

    def __len__(self) -> int:
        return data_uri_length(self.path)


class RequestBody:
    """The JSON of one submit, to be sent once.

    Args:
        request: the job; each file URL is replaced by the content of its file.
        digests: the SHA-256 of the files that are meant, by the name of their field; where one has other bytes by the
            time it is sent, the body breaks off before its end.

    Raises:
        MediaError: a file is gone or cannot be read.
    """

    def __init__(self, request: Request, digests: Mapping[str, str | None]) -> None:
        self._pieces = list(pieces_of(request, digests))
        self.length = sum(map(len, self._pieces))
        """Bytes."""
        self.started = False
        """Whether any byte was handed over for sending."""
        self.handed_over = False
        """Whether every byte was handed over; before that, no service can have accepted the job."""
        self.broken_off: MediaError | None = None
        """Why the body ended before its end: a transport may turn any error of a body into an answer of its own."""

    def check(self) -> None:
        """Read the files whole, so that nothing is sent of one that has changed.

        Raises:
            MediaError: a file is gone, or is not the one that is meant.
        """
        for piece in self._pieces:
            if isinstance(piece, FilePiece):
                check_unchanged(piece.path, piece.sha256)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            for chunk in self._chunks():
                self.started = True
                yield chunk
        except MediaError as error:
            self.broken_off = error
            raise

    def _chunks(self) -> Iterator[bytes]:
        end, left, small = self._pieces[-1], self.length, bytearray()
        for piece in self._pieces:
            for chunk in data_uri_chunks(piece.path, piece.sha256) if isinstance(piece, FilePiece) else [piece]:
                left -= len(chunk)
                if left < (0 if piece is end else len(end)) or (left and piece is end):
                    raise MediaError("A file has changed since it was chosen. Nothing was bought; choose it again.")
                if left and len(small) + len(chunk) < _LEAST_CHUNK:
                    small += chunk
                    continue
                if small:
                    yield bytes(small)
                    small.clear()
                self.handed_over = left == 0
                yield chunk


def pieces_of(request: Request, digests: Mapping[str, str | None]) -> Iterator[bytes | FilePiece]:
    """Yield the JSON of a request as text and, between two texts, each of its files; the last piece is text."""
    text = "{"
    for name, value in request.body().items():
        path = local_path(value) if isinstance(value, str) else None
        text += f"{'' if text == '{' else ', '}{json.dumps(name)}: "
        if path is None:
            text += json.dumps(value)
            continue
        yield (text + '"').encode()
        yield FilePiece(path, digests.get(name))
        text = '"'
    yield (text + "}").encode()
