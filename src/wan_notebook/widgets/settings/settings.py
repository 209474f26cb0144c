"""The form of the model's settings, drawn from the model family's data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...model import family
from ..frontend import Part


@dataclass(frozen=True)
class Option:
    """One of the values that a field offers."""

    value: Any
    label: str


@dataclass(frozen=True)
class FormField:
    """One setting as the form draws it: a choice between options, or a slider where there are none."""

    name: str
    """The setting's wire name."""
    label: str
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    """The lower end of a slider; maximum and step likewise."""
    maximum: float | None = None
    step: float | None = None
    unit: str = ""
    rare: bool = False
    """Whether it is folded away, since most people leave it as it is."""


@dataclass(frozen=True)
class Preset:
    """A named set of settings to choose."""

    name: str
    own: bool
    """Whether the user saved it, and may therefore delete it."""


_RARE = (family.VIDEO_WRITE_MODE, family.ENABLE_SAFETY_CHECKER)


def _form_fields() -> tuple[FormField, ...]:
    """Return the model and every setting of the family as fields of the form."""
    models = tuple(Option(model.id, model.title) for model in family.MODELS.values())
    shown = [FormField("model", "Mode", models)]
    for setting in family.SETTINGS.values():
        options = tuple(Option(choice, choice) for choice in setting.choices)
        if setting.kind == "flag":
            options = (Option(None, "Default"), Option(True, "On"), Option(False, "Off"))
        limits = (setting.minimum, setting.maximum, setting.step)
        shown.append(FormField(setting.name, setting.label, options, *limits, setting.unit, setting in _RARE))
    return tuple(shown)


@dataclass(frozen=True)
class SettingsState:
    """The state of a settings form."""

    fields: tuple[FormField, ...] = _form_fields()
    values: Mapping[str, Any] = field(default_factory=dict)
    """The settings by wire name, with "model" among them."""
    help: Mapping[str, str] = field(default_factory=dict)
    """One sentence for each setting, by wire name."""
    presets: tuple[Preset, ...] = ()
    preset: str = ""
    """The name of the preset whose settings these are; empty where there is none."""
    trouble: str = ""
    """The reason why the last change was refused."""


def help_texts(model: str, *, preview: bool) -> dict[str, str]:
    """Return the help on each setting by wire name, and on the chosen model.

    Args:
        model: the chosen model's id.
        preview: whether the free preview takes the settings; the help is then about its effects.
    """
    subjects: dict[str, family.Setting | family.Model] = {**family.SETTINGS, "model": family.MODELS[model]}
    return {
        name: f"In the preview: {subject.preview}" if preview and subject.preview else subject.help
        for name, subject in subjects.items()
    }


class SettingsForm(Part[SettingsState]):
    """Every setting of the model family: a slider or a few words to choose from, and a sentence on its effect.

    Args:
        on_set: called with a wire name and the value chosen.
        on_reset: called when all settings are to go back to the model's defaults.
        on_preset: called with the name of the preset chosen.
        on_save: called with the name under which the current settings are to be saved as a preset.
        on_delete: called with the name of a preset of the user's that is to be deleted.
    """

    def __init__(
        self,
        *,
        on_set: Callable[[str, Any], None],
        on_reset: Callable[[], None],
        on_preset: Callable[[str], None],
        on_save: Callable[[str], None],
        on_delete: Callable[[str], None],
    ) -> None:
        super().__init__(
            SettingsState(),
            {
                "set": lambda message: on_set(str(message["name"]), message["value"]),
                "reset": lambda _: on_reset(),
                "preset": lambda message: on_preset(str(message["name"])),
                "save": lambda message: on_save(str(message["name"])),
                "delete": lambda message: on_delete(str(message["name"])),
            },
        )
