"""The preparation form bound to the studio."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..client.prices import known_price
from ..media.preparation import Prepare
from ..media.prepare import expected_video, saving
from ..model.job import Request
from ..studio import Studio
from ..widgets.prepare_form import PrepareForm


class Preparing:
    """Hands what is set in the form to a studio, and shows the studio's preparation in it.

    Args:
        studio: whose reference is prepared.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.form = PrepareForm(on_set=self._set, on_reset=self._reset)

    def render(self) -> None:
        """Show what is done to the reference, and what it saves."""
        video, how = self._studio.video, self._studio.prepare
        available = video is not None and video.path is not None and bool(video.frames)
        values = {"start": how.start, "end": how.end, "fps": how.fps, "short_side": how.short_side, "sound": how.sound}
        values["fit"] = how.fit if how.aspect else ""
        duration = video.duration if video is not None and video.duration else 0.0
        self.form.render(
            available=available, values=values, duration=duration, saving=self._saving() if available else ""
        )

    def _saving(self) -> str:
        studio = self._studio
        if studio.video is None or studio.prepare == Prepare():
            return ""
        image_url = studio.image.url if studio.image is not None else studio.video.url
        request = Request(image_url=image_url, video_url=studio.video.url, **studio.settings)
        price = known_price(studio.service, studio.model)
        after = expected_video(studio.video, studio.prepare)
        return saving(studio.video, after, request, paid=studio.service.paid, price=price)

    def _reset(self) -> None:
        self._studio.prepare = Prepare()

    def _set(self, name: str, value: Any) -> None:
        changes = {name: value}
        if name == "start":
            changes = {"start": value or 0.0}
        if name == "fit":
            changes = {"fit": value or "crop", "aspect": self._aspect() if value else None}
        self._studio.prepare = replace(self._studio.prepare, **changes)

    def _aspect(self) -> float | None:
        image = self._studio.image
        return image.width / image.height if image is not None and image.width and image.height else None
