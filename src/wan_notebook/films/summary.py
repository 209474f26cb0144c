"""A film's plan in words: its shots, its price and its time with their basis, and what fewer frames save."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..jobs.journal.entry import UNDER_WAY
from ..model import family
from ..model.cost import sufficient_budget
from ..model.formatting import count, decimal, duration, estimated_dollars, estimated_duration, settings_text
from ..sweeps.plan import basis, progress_so_far
from .shots import clock

if TYPE_CHECKING:
    from ..jobs.preflight import NameVideos
    from ..media.video import Video
    from .orders import PlannedShot
    from .plan import FilmPlan
    from .shots import Shot

_SLOWER = 12.0
"""Frames per second below which motion looks choppy where frames between are made; the least that is offered."""
USUAL_OVERLAP = 0.5
"""Seconds of overlap that are offered where none is asked for."""
SHOWN = {"reference": "as in the reference", "black": "black"}
"""What stands for a shot that has no clip, in words."""
_LISTED = 60
"""Shots up to which a printed plan lists each of them."""
_JOINED = 1e-7
"""Seconds that joining takes for each pixel of each frame: 0.09 to 0.17 millionths were measured on two processors."""
_ENDS = 20
"""Those at the beginning and at the end that it lists where there are more."""


@dataclass(frozen=True)
class ShotLine:
    """What a plan says of one shot."""

    number: int
    span: str
    """From where to where, as "0:02.2–0:05.2"."""
    frames: str
    """Of the reference, and of them those that are paid for, as "75 → 48"."""
    state: str
    """Its price, or why it costs nothing."""
    notes: tuple[str, ...] = ()
    """Sentences on what to know of it, and what is other than in the rest."""

    def __str__(self) -> str:
        notes = f"  {' '.join(self.notes)}" if self.notes else ""
        return f"{self.number:>3}  {self.span:<16}{self.frames:>12} frames  {self.state}{notes}"


def summary(plan: FilmPlan) -> str:
    """Return a film's plan in one line: "20 shots, 1 min 0 s, 3 already done, about $2.40, about 12 min"."""
    parts = [count(len(plan.shots), "shot"), duration(plan.seconds), *progress_so_far(plan.jobs)]
    if plan.jobs.missing:
        seconds = plan.jobs.time.seconds + joining_seconds(plan)
        parts += [estimated_dollars(plan.usd), f"about {estimated_duration(seconds)}"]
    return ", ".join(parts)


def shot_lines(plan: FilmPlan) -> tuple[ShotLine, ...]:
    """Return what a plan says of each of its shots."""
    return tuple(
        ShotLine(
            number,
            f"{clock(planned.shot.start)}–{clock(planned.shot.stop)}",
            _frames(planned),
            _state(plan, number),
            (
                *planned.shot.notes(planned.order.video if planned.order else None),
                *_flashes(plan, planned.shot),
                *_differences(planned),
                *_overlaps(plan, planned),
            ),
        )
        for number, planned in enumerate(plan.shots)
    )


def listed(lines: Sequence[ShotLine]) -> Iterator[str]:
    """Yield the lines of a printed plan; of very many, only the ends, and those of which something is to be noted.

    Args:
        lines: of all shots, in their order.
    """
    ends = len(lines) if len(lines) <= _LISTED else _ENDS

    def is_listed(line: ShotLine) -> bool:
        return bool(line.notes) or not ends <= line.number < len(lines) - ends

    for shown, group in itertools.groupby(lines, is_listed):
        if shown:
            yield from map(str, group)
        else:
            yield f"  …  {ranges(line.number for line in group)}: nothing to note"


def sentences(plan: FilmPlan) -> Iterator[str]:
    """Yield what is damaged, price and time with their basis, what fewer frames save, and the call to run it."""
    if plan.footage.damaged:
        yield f"The reference is damaged at {count(plan.footage.damaged, 'frame')}; the film is made of the others."
    if plan.jobs.missing and plan.service.paid:
        yield f"Price: {estimated_dollars(plan.usd)} ({price_basis(plan)})."
        yield from _savings(plan)
    if plan.jobs.missing:
        yield from _seams(plan)
        joining = joining_seconds(plan)
        whole, last = estimated_duration(plan.jobs.time.seconds + joining), estimated_duration(joining)
        yield f"Time: about {whole} ({plan.jobs.time.basis}; of it about {last} to join the shots here)."
    yield command(plan)


