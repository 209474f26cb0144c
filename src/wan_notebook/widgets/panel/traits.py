"""Traits that take what wan.submit() takes, and refuse the rest with its words."""

from __future__ import annotations

from collections.abc import Callable
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
