"""The body of a submit as a stream: files become data URIs while they pass, and are never in memory whole."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from ..errors import MediaError
from ..media.data_uri import data_uri_chunks, data_uri_length
from ..model.job import Request, local_path


class RequestBody:
    """The JSON of one submit, to be sent once.

    Args:
        request: the job; each file URL is replaced by the content of its file.

    Raises:
        MediaError: a file is gone or cannot be read.
    """

    def __init__(self, request: Request) -> None:
        self._pieces = list(pieces_of(request))
        self.length = sum(data_uri_length(piece) if isinstance(piece, Path) else len(piece) for piece in self._pieces)
        """Bytes."""
        self.started = False
        """Whether any byte was handed over for sending."""
        self.handed_over = False
        """Whether every byte was handed over; before that, no service can have accepted the job."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self.length
        chunks = (data_uri_chunks(piece) if isinstance(piece, Path) else [piece] for piece in self._pieces)
        for chunk in itertools.chain.from_iterable(chunks):
            left -= len(chunk)
            if left < 0 or (left and chunk is self._pieces[-1]):
                raise MediaError("A file changed while it was being sent. Nothing was bought; send it again.")
            self.started, self.handed_over = True, left == 0
            yield chunk


def pieces_of(request: Request) -> Iterator[bytes | Path]:
    """Yield the JSON of a request as text and, between two texts, the path of each file; the last piece is text."""
    text = "{"
    for name, value in request.body().items():
        path = local_path(value) if isinstance(value, str) else None
        text += f"{'' if text == '{' else ', '}{json.dumps(name)}: "
        if path is None:
            text += json.dumps(value)
            continue
        yield (text + '"').encode()
        yield path
        text = '"'
    yield (text + "}").encode()