def joining_seconds(plan: FilmPlan) -> float:
    """Return the seconds that joining the clips of a film may take on this machine."""
    side = int(str(plan.choices.settings.get("resolution", family.RESOLUTION.default)).lower().rstrip("p"))
    aspect = plan.video.aspect or 1.0
    return len(plan.footage.times) * side**2 * max(aspect, 1 / aspect) * _JOINED


def command(plan: FilmPlan) -> str:
    """Return the line of code that makes a film, with a budget that is enough where one is wanted."""
    wants = plan.service.paid and plan.jobs.missing
    return f"plan.run(budget={sufficient_budget(plan.usd)})" if wants else "plan.run()"


def price_basis(plan: FilmPlan) -> str:
    """Return the grounds of a film's price: the frames of all its jobs, where all have one price."""
    estimates = [job.order.estimate for job in plan.jobs.missing]
    rates = {estimated.basis.removeprefix(f"{estimated.frames:,} frames, ") for estimated in estimates}
    frames = sum(estimated.frames or 0 for estimated in estimates)
    return f"{frames:,} frames, {rates.pop()}" if len(rates) == 1 and plan.usd is not None else basis(plan.jobs)


def ranges(numbers: Iterable[int]) -> str:
    """Return numbers with those in a row taken together: "0–5, 7"."""
    runs = itertools.groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    ends = [[number for _, number in run] for _, run in runs]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in ends)


def named_shots(numbers: Sequence[int]) -> str:
    """Return numbers of shots as a subject or an object: "shot 3", "shots 0–5, 7"."""
    return f"shot{'' if len(numbers) == 1 else 's'} {ranges(numbers)}"


def notice_names(numbers: Mapping[Video, int]) -> NameVideos:
    """Return what notices call pieces of the reference: the shots with these numbers."""
    return lambda pieces: named_shots([number for piece, number in numbers.items() if piece in pieces]).capitalize()


def arguments(numbers: Iterable[int]) -> str:
    """Return numbers as the arguments of a call: "7, 9", "*range(7, 20)"."""
    ordered = sorted(numbers)
    in_a_row = len(ordered) > 3 and ordered[-1] - ordered[0] == len(ordered) - 1
    return f"*range({ordered[0]}, {ordered[-1] + 1})" if in_a_row else ", ".join(map(str, ordered))


def _frames(planned: PlannedShot) -> str:
    sent = planned.order.video.frames if planned.order else None
    same = sent is None or sent == planned.shot.frames
    return str(planned.shot.frames) if same else f"{planned.shot.frames} → {sent}"


def _state(plan: FilmPlan, number: int) -> str:
    planned, entry = plan.shots[number], plan.earlier(number)
    if planned.order is None:
        return SHOWN[planned.shown]
    if entry is None:
        return estimated_dollars(planned.order.estimate.usd)
    if entry.done:
        return "done"
    return "under way" if entry.phase in UNDER_WAY else "perhaps bought before"


def _flashes(plan: FilmPlan, shot: Shot) -> Iterator[str]:
    times = [clock(time) for time in plan.footage.flashes if shot.start <= time < shot.stop]
    if times:
        yield f"Light flashes at {', '.join(times)}."


def _differences(planned: PlannedShot) -> Iterator[str]:
    changes = {name: value for name, value in planned.choices.items() if name != "image"}
    if planned.order is not None and "model" in changes:
        changes["model"] = planned.order.request.model
    if "image" in planned.choices:
        yield f"With {planned.choices['image'].name}."
    if changes:
        yield f"{', '.join(settings_text(changes)) or 'Other settings'}."


