"""The clip of a film: what is shown of each shot, joined to one file with its settings beside it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..errors import DownloadFailed, JobFailed, StillRunning, StorageError
from ..finishing import missing_library
from ..jobs.clip import Clip, open_clip, write_sidecar
from ..jobs.progress_bar import OnProgress
from ..jobs.recipe import Input, Recipe, settings_of
from ..media.store import identity
from ..model import family
from ..model.job import COMPLETED, Job, Request, Usage
from ..runtime.data_dir import subfolder
from .join import Joined, Part, join
from .summary import SHOWN, arguments, named_shots

if TYPE_CHECKING:
    from ..sweeps.tile import Tile
    from .orders import PlannedShot
    from .plan import FilmPlan

Shots: TypeAlias = "Sequence[tuple[PlannedShot, Tile]]"
"""All shots of a film, each with its job as it stands."""
Refused: TypeAlias = Literal["reference", "black", "wait"]
"""What is shown of a shot that the service could not make, or whose clip cannot be had from it."""

_EDITION = "4"
"""Part of every name: when films come to be joined otherwise, they are joined anew."""


def film_clip(plan: FilmPlan, shots: Shots, refused: Refused, on_progress: OnProgress) -> Clip:
    """Return the clip of a film whose shots are made; joined at most once.

    Args:
        plan: of the film.
        shots: its shots.
        refused: what is shown of a shot that the service could not make.
        on_progress: as for join().

    Raises:
        JobFailed: the service could not make a shot, and the film is to wait for it; or it made none at all.
        DownloadFailed: the clip of a shot could not be had, likewise.
        StillRunning: other shots are missing.
        MediaError: the reference has changed, or a clip cannot be read.
        StorageError: there is no room for the film, or it cannot be written.
    """
    parts, reasons = _parts(shots, refused)
    path = subfolder("films") / f"film-{_digest(plan, parts, reasons)}.mp4"
    with contextlib.suppress(StorageError):
        return open_clip(path)  # the same shots were joined before
    with _going_on(path.parent):
        joined = join(plan.video, plan.footage, parts, path, on_progress)
        request = Request(image_url=plan.choices.image.url, video_url=plan.video.url, **plan.choices.settings)
        spent = [tile.clip.job.usage.usd or 0.0 for _, tile in shots if tile.clip and tile.clip.job.usage]
        recipe = Recipe(
            image=Input.of(plan.choices.image.url, plan.choices.image),
            video=Input.of(plan.video.url, plan.video),
            settings={"model": request.model, **settings_of(request)},
        )
        usage = Usage(usd_spent=sum(spent)) if spent else None
        facts = _facts(plan.choices.fps, parts, [tile for _, tile in shots], joined, reasons)
        clip = Clip(path, request, Job(id=path.stem, status=COMPLETED, usage=usage), recipe, film=facts)
        write_sidecar(clip)
        return clip


@contextlib.contextmanager
def _going_on(folder: Path) -> Iterator[None]:
    """Say how a film that could not be written in a folder is joined after all."""
    try:
        yield
    except StorageError as error:
        remedy = f"Make room in {folder}, or allow writing there, and film.resume() joins it"
        raise StorageError(f"{error} {remedy}; the clips of its shots are kept.") from None


def refusals(shots: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each reason why the service made no clip, with the shots and what stands for them.

    Args:
        shots: of a clip, as its `film` has them.
    """
    numbers: dict[tuple[str, str], list[int]] = {}
    for number, shot in enumerate(shots):
        if shot["refused"]:
            numbers.setdefault((shot["shown"], shot["refused"]), []).append(number)
    for (shown, reason), some in numbers.items():
        yield f"{named_shots(some).capitalize()} {'is' if len(some) == 1 else 'are'} {SHOWN[shown]}: {reason}"


def _parts(shots: Shots, refused_as: Refused) -> tuple[list[Part], dict[int, str]]:
    """Return what is shown of each shot, and why by the number of those refused; errors as for film_clip()."""
    parts: list[Part] = []
    refused: list[Tile] = []
    missing: list[Tile] = []
    first: dict[str | None, int] = {}
    for planned, tile in shots:
        if planned.order is None:
            parts.append(Part(planned.shot, black=planned.shown == "black"))
        elif tile.clip is not None:
            replaces = planned.order.request.model == family.REPLACE.id
            # In Move the background is the picture's, and one for all shots with this picture.
            like = None if replaces else first.setdefault(planned.order.image.sha256, tile.number)
            before = shots[tile.number - 1][0]
            parts.append(
                Part(
                    planned.shot,
                    planned.order.video,
                    tile.clip.path,
                    replaces=replaces,
                    lead=planned.lead,
                    blended=bool(planned.lead and parts[-1].clip) and planned.looks_like(before),
                    like=like,
                )
            )
        else:
            parts.append(Part(planned.shot, black=refused_as == "black"))
            (refused if isinstance(tile.progress.error, JobFailed | DownloadFailed) else missing).append(tile)
    if missing:
        raise StillRunning(_waits(missing, "film.resume() goes on"), missing[0].progress.job)
    if refused and (refused_as == "wait" or not any(part.clip for part in parts)):
        error = refused[0].progress.error
        assert isinstance(error, JobFailed | DownloadFailed)
        raise type(error)(_waits(refused, "film.resume() tries again"), error.job)
    return parts, {tile.number: tile.reason for tile in refused}


def _facts(
    fps: float, parts: list[Part], tiles: list[Tile], joined: Joined, reasons: Mapping[int, str]
) -> dict[str, Any]:
    """Return what stands beside the film: each shot with its frames, its start in seconds, and the clip shown."""
    shots = [
        {
            "frames": [part.shot.begin, part.shot.end],
            "start": part.shot.start - parts[0].shot.start,
            "shown": part.clip.name if part.clip else "black" if part.black else "reference",
            "job": tile.clip.job.id if part.clip and tile.clip else None,
            "settings": tile.settings if part.clip else None,
            "refused": reasons.get(tile.number),
        }
        for part, tile in zip(parts, tiles, strict=True)
    ]
    notes = list(refusals(shots))
    if missing_library() and any(part.clip for part in parts):
        notes.append(
            f"Frames that were not bought repeat the nearest, and colours are as they came. {missing_library()}"
        )
    notes += [f"Shot {number}: {note}" for number, note in joined.notes]
    return {"fps": fps, "frames": joined.frames, "shots": shots, "notes": notes}


def _waits(tiles: list[Tile], again: str) -> str:
    """Return the message of a film that waits for some shots, with the ways out; `again` is the first of them."""
    numbers = [tile.number for tile in tiles]
    which = named_shots(numbers)
    why = tiles[0].reason or tiles[0].progress.message
    otherwise = f"film.remake({numbers[0]}, …) makes {'it' if len(tiles) == 1 else 'one'} otherwise"
    without = f"film.plan.leave_out({arguments(numbers)}).run() shows the reference there"
    return (
        f"The film waits for {which}: {why.rstrip('.')}. {again}, {otherwise}, and {without}; "
        "what is made already is kept."
    )


def _digest(plan: FilmPlan, parts: list[Part], reasons: Mapping[int, str]) -> str:
    """Return a name for a film that follows from its reference and all that is shown of it."""
    of = identity(plan.video.url, plan.video.sha256)
    shown = [[part.shot.begin, str(part.clip and part.clip.name), part.black] for part in parts]
    facts = json.dumps([_EDITION, bool(missing_library()), of, plan.choices.fps, shown, sorted(reasons)])
    return hashlib.sha256(facts.encode()).hexdigest()[:12]
