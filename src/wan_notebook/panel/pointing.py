"""The form of eyes and mouth bound to the studio."""

from __future__ import annotations

from ..studio import Studio
from ..widgets.points import Points, PointsForm
from ..widgets.preview import Preview


class Pointing:
    """Hands points placed on the character to a studio, and shows the studio's points; only the preview takes them.

    Args:
        studio: whose character it is.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.form = PointsForm(on_place=self._place, on_clear=self._clear)

    def render(self) -> None:
        """Show the character with its points, where they are of use."""
        image, points = self._studio.image, self._studio.points
        if image is None or image.path is None or self._studio.service.paid:
            self.form.render(None, size=(0, 0), points=None)
        else:
            self.form.render(Preview.of(image), size=(image.width or 0, image.height or 0), points=points)

    def _place(self, points: Points) -> None:
        self._studio.points = points

    def _clear(self) -> None:
        self._studio.points = None
