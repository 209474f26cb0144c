"""One picker bound to the studio: what is picked there is read aside, and becomes the studio's choice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Literal

from ... import media
from ...errors import MediaError, WanError, defect
from ...jobs.journal import Entry
from ...media import Picture, Video, samples
from ...model.job import local_path
from ...runtime import event_loop
from ..picker.picker import MediaPicker
from ..picker.preview import Preview
from .studio import Studio

_log = logging.getLogger("wan_notebook")
_READ: dict[str, Callable[[Any], Picture | Video]] = {"image": media.picture, "video": media.video}
_REMEDY = {
    "image": "Choose a picture, or name one by its address or path.",
    "video": "Choose a video, or name one by its address or path.",
}
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
        self._offered: dict[str, str] = {}
        self.picker = MediaPicker(
            kind,
            on_file=lambda path, _name: self._choose(lambda: path),
            on_text=lambda text: self._choose(lambda: text),
            on_sample=lambda: self._choose(_SAMPLE[kind]),
            on_earlier=lambda path: self._choose(lambda: path),
            on_clear=self._clear,
        )

    def render(self) -> None:
        """Show what the studio has."""
        chosen = getattr(self._studio, self._kind)
        self.picker.show(None if chosen is None else Preview.of(chosen))

    def take_sample(self) -> None:
        """Choose the sample."""
        self.picker.take_sample()

    def offer(self, entries: Sequence[Entry]) -> None:
        """Offer what earlier jobs were made of, and for a reference also what came out of them.

        Args:
            entries: of the journal, newest first.
        """
        inputs = [entry.image if self._kind == "image" else entry.video for entry in entries]
        found = [(local_path(one.url), one.name) for one in inputs]
        if self._kind == "video":
            found += [(entry.clip, f"Clip of job {entry.number}") for entry in entries]
        offered = {str(path): name or path.name for path, name in found if path is not None and path.is_file()}
        if offered != self._offered:
            self._offered = offered
            self.picker.offer_earlier(offered)

    def _choose(self, source: Callable[[], Any]) -> None:
        self._turn += 1
        event_loop.start(asyncio.to_thread(self._read, source, self._turn))

    def _clear(self) -> None:
        self._turn += 1
        setattr(self._studio, self._kind, None)

    def _read(self, source: Callable[[], Any], turn: int) -> None:
        """Read a choice; when another was made meanwhile, this one is forgotten."""
        try:
            chosen = _READ[self._kind](source())
        except MediaError as error:
            self._fail(f"{error.message} {_REMEDY[self._kind]}" if error.in_code else error.message, turn)
        except WanError as error:
            self._fail(str(error), turn)
        except Exception as error:  # noqa: BLE001 - shown to the person: the picker would stay busy for good
            _log.exception("a choice could not be read")
            self._fail(defect(error), turn)
        else:
            if turn == self._turn:
                setattr(self._studio, self._kind, chosen)

    def _fail(self, message: str, turn: int) -> None:
        if turn == self._turn:
            self.picker.fail(message)
