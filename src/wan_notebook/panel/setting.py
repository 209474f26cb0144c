"""The form of the settings bound to the studio and the presets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import presets
from ..errors import StorageError
from ..model import family
from ..studio import Studio
from ..widgets.settings_form import SettingsForm


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
