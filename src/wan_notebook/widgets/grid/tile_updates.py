"""The messages of a grid: once the whole state, and then updates of those tiles alone that have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar

from ...media.thumbnail import small_thumbnail, video_thumbnail
from ..delivery import Content, Delivery, Label, unread
from ..status.status import Tone

NOT_SENT = "Not sent"
"""The phase of a tile of which there is nothing to tell; the browser draws each tile so until it hears of it."""


@dataclass(frozen=True)
class AxisState:
    """One axis, as the grid writes it on its edge."""

    name: str
    """The setting's wire name."""
    title: str
    labels: tuple[str, ...]
    """The axis' values in words, in the order of the grid."""
    pictures: tuple[Path | None, ...] = ()
    """The file behind each value, where those are pictures or videos; the browser reads labels of thumbnails here."""


@dataclass(frozen=True)
class MeasureState:
    """A metric of the tiles, to be shown, sorted and filtered by."""

    name: str
    title: str
    unit: str = ""
    better: Literal["higher", "lower", ""] = ""
    caution: str = ""
    """Where the number does not mean what its name promises, as a sentence."""


@dataclass(frozen=True, slots=True)
class TileState:
    """A tile at one instant."""

    number: int
    """The tile's index in the plan, from 0."""
    phase: str
    """In a word, as "Generating"."""
    tone: Tone = "calm"
    message: str = ""
    """Why there is no clip, and what to do, as a sentence."""
    fraction: float | None = None
    """The part that is done, between 0 and 1; None where nobody can tell."""
    time_left: str = ""
    """In words, as "about 40 s left"."""
    can_retry: bool = False
    numbers: Mapping[str, float] = field(default_factory=dict)
    """The values of its metrics that are known, by the name of the MeasureState."""
    clip: Path | None = None
    """The saved clip; the browser reads a label here, and one of its first frame under "poster"."""


@dataclass(frozen=True)
class GridSummary:
    """The facts about all tiles together, at one instant."""

    words: str = ""
    """How many are done, the cost so far, and the time left."""
    tone: Tone = "calm"
    fraction: float = 0.0
    """The part of the tiles that are done, between 0 and 1."""
    can_stop: bool = False
    can_resume: bool = False
    """Whether jobs are left that nobody sends."""
    reason: str = ""
    """Why those could not be sent, and what to do, as a sentence."""
    fps: float = 25.0
    """Frames per second of the clips; a step from frame to frame is as long."""
    sound: bool = False
    """Whether the clips have sound."""
    shape: float = 0.75
    """Width ÷ height of the frame in which each clip stands whole."""
    opened: tuple[int, ...] = ()
    """The numbers of the tiles in the player: none, one, or the two that are compared."""
    trouble: str = ""
    """The reason why the last action failed; TileUpdates itself sets it."""


@dataclass(frozen=True)
class Update:
    """All that changed after one version of the grid, up to another."""

    since: int
    version: int
    summary: GridSummary
    tiles: tuple[Mapping[str, Any], ...]
    """The fields of each changed TileState, with labels of its clip and its first frame."""
    type: Literal["update"] = "update"
    """The type of the message in which it is sent."""


@dataclass(frozen=True)
class GridState:
    """The state of a grid: the parts that never change, and all tiles as an update from nothing."""

    axes: tuple[Mapping[str, Any], ...]
    """The fields of each AxisState, with labels of its pictures."""
    positions: Sequence[tuple[int, ...]]
    """For each tile its number, and its index on each axis from 0."""
    measures: tuple[MeasureState, ...]
    update: Update


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """Makes the first frame of a clip, when a browser asks for it."""

    clip: Path

    def __call__(self) -> bytes:
        """Return it as a JPEG."""
        return video_thumbnail(self.clip)


class Numbered(Protocol):
    """Whatever a tile is drawn from."""

    @property
    def number(self) -> int:
        """The tile's index in the plan, from 0."""


T = TypeVar("T", bound=Numbered)


