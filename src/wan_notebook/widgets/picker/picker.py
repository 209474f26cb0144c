"""The picker of a picture or a video: dropped, pasted, chosen in a dialog, named by URL or path, or a sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from ..bundle import script, style
from ..delivery import Delivery
from ..frontend import Buffers, FrontEnd, Handler, chunk_size
from ..upload import Upload
from .preview import Preview

_WINDOW = 8
"""Pieces under way at once: enough to keep the line full, few enough to keep the kernel's queue short."""

_WANTED = {
    "image": "no picture. Choose a JPEG, PNG, WebP or BMP file.",
    "video": "no video. Choose an MP4, MOV, WebM or AVI file.",
}


def _nothing(*_ignored: Any) -> None:
    """Do nothing: the callback of a picker that nobody listens to."""


class MediaPicker(FrontEnd):
    """Where a person chooses the character image or the reference video.

    Whatever is begun first clears the earlier choice (`on_clear`), so that a failed or half-done one never leaves
    another's file in place. Each callback but on_clear ends, at once or later, in show() or fail().

    Args:
        kind: "image" or "video".
        label: its heading.
        on_file: called with the uploaded file, which is kept, and with its name.
        on_text: called with a URL, or a path in the kernel's file system, as it was typed.
        on_sample: called when the sample is asked for.
        on_earlier: called with the key of an entry of `earlier`.
        on_clear: called when the choice is taken back, and before each new one.
    """

    _esm = script("picker/picker.js")
    _css = style("picker/picker.css")

    def __init__(
        self,
        kind: Literal["image", "video"],
        *,
        label: str = "",
        on_file: Callable[[Path, str], None] = _nothing,
        on_text: Callable[[str], None] = _nothing,
        on_sample: Callable[[], None] = _nothing,
        on_earlier: Callable[[str], None] = _nothing,
        on_clear: Callable[[], None] = _nothing,
    ) -> None:
        super().__init__()
        self.on_file, self.on_text, self.on_sample = on_file, on_text, on_sample
        self.on_earlier, self.on_clear = on_earlier, on_clear
        self._delivery = Delivery()
        self._ticket = ""
        self._upload: Upload | None = None
        self._preview: Preview | None = None
        label = label or {"image": "Character image", "video": "Reference video"}[kind]
        self.state = {"kind": kind, "label": label, "earlier": [], "file": None, "busy": "", "trouble": ""}

    def show(self, preview: Preview | None) -> None:
        """Show what is chosen now; the same again changes nothing. None leaves what was begun or refused as it is."""
        with self._lock:
            if preview == self._preview:
                return
            self._delivery.withdraw()
            self._preview = preview
            if preview is None:
                self._say(file=None)
            else:
                self._say(file=self._offer(preview), busy="", trouble="")

    def fail(self, message: str) -> None:
        """Show nothing but why the choice cannot be used."""
        with self._lock:
            self._drop_upload()
            self._delivery.withdraw()
            self._preview = None
            self._say(file=None, busy="", trouble=message)

    def take_sample(self) -> None:
        """Choose the sample, as a click on it does."""
        self._start_over("Drawing the sample …")
        self.on_sample()

    def offer_earlier(self, earlier: Mapping[str, str]) -> None:
        """Offer earlier results or inputs: labels by key, newest first."""
        with self._lock:
            self._say(earlier=[{"key": key, "label": label} for key, label in earlier.items()])

    def _offer(self, preview: Preview) -> dict[str, Any]:
        return {
            "name": preview.name,
            "facts": list(preview.facts),
            "poster": self._delivery.offer(preview.poster) if preview.poster else None,
            "clip": self._delivery.offer(preview.clip) if preview.clip else None,
            "url": preview.url,
        }

    def _say(self, **changes: Any) -> None:
        self.state = {**self.state, **changes}

    def _handlers(self) -> Mapping[str, Handler]:
        return {
            "begin": self._begin,
            "piece": self._take_piece,
            "end": self._end,
            "abort": self._abort,
            "text": self._take_text,
            "sample": lambda _message, _buffers: self.take_sample(),
            "earlier": self._take_earlier,
            "clear": self._clear,
            "refuse": self._refuse,
            "want": self._deliver,
        }

    def _show_failure(self, message: str) -> None:
        self.fail(message)

    def _start_over(self, busy: str = "") -> None:
        with self._lock:
            self._drop_upload()
            self._say(busy="", trouble="")
        self.on_clear()
        self.show(None)
        with self._lock:
            self._say(busy=busy)

    def _drop_upload(self) -> None:
        if self._ticket:
            self.send({"type": "ended", "upload": self._ticket})
        if self._upload is not None:
            self._upload.discard()
        self._ticket, self._upload = "", None

    def _begin(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self._start_over()
        with self._lock:
            self._ticket = str(message["upload"])
            self._upload = Upload(str(message["name"]), int(message["size"]))
        self.send({"type": "go", "upload": self._ticket, "chunk": chunk_size(), "window": _WINDOW})

    def _current(self, message: Mapping[str, Any]) -> Upload | None:
        return self._upload if message["upload"] == self._ticket else None

    def _take_piece(self, message: Mapping[str, Any], buffers: Buffers) -> None:
        with self._lock:
            upload = self._current(message)
            if upload is None:
                return
            upload.write(int(message["offset"]), buffers[0])
            told = {"received": upload.received, "size": upload.size, "name": upload.name}
        self.send({"type": "received", "upload": message["upload"], **told})

    def _end(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        with self._lock:
            upload = self._current(message)
            if upload is None:
                return
            self._upload = None
            self._say(busy="Reading the file …")
            self._drop_upload()
        self.on_file(upload.finish(str(message["sha256"])), upload.name)

    def _abort(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        with self._lock:
            if self._current(message) is not None:
                self._drop_upload()

    def _take_text(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        text = str(message["text"]).strip()
        if text:
            self._start_over("Looking at it …")
            self.on_text(text)

    def _take_earlier(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self._start_over("Looking it up …")
        self.on_earlier(str(message["key"]))

    def _clear(self, _message: Mapping[str, Any], _buffers: Buffers) -> None:
        self._start_over()

    def _refuse(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self._start_over()
        self.fail(f"{message['name']} is {_WANTED[self.state['kind']]}")

    def _deliver(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self.send(*self._delivery.answer(message))
