"""The states of a grid's tiles and of its summary, made from the tiles of a sweep."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...jobs.progress import ACTIVE, RunPhase
from ...model import family
from ...model.formatting import dollars, time_left
from ...sweeps.axes import Axis
from ...sweeps.metrics import DEFINITIONS
from ...sweeps.results import numbers
from ...sweeps.tile import STOPPED_BEFORE, Tile
from ..player.player import PlayerCurve
from ..status.status import tone_of
from .tile_updates import NOT_SENT, AxisState, GridSummary, MeasureState, TileState

if TYPE_CHECKING:
    from ...sweeps.grid import Grid
    from ...video.probe import VideoInfo

_RETRIABLE = (RunPhase.FAILED, RunPhase.UNKNOWN, RunPhase.STOPPED, RunPhase.CANCELLED)
_OVER = (RunPhase.DONE, *_RETRIABLE)
_ENOUGH = 0.02
"""The part of a sweep that must be done before the time left is estimated from it."""

MEASURES = tuple(
    MeasureState(name, metric.title, metric.unit, metric.better, metric.caution) for name, metric in DEFINITIONS.items()
)


def axis_states(grid: Grid) -> list[AxisState]:
    """Return the axes of a sweep as a grid writes them on its edges, pictures and references with their files."""
    return [
        AxisState(
            axis.name,
            axis.title,
            axis.labels,
            tuple(grid.input_file(axis.name, at) for at in range(len(axis.values)))
            if axis.name in family.MEDIA_FIELDS
            else (),
        )
        for axis in grid.axes
    ]


def tile_name(axes: Sequence[Axis], tile: Tile) -> str:
    """Return a tile's coordinates, as "Steps 10 · Shift 3"."""
    names = [f"{axis.title} {axis.labels[at]}" for axis, at in zip(axes, tile.cell.position, strict=True)]
    return " · ".join(names) or "The clip"


def names_apart(axes: Sequence[Axis], one: Tile, other: Tile) -> tuple[str, str]:
    """Return two tiles' coordinates on those axes on which they differ, as "Steps 10" and "Steps 20"."""
    apart = [at for at, (a, b) in enumerate(zip(one.cell.position, other.cell.position, strict=True)) if a != b]

    def name(position: Sequence[int]) -> str:
        return " · ".join(f"{axes[at].title} {axes[at].labels[position[at]]}" for at in apart)

    return name(one.cell.position), name(other.cell.position)


def face_curves(tile: Tile) -> tuple[PlayerCurve, ...]:
    """Return the measures of a tile's face over time, as the player draws them; none before it is measured."""
    metrics = tile.metrics
    if metrics is None:
        return ()

    def agreement(name: str) -> str:
        correlation, gain = (getattr(metrics, f"{name}_{kind}") for kind in ("fidelity", "gain"))
        return f"r {correlation:.2f} · gain {gain:.2f}".replace("-", "−")

    return tuple(
        PlayerCurve(DEFINITIONS[f"{name}_fidelity"].title, agreement(name), made, wanted)
        for name, made, wanted in metrics.curves
    )


def tile_state(tile: Tile, *, resumable: bool = True) -> TileState:
    """Return a tile as the grid shows it.

    Args:
        tile: of the sweep.
        resumable: whether its job can be sent from here.
    """
    progress, clip = tile.progress, tile.clip
    return TileState(
        number=tile.number,
        phase=NOT_SENT if progress.phase is RunPhase.READY else progress.phase.value,
        tone="bad" if failure_of(tile) else tone_of(progress.phase),
        message=tile.reason,
        fraction=progress.fraction if progress.phase.active else None,
        time_left=progress.time_left,
        can_retry=resumable and bool(tile.reason),
        # A dictionary of all that it lacks would be the largest part of a tile.
        numbers={name: number for name, number in numbers(tile).items() if number is not None},
        clip=clip.path if clip else None,
    )


def failure_of(tile: Tile) -> str:
    """Return the reason for which nobody could send the job of a tile; empty where somebody only stopped the sweep."""
    unsent = tile.progress.phase is RunPhase.READY and tile.reason != STOPPED_BEFORE
    return tile.reason if unsent else ""


