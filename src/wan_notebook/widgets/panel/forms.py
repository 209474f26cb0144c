"""The form of eyes and mouth bound to the studio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...client.prices import known_price
from ...errors import StorageError
from ...media.preparation import Preparation
from ...media.prepare import expected_video, savings_text
from ...model import family
from ...model.job import Request
from ..landmarks.landmarks import Points, PointsForm
from ..picker.preview import Preview
from ..preparation.preparation import PrepareForm
from ..settings import presets
from ..settings.settings import SettingsForm
from .studio import Studio


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
        video, how = self._studio.video, self._studio.prepare_video
        available = video is not None and video.path is not None and bool(video.frames)
        values = {"start": how.start, "end": how.end, "fps": how.fps, "short_side": how.short_side, "sound": how.sound}
        values["fit"] = how.fit if how.aspect else ""
        duration = video.duration if video is not None and video.duration else 0.0
        self.form.render(
            available=available, values=values, duration=duration, saving=self._saving() if available else ""
        )

    def _saving(self) -> str:
        studio = self._studio
        if studio.video is None or studio.prepare_video == Preparation():
            return ""
        image_url = studio.image.url if studio.image is not None else studio.video.url
        request = Request(image_url=image_url, video_url=studio.video.url, **studio.settings)
        price = known_price(studio.service, studio.model)
        after = expected_video(studio.video, studio.prepare_video)
        return savings_text(studio.video, after, request, paid=studio.service.paid, price=price)

    def _reset(self) -> None:
        self._studio.prepare_video = Preparation()

    def _set(self, name: str, value: Any) -> None:
        changes = {name: value}
        if name == "start":
            changes = {"start": value or 0.0}
        if name == "fit":
            changes = {"fit": value or "crop", "aspect": self._aspect() if value else None}
        self._studio.prepare_video = replace(self._studio.prepare_video, **changes)

    def _aspect(self) -> float | None:
        image = self._studio.image
        return image.width / image.height if image is not None and image.width and image.height else None


class Setting:
    """Hands what is set in the form to a studio, and shows the studio's settings in it.

    Args:
        studio: whose settings they are.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.form = SettingsForm(
            on_set=lambda name, value: studio.set({name: value}),
            on_reset=studio.reset,
            on_preset=lambda name: studio.set(presets.presets()[name]),
            on_keep=self._keep,
            on_forget=self._forget,
        )

    def render(self) -> None:
        """Show the settings, and the name of the preset that they are."""
        settings, preview = self._studio.settings, not self._studio.service.paid
        known = self._known()
        own = {name: name not in family.PRESETS for name in known}
        self.form.render(settings, preview=preview, presets=own, preset=presets.matching(settings, known))

    def _known(self) -> Mapping[str, Mapping[str, Any]]:
        try:
            return presets.presets()
        except StorageError as error:
            self._studio.tell_trouble(error)
            return family.PRESETS

    def _keep(self, name: str) -> None:
        presets.keep(name, self._studio.settings)
        self.render()

    def _forget(self, name: str) -> None:
        presets.forget(name)
        self.render()
