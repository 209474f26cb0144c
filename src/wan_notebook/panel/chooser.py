"""One picker bound to the studio: what is picked there is read aside, and becomes the studio's choice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from .. import background, media, samples
from ..errors import WanError
from ..media import Picture, Video
from ..studio import Studio
from ..widgets.picker import MediaPicker
from ..widgets.preview import Preview

_READ: dict[str, Callable[[Any], Picture | Video]] = {"image": media.picture, "video": media.video}
_SAMPLE: dict[str, Callable[[], Any]] = {"image": samples.character, "video": samples.reference}


class Chooser:
    """Hands a picker's choices to a studio, and shows the studio's choice in the picker.

    Args:
        kind: which of the studio's two choices this is.
        studio: whose.
    """

    def __init__(self, kind: Literal["image", "video"], studio: Studio) -> None:
        self._kind, self._studio = kind, studio
        self._turn = 0
        self.picker = MediaPicker(
            kind,
            on_file=lambda path, _name: self._choose(lambda: path),
            on_text=lambda text: self._choose(lambda: text),
            on_sample=lambda: self._choose(_SAMPLE[kind]),
            on_clear=self._clear,
        )

    def render(self) -> None:
        """Show what the studio has."""
        chosen = getattr(self._studio, self._kind)
        self.picker.show(None if chosen is None else Preview.of(chosen))

    def _choose(self, source: Callable[[], Any]) -> None:
        self._turn += 1
        background.start(asyncio.to_thread(self._read, source, self._turn))

    def _clear(self) -> None:
        self._turn += 1
        setattr(self._studio, self._kind, None)

    def _read(self, source: Callable[[], Any], turn: int) -> None:
        """Read a choice; when another was made meanwhile, this one is forgotten."""
        try:
            chosen = _READ[self._kind](source())
        except WanError as error:
            if turn == self._turn:
                self.picker.fail(str(error))
            return
        if turn == self._turn:
            setattr(self._studio, self._kind, chosen)
