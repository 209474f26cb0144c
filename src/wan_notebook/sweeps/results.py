"""The results of a sweep: a row for each cell, the best tile, and a plot of one column over another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequest, WanError
from ..jobs.recipe import Recipe
from ..model import family
from . import fields
from .axes import Axis
from .metrics.definitions import DEFINITIONS
from .metrics.measure import job_metrics
from .tile import Tile

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

Row = dict[str, Any]

_NAMED = ("model", *family.MEDIA_FIELDS, "extra")
"""Fields of which a table holds the label."""


def rows(axes: Sequence[Axis], tiles: Iterable[Tile]) -> list[Row]:
    """Return a flat row for each tile: number, varied fields, phase, inputs, settings, metrics, clip, error."""
    return [row_of(axes, tile) for tile in tiles]


def row_of(axes: Sequence[Axis], tile: Tile) -> Row:
    """Return the row of one tile."""
    inputs = {name: tile.cell.settings[name] for name in family.MEDIA_FIELDS if name in tile.cell.settings}
    written = {fields.column(name): plain_value(name, one) for name, one in {**inputs, **tile.settings}.items()}
    recorded = input_columns(tile.recipe or Recipe())
    varied = {fields.column(axis.name): plain_value(axis.name, tile.cell.coordinates[axis.name]) for axis in axes}
    return {
        "number": tile.number,
        **varied,
        "phase": tile.progress.phase.value,
        **{name: value for name, value in (written | recorded).items() if name not in varied},
        **numbers(tile),
        "clip": str(tile.clip.path) if tile.clip else None,
        "error": tile.reason or tile.measure_error or None,
    }


def input_columns(recipe: Recipe) -> Row:
    """Return names and digests of the inputs as they were chosen, and how they were prepared."""
    chosen = {"picture": recipe.image, "reference": recipe.video}
    named = {name: one.name or one.url for name, one in chosen.items() if one.name or one.url}
    return named | {f"{name}_sha256": one.sha256 for name, one in chosen.items()} | recipe.columns


def plain_value(name: str, value: Any) -> Any:
    """Return the value of a field as a table holds it."""
    return fields.value_label(name, value) if name in _NAMED else value


def table(rows: Sequence[Row]) -> pandas.DataFrame:
    """Return the rows as a DataFrame, indexed by number.

    Raises:
        WanError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise WanError("grid.table needs pandas (pip install pandas); grid.rows does not.") from None
    return pandas.DataFrame(rows).set_index("number")


def best(tiles: Sequence[Tile], metric: str) -> Tile:
    """Return the tile with the best value of a metric, in the direction that DEFINITIONS states.

    Raises:
        InvalidRequest: there is no such metric, neither direction is better, or no tile has a value.
    """
    if metric not in DEFINITIONS or not DEFINITIONS[metric].better:
        directed = ", ".join(name for name, definition in DEFINITIONS.items() if definition.better)
        raise InvalidRequest(f"Nothing is best by {metric}. There are {directed}.")
    sign = 1 if DEFINITIONS[metric].better == "higher" else -1
    made = [tile for tile in tiles if tile.clip is not None]
    measured = [(sign * value, tile) for tile in made if (value := numbers(tile)[metric]) is not None]
    if not measured:
        reason = next((f" {tile.measure_error}" for tile in tiles if tile.measure_error), "")
        raise InvalidRequest(f"No tile has a number for {metric} yet.{reason}")
    return max(measured, key=lambda pair: pair[0])[1]


def numbers(tile: Tile) -> Row:
    """Return the metrics of a tile by name; None for those that were not measured."""
    if tile.metrics is not None:
        return dict(tile.metrics.row())
    return dict.fromkeys(DEFINITIONS) | job_metrics(tile.progress.job)