class TileUpdates(Generic[T]):
    """The tiles as they were sent last, each with the version in which it changed.

    There may be thousands. So only what they are drawn from is kept, which the sweep has anyway.

    Args:
        axes: of the grid.
        positions: index on each axis, from 0, by the tile's number.
        measures: the metrics that tiles may have.
        draw: returns the state of a tile; always the same for the same one.
    """

    def __init__(
        self,
        axes: Iterable[AxisState],
        positions: Mapping[int, Sequence[int]],
        measures: Iterable[MeasureState],
        draw: Callable[[T], TileState],
    ) -> None:
        self.delivery = Delivery(self._content)
        """The clips and their first frames, for the browser."""
        self.version = 0
        """Counts the changes, from 1."""
        self.trouble = ""
        """The reason why the person's last action failed."""
        self._axes, self._measures, self._draw = tuple(axes), tuple(measures), draw
        self._positions = [positions[number] for number in range(len(positions))]
        self._summary = GridSummary()
        self._tiles: list[T | None] = [None] * len(positions)
        """None of those that nobody has heard of."""
        self._versions = [0] * len(positions)

    def update(self, tiles: Iterable[T], summary: GridSummary) -> bool:
        """Take over tiles that may have changed, and return whether any of them or the summary has."""
        changed = [tile for tile in tiles if self._state(tile.number) != self._draw(tile)]
        if not changed and summary == self._summary:
            return False
        self.version += 1
        self._summary = summary
        for tile in changed:
            self._tiles[tile.number] = tile
            self._versions[tile.number] = self.version
        return True

    def since(self, version: int) -> Update:
        """Return the update for a browser that has everything up to a version."""
        newer = [self._state(number) for number, changed in enumerate(self._versions) if changed > version]
        # One job may make several tiles: a browser asks for their clip once, and a page holds it once.
        firsts = {tile.clip: tile.number for tile in reversed(newer)}
        summary = replace(self._summary, trouble=self.trouble)
        return Update(version, self.version, summary, tuple(self._fields(tile, firsts[tile.clip]) for tile in newer))

    def state(self) -> GridState:
        """Return the whole state, with all tiles as they are now."""
        axes = tuple({**vars(axis), "pictures": tuple(map(self._thumbnail, axis.pictures))} for axis in self._axes)
        positions = [(number, *position) for number, position in enumerate(self._positions)]
        return GridState(axes, positions, self._measures, self.since(0))

    def _state(self, number: int) -> TileState:
        """Return a tile as it was sent last."""
        tile = self._tiles[number]
        return TileState(number, NOT_SENT) if tile is None else self._draw(tile)

    def _content(self, content_id: str) -> Content | None:
        """Return what the label of a tile with this id stands for; None where no tile has it any more."""
        number = content_id.partition("-")[2].partition("-")[0]
        state = self._state(int(number)) if number.isdecimal() and int(number) < len(self._tiles) else None
        if state is None or state.clip is None:
            return None
        contents: dict[str, Content] = {"clip": state.clip, "poster": FirstFrame(state.clip)}
        labels = labels_of(state.clip, state.number)
        return next((content for name, content in contents.items() if labels[name].id == content_id), None)

    def _thumbnail(self, path: Path | None) -> Label | None:
        if path is None:
            return None
        return self.delivery.offer_unread(f"thumbnail {path}", "image/jpeg", lambda: small_thumbnail(path))

    def _fields(self, tile: TileState, first: int) -> dict[str, Any]:
        """Return what the browser reads of a tile, of whose clip the label names the first tile that shows it."""
        numbers = {name: float(f"{number:.6g}") for name, number in tile.numbers.items()}
        labels = {"clip": None, "poster": None} if tile.clip is None else labels_of(tile.clip, first)
        shown = {field.name: getattr(tile, field.name) for field in fields(TileState)}
        return {**shown, "numbers": numbers, **labels}


def labels_of(clip: Path, number: int) -> dict[str, Label]:
    """Return the labels of a clip and of its first frame; their ids name a tile that shows it, and the clip."""
    digest = hashlib.sha256(str(clip).encode(errors="surrogatepass")).hexdigest()[:12]
    types = {"clip": "video/mp4", "poster": "image/jpeg"}
    return {name: unread(f"{name}-{number}-{digest}", media_type) for name, media_type in types.items()}
