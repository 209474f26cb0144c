"""What a grid tells a browser: once what never changes, and then news of those tiles alone that have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from ...media.thumbnail import video_thumbnail
from ..delivery import Delivery

Tone = Literal["calm", "busy", "good", "bad"]
"""How a word is to be taken; busy means that more will come."""


@dataclass(frozen=True)
class Direction:
    """One axis, as a grid writes it on its edge."""

    name: str
    title: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """A number that tiles have, to be shown, sorted and filtered by."""

    name: str
    title: str
    unit: str = ""
    better: Literal["higher", "lower", ""] = ""


@dataclass(frozen=True)
class Shown:
    """A tile at one instant."""

    number: int
    phase: str
    """Where it stands, in a word."""
    tone: Tone = "calm"
    message: str = ""
    """Why it failed."""
    fraction: float | None = None
    """How much is done, between 0 and 1; None where nobody can tell."""
    time_left: str = ""
    can_retry: bool = False
    numbers: Mapping[str, float | None] = field(default_factory=dict)
    """By the name of their measure."""
    clip: Path | None = None


@dataclass(frozen=True)
class Head:
    """What is said of all tiles together, at one instant."""

    words: str = ""
    """How many are done, what they cost, how long it still takes."""
    tone: Tone = "calm"
    fraction: float = 0.0
    can_stop: bool = False
    fps: float = 25.0
    """Of the clips; a step from frame to frame is as long."""
    sound: bool = False
    """Whether the clips have any."""
    shape: float = 0.75
    """Width of the clips ÷ their height."""
    opened: tuple[int, ...] = ()
    """The tiles that are seen in the player: none, one, or the two that are compared."""


class GridNews:
    """The tiles as they were told last, each with the version in which it was.

    Args:
        axes: one direction for each axis.
        places: of each tile, by its number: where it stands on each axis, counted from 0.
        measures: the numbers which tiles may have.
    """

    def __init__(
        self, axes: Iterable[Direction], places: Mapping[int, Sequence[int]], measures: Sequence[Measure]
    ) -> None:
        self.delivery = Delivery()
        """Where the browser gets the clips and their first frames."""
        self.version = 0
        self.trouble = ""
        """What went wrong, or was refused."""
        self._fixed = {
            "axes": [asdict(axis) for axis in axes],
            "places": [[number, *place] for number, place in places.items()],
            "measures": [asdict(measure) for measure in measures],
        }
        self._head = Head()
        self._tiles: dict[int, Shown] = {}
        self._told: dict[int, int] = {}

    def take(self, tiles: Iterable[Shown], head: Head) -> bool:
        """Take in what may have changed, and return whether anything has."""
        changed = [tile for tile in tiles if self._tiles.get(tile.number) != tile]
        if not changed and head == self._head:
            return False
        self.version += 1
        self._head = head
        for tile in changed:
            self._tiles[tile.number] = tile
            self._told[tile.number] = self.version
        return True

    def since(self, version: int) -> dict[str, Any]:
        """Return what a browser does not know which knows all up to a version."""
        tiles = [self._as_told(self._tiles[number]) for number, told in self._told.items() if told > version]
        head = {**asdict(self._head), "trouble": self.trouble}
        return {"type": "news", "since": version, "version": self.version, "head": head, "tiles": tiles}

    def state(self) -> dict[str, Any]:
        """Return what never changes, and all tiles as they are now."""
        return {**self._fixed, "news": self.since(0)}

    def _as_told(self, tile: Shown) -> dict[str, Any]:
        numbers = {name: float(f"{number:.6g}") for name, number in tile.numbers.items() if number is not None}
        return {**vars(tile), "numbers": numbers, **self._offered(tile.clip)}

    def _offered(self, clip: Path | None) -> dict[str, Any]:
        if clip is None:
            return {"clip": None, "poster": None}
        return {
            "clip": self.delivery.offer_unread(f"clip {clip}", "video/mp4", clip),
            "poster": self.delivery.offer_unread(f"poster {clip}", "image/jpeg", lambda: video_thumbnail(clip)),
        }
