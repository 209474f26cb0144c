"""What came out of a sweep: a row a cell, the best of them, and a plot of one number over another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequest, WanError
from ..jobs.progress import RunPhase
from ..model import family
from . import fields
from .axes import Axis
from .metrics import DEFINITIONS, job_metrics
from .tile import Tile

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

Row = dict[str, Any]

_NAMED = ("model", "image_url", "video_url", "extra")
"""Fields of which a table has what a grid calls them."""
_TROUBLED = (RunPhase.FAILED, RunPhase.UNKNOWN, RunPhase.STOPPED)


def rows(axes: Sequence[Axis], tiles: Iterable[Tile]) -> list[Row]:
    """Return a flat line for each tile: number, what is varied, phase, settings, numbers, clip, error."""
    return [_row(axes, tile) for tile in tiles]


def table(lines: Sequence[Row]) -> pandas.DataFrame:
    """Return the lines as a DataFrame, by number.

    Raises:
        WanError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise WanError("grid.table needs pandas (pip install pandas); grid.rows does not.") from None
    return pandas.DataFrame(lines).set_index("number")


def best(tiles: Sequence[Tile], metric: str) -> Tile:
    """Return the tile with the best number, in the direction that DEFINITIONS has.

    Raises:
        InvalidRequest: there is no such number, it has no better direction, or no tile has it.
    """
    if metric not in DEFINITIONS or not DEFINITIONS[metric].better:
        directed = ", ".join(name for name, meaning in DEFINITIONS.items() if meaning.better)
        raise InvalidRequest(f"Nothing is best by {metric}. There are {directed}.")
    sign = 1 if DEFINITIONS[metric].better == "higher" else -1
    made = [tile for tile in tiles if tile.clip is not None]
    told = [(sign * value, tile) for tile in made if (value := numbers(tile)[metric]) is not None]
    if not told:
        raise InvalidRequest(f"No tile has a number for {metric} yet.{_why(tiles)}")
    return max(told, key=lambda one: one[0])[1]


def numbers(tile: Tile) -> Row:
    """Return the numbers of a tile, by name; those which are not known are None."""
    if tile.metrics is not None:
        return dict(tile.metrics.row())
    return dict.fromkeys(DEFINITIONS) | job_metrics(tile.progress.job)


def plot(axes: Sequence[Axis], lines: Sequence[Row], x: str, y: str, ax: Axes | None = None) -> Axes:
    """Draw one column over another, a line for each combination of the other axes.

    Raises:
        InvalidRequest: there is no such column, or no tile has both.
        WanError: matplotlib is not installed.
    """
    for name in (x, y):
        if name not in lines[0]:
            raise InvalidRequest(f"There is no column {name}; there are {', '.join(lines[0])}.")
    told = [line for line in lines if line[x] is not None and line[y] is not None]
    if not told:
        raise InvalidRequest(f"No tile has both {x} and {y} yet.")
    others = [axis for axis in axes if axis.name not in (x, y)]
    return _drawn(told, x, y, [axis.name for axis in others], ax or _new_axes())


def _drawn(lines: Sequence[Row], x: str, y: str, others: Sequence[str], ax: Axes) -> Axes:
    groups: dict[str, list[Row]] = {}
    for line in lines:
        groups.setdefault(", ".join(f"{_title(name)} {_said(name, line[name])}" for name in others), []).append(line)
    for words, group in groups.items():
        if x in family.SETTINGS and not isinstance(group[0][x], str):
            group.sort(key=lambda line: line[x])
        ax.plot(
            [line[x] for line in group], [line[y] for line in group], "o" if x in DEFINITIONS else "o-", label=words
        )
    ax.set_xlabel(_labelled(x))
    ax.set_ylabel(_labelled(y))
    if others:
        ax.legend()
    return ax


def _new_axes() -> Axes:
    try:
        from matplotlib import pyplot
    except ImportError:
        raise WanError("grid.plot needs matplotlib (pip install matplotlib); grid.rows has the numbers.") from None
    axes: Axes = pyplot.subplots()[1]
    return axes


def _row(axes: Sequence[Axis], tile: Tile) -> Row:
    progress = tile.progress
    varied = {axis.name: _plain(axis.name, tile.cell.coordinates[axis.name]) for axis in axes}
    settings = {name: tile.cell.settings.get(name, default) for name, default in _DEFAULTS.items()}
    return {
        "number": tile.number,
        **varied,
        "phase": progress.phase.value,
        **{name: _plain(name, value) for name, value in settings.items() if name not in varied},
        **numbers(tile),
        "clip": str(tile.clip.path) if tile.clip else None,
        "error": (progress.message if progress.phase in _TROUBLED else tile.measure_error) or None,
    }


_DEFAULTS: Mapping[str, Any] = {"model": family.MOVE.id, **family.DEFAULTS}


def _plain(name: str, value: Any) -> Any:
    return fields.label(name, value) if name in _NAMED else value


def _said(name: str, value: Any) -> Any:
    return fields.label(name, value) if name in family.SETTINGS else value


def _title(name: str) -> str:
    if name in DEFINITIONS:
        return DEFINITIONS[name].title
    return Axis(name, ()).title if name in _NAMED or name in family.SETTINGS else name.capitalize()


def _labelled(name: str) -> str:
    return f"{_title(name)} ({DEFINITIONS[name].unit})" if name in DEFINITIONS else _title(name)


def _why(tiles: Iterable[Tile]) -> str:
    return next((f" {tile.measure_error}" for tile in tiles if tile.measure_error), "")
