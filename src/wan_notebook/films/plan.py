"""A film before anything is sent: its shots, what each costs, and all that a person may change about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..client.service import Service
from ..errors import InvalidRequest, MediaError, OverBudget
from ..jobs.journal.entry import Entry
from ..jobs.order import Order, OrderBuilder, Points, PreparationLike
from ..media.picture import picture as read_picture
from ..media.video import Video
from ..media.video import video as read_video
from ..model import family
from ..model.cost import exceeds
from ..model.formatting import dollars
from ..model.job import Settings, named_settings
from ..sweeps import plan as sweep_plans
from ..sweeps.axes import Cell
from ..sweeps.plan import CONCURRENCY
from ..sweeps.sweep import distinct_jobs, plan_jobs
from .film import Film
from .shots import Footage, Shot, apart, find_shots, longest_shot, together
from .summary import arguments, clock, ranges, sentences, shot_lines, summary

if TYPE_CHECKING:
    from typing_extensions import Unpack

Shown = Literal["clip", "reference", "black"]
"""What a film shows of a shot: the character, the reference as it is, or nothing."""

PAID_FPS = 16.0
"""Frames per second that are paid for where nothing else is said: the model itself makes 16."""


@dataclass(frozen=True)
class PlannedShot:
    """One shot of a film, and what is to become of it."""

    shot: Shot
    choices: Mapping[str, Any] = field(default_factory=dict)
    """What is other than in the rest of the film: an image, a model, settings."""
    shown: Shown = "clip"
    order: Order | None = None
    """Its job; None where there is none."""


@dataclass(frozen=True)
class FilmChoices:
    """What is the same for all shots of a film."""

    image: Any
    settings: Mapping[str, Any]
    fps: float
    """Frames per second that are paid for."""
    service: Service
    prepare_image: PreparationLike = None
    points: Points | None = None

    def order(self, video: Video, footage: Footage, planned: PlannedShot) -> Order:
        """Return the order of a shot; its piece of the reference is made at most once.

        Raises:
            MediaError: an input cannot be used.
            InvalidRequest: a setting is not one the model takes.
            StorageError: the data directory cannot be written.
        """
        settings = {**self.settings, **planned.choices}
        image = settings.pop("image", self.image)
        own = "image" not in planned.choices
        shot = planned.shot
        piece = {
            "start": shot.start,
            "end": None if shot.end == len(footage.times) else shot.stop,
            "fps": self.fps,
            # No more than the service makes of it: smaller pieces are sent sooner.
            "short_side": int(str(settings.get("resolution", family.RESOLUTION.default)).rstrip("p")),
            "sound": False,
        }
        builder = OrderBuilder(
            self.service,
            prepare_video=piece,
            prepare_image=self.prepare_image,
            points=self.points if own else None,
        )
        order = builder.order(image, video, **settings)
        span = f"{Path(video.name).stem} from {clock(shot.start)} to {clock(shot.stop)}"
        return replace(order, video=replace(order.video, name=span))


@dataclass(frozen=True)
class FilmPlan:
    """A film that is ready to be made; as the last line of a cell it shows its shots."""

    video: Video
    """The reference."""
    footage: Footage
    shots: tuple[PlannedShot, ...]
    """By number, from 0."""
    choices: FilmChoices
    jobs: sweep_plans.Plan
    """The jobs of those shots that have one."""

    @property
    def service(self) -> Service:
        """Where the jobs run."""
        return self.choices.service

    @property
    def usd(self) -> float | None:
        """The estimated price of what is missing, in dollars; None where nobody can tell."""
        return self.jobs.usd

    @property
    def seconds(self) -> float:
        """Length of the film."""
        return self.footage.stop - self.footage.times[0]

    def earlier(self, number: int) -> Entry | None:
        """Return the job that makes that of a shot needless, as the journal had it when this was planned."""
        order = self.shots[number].order
        return None if order is None else self.jobs.earlier.get(order.fingerprint)

    def change(self, number: int, *, image: Any = None, **settings: Any) -> FilmPlan:
        """Return the plan with another picture, model or setting for one shot.

        Args:
            number: of the shot, from 0.
            image: another character.
            settings: fields of Request by name, as model="replace" or shift=7.

        Raises:
            InvalidRequest: there is no such shot, or a setting is not one the model takes.
            MediaError: the picture cannot be used.
        """
        planned = self._shot(number)
        changes = settings if image is None else {**settings, "image": read_picture(image)}
        return self._with({number: replace(planned, choices={**planned.choices, **changes}, order=None)})

    def leave_out(self, *numbers: int, black: bool = False) -> FilmPlan:
        """Return the plan without jobs for some shots: the film shows the reference there.

        Args:
            numbers: of the shots, from 0.
            black: show black instead.

        Raises:
            InvalidRequest: there is no such shot.
        """
        shown: Shown = "black" if black else "reference"
        return self._with({number: replace(self._shot(number), shown=shown, order=None) for number in numbers})

    def take_in(self, *numbers: int) -> FilmPlan:
        """Return the plan with jobs for shots that were left out.

        Args:
            numbers: of the shots, from 0.

        Raises:
            InvalidRequest: there is no such shot.
        """
        return self._with({number: replace(self._shot(number), shown="clip", order=None) for number in numbers})

    def add_cut(self, frame: int) -> FilmPlan:
        """Return the plan with one more shot, which begins with a frame of the reference, counted from 0.

        Raises:
            InvalidRequest: there is no such frame, or a shot begins with it already.
        """
        number = self._shot_at(frame)
        planned = self.shots[number]
        first, second = apart(planned.shot, frame, self.footage.times[frame], "cut")
        halves = replace(planned, shot=first, order=None), replace(planned, shot=second, order=None)
        return self._rebuilt([*self.shots[:number], *halves, *self.shots[number + 1 :]])

    def remove_cut(self, frame: int) -> FilmPlan:
        """Return the plan with two shots as one, the second of which begins with a frame of the reference.

        It is made as the first of them was to be. The picture may still jump at the frame.

        Raises:
            InvalidRequest: no shot but the first begins with it.
        """
        number = self._shot_at(frame)
        if not number or self.shots[number].shot.begin != frame:
            begins = ", ".join(str(one.shot.begin) for one in self.shots[1:])
            raise InvalidRequest(f"There is no cut at frame {frame}; there are {begins or 'none'}.")
        before, after = self.shots[number - 1 : number + 1]
        both = replace(before, shot=together(before.shot, after.shot), order=None)
        return self._rebuilt([*self.shots[: number - 1], both, *self.shots[number + 1 :]])

    def move_cut(self, frame: int, to: int) -> FilmPlan:
        """Return the plan with a shot that begins with another frame than before.

        Args:
            frame: with which it begins, counted in the reference from 0.
            to: with which it is to begin, within this shot or the one before.

        Raises:
            InvalidRequest: no shot but the first begins with the frame, or the other one lies elsewhere.
        """
        number = self._shot_at(frame)
        if number and self.shots[number].shot.begin == frame == to:
            return self
        removed = self.remove_cut(frame)
        before, after = self.shots[number - 1 : number + 1]
        # Whoever moves a cut knows better: the old one is none any more.
        joined = removed.shots[number - 1].shot
        whole = replace(joined, cuts=tuple(cut for cut in joined.cuts if cut != frame))
        first, second = apart(whole, to, self.footage.times[to] if 0 <= to < len(self.footage.times) else 0.0, "cut")
        moved = replace(before, shot=first, order=None), replace(after, shot=second, order=None)
        return self._rebuilt([*self.shots[: number - 1], *moved, *self.shots[number + 1 :]])

    def run(
        self,
        *,
        budget: float | None = None,
        concurrency: int = CONCURRENCY,
        refused: Literal["reference", "black", "wait"] = "reference",
        checks: bool = True,
    ) -> Film:
        """Send the missing jobs, and return at once; the film is joined when they are done.

        Args:
            budget: dollars that may be spent here at most, needed on a paid service where jobs are missing;
                float("inf") for no limit.
            concurrency: how many jobs may run at once.
            refused: what the film shows of a shot that the service could not make, the reference or black; with "wait"
                it is not joined before that shot is made otherwise.
            checks: print the notices about the picture and each missing shot before a service is paid, as that nobody
                is seen in one; that takes about a second for each shot.

        Raises:
            OverBudget: it would cost more than the budget, and which shots that would buy; or more than
                WAN_NOTEBOOK_BUDGET allows, or something at all without a budget. Nothing was sent.
            NotAuthorized: the service wants a key, and there is none; nothing was sent.
            MediaError: a picture or a piece has changed since this was planned; nothing was sent.
            InvalidRequest: an argument is not one of those allowed; nothing was sent.
            StorageError: the journal cannot be read; nothing was sent.
        """
        if refused not in ("reference", "black", "wait"):
            raise InvalidRequest(f"refused is {refused!r}, but must be reference, black or wait.")
        self._check_budget(budget)
        grid = self.jobs.run(budget=budget, concurrency=concurrency, many=True, checks=checks)
        return Film(self, grid, refused=refused)

    def affordable(self, budget: float) -> tuple[int, ...]:
        """Return the numbers of the missing shots, in their order, that a budget in dollars is enough for."""
        bought: list[int] = []
        spent = 0.0
        for job in self.jobs.missing:
            price = job.order.estimate.usd
            if price is not None and not exceeds(spent + price, budget):
                spent += price
                bought += job.numbers
        return tuple(sorted(bought))

    def _check_budget(self, budget: float | None) -> None:
        usd = self.usd
        if isinstance(budget, bool) or not isinstance(budget, int | float) or usd is None or not exceeds(usd, budget):
            return  # whatever else is wrong with it is told by those who run the jobs
        bought = self.affordable(budget)
        rest = [number for job in self.jobs.missing for number in job.numbers if number not in bought]
        means = f"{dollars(budget)} buys {f'shots {ranges(bought)}' if bought else 'none of its shots'}"
        remedy = f"plan.leave_out({arguments(rest)}).run(budget={budget:g}) shows the reference for the others; or r"
        raise OverBudget(
            f"This film would cost about {dollars(usd)}, and {means}; nothing was sent. "
            f"{remedy if bought else 'R'}aise the budget."
        )

    def _shot(self, number: int) -> PlannedShot:
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(self.shots):
            raise InvalidRequest(f"There is no shot {number!r}; they are numbered from 0 to {len(self.shots) - 1}.")
        return self.shots[number]

    def _shot_at(self, frame: int) -> int:
        if isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame < len(self.footage.times):
            raise InvalidRequest(f"There is no frame {frame!r}; they are numbered to {len(self.footage.times) - 1}.")
        return next(number for number, one in enumerate(self.shots) if frame < one.shot.end)

    def _with(self, changed: Mapping[int, PlannedShot]) -> FilmPlan:
        return self._rebuilt([changed.get(number, planned) for number, planned in enumerate(self.shots)])

    def _rebuilt(self, shots: Iterable[PlannedShot]) -> FilmPlan:
        return make_plan(self.video, self.footage, shots, self.choices)

    def __str__(self) -> str:
        return "\n".join([summary(self), *map(str, shot_lines(self)), *sentences(self)])

    def __repr__(self) -> str:
        return f"FilmPlan({summary(self)})"

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        from ..widgets.display.film import plan_bundle

        return plan_bundle(self)


@named_settings(Settings)
def film(
    image: Any,
    video: Any,
    *,
    fps: float | None = PAID_FPS,
    service: Service | None = None,
    prepare_image: PreparationLike = None,
    points: Points | None = None,
    **settings: Unpack[Settings],
) -> FilmPlan:
    """Plan a film, shot by shot, from a long reference; nothing is sent before `plan.run()`.

    The reference is cut where its picture is, and long takes where the person is calm, so that no job is longer than
    one window of the model, after which colours drift. The film has all frames of the reference, and its whole sound.

    Args:
        image: the character, as for submit().
        video: the reference, a file of any length.
        fps: frames per second that are paid for; a slower reference keeps its own rate, and None keeps any.
        service: where to, as for submit().
        prepare_image: how the picture is made ready first, as for submit().
        points: eyes and mouth of the character, as for submit().
        settings: fields of Request by name: model, resolution, num_inference_steps, shift, …

    Raises:
        MediaError: the picture or the video cannot be used; a web address cannot be cut.
        InvalidRequest: a setting is not one the model takes, or fps is no rate.
        StorageError: the data directory cannot be written.
    """
    chosen = read_video(video)
    if not chosen.fps:
        raise MediaError(f"{chosen.name} is a web address. Download it and choose the file, to cut it here.")
    if fps is not None and (isinstance(fps, bool) or not isinstance(fps, int | float) or not 1 <= fps <= 120):
        raise InvalidRequest(f"fps is {fps!r}, but must be from 1 to 120 frames per second, or None.")
    rate = min(float(fps or chosen.fps), chosen.fps)
    builder = OrderBuilder(service, prepare_image=prepare_image, points=points)
    choices = FilmChoices(read_picture(image), dict(settings), rate, builder.service, prepare_image, points)
    footage = find_shots(chosen, longest=longest_shot(rate))
    return make_plan(chosen, footage, [PlannedShot(shot) for shot in footage.shots], choices)


def make_plan(video: Video, footage: Footage, shots: Iterable[PlannedShot], choices: FilmChoices) -> FilmPlan:
    """Return the plan of these shots; the pieces of those that are new are made.

    Raises:
        WanError: as for film().
    """

    def ordered(planned: PlannedShot) -> PlannedShot:
        if planned.shown != "clip" or planned.order is not None:
            return planned
        return replace(planned, order=choices.order(video, footage, planned))

    planned = tuple(map(ordered, shots))
    orders = {number: one.order for number, one in enumerate(planned) if one.order is not None}
    cells = tuple(
        Cell((number,), {}, one.order.request.settings if one.order else {}) for number, one in enumerate(planned)
    )
    jobs = plan_jobs(distinct_jobs(orders.items()), choices.service, axes=(), cells=cells, handle="film")
    return FilmPlan(video, footage, planned, choices, jobs)