def _overlaps(plan: FilmPlan, planned: PlannedShot) -> Iterator[str]:
    if planned.lead:
        yield f"Overlaps by {count(_more_frames(plan, planned, planned.lead), 'frame')} with the shot before."


def _seams(plan: FilmPlan) -> Iterator[str]:
    """Yield what the overlaps inside takes cost, or what they would."""
    overlapping = [one for one in plan.shots if one.lead]
    if overlapping:
        missing = {number for job in plan.jobs.missing for number in job.numbers}
        bought = [one for number, one in enumerate(plan.shots) if one.lead and number in missing]
        frames = sum(_more_frames(plan, one, one.lead) for one in bought)
        price = f", {estimated_dollars(_price_of_frames(plan, frames))} of the price" if plan.service.paid else ""
        yield f"Overlap: {count(frames, 'frame')} more to hide {_seams_text(len(overlapping))}{price}."
    elif seams := seams_inside_takes(plan):
        price = f" for {more} more" if (more := overlap_price(plan)) else ""
        yield f"With overlap={USUAL_OVERLAP:g} the film hides {_seams_text(seams)}{price}."


def _seams_text(number: int) -> str:
    return f"{count(number, 'seam')} inside {'a take' if number == 1 else 'takes'}"


def seams_inside_takes(plan: FilmPlan) -> int:
    """Return how many shots of a plan go on with the take of the shot before, and look like it."""
    pairs = itertools.pairwise(plan.shots)
    return sum(after.shot.opening == "split" and after.looks_like(before) for before, after in pairs)


def overlap_text(plan: FilmPlan) -> str:
    """Return what an overlap does to a plan and costs, as a choice; empty where no seam is inside a take."""
    seams = seams_inside_takes(plan)
    if not seams:
        return ""
    overlap = plan.choices.overlap or USUAL_OVERLAP
    price = f", {overlap_price(plan)} more" if plan.service.paid else ""
    return f"Hide {_seams_text(seams)} by an overlap of {decimal(overlap)} s{price}"


def overlap_price(plan: FilmPlan) -> str:
    """Return what the overlap, or the usual one, costs at all seams inside takes; empty where that is free."""
    frames = math.ceil((plan.choices.overlap or USUAL_OVERLAP) * plan.choices.fps) * seams_inside_takes(plan)
    return estimated_dollars(_price_of_frames(plan, frames)) if plan.service.paid else ""


def _more_frames(plan: FilmPlan, planned: PlannedShot, lead: int) -> int:
    """Return the frames that are paid for because a shot begins earlier."""
    times, begin = plan.footage.times, planned.shot.begin
    return round((times[begin] - times[begin - lead]) * plan.choices.fps)


def _price_of_frames(plan: FilmPlan, frames: int) -> float | None:
    """Return the dollars of some more frames, at the price of those of the plan's own jobs."""
    estimates = [job.order.estimate for job in plan.jobs.jobs]
    paid = sum(one.frames or 0 for one in estimates)
    whole = [one.usd for one in estimates]
    return None if None in whole or not paid else sum(filter(None, whole)) * frames / paid


def _savings(plan: FilmPlan) -> Iterator[str]:
    """Yield what the rate that is paid for saves, and what a lower one would."""
    numbers = [number for job in plan.jobs.missing for number in job.numbers]
    orders = [(plan.shots[number].shot, plan.shots[number].order) for number in numbers]
    if plan.usd is None:
        return
    own, paid = plan.video.fps or plan.choices.fps, plan.choices.fps
    whole = sum(
        (order.estimate.usd or 0.0) * shot.frames / (order.estimate.frames or 1) for shot, order in orders if order
    )
    if paid < own:
        rates = f"At {decimal(paid)} in place of {decimal(own)} frames per second"
        yield f"{rates} it costs {estimated_dollars(plan.usd)} in place of {estimated_dollars(whole)}."
    for lower in (16.0, _SLOWER):
        if lower < paid * 0.95:
            yield f"fps={decimal(lower)} would cost {estimated_dollars(plan.usd * lower / paid)}."
            return
