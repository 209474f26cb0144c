"""The form of the changes that are made to a reference before it is sent, with what they save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ...media.thumbnail import filmstrip
from ..delivery import Label, MediaPart

_LARGEST = 20_000_000
"""Bytes of a reference up to which it goes to the browser as it is, for the frame at the playhead."""


@dataclass(frozen=True)
class PreparationValues:
    """The values of the form's fields."""

    start: float = 0.0
    """The first second that is sent."""
    end: float | None = None
    """The second at which it ends; None is the video's end."""
    fps: float | None = None
    """Frames per second; None keeps the video's rate."""
    short_side: int | None = None
    """Pixels of the short side; None keeps the video's size."""
    fit: Literal["", "crop", "pad"] = ""
    """The way to give the frame the picture's aspect; empty keeps the video's."""
    sound: bool = True
    """Whether the sound is sent along."""


@dataclass(frozen=True)
class PreparationState:
    """The state of a preparation form."""

    available: bool = False
    """Whether there is a reference that can be prepared here."""
    values: PreparationValues = PreparationValues()
    duration: float = 0.0
    """Seconds of the reference as it was chosen."""
    fps: float = 0.0
    """Its frames per second, likewise."""
    strip: Label | None = None
    """Small frames of it side by side."""
    clip: Label | None = None
    """The reference, or a small copy of a large one, for the frame at the playhead."""
    saving: str = ""
    """One sentence on what the preparation saves; empty while nothing is changed."""
    note: str = ""
    """One sentence on what became of an earlier preparation."""
    trouble: str = ""
    """The reason why the last change was refused."""


class PreparationForm(MediaPart[PreparationState]):
    """Trim, re-time, scale, fit, sound: a filmstrip, a few choices and numbers, and a line on what they save.

    Args:
        on_trim: called with the first second that is sent, and the one before which it ends; None is the video's end.
        on_set: called with the name of the changed field, as in PreparationValues, and its new value.
        on_reset: called when the reference is to be sent unchanged.
    """

    def __init__(
        self,
        *,
        on_trim: Callable[[float, float | None], None],
        on_set: Callable[[str, Any], None],
        on_reset: Callable[[], None],
    ) -> None:
        super().__init__(
            PreparationState(),
            {
                "trim": lambda message: on_trim(message["start"], message["end"]),
                "set": lambda message: on_set(str(message["name"]), message["value"]),
                "reset": lambda _: on_reset(),
            },
        )
        self._path: Path | None = None

    def show(self, path: Path | None, shown: PreparationState) -> None:
        """Show a state with the frames of a video.

        Args:
            path: of the video; None without one that can be prepared here.
            shown: without its labels.
        """
        with self._lock:
            strip, clip = self.shown.strip, self.shown.clip
            if path != self._path:
                self._path, strip, clip = path, None, None
                self.delivery.withdraw()
                if path is not None:
                    strip = self.delivery.offer_slowly(f"filmstrip of {path}", "image/jpeg", lambda: filmstrip(path))
                    clip = self.delivery.offer_video(path, largest=_LARGEST)
            self.render(replace(shown, strip=strip, clip=clip))
