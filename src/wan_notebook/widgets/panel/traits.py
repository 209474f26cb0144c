"""Traits that take what wan.submit() takes, and refuse the rest with its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import traitlets

from ...errors import InvalidRequest
from ...model import family


class ModelTrait(traitlets.TraitType):  # type: ignore[misc]  # traitlets has no types to go by
    """The model, by its mode, its alias or its id; Move at first.

    Raises:
        InvalidRequest: it is none of the family's, on setting.
    """

    default_value = family.MOVE.id

    def validate(self, _studio: Any, value: Any) -> str:
        """Return the model's id."""
        try:
            return family.find_model(value).id
        except ValueError as error:
            raise InvalidRequest(str(error)) from None


class SettingTrait(traitlets.TraitType):  # type: ignore[misc]  # as above
    """A setting of the family, with its default and its limits.

    Args:
        setting: whose values it takes.

    Raises:
        InvalidRequest: the value is not among those allowed, on setting.
    """

    def __init__(self, setting: family.Setting) -> None:
        super().__init__(setting.default, allow_none=setting.default is None)
        self._setting = setting

    def validate(self, _studio: Any, value: Any) -> Any:
        """Return the value as the wire wants it."""
        try:
            return self._setting.check(value)
        except ValueError as error:
            raise InvalidRequest(str(error)) from None


class InputTrait(traitlets.Instance):  # type: ignore[misc]  # as above
    """A picture or a video, read from whatever wan.submit() takes for one; None at first.

    Args:
        kind: Picture or Video.
        read: makes one of a path, an address, bytes, an upload or an array.

    Raises:
        MediaError: it cannot be used, on setting.
    """

    def __init__(self, kind: type, read: Callable[[Any], Any]) -> None:
        super().__init__(kind, allow_none=True)
        self._read = read

    def validate(self, studio: Any, value: Any) -> Any:
        """Return the picture or video."""
        known = value is None or isinstance(value, self.klass)
        return super().validate(studio, value if known else self._read(value))


class SettingTraits(traitlets.HasTraits):  # type: ignore[misc]  # as above
    """The model and its settings: every setting of the family is a trait of its wire name.

    Raises:
        InvalidRequest: there is no such trait, or a value is none that the model takes.
    """

    model = ModelTrait()
    resolution = SettingTrait(family.RESOLUTION)
    num_inference_steps = SettingTrait(family.NUM_INFERENCE_STEPS)
    shift = SettingTrait(family.SHIFT)
    video_quality = SettingTrait(family.VIDEO_QUALITY)
    video_write_mode = SettingTrait(family.VIDEO_WRITE_MODE)
    enable_safety_checker = SettingTrait(family.ENABLE_SAFETY_CHECKER)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a trait, or any attribute.

        Raises:
            InvalidRequest: it is no value for the trait.
            MediaError: it is no picture or video that can be used.
        """
        try:
            super().__setattr__(name, value)
        except traitlets.TraitError as error:
            raise InvalidRequest(str(error)) from None

    @property
    def settings(self) -> dict[str, Any]:
        """The current settings by wire name, with "model" among them."""
        return {name: getattr(self, name) for name in ("model", *family.SETTINGS)}

    def set(self, settings: Mapping[str, Any]) -> None:
        """Set several settings at once, for example those of an earlier clip.

        Args:
            settings: fields of Request by name, as clip.settings has them.

        Raises:
            InvalidRequest: one of them is unknown or out of range; then none is set.
        """
        unknown = [name for name in settings if name not in self.settings]
        if unknown:
            raise InvalidRequest(f"There is no setting {unknown[0]}. There are {', '.join(self.settings)}.")
        traits = self.traits()
        checked = {name: traits[name].validate(self, value) for name, value in settings.items()}
        with self.hold_trait_notifications():
            for name, value in checked.items():
                setattr(self, name, value)

    def reset(self) -> None:
        """Set every setting to the model's default."""
        self.set(family.DEFAULTS)
