"""One thing worth knowing, and what helps against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from ..prepare import Prepare

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Notice:
    """One sentence about the inputs, said before anything is sent."""

    topic: str
    """A short stable word for what it is about, as "length" or "cuts"."""
    about: Literal["picture", "video"]
    """Which of the two inputs."""
    text: str
    """What was noticed and why it matters."""
    serious: bool = True
    """Whether the result is likely to suffer; False where it only could be cheaper or better."""
    remedy: str = ""
    """What a button that helps would say, as "Trim to 10 s"; empty where only another file helps."""
    change: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, hash=False)
    """The fields of a Prepare that the remedy sets."""

    def apply(self, how: Prepare) -> Prepare:
        """Return the preparation with this remedy in it."""
        return replace(how, **self.change)

    def __str__(self) -> str:
        return self.text
