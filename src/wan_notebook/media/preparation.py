"""The preparation of a reference or a picture, as one value."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..errors import InvalidRequest


@dataclass(frozen=True)
class Preparation:
    """Changes to a video or a picture before it is sent; a picture has no time, and takes only size and aspect.

    Raises:
        InvalidRequest: a value makes no sense; names the field, what came and what is allowed.
    """

    start: float = 0.0
    """The first second wanted."""
    end: float | None = None
    """The second before which to stop; None is the video's end."""
    fps: float | None = None
    """Frames per second at most; a slower video keeps its own rate."""
    short_side: int | None = None
    """Pixels of the short side at most; a smaller video keeps its own size."""
    aspect: float | None = None
    """Width over height to fit to; None leaves the input's own."""
    fit: Literal["crop", "pad"] = "crop"
    """Whether to crop the parts beyond the aspect, or to add black bars where something is missing."""
    focus: tuple[float, float] = (0.5, 0.3)
    """The point of the frame about which it is cropped, in shares of its width and height: people have their heads
    above the middle."""
    sound: bool = True
    """Whether the sound goes along."""
    mp4: bool = False
    """Whether a video becomes an upright MP4 even where nothing else is to be done to it."""

    def __post_init__(self) -> None:
        for name in ("start", "end", "fps", "short_side", "aspect"):
            left_out = name != "start" and getattr(self, name) is None
            self._check(name, left_out or is_number(getattr(self, name)), "a number")
        self._check("start", 0 <= self.start < math.inf, "a second from 0 on")
        self._check("end", self.end is None or self.end > self.start, f"a second after start ({self.start:g})")
        self._check("fps", self.fps is None or 1 <= self.fps <= 120, "from 1 to 120 frames per second")
        self._check("short_side", self.short_side is None or 64 <= self.short_side <= 4096, "from 64 to 4096 pixels")
        self._check("aspect", self.aspect is None or 0.2 <= self.aspect <= 5, "width over height, from 0.2 to 5")
        self._check("focus", is_point(self.focus), "two shares from 0 to 1")
        self._check("fit", self.fit in ("crop", "pad"), "crop or pad")
        # A value that was stored as JSON comes back with a list here.
        object.__setattr__(self, "focus", tuple(self.focus))

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that differ from their defaults, by name; Preparation(**changes) is this one again."""
        fields = asdict(self) | {"focus": list(self.focus)}
        return {name: value for name, value in fields.items() if getattr(self, name) != getattr(UNCHANGED, name)}

    def _check(self, name: str, right: bool, allowed: str) -> None:
        if not right:
            raise InvalidRequest(f"{name} is {getattr(self, name)!r}, but must be {allowed}.")


def is_number(value: object) -> bool:
    """Whether a value is an int or a float, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_point(value: object) -> bool:
    """Whether a value is a pair of shares from 0 to 1."""
    return isinstance(value, tuple | list) and len(value) == 2 and all(is_number(x) and 0 <= x <= 1 for x in value)


UNCHANGED = Preparation()
"""The preparation of an input that goes as it is."""