def plot(axes: Sequence[Axis], rows: Sequence[Row], x: str, y: str, ax: Axes | None = None) -> Axes:
    """Draw one column over another, a line for each combination of the other axes.

    Raises:
        InvalidRequest: there is no such column, or no tile has both.
        WanError: matplotlib is not installed.
    """
    for name in (x, y):
        if name not in rows[0]:
            raise InvalidRequest(f"There is no column {name}; there are {', '.join(rows[0])}.")
    complete = [row for row in rows if row[x] is not None and row[y] is not None]
    if not complete:
        raise InvalidRequest(f"No tile has both {x} and {y} yet.")
    ax = ax or new_axes()
    others = [axis.name for axis in axes if fields.column(axis.name) not in (x, y)]
    lines: dict[str, list[Row]] = {}
    for row in complete:
        label = ", ".join(f"{column_title(name)} {value_text(name, row[fields.column(name)])}" for name in others)
        lines.setdefault(label, []).append(row)
    for (label, line), colour in zip(lines.items(), colours(len(lines), first=len(ax.lines)), strict=True):
        if x in family.SETTINGS and not isinstance(line[0][x], str):
            line.sort(key=lambda row: row[x])
        style = "o" if x in DEFINITIONS else "o-"
        ax.plot([row[x] for row in line], [row[y] for row in line], style, label=label, color=colour)
    ax.set_xlabel(column_title(x, unit=True))
    ax.set_ylabel(column_title(y, unit=True))
    if x in family.SETTINGS and family.SETTINGS[x].kind == "integer":
        ax.locator_params(axis="x", integer=True)
    begin_at_zero(ax, x in DEFINITIONS, y in DEFINITIONS)
    if others:
        add_legend(ax)
    return ax


def colours(count: int, first: int = 0) -> list[Any]:
    """Return as many different colours: matplotlib's own as long as there are enough, else some across a whole scale.

    Args:
        count: of the lines.
        first: how many lines are in the axes already.
    """
    from matplotlib import colormaps, rcParams

    cycle = rcParams["axes.prop_cycle"].by_key().get("color", [])
    if first + count <= len(cycle):
        return list(cycle[first : first + count])
    return [colormaps["turbo"](0.05 + 0.9 * (first + at) / (first + count)) for at in range(count)]


def begin_at_zero(ax: Axes, across: bool, up: bool) -> None:
    """Let the axes of what was measured begin at zero, so that a small difference does not look large.

    Args:
        ax: matplotlib's axes.
        across: whether the horizontal axis has what was measured.
        up: whether the vertical one has.
    """
    for wanted, limits, set_limits in (
        (across, ax.dataLim.intervalx, ax.set_xlim),
        (up, ax.dataLim.intervaly, ax.set_ylim),
    ):
        low, high = min(0.0, limits[0]), max(0.0, limits[1])
        margin = 0.05 * (high - low or 1.0)
        if wanted:
            set_limits(low - margin if low < 0 else 0, high + margin if high > 0 or low == 0 else 0)


def add_legend(ax: Axes) -> None:
    """Add a legend beside the axes, where it covers nothing; axes of a figure without a layout get narrower for it."""
    legend = ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0, fontsize="small")
    figure: Any = ax.figure
    if figure.get_layout_engine() is not None:
        return
    wide = legend.get_window_extent().width / figure.bbox.width
    place = ax.get_subplotspec()
    # What is plotted into the same axes later finds them narrower already.
    box = ax.get_position() if place is None else place.get_position(figure)
    ax.set_position((box.x0, box.y0, max(box.width / 4, box.width - wide - 0.02), box.height))


def new_axes() -> Axes:
    """Return matplotlib's axes in a figure of their own.

    Raises:
        WanError: matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot
    except ImportError:
        raise WanError("grid.plot needs matplotlib (pip install matplotlib); grid.rows has the numbers.") from None
    axes: Axes = pyplot.subplots(layout="constrained")[1]
    return axes


def value_text(name: str, value: Any) -> Any:
    """Return a value as the label of a line in a plot shows it."""
    return fields.value_label(name, value) if name in family.SETTINGS else value


def column_title(name: str, *, unit: bool = False) -> str:
    """Return the title of a column; that of a metric with its unit, if asked for."""
    if name in DEFINITIONS:
        definition = DEFINITIONS[name]
        return f"{definition.title} ({definition.unit})" if unit else definition.title
    return Axis(name, ()).title if name in _NAMED or name in family.SETTINGS else name.capitalize()
