"""The form of the changes that are made to a reference before it is sent, with what they save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ..bundle import script, style
from ..frontend import StateWidget


@dataclass(frozen=True)
class PreparationValues:
    """The values of the form's fields."""

    start: float = 0.0
    """The first second that is sent."""
    end: float | None = None
    """The second at which it ends; None is the video's end."""
    fps: float | None = None
    """Frames per second; None keeps the video's rate."""
    short_side: int | None = None
    """Pixels of the short side; None keeps the video's size."""
    fit: Literal["", "crop", "pad"] = ""
    """The way to give the frame the picture's aspect; empty keeps the video's."""
    sound: bool = True
    """Whether the sound is sent along."""


@dataclass(frozen=True)
class PreparationState:
    """The state of a preparation form."""

    available: bool = False
    """Whether there is a reference that can be prepared here."""
    values: PreparationValues = PreparationValues()
    duration: float = 0.0
    """Seconds of the reference as it was chosen."""
    saving: str = ""
    """One sentence on what the preparation saves; empty while nothing is changed."""
    trouble: str = ""
    """The reason why the last change was refused."""


class PreparationForm(StateWidget[PreparationState]):
    """Trim, re-time, scale, fit, sound: a few choices and numbers, and a line on what they save.

    Args:
        on_set: called with the name of the changed field, as in PreparationValues, and its new value.
        on_reset: called when the reference is to be sent unchanged.
    """

    _esm = script("preparation/preparation.js")
    _css = style("preparation/preparation.css")

    def __init__(self, *, on_set: Callable[[str, Any], None], on_reset: Callable[[], None]) -> None:
        super().__init__(
            PreparationState(),
            {
                "set": lambda message: on_set(str(message["name"]), message["value"]),
                "reset": lambda _: on_reset(),
            },
        )
