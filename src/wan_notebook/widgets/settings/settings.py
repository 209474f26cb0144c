"""The form of the model's settings, drawn from the model family's data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...model import family
from ..bundle import script, style
from ..frontend import Buffers, FrontEnd, Handler


def _field(setting: family.Setting) -> dict[str, Any]:
    labels = {"choice": setting.choices, "flag": ("Default", "On", "Off")}.get(setting.kind, ())
    values = {"choice": setting.choices, "flag": (None, True, False)}.get(setting.kind, ())
    return {
        "name": setting.name,
        "label": setting.label,
        "options": [{"value": value, "label": label} for value, label in zip(values, labels, strict=True)],
        "minimum": setting.minimum,
        "maximum": setting.maximum,
        "step": setting.step,
        "unit": setting.unit,
    }


def _told(about: family.Setting | family.Model, preview: bool) -> str:
    return f"In the preview: {about.preview}" if preview and about.preview else about.help


_MODE = {
    "name": "model",
    "label": "Mode",
    "options": [{"value": model.id, "label": model.title} for model in family.MODELS.values()],
    "minimum": None,
    "maximum": None,
    "step": None,
    "unit": "",
}
_FIELDS = [_MODE, *map(_field, family.SETTINGS.values())]


class SettingsForm(FrontEnd):
    """Every setting of the model family: a slider or a few words to choose from, and a sentence on what it does.

    Args:
        on_set: called with a wire name and the value chosen.
        on_reset: called when all settings are to go back to the model's own.
        on_preset: called with the name of a preset.
        on_keep: called with the name under which the settings as they stand are to be kept as a preset.
        on_forget: called with the name of a preset of the user's that is to go.
    """

    _esm = script("settings/settings.js")
    _css = style("settings/settings.css")

    def __init__(
        self,
        *,
        on_set: Callable[[str, Any], None],
        on_reset: Callable[[], None],
        on_preset: Callable[[str], None],
        on_keep: Callable[[str], None],
        on_forget: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._on_set, self._on_reset = on_set, on_reset
        self._on_preset, self._on_keep, self._on_forget = on_preset, on_keep, on_forget
        self.state = {"fields": _FIELDS, "values": {}, "help": {}, "presets": [], "preset": "", "trouble": ""}

    def render(
        self, values: Mapping[str, Any], *, preview: bool, presets: Mapping[str, bool], preset: str = ""
    ) -> None:
        """Show these values.

        Args:
            values: by wire name.
            preview: whether the free preview will take them; what a setting does is told for it then.
            presets: the names to choose from, each with whether it is the user's own.
            preset: the name of the one whose settings these are; empty where there is none.
        """
        told = {name: _told(setting, preview) for name, setting in family.SETTINGS.items()}
        told["model"] = _told(family.MODELS[values["model"]], preview)
        names = [{"name": name, "own": own} for name, own in presets.items()]
        shown = {"values": dict(values), "help": told, "presets": names, "preset": preset}
        self.state = {**self.state, **shown, "trouble": ""}

    def _handlers(self) -> Mapping[str, Handler]:
        return {
            "set": self._set,
            "reset": lambda _message, _buffers: self._on_reset(),
            "preset": lambda message, _buffers: self._on_preset(str(message["name"])),
            "keep": lambda message, _buffers: self._on_keep(str(message["name"])),
            "forget": lambda message, _buffers: self._on_forget(str(message["name"])),
        }

    def _set(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self._on_set(str(message["name"]), message["value"])

    def _show_failure(self, message: str) -> None:
        self.state = {**self.state, "trouble": message}
