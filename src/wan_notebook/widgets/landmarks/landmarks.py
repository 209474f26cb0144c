"""The picture of a character on which a person places its eyes and its mouth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..bundle import script, style
from ..delivery import Delivery
from ..frontend import Buffers, FrontEnd, Handler
from ..picker.preview import Preview

Points = tuple[tuple[float, float], ...]
"""Left eye, right eye and mouth, left and right as one sees them, each (x, y) in pixels of the upright picture."""


class PointsForm(FrontEnd):
    """Three markers on a picture; until each was moved, nothing is placed.

    Args:
        on_place: called with the three points when a marker was moved and all are placed.
        on_clear: called when they are to be found without help.
    """

    _esm = script("landmarks/landmarks.js")
    _css = style("landmarks/landmarks.css")

    def __init__(self, *, on_place: Callable[[Points], None], on_clear: Callable[[], None]) -> None:
        super().__init__()
        self._on_place, self._on_clear = on_place, on_clear
        self._delivery = Delivery()
        self._preview: Preview | None = None
        self._poster: dict[str, Any] | None = None
        self.state = {"poster": None, "size": [0, 0], "points": None, "trouble": ""}

    def render(
        self, preview: Preview | None, *, size: tuple[int, int], points: Sequence[Sequence[float]] | None
    ) -> None:
        """Show this; the same again changes nothing.

        Args:
            preview: of the picture; None hides the form.
            size: width and height of the upright picture, in pixels.
            points: where the markers stand, as in Points; None while nothing is placed.
        """
        with self._lock:
            if preview != self._preview:
                self._delivery.withdraw()
                self._preview = preview
                self._poster = self._delivery.offer(preview.poster) if preview is not None else None
            self.state = {
                "poster": self._poster,
                "size": list(size),
                "points": None if points is None else [list(point) for point in points],
                "trouble": "",
            }

    def _handlers(self) -> Mapping[str, Handler]:
        return {"place": self._place, "clear": lambda _message, _buffers: self._on_clear(), "want": self._deliver}

    def _place(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        """Points of a picture that is no longer shown are forgotten; what lies outside goes to the edge."""
        poster, (width, height) = self.state["poster"], self.state["size"]
        if poster is None or message["id"] != poster["id"]:
            return
        left, right, mouth = (
            (min(max(float(x), 0.0), float(width)), min(max(float(y), 0.0), float(height)))
            for x, y in message["points"]
        )
        self._on_place((left, right, mouth))

    def _deliver(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self.send(*self._delivery.answer(message))

    def _show_failure(self, message: str) -> None:
        with self._lock:
            self.state = {**self.state, "trouble": message}
