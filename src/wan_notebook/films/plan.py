"""A film before anything is sent: its shots, what each costs, and all that a person may change about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ..client.service import Service
from ..errors import InvalidRequest, MediaError, OverBudget
from ..jobs.journal.entry import Entry
from ..jobs.order import OrderBuilder, Points, PreparationLike
from ..jobs.progress_bar import OnProgress, patient_bar
from ..media.picture import picture as read_picture
from ..media.preparation import is_number
from ..media.prepare import original_file
from ..media.video import Video
from ..media.video import video as read_video
from ..model.cost import check_budget, exceeds
from ..model.formatting import dollars
from ..model.job import Request, Settings, named_settings, refuse_unknown
from ..sweeps import plan as sweep_plans
from ..sweeps.axes import Cell
from ..sweeps.plan import CONCURRENCY
from ..sweeps.sweep import distinct_jobs, plan_jobs
from .film import Film
from .orders import FilmChoices, PlannedShot, Shown, ordered, with_changes
from .shots import Footage, Opening, apart, find_shots, longest_shot, together
from .summary import arguments, listed, named_shots, notice_names, sentences, shot_lines, summary

if TYPE_CHECKING:
    from typing_extensions import Unpack

PAID_FPS = 16.0
"""Frames per second that are paid for where nothing else is said: the model itself makes 16."""
LONGEST_OVERLAP = 1.0
"""Seconds by which two shots of a take may overlap."""
_FOUND = 0.7
"""Share of the time of planning in which shots are found; in the rest their pieces are cut out."""


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
        return self._with({number: with_changes(self._shot(number), image, settings)})

    def changed_alone(self, number: int, *, image: Any = None, **settings: Any) -> FilmPlan:
        """Return the plan as change() does, with the orders of all other shots as they are."""
        return self.with_shot(number, with_changes(self._shot(number), image, settings))

    def with_shot(self, number: int, planned: PlannedShot) -> FilmPlan:
        """Return the plan with another shot in the place of one, and all others as they are."""
        return self._rebuilt([*self.shots[:number], planned, *self.shots[number + 1 :]])

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
        opening: Opening = "split" if after.shot.opening == "split" else "cut"
        time = self.footage.times[to] if 0 <= to < len(self.footage.times) else 0.0
        first, second = apart(whole, to, time, opening)
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
            refused: what the film shows of a shot that the service could not make, or whose clip cannot be had from it
                (film.resume() fetches that again), the reference or black; with "wait" it is not joined without it.
            checks: print the notices about the picture and each missing shot before a service is paid, as that nobody
                is seen in one; that takes about a second for each shot.

        Returns:
            The film; `film.result()` or `await film` is its clip.

        Raises:
            OverBudget: it would cost more than the budget, and which shots that would buy; or more than
                WAN_NOTEBOOK_BUDGET allows, or something at all without a budget. Nothing was sent.
            NotAuthorized: the service wants a key, and there is none; nothing was sent.
            MediaError: the reference, a picture or a piece has changed since this was planned; nothing was sent.
            InvalidRequest: an argument is not one of those allowed; nothing was sent.
            StorageError: the journal cannot be read; nothing was sent.
        """
        if refused not in ("reference", "black", "wait"):
            raise InvalidRequest(f"refused is {refused!r}, but must be reference, black or wait.")
        self._check_budget(budget)
        original_file(self.video)
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
        check_budget([], budget)
        usd = self.usd
        if budget is None or usd is None or not exceeds(usd, budget):
            return  # whatever else is wrong with it is told by those who run the jobs
        bought = self.affordable(budget)
        rest = [number for job in self.jobs.missing for number in job.numbers if number not in bought]
        means = f"{dollars(budget)} buys {named_shots(bought) if bought else 'none of its shots'}"
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
        # What follows on such a shot inside a take may overlap with it from now on, or no longer.
        after = {number + 1: replace(self.shots[number + 1], order=None) for number in changed if self._goes_on(number)}
        shots = {**dict(enumerate(self.shots)), **after, **changed}
        return self._rebuilt([shots[number] for number in range(len(self.shots))])

    def _goes_on(self, number: int) -> bool:
        """Whether the take of a shot goes on in the next one."""
        return number + 1 < len(self.shots) and self.shots[number + 1].shot.opening == "split"

    def _rebuilt(self, shots: Iterable[PlannedShot]) -> FilmPlan:
        return make_plan(self.video, self.footage, shots, self.choices)

    def __str__(self) -> str:
        return "\n".join([summary(self), *listed(shot_lines(self)), *sentences(self)])

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
    overlap: float = 0.0,
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
        overlap: seconds, up to 1, that are bought twice where a take is divided, to blend one shot into the next.
        service: where to, as for submit().
        prepare_image: how the picture is made ready first, as for submit().
        points: eyes and mouth of the character, as for submit().
        settings: fields of Request by name: model, resolution, num_inference_steps, shift, …

    Returns:
        The plan, to be looked at, changed and run.

    Raises:
        MediaError: the picture or the video cannot be used; a web address cannot be cut.
        InvalidRequest: a setting is not one the model takes, or fps or overlap is out of range.
        StorageError: the data directory cannot be written.
    """
    with patient_bar() as draw:
        return plan_film(
            image,
            video,
            fps=fps,
            overlap=overlap,
            service=service,
            prepare_image=prepare_image,
            points=points,
            on_progress=draw,
            **settings,
        )


def plan_film(
    image: Any,
    video: Any,
    *,
    fps: float | None = PAID_FPS,
    overlap: float = 0.0,
    service: Service | None = None,
    prepare_image: PreparationLike = None,
    points: Points | None = None,
    on_progress: OnProgress,
    **settings: Any,
) -> FilmPlan:
    """Plan a film without a bar; errors as for film().

    Args:
        image: as for film(), as are all but one of the others.
        video: likewise.
        fps: likewise.
        overlap: likewise.
        service: likewise.
        prepare_image: likewise.
        points: likewise.
        on_progress: is told how far it is; what it raises ends the planning.
        settings: as for film().
    """
    if fps is not None and not (is_number(fps) and 1 <= fps <= 120):
        raise InvalidRequest(f"fps is {fps!r}, but must be from 1 to 120 frames per second, or None.")
    if not (is_number(overlap) and 0 <= overlap <= LONGEST_OVERLAP):
        raise InvalidRequest(f"overlap is {overlap!r}, but must be from 0 to {LONGEST_OVERLAP:g} seconds.")
    refuse_unknown(settings, list(Settings.__annotations__))
    builder = OrderBuilder(service, prepare_image=prepare_image, points=points)
    character = read_picture(image)
    # A wrong setting is told before a long video is read for nothing.
    Request(image_url=character.url, video_url=character.url, **settings)
    chosen = read_video(video)
    if not chosen.fps:
        raise MediaError(f"{chosen.name} is a web address. Download it and choose the file, to cut it here.")
    rate = min(float(fps or chosen.fps), chosen.fps)
    choices = FilmChoices(character, settings, rate, float(overlap), builder.service, prepare_image, points)
    footage = find_shots(
        chosen,
        longest=longest_shot(rate),
        overlap=choices.overlap,
        on_progress=lambda share, what: on_progress(_FOUND * share, what),
    )
    return make_plan(
        chosen,
        footage,
        [PlannedShot(shot) for shot in footage.shots],
        choices,
        lambda share, what: on_progress(_FOUND + (1 - _FOUND) * share, what),
    )


def make_plan(
    video: Video,
    footage: Footage,
    shots: Iterable[PlannedShot],
    choices: FilmChoices,
    on_progress: OnProgress = lambda _share, _what: None,
) -> FilmPlan:
    """Return the plan of these shots; the pieces of those that are new are made.

    Raises:
        WanError: as for film().
    """
    planned = list(shots)
    for number, one in enumerate(planned):
        if one.shown == "clip" and one.order is None:
            on_progress(number / len(planned), "Cutting out the shots")
            planned[number] = ordered(video, footage, one, planned[number - 1] if number else None, choices)
    orders = {number: one.order for number, one in enumerate(planned) if one.order is not None}
    cells = tuple(
        Cell((), (number,), one.order.request.settings if one.order else {}) for number, one in enumerate(planned)
    )
    distinct = distinct_jobs(orders.items())
    names = notice_names({order.video: number for number, order in orders.items()})
    how = {"handle": "film", "noun": "shot", "name_videos": names, "measures": False}
    jobs = plan_jobs(distinct, choices.service, axes=(), cells=cells, **how)
    return FilmPlan(video, footage, tuple(planned), choices, jobs)
