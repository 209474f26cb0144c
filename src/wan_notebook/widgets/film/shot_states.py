"""What the strip shows of a plan or of a film, made from its shots and their jobs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...jobs.progress import RunPhase
from ...media.thumbnail import frames_at, shrunk, video_thumbnail
from ...model import family
from ...model.formatting import estimated_dollars
from ..delivery import Delivery, Label
from ..status.status import tone_of
from .film import ShotState, ShotStripState

if TYPE_CHECKING:
    from ...films.film import Film
    from ...films.orders import PlannedShot
    from ...films.plan import FilmPlan
    from ...films.summary import ShotLine
    from ...sweeps.tile import Tile

REMADE_WITH = (family.NUM_INFERENCE_STEPS, family.SHIFT)
"""The settings with which a shot can be made anew from the strip."""
_SIDE = 160
"""Pixels of the longer side of a shot's picture."""
_RETRIABLE = (RunPhase.FAILED, RunPhase.UNKNOWN, RunPhase.STOPPED, RunPhase.CANCELLED)
_UNSENT = (RunPhase.READY, RunPhase.CANCELLED, RunPhase.STOPPED)


class ShotPictures:
    """First frames of shots, each made when a browser asks for it.

    Args:
        delivery: offers them.
    """

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._labels: dict[tuple[Path | None, float, Path | None], Label] = {}

    def label(self, plan: FilmPlan, planned: PlannedShot, clip: Path | None) -> Label:
        """Return the label of a shot's first frame: of its clip, or of the reference where there is none yet."""
        own = plan.video.path, planned.shot.start, clip
        if own not in self._labels:
            draw = partial(_first_frame, plan, planned, clip)
            self._labels[own] = self._delivery.offer_slowly(f"first frame of {own}", "image/jpeg", draw)
        return self._labels[own]


def _first_frame(plan: FilmPlan, planned: PlannedShot, clip: Path | None) -> bytes:
    piece = clip or (planned.order.video.path if planned.order else None)
    if piece is not None:
        return shrunk(video_thumbnail(piece), _SIDE)
    assert plan.video.path is not None
    return shrunk(frames_at(plan.video.path, [planned.shot.start]), _SIDE)


def plan_state(plan: FilmPlan, pictures: ShotPictures) -> ShotStripState:
    """Return a plan as the strip shows it, with the price beside the button that makes the film."""
    from ...films.summary import overlap_text, shot_lines, summary

    shots = tuple(_shot_state(plan, line, None, pictures) for line in shot_lines(plan))
    paid = plan.service.paid and plan.jobs.missing
    offer = f"Make the film for {estimated_dollars(plan.usd)}" if paid else "Make the film"
    return ShotStripState(
        words=summary(plan),
        tone="calm",
        shots=shots,
        overlap=overlap_text(plan),
        overlapping=plan.choices.overlap > 0,
        offer=offer,
        closable=True,
    )


def film_state(
    film: Film, pictures: ShotPictures, *, playing: int | None, stopped: bool, closable: bool
) -> ShotStripState:
    """Return a film as the strip shows it.

    Args:
        film: the film.
        pictures: first frames of its shots.
        playing: the shot whose own clip plays.
        stopped: whether no more jobs are sent.
        closable: whether it may be put away when it is over.
    """
    from ...films.summary import shot_lines

    plan, clip = film.plan, film.clip
    tiles = film.tiles
    shots = tuple(_shot_state(plan, line, tiles[line.number], pictures) for line in shot_lines(plan))
    jobs = jobs_among(film, tiles)
    done = sum(tile.progress.phase is RunPhase.DONE for tile in jobs)
    unsent = any(tile.progress.phase in _UNSENT for tile in jobs)
    return ShotStripState(
        words=film_words(film, tiles, stopped=stopped),
        tone="good" if clip else "calm" if film.done else "busy",
        fraction=film.progress[0],
        shots=shots,
        playing=playing,
        joined=clip is not None and playing is None,
        stop=_stop_text(film, stopped, unsent),
        resume=_resume_text(unsent, done == len(jobs)) if film.done and clip is None else "",
        closable=closable and film.done,
        notes=tuple(note for note in film.notes if note not in film.unmade),
        limits={one.name: (one.minimum or 0, one.maximum or 0, one.step or 1) for one in REMADE_WITH},
        trouble=" ".join(filter(None, [film.trouble, *film.unmade])),
    )


def jobs_among(film: Film, tiles: Sequence[Tile]) -> list[Tile]:
    """Return those of all shots of a film that have a job."""
    return [tile for tile, planned in zip(tiles, film.plan.shots, strict=True) if planned.order is not None]


def film_words(film: Film, tiles: Sequence[Tile], *, stopped: bool = False) -> str:
    """Return how far a film is, in one line.

    Args:
        film: the film.
        tiles: its shots at one moment.
        stopped: whether no more jobs are sent.
    """
    from ..grid.tile_text import activity_words, cost_words, count_words  # a panel without a film needs no sweeps

    jobs = jobs_among(film, tiles)
    done = sum(tile.progress.phase is RunPhase.DONE for tile in jobs)
    words = [*count_words(jobs), *cost_words(jobs)]
    if film.joining is not None:
        words.append(f"joining the shots, {film.joining:.0%}")
    elif film.clip is not None:
        words.append("joined")
    elif not film.done:
        words += ["joining the shots"] if done == len(jobs) else activity_words(jobs, stopped, time.time())
    return " · ".join(words)


def _stop_text(film: Film, stopped: bool, unsent: bool) -> str:
    if film.joining is not None:
        return "Stop joining"
    return "Stop sending" if unsent and not film.done and not stopped else ""


def _resume_text(unsent: bool, made: bool) -> str:
    return "Make the rest" if unsent else "Join the film" if made else ""


def _shot_state(plan: FilmPlan, line: ShotLine, tile: Tile | None, pictures: ShotPictures) -> ShotState:
    """Return one shot; without a tile nothing was sent yet."""
    planned = plan.shots[line.number]
    order, clip = planned.order, tile.clip if tile else None
    phase = tile.progress.phase if tile else RunPhase.READY
    begun = order is not None and phase is not RunPhase.READY
    words = phase.value if begun else "Not sent" if tile and order else line.state
    settings, first = order.request.settings if order else {}, plan.footage.times[0]
    return ShotState(
        number=line.number,
        span=line.span,
        begin=planned.shot.start - first,
        end=planned.shot.stop - first,
        frames=line.frames,
        phase=words,
        tone=tone_of(phase) if begun else "calm",
        message=(tile.reason if tile else "") or " ".join(line.notes),
        fraction=tile.progress.fraction if tile and phase.active else None,
        picture=pictures.label(plan, planned, clip.path if clip else None),
        has_clip=clip is not None,
        can_retry=begun and phase in _RETRIABLE,
        can_remake=begun and not phase.active,
        price=estimated_dollars(order.estimate.usd) if order and order.service.paid else "",
        **{one.name: settings.get(one.name, one.default) for one in REMADE_WITH},
    )
