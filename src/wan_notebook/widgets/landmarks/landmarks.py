"""The picture of a character on which a person places its eyes and its mouth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...jobs.order import Points
from ..delivery import Label, MediaPart
from ..picker.picker import MediaCard


@dataclass(frozen=True)
class LandmarksState:
    """The state of a landmarks form."""

    poster: Label | None = None
    """The picture to place the markers on; None hides the form."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the upright picture in pixels."""
    points: Points | None = None
    """Left eye, right eye and mouth as seen, each (x, y) in pixels of the upright picture; None while not placed."""
    found: Points | None = None
    """Where the preview finds them by itself, likewise; None where it finds no face, or has not looked yet."""
    doubtful: bool = False
    """Whether a person should check what was found."""
    opened: int = 0
    """How often the person was led here; one more opens the form."""
    trouble: str = ""
    """The reason why the last action failed."""


class LandmarksForm(MediaPart[LandmarksState]):
    """Three markers on a picture; they count once a person has moved each of them.

    Args:
        on_place: called with the three points when a marker was moved and all are placed.
        on_clear: called when the preview is to find them without help.
    """

    def __init__(self, *, on_place: Callable[[Points], None], on_clear: Callable[[], None]) -> None:
        super().__init__(LandmarksState(), {"place": self._place, "clear": lambda _: on_clear()})
        self._on_place = on_place
        self._card: MediaCard | None = None

    def show(self, card: MediaCard | None, shown: LandmarksState | None = None) -> None:
        """Show a picture with its markers; the same again changes nothing.

        Args:
            card: of the picture; None hides the form.
            shown: the state, without the picture's label.
        """
        with self._lock:
            poster = self.shown.poster
            if card != self._card:
                self.delivery.withdraw()
                self._card = card
                poster = self.delivery.offer(card.poster) if card is not None else None
            self.render(replace(shown or LandmarksState(), poster=poster))

    def _place(self, message: Mapping[str, Any]) -> None:
        """Hand on the placed points; those of a picture that is shown no more are ignored, others go to its edge."""
        poster, (width, height) = self.shown.poster, self.shown.size
        if poster is None or message["id"] != poster.id:
            return
        left, right, mouth = (
            (min(max(float(x), 0.0), float(width)), min(max(float(y), 0.0), float(height)))
            for x, y in message["points"]
        )
        self._on_place((left, right, mouth))
