"""The form of the settings of the model."""

from .settings import SettingsForm

__all__ = ["SettingsForm"]
