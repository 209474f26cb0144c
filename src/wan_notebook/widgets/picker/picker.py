"""The picker of a picture or a video, and the card that shows the choice: a small picture, its facts in words."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from ...errors import MediaError
from ...media.picture import Picture
from ...media.thumbnail import picture_thumbnail, video_thumbnail
from ...media.video import Video
from ...model.formatting import file_size
from ..delivery import Label, MediaPart
from ..frontend import CHUNK_SIZE
from ..upload import Upload


@dataclass(frozen=True)
class MediaCard:
    """A chosen picture or video as the picker shows it."""

    name: str
    facts: tuple[str, ...] = ()
    """Shown beside the name, as "1280 × 720", "5.2 s", "30 fps", "2.9 MB"."""
    poster: bytes = b""
    """A small JPEG."""
    clip: Path | None = None
    """The video itself; the browser loops it where it is small or at hand already."""
    url: str = ""
    """An http(s) address, which the browser shows by itself."""

    @classmethod
    def of(cls, chosen: Picture | Video) -> MediaCard:
        """Return the card of a picture or a video; the same one is read once.

        Raises:
            MediaError: the file cannot be read any more.
        """
        return _card(chosen)


@lru_cache(maxsize=32)
def _card(chosen: Picture | Video) -> MediaCard:
    path = chosen.path
    if path is None:
        return MediaCard(chosen.name, ("from the web, not checked here",), url=chosen.url)
    size = f"{chosen.width} × {chosen.height}"
    if isinstance(chosen, Video):
        facts = (size, f"{chosen.duration:.1f} s", f"{chosen.fps:.3g} fps", file_size(chosen.size or 0))
        return MediaCard(chosen.name, facts, video_thumbnail(path), path)
    return MediaCard(chosen.name, (size, file_size(chosen.size or 0)), picture_thumbnail(path))


_WINDOW = 16
"""Pieces under way at once: enough to keep the line full, few enough to keep the kernel's queue short."""

_LABELS = {"image": "Character image", "video": "Reference video"}
_NOUNS = {"image": "picture", "video": "video"}
_FORMATS = {"image": "a JPEG, PNG, WebP or BMP file", "video": "an MP4, MOV, WebM or AVI file"}
_REFUSALS = {
    "kind": "{name} is no {noun}. Choose {formats}.",
    "folder": "{name} is a folder. Choose one {noun} in it.",
    "several": "Several files came, and one {noun} is wanted.",
    "unreadable": "This {noun} cannot be read from the page. Save it, and choose the file.",
}
"""What is said of something dropped or pasted that cannot be used, by the browser's word for it."""


@dataclass(frozen=True)
class EarlierFile:
    """A file of an earlier job that can be chosen again."""

    key: str
    label: str


@dataclass(frozen=True)
class ChosenFile:
    """The chosen picture or video; see MediaCard."""

    name: str
    facts: tuple[str, ...]
    poster: Label | None
    clip: Label | None
    url: str


@dataclass(frozen=True)
class UploadUnderWay:
    """A file that a page is sending."""

    id: str
    name: str
    size: int
    """Bytes that it will have."""


@dataclass(frozen=True)
class PickerState:
    """The state of a picker."""

    kind: Literal["image", "video"]
    label: str
    """The picker's heading."""
    earlier: tuple[EarlierFile, ...] = ()
    """Newest first."""
    file: ChosenFile | None = None
    upload: UploadUnderWay | None = None
    origin: str = ""
    """What made the file, where a clip of ours was chosen, as a sentence; a picker of pictures refuses the file."""
    busy: str = ""
    """The work on a new choice, as "Reading the file …"; empty while there is none."""
    paths: bool = True
    """Whether files of the kernel's machine may be named."""
    trouble: str = ""
    """The reason why the last choice cannot be used."""


def _nothing(*_ignored: Any) -> None:
    """Ignore a choice: the default of callbacks that nobody sets."""


