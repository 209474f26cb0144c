"""The forms of the panel, bound to the studio: landmarks, preparation, and settings with their presets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from ...client.prices import known_price
from ...errors import InvalidRequest, MediaError, StorageError
from ...jobs.order import Points
from ...media.preparation import Preparation
from ...media.prepare import expected_video, savings_text
from ...model import family
from ...model.job import Request
from ..landmarks.landmarks import LandmarksForm, LandmarksState
from ..picker.picker import MediaCard
from ..preparation.preparation import PreparationForm, PreparationState, PreparationValues
from ..settings.presets import all_presets, delete_preset, matching_preset, save_preset
from ..settings.settings import Preset, SettingsForm, SettingsState, help_texts
from .studio import Studio


class LandmarksBinding:
    """Hands the points placed on the character to a studio, and shows the studio's; only the preview takes them.

    Args:
        studio: the session.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.form = LandmarksForm(on_place=self._set, on_clear=lambda: self._set(None))

    def render(self) -> None:
        """Show the character with its points, where they are of use."""
        image = self._studio.image
        if image is None or image.path is None or self._studio.service.paid:
            self.form.show(None)
        else:
            size = image.width or 0, image.height or 0
            faces = self._studio.faces
            found = tuple((x * size[0], y * size[1]) for x, y in faces.points) if faces is not None else ()
            doubtful = faces is not None and faces.is_doubtful
            shown = LandmarksState(
                size=size,
                points=self._studio.points,
                found=found or None,
                doubtful=doubtful,
                opened=self._studio.placing,
            )
            self.form.show(MediaCard.of(image), shown)

    def _set(self, points: Points | None) -> None:
        self._studio.points = points


class PreparationBinding:
    """Hands the form's values to a studio as its preparation, and shows the studio's preparation in the form.

    Args:
        studio: the session.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.form = PreparationForm(on_trim=self._trim, on_set=self._set, on_reset=self._reset)

    def render(self) -> None:
        """Show the preparation of the reference, and its saving."""
        video, chosen = self._studio.video, self._studio.prepare_video
        available = video is not None and video.path is not None and bool(video.frames)
        fit: Literal["", "crop", "pad"] = chosen.fit if chosen.aspect else ""
        self.form.show(
            video.path if video is not None and available else None,
            PreparationState(
                available=available,
                values=PreparationValues(
                    chosen.start, chosen.end, chosen.fps, chosen.short_side, fit, sound=chosen.sound
                ),
                duration=(video.duration or 0.0) if video is not None else 0.0,
                fps=(video.fps or 0.0) if video is not None else 0.0,
                saving=self._saving() if available else "",
                note=self._studio.preparation_note,
            ),
        )

    def _saving(self) -> str:
        studio = self._studio
        if studio.video is None or studio.prepare_video == Preparation():
            return ""
        image_url = studio.image.url if studio.image is not None else studio.video.url
        request = Request(image_url=image_url, video_url=studio.video.url, **studio.settings)
        price = known_price(studio.service, studio.model)
        try:
            after = expected_video(studio.video, studio.prepare_video)
        except MediaError:
            return ""  # the notices say what is wrong with it
        return savings_text(studio.video, after, request, paid=studio.service.paid, price=price)

    def _reset(self) -> None:
        self._studio.prepare_video = Preparation()

    def _trim(self, start: float, end: float | None) -> None:
        self._studio.prepare_video = replace(self._studio.prepare_video, start=start, end=end)

    def _set(self, name: str, value: Any) -> None:
        changes = {name: value}
        if name == "fit":
            image = self._studio.image
            if value and (image is None or image.aspect is None):
                raise InvalidRequest("Choose a picture first, as a file: its shape is what the reference is fitted to.")
            changes = {"fit": value or "crop", "aspect": image.aspect if value and image is not None else None}
        self._studio.prepare_video = replace(self._studio.prepare_video, **changes)


class SettingsBinding:
    """Hands the form's values to a studio as its settings, and shows the studio's settings in the form.

    Args:
        studio: the session.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.form = SettingsForm(
            on_set=lambda name, value: studio.set({name: value}),
            on_reset=studio.reset,
            on_preset=lambda name: studio.set(all_presets()[name]),
            on_save=self._save,
            on_delete=self._delete,
        )

    def render(self) -> None:
        """Show the settings, and the name of the preset that they agree with."""
        studio, presets = self._studio, dict(family.PRESETS)
        try:
            presets = all_presets()
        except StorageError as error:
            studio.report_storage_error(error)
        self.form.render(
            SettingsState(
                values=studio.settings,
                help=help_texts(studio.model, preview=not studio.service.paid),
                presets=tuple(Preset(name, own=name not in family.PRESETS) for name in presets),
                preset=matching_preset(studio.settings, presets),
            )
        )

    def _save(self, name: str) -> None:
        save_preset(name, self._studio.settings)
        self.render()

    def _delete(self, name: str) -> None:
        delete_preset(name)
        self.render()
