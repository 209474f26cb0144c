"""The bar of a film: its shots and then their joining, each weighed by the time that it takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from ..errors import StillRunning
from ..model.formatting import count

if TYPE_CHECKING:
    from ..sweeps.tile import Tile


class FilmProgress:
    """How far a film is, never less than it was before.

    Args:
        jobs: numbers of all shots that have a job.
        making: numbers of those that have no clip yet.
        seconds: that making these may take.
        joining: seconds that the joining may take.
    """

    def __init__(self, jobs: Collection[int], making: Collection[int], seconds: float, joining: float) -> None:
        self._jobs, self._making = frozenset(jobs), frozenset(making)
        self._made = seconds / (seconds + joining) if self._making else 0.0
        """Share of the way at which all shots are made."""
        self._reached = 0.0

    def of(self, tiles: Sequence[Tile], joining: float | None) -> tuple[float, str]:
        """Return the share of the way that lies behind, and what is being done.

        Args:
            tiles: all shots as they are.
            joining: the part of the joining that is done; None before it begins.
        """
        if joining is None:
            own = [tile for tile in tiles if tile.number in self._making]
            parts = sum(1.0 if tile.clip else tile.progress.fraction or 0.0 for tile in own)
            done = sum(tile.clip is not None for tile in tiles if tile.number in self._jobs)
            share, what = (
                self._made * parts / max(1, len(own)),
                f"{done} of {count(len(self._jobs), 'shot')} made",
            )
        else:
            share, what = self._made + (1 - self._made) * joining, "Joining the shots"
        # A clip that is being saved has no share of its own any more, and a shot that failed begins anew.
        self._reached = max(self._reached, share)
        return self._reached, what


class Joining:
    """How far the joining of a film is; told a hundred times in all at most.

    Args:
        tell: called when that has changed.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell, self.share, self.ended = tell, 0.0, False

    def at(self, share: float, _what: str) -> None:
        """Note how far it is.

        Raises:
            StillRunning: the film was stopped.
        """
        if self.ended:
            raise StillRunning(
                "The film was stopped while it was joined. film.resume() joins it; its shots are kept.", None
            )
        if round(share, 2) != self.share:
            self.share = round(share, 2)
            self._tell()