def grid_summary(
    tiles: Sequence[Tile],
    *,
    over: bool,
    stopped: bool = False,
    resumable: bool = True,
    cancels: bool = False,
    now: float | None = None,
) -> GridSummary:
    """Return the summary of all tiles together.

    Args:
        tiles: of the sweep.
        over: whether no tile will change any more.
        stopped: whether no more jobs are sent.
        resumable: whether jobs can be sent from here.
        cancels: whether stopping also ends the jobs that were sent.
        now: seconds since the epoch.
    """
    phases = phases_of(tiles)
    done, unsent = phases.count(RunPhase.DONE), phases.count(RunPhase.READY)
    unable = (tile for tile, phase in zip(tiles, phases, strict=True) if phase is RunPhase.READY)
    words = [*count_words(tiles), *cost_words(tiles)]
    if over and unsent:
        words.append(f"{unsent:,} not sent")
    if not over:
        words += activity_words(tiles, stopped, time.time() if now is None else now)
    return GridSummary(
        words=" · ".join(words),
        tone="good" if over and done == len(tiles) else "calm" if over else "busy",
        fraction=done / max(1, len(tiles)),
        can_stop=not over and not stopped and (unsent > 0 or (cancels and count_active(phases) > 0)),
        can_resume=over and resumable and (unsent > 0 or RunPhase.CANCELLED in phases),
        reason=next(filter(None, map(failure_of, unable)), ""),
    )


def phases_of(tiles: Sequence[Tile]) -> list[RunPhase]:
    """Return the phase of each tile; a list counts its values in a tenth of the time in which a loop asks each tile."""
    return [tile.progress.phase for tile in tiles]


def count_active(phases: Sequence[RunPhase]) -> int:
    """Return in how many of the phases something is going on."""
    return sum(map(phases.count, ACTIVE))


def count_words(tiles: Sequence[Tile]) -> Iterator[str]:
    """Yield how many tiles are done, failed, running and so on, without those of which there are none."""
    phases = phases_of(tiles)
    done = phases.count(RunPhase.DONE)
    yield f"All {len(tiles):,} done" if done == len(tiles) > 1 else f"{done:,} of {len(tiles):,} done"
    for count, word in (
        (phases.count(RunPhase.FAILED), "failed"),
        (phases.count(RunPhase.UNKNOWN), "unknown"),
        (count_active(phases), "running"),
        (phases.count(RunPhase.STOPPED), "no longer watched"),
        (phases.count(RunPhase.CANCELLED), "cancelled"),
    ):
        if count:
            yield f"{count:,} {word}"
    if made_before := sum(tile.progress.made_before and tile.progress.phase is RunPhase.DONE for tile in tiles):
        yield f"{made_before:,} made before"


def cost_words(tiles: Sequence[Tile]) -> Iterator[str]:
    """Yield the cost of this run so far; the same job on two tiles was paid once."""
    made = [tile.progress for tile in tiles if not tile.progress.made_before]
    usages = {progress.job.id: progress.job.usage for progress in made if progress.job and progress.job.usage}
    spent = [usage.usd for usage in usages.values() if usage.usd is not None]
    if any(spent):
        yield f"{dollars(sum(spent))} so far"


def activity_words(tiles: Sequence[Tile], stopped: bool, now: float) -> Iterator[str]:
    """Yield the current activity: as a rule the time left, on the assumption that this run keeps its pace."""
    phases = phases_of(tiles)
    if not (RunPhase.READY in phases or count_active(phases)):
        yield next((tile.measuring for tile in tiles if tile.measuring), "reading numbers off the clips")
        return
    if stopped:
        yield "nothing more is sent, what was sent is watched to its end"
        return
    made = [tile.progress for tile in tiles if not tile.progress.made_before]
    began = min((progress.started_at for progress in made if progress.started_at), default=now)
    over = sum(map([progress.phase for progress in made].count, _OVER))
    part = (over + sum(p.fraction for p in made if p.fraction and p.phase not in _OVER)) / max(1, len(made))
    if part > _ENOUGH:
        yield time_left((now - began) * (1 - part) / part)


def clip_properties(tiles: Sequence[Tile]) -> Mapping[str, Any]:
    """Return the properties of the clips of a sweep together, read off one clip of each picture and reference.

    The shape lies midway between the widest and the tallest, so that each is letterboxed as little as the other.

    Args:
        tiles: of the sweep.

    Returns:
        The fields fps, sound and shape of a GridSummary; empty while there is no clip.

    Raises:
        MediaError: a clip cannot be read.
    """
    kinds: dict[Any, Path] = {}
    for clip in (tile.clip for tile in tiles if tile.clip):
        request = clip.request
        kinds.setdefault(request and (request.model, request.image_url, request.video_url), clip.path)
    if not kinds:
        return {}
    clips = [_probe_clip(path) for path in kinds.values()]
    shapes = [clip.width / clip.height for clip in clips]
    shape = math.sqrt(min(shapes) * max(shapes))
    return {"fps": clips[0].fps, "sound": any(clip.has_audio for clip in clips), "shape": shape}


@lru_cache(maxsize=512)
def _probe_clip(path: Path) -> VideoInfo:
    """Probe a clip once: a file that was saved as a clip never changes."""
    from ...video.probe import probe

    return probe(path)
