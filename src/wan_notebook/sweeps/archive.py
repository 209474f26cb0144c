"""A sweep as a folder: its clips and their first frames, a table, and all that is needed to show it again.

sweep.json     the axes, and of each tile its settings, its inputs and their preparation, phase and metrics
results.csv    a row a tile
clips/         000.mp4 and its settings in 000.json, and so on
posters/       000.jpg: the first frame of each

A folder is sent to others: what it says of files and addresses is public (see runtime.redaction).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import StorageError
from ..jobs.clip import open_clip, write_sidecar
from ..jobs.journal.csv_export import write_lines
from ..jobs.progress import Progress, RunPhase
from ..jobs.recipe import Recipe
from ..media.resolve import near_name
from ..media.thumbnail import video_thumbnail
from ..model import family
from ..model.job import Job
from ..runtime.data_dir import atomic_write
from ..runtime.redaction import public_value
from . import fields
from .axes import Axis, Cell
from .metrics.definitions import Metrics
from .results import rows
from .tile import Tile

_FORMAT = 1


def save(axes: Sequence[Axis], tiles: Sequence[Tile], folder: Path) -> Path:
    """Write a sweep into a folder, made if need be, in place of one that was saved there before.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        for name in ("clips", "posters"):
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be written ({error.strerror}).") from None
    saved = [copy_clip(folder, tile) for tile in tiles]
    lines = [line | {"clip": line["clip"] and relative_path(folder, line["clip"])} for line in rows(axes, saved)]
    write_lines(lines, folder / "results.csv")
    facts = {
        "format": _FORMAT,
        "axes": [
            {"name": axis.name, "values": [json_value(axis.name, value) for value in axis.values]} for axis in axes
        ],
        "tiles": [tile_record(folder, tile) for tile in saved],
    }
    with atomic_write(folder / "sweep.json") as partial:
        partial.write_text(json.dumps(public_value(facts), indent=1, ensure_ascii=False), encoding="utf-8")
    return folder


def read(folder: Path) -> tuple[list[Axis], list[Tile]]:
    """Return the axes and tiles of a saved sweep; a job that was under way then is stopped now.

    Raises:
        StorageError: there is none, or it cannot be read.
    """
    try:
        facts = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
        if facts["format"] != _FORMAT:
            raise StorageError(f"{folder} was saved by a newer wan-notebook. Update the package.")
        axes = [Axis(axis["name"], tuple(axis["values"])) for axis in facts["axes"]]
        return axes, [read_tile(folder, axes, number, one) for number, one in enumerate(facts["tiles"])]
    except FileNotFoundError:
        near = "" if folder.exists() else near_name(folder)
        raise StorageError(f"{folder} holds no saved sweep: there is no sweep.json in it.{near}") from None
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise StorageError(f"{folder / 'sweep.json'} cannot be read: {error!r}") from None


def copy_clip(folder: Path, tile: Tile) -> Tile:
    """Copy the clip of a tile into the folder, with its first frame; return the tile with the copy.

    Raises:
        StorageError: they cannot be written.
    """
    if tile.clip is None:
        return tile
    name = f"{tile.number:03}"
    clip = dataclasses.replace(tile.clip, path=tile.clip.save(folder / "clips" / f"{name}.mp4"))
    write_sidecar(clip, public=True)
    try:
        with atomic_write(folder / "posters" / f"{name}.jpg") as partial:
            partial.write_bytes(video_thumbnail(clip.path))
    except OSError as error:
        raise StorageError(f"{folder} cannot be written ({error.strerror}).") from None
    return dataclasses.replace(tile, progress=dataclasses.replace(tile.progress, clip=clip))


def tile_record(folder: Path, tile: Tile) -> Mapping[str, Any]:
    """Return a tile as sweep.json holds it."""
    progress = tile.progress
    return {
        "position": tile.cell.position,
        "settings": {name: json_value(name, value) for name, value in tile.cell.settings.items()},
        "phase": progress.phase.value,
        "message": progress.message,
        "job": progress.job and progress.job.as_json(compact=True),
        "started_at": progress.started_at,
        "finished_at": progress.finished_at,
        "clip": relative_path(folder, tile.clip.path) if tile.clip else None,
        "metrics": tile.metrics and dataclasses.asdict(tile.metrics),
        "recipe": tile.recipe and tile.recipe.as_json(compact=True),
    }


def read_tile(folder: Path, axes: Sequence[Axis], number: int, facts: Mapping[str, Any]) -> Tile:
    """Return a tile from its record in sweep.json."""
    phase, metrics = RunPhase(facts["phase"]), facts["metrics"]
    clip = open_clip(folder / facts["clip"]) if facts["clip"] else None
    progress = Progress(
        phase=RunPhase.STOPPED if phase.active else phase,
        message=facts["message"],
        job=Job.read(facts["job"]) if facts["job"] else None,
        clip=clip,
        started_at=facts["started_at"],
        finished_at=facts["finished_at"],
    )
    cell = Cell(tuple(axes), tuple(facts["position"]), facts["settings"])
    recipe = facts.get("recipe")
    return Tile(
        number, cell, progress, metrics and Metrics.from_json(metrics), recipe=Recipe.read(recipe) if recipe else None
    )


def relative_path(folder: Path, path: str | Path) -> str:
    """Return a path inside the folder as sweep.json holds it, so that the folder can be moved."""
    return Path(path).relative_to(folder).as_posix()


def json_value(name: str, value: Any) -> Any:
    """Return the value of a field as sweep.json holds it: pictures and videos by their label."""
    if name in family.MEDIA_FIELDS:
        return fields.value_label(name, value)
    return dict(value) if isinstance(value, Mapping) else value