class MediaPicker(MediaPart[PickerState]):
    """The control by which a person chooses the character image or the reference video.

    Each new choice first clears the earlier one (`on_clear`), so that a half-done choice never leaves another file in
    place; where it fails, the earlier one is taken back (`on_failed`), and said. Each of the other callbacks ends, at
    once or later, in show() or fail().

    Args:
        kind: "image" or "video".
        label: its heading.
        paths: whether files of the kernel's machine may be named; a panel that strangers open should not allow it.
        on_file: called with the path of the uploaded file, which stays on the disk, and with its name.
        on_text: called with a URL, or a path in the kernel's file system, as it was typed.
        on_sample: called when the sample is asked for.
        on_earlier: called with the key of an entry of offer_earlier().
        on_origin: called when all that made the chosen clip is to be set again.
        on_fetch: called with the chosen address when what lies there is to be fetched to this machine.
        on_clear: called when the choice is taken back, and before each new one.
        on_failed: called when a new choice failed; returns the card of the earlier one, which is chosen again, or None.
        on_remove: called when the person took the choice back.
    """

    def __init__(
        self,
        kind: Literal["image", "video"],
        *,
        label: str = "",
        paths: bool = True,
        on_file: Callable[[Path, str], None] = _nothing,
        on_text: Callable[[str], None] = _nothing,
        on_sample: Callable[[], None] = _nothing,
        on_earlier: Callable[[str], None] = _nothing,
        on_origin: Callable[[], None] = _nothing,
        on_fetch: Callable[[str], None] = _nothing,
        on_clear: Callable[[], None] = _nothing,
        on_failed: Callable[[], MediaCard | None] = lambda: None,
        on_remove: Callable[[], None] = _nothing,
    ) -> None:
        super().__init__(
            PickerState(kind, label or _LABELS[kind], paths=paths),
            {
                "begin": self._begin_upload,
                "piece": self._write_piece,
                "end": self._end_upload,
                "unreadable": self._give_up_unreadable,
                "abort": self._abort_upload,
                "text": self._choose_text,
                "server_file": self._choose_server_file,
                "sample": lambda _: self.choose_sample(),
                "earlier": self._choose_earlier,
                "origin": lambda _: on_origin(),
                "fetch": lambda _: self._fetch(),
                "clear": lambda _: self._remove(),
                "refuse": self._refuse,
            },
        )
        self.on_file, self.on_text, self.on_sample = on_file, on_text, on_sample
        self.on_earlier, self.on_clear = on_earlier, on_clear
        self.on_failed, self.on_remove, self.on_fetch = on_failed, on_remove, on_fetch
        self._begun: set[str] = set()
        self._upload_id = ""
        self._upload: Upload | None = None
        self._card: MediaCard | None = None

    def show(self, card: MediaCard | None, origin: str = "", trouble: str = "") -> None:
        """Show the current choice; the same again changes nothing.

        Args:
            card: of the choice; None shows no file, and leaves a choice that was begun or refused as it is.
            origin: as in PickerState.
            trouble: as in PickerState.
        """
        with self._lock:
            if card == self._card and (card is None or origin == self.shown.origin):
                return
            self.delivery.withdraw()
            self._card = card
            if card is None:
                self.update(file=None, origin="")
                return
            poster = self.delivery.offer(card.poster) if card.poster else None
            clip = self.delivery.offer_video(card.clip) if card.clip else None
            file = ChosenFile(card.name, card.facts, poster, clip, card.url)
            self.update(file=file, origin=origin, busy="", trouble=trouble)

    def fail(self, message: str, origin: str = "") -> None:
        """Show the reason why the choice cannot be used, and the earlier choice, where there was one.

        Args:
            message: the reason, as a sentence.
            origin: as in PickerState, of the choice that cannot be used.
        """
        card = self.on_failed()
        with self._lock:
            self._drop_upload()
            self.delivery.withdraw()
            self._card = None
            if card is None:
                self.update(file=None, origin=origin, busy="", trouble=message)
            else:
                self.show(card, origin, f"{message} {card.name} is still chosen.")

    def _fetch(self) -> None:
        if self._card is not None and self._card.url:
            url = self._card.url
            self.start_over("Fetching it …")
            self.on_fetch(url)

    def _remove(self) -> None:
        self.start_over()
        self.on_remove()

    def start_over(self, busy: str = "") -> None:
        """Take the choice back, and show the work on a new one where there is any."""
        with self._lock:
            self._drop_upload()
            self.update(origin="", busy="", trouble="")
        self.on_clear()
        self.show(None)
        self.update(busy=busy)

    def choose_sample(self) -> None:
        """Choose the sample, as a click on it does."""
        self.start_over("Drawing the sample …")
        self.on_sample()

    def offer_earlier(self, earlier: Mapping[str, str]) -> None:
        """Offer files of earlier jobs: labels by key, newest first."""
        self.update(earlier=tuple(EarlierFile(key, label) for key, label in earlier.items()))

    def _begin_upload(self, message: Mapping[str, Any]) -> None:
        """Begin an upload, or tell the browser that begins it again what is missing: something may have been lost."""
        upload_id = str(message["upload"])
        if upload_id not in self._begun:
            self._begun.add(upload_id)
            self._take_upload(upload_id, (str(message["name"]), int(message["size"]), message.get("modified")))
        with self._lock:
            upload = self._current(message)
            if upload is None:
                self.send({"type": "ended", "upload": upload_id})
                return
            answer = {"chunk": CHUNK_SIZE, "window": _WINDOW, "missing": upload.missing}
        self.send({"type": "go", "upload": upload_id, "sent": message.get("sent", 0), **answer})

    def _take_upload(self, upload_id: str, source: tuple[str, int, object]) -> None:
        """Put an upload in the place of every other choice; the same file chosen again goes on where it stopped."""
        continued = self._upload if self._upload is not None and self._upload.source == source else None
        if continued is None:
            self.start_over()
        else:
            self.send({"type": "ended", "upload": self._upload_id})
        with self._lock:
            self._upload_id = upload_id
            self._upload = continued or Upload(*source)
            self.update(upload=UploadUnderWay(upload_id, self._upload.name, self._upload.size))

    def _write_piece(self, message: Mapping[str, Any]) -> None:
        with self._lock:
            upload = self._current(message)
            if upload is None:
                return
            offset = int(message["offset"])
            upload.write(offset, message["buffers"][0])
            progress = {"received": upload.received, "size": upload.size, "name": upload.name}
        self.send({"type": "received", "upload": message["upload"], "offset": offset, **progress})

    def _end_upload(self, message: Mapping[str, Any]) -> None:
        with self._lock:
            upload = self._current(message)
            if upload is None:
                return
            self._upload = None
            self.update(busy="Reading the file …")
            self._drop_upload()
        self.on_file(upload.finish(str(message["sha256"])), upload.name)

    def _give_up_unreadable(self, message: Mapping[str, Any]) -> None:
        upload = self._current(message)
        if upload is not None:
            self.fail(f"{upload.name} was changed or taken away while it was read; choose it again.")

    def _abort_upload(self, message: Mapping[str, Any]) -> None:
        with self._lock:
            if self._current(message) is not None:
                self._drop_upload()

    def _current(self, message: Mapping[str, Any]) -> Upload | None:
        """Return the upload that a message is about; None where another choice has taken its place."""
        return self._upload if message["upload"] == self._upload_id else None

    def _drop_upload(self) -> None:
        if self._upload_id:
            self.send({"type": "ended", "upload": self._upload_id})
        if self._upload is not None:
            self._upload.discard()
        self._upload_id, self._upload = "", None
        if self.shown.upload is not None:
            self.update(upload=None)

    def _choose_text(self, message: Mapping[str, Any]) -> None:
        text = str(message["text"]).strip()
        if text:
            self.start_over("Looking at it …")
            self._check_path(text)
            self.on_text(text)

    def _check_path(self, text: str) -> None:
        if not (self.shown.paths or re.match(r"https?://", text, re.IGNORECASE)):
            raise MediaError("Files of this machine cannot be named here. Choose a file of yours, or give an address.")

    def _choose_server_file(self, message: Mapping[str, Any]) -> None:
        self.start_over("Looking at it …")
        self._check_path(str(message["path"]))
        self.on_text(str(server_file(str(message["path"]), str(message["root"]))))

    def _choose_earlier(self, message: Mapping[str, Any]) -> None:
        self.start_over("Looking it up …")
        self._check_path(str(message["key"]))
        self.on_earlier(str(message["key"]))

    def _refuse(self, message: Mapping[str, Any]) -> None:
        self.start_over()
        kind, refusal = self.shown.kind, _REFUSALS[str(message["reason"])]
        self.fail(refusal.format(name=message["name"], noun=_NOUNS[kind], formats=_FORMATS[kind]))


def server_file(path: str, root: str) -> Path:
    """Return the file that a notebook server's own file browser calls by a path.

    Args:
        path: from the server's root; a drive of the front end may stand before it, as in "RTC:clips/dance.mp4".
        root: the server's root as it tells its pages, where "~" is the home folder; empty where it is not known, and
            the path is one of the kernel's current folder.

    Raises:
        MediaError: the kernel has no such file.
    """
    folder = os.path.abspath(os.path.expanduser(root))
    for name in (path, path.partition(":")[2]):
        if name and os.path.exists(os.path.join(folder, name)):
            return Path(folder, name)
    raise MediaError(f"The kernel sees no {path} in {folder}, the notebook server's folder. Choose the file itself.")
