"""The body of a submit as a stream: files become data URIs while they pass, and are never in memory whole."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from ..errors import MediaError
from ..media import data_uri_chunks, data_uri_length
from ..model.job import Request, local_path


class RequestBody:
    """The JSON of one submit, to be sent once.

    Args:
        request: what is asked; its file URLs are replaced by what the files hold.

    Raises:
        MediaError: a file is gone or cannot be read.
    """

    def __init__(self, request: Request) -> None:
        self._pieces = list(_pieces(request))
        self.length = sum(data_uri_length(piece) if isinstance(piece, Path) else len(piece) for piece in self._pieces)
        self.begun = False
        """Whether anything at all was handed over for sending."""
        self.handed_over = False
        """Whether it was handed over to the last byte; before that, no service can have accepted it."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self.length
        for chunk in self._chunks():
            left -= len(chunk)
            if left < 0 or (left and chunk is self._pieces[-1]):
                raise MediaError("A file changed while it was being sent. Nothing was bought; send it again.")
            self.begun, self.handed_over = True, left == 0
            yield chunk

    def _chunks(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Path):
                yield from data_uri_chunks(piece)
            else:
                yield piece


def _pieces(request: Request) -> Iterator[bytes | Path]:
    """Yield the JSON in pieces of text, and the paths whose data URIs stand between them; the last one is text."""
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
