"""The list of earlier jobs, bound to the studio and the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...client.service import Service, known_service
from ...errors import InvalidRequest, StorageError
from ...jobs.clip import Clip
from ...jobs.history import filter_values, input_names, matches, price_text, state_text
from ...jobs.journal import Entry, Journal, csv_export
from ...jobs.journal.entry import PHASES, JobPhase
from ...jobs.kept_films import KeptFilm, find_film, fold, kept_films
from ...jobs.recipe import PREPARATIONS, Recipe
from ...model import family
from ...model.formatting import settings_text
from ..display.clip import compare_clips
from ..history.history import HistoryList, JobCard, JobFilter, JobOrFilm, ShotLine
from ..player.player import Player
from .restore import restore
from .studio import Studio

if TYPE_CHECKING:
    from .inputs import InputBinding

SHOWN = 30
"""Jobs in the list, and how many more of them each time."""


class HistoryBinding:
    """Shows the journal's jobs, and hands the list's actions to a studio, the journal or a player.

    Args:
        studio: the session.
        player: plays two clips that are compared.
        inputs: offer the inputs and clips of earlier jobs.
        in_background: does work in a thread of its own, and shows its failure.
    """

    def __init__(
        self,
        studio: Studio,
        player: Player,
        inputs: Sequence[InputBinding],
        in_background: Callable[[Callable[[], Any]], None],
    ) -> None:
        self._studio, self._player, self._inputs = studio, player, inputs
        self._drawn: object = None
        self._filter, self._shown = JobFilter(), SHOWN
        self.list = HistoryList(
            on_filter=self._choose,
            on_more=self._show_more,
            on_use=lambda which: in_background(lambda: self.use(which)),
            on_play=lambda which: in_background(lambda: self.play(which)),
            on_restore=lambda which: in_background(lambda: self.restore(which)),
            on_watch=lambda number: in_background(lambda: studio.resume(number)),
            on_compare=lambda one, other: in_background(lambda: self.compare(one, other)),
            on_delete=lambda which: in_background(lambda: self.delete(which)),
        )

    def render(self) -> None:
        """Show the journal's jobs again, when they may have changed."""
        studio = self._studio
        drawn = (studio.progress.phase, studio.clip, studio.pending_jobs, studio.journal_error)
        if drawn != self._drawn:
            self._drawn = drawn
            self.refresh()

    def refresh(self) -> None:
        """Read the jobs that are shown; an error in reading them is reported, and hides nothing else."""
        try:
            show_jobs(self.list, *self._find(), self._studio.watched)
            offered = self._newest()
            for binding in self._inputs:
                binding.offer(offered)
        except StorageError as error:
            self._studio.report_storage_error(error)

    def _find(self) -> tuple[Sequence[Entry | KeptFilm], JobFilter, int, int]:
        """Return the arguments of show_jobs(); where there is neither a text nor a film, not all jobs are read."""
        journal, chosen = Journal(), self._filter
        films = kept_films(journal)
        if chosen.text or films:
            entries = journal.entries()
            found = fold(matching_jobs(entries, chosen), films)
            return found[: self._shown], chosen, len(found), len(fold(entries, films))
        mode = {"model": str(*filter_values("model", chosen.mode))} if chosen.mode else {}
        wanted = _PHASES[chosen.state]
        shown = journal.entries(limit=self._shown, phase=wanted, **mode)
        return shown, chosen, journal.count(phase=wanted, **mode), journal.count()

    def _newest(self) -> Sequence[Entry | KeptFilm]:
        """Return jobs and films whatever the filter shows; where there is no film, not all jobs are read."""
        journal = Journal()
        films = kept_films(journal)
        return fold(journal.entries(limit=None if films else SHOWN, phase=_PHASES[""]), films)[:SHOWN]

    def _choose(self, chosen: JobFilter) -> None:
        self._filter, self._shown = chosen, SHOWN
        self.refresh()

    def _show_more(self) -> None:
        self._shown += SHOWN
        self.refresh()

    def use(self, which: JobOrFilm) -> None:
        """Set inputs, settings, preparation and points of an earlier job or film again, and of a job its service."""
        if isinstance(which, str):
            restore(self._studio, _recipe(which))
            return
        entry = find_entry(which)
        if entry.recipe is None:
            raise InvalidRequest(f"Job {which} was begun elsewhere, so what made it is not known here.")
        own = self._studio.service
        service = known_service(entry.base_url) or Service.at(entry.base_url, paid=entry.paid)
        restore(self._studio, entry.recipe, own if entry.is_of(own.base_url) else service)

    def play(self, which: JobOrFilm) -> None:
        """Play the clip of an earlier job, or a film."""
        self._studio.clip = find_clip(which)

    def restore(self, which: JobOrFilm) -> None:
        """Set the settings of an earlier job or film again."""
        if isinstance(which, str):
            settings = _recipe(which).settings
        else:
            entry = find_entry(which)
            settings = {"model": entry.model, **entry.settings} if entry.settings else {}
        if not settings:
            raise InvalidRequest(f"Job {which} was begun elsewhere, so its settings are not known here.")
        self._studio.set({name: one for name, one in settings.items() if name in ("model", *family.SETTINGS)})

    def compare(self, one: JobOrFilm, other: JobOrFilm) -> None:
        """Play the clips of two earlier jobs or films, one wiped over the other."""
        compare_clips(self._player, find_clip(one), called(one), find_clip(other), called(other))

    def delete(self, which: JobOrFilm) -> None:
        """Delete an earlier job from the journal, or a film from the disk."""
        if isinstance(which, str):
            find_film(kept_films(Journal()), which).delete()
        else:
            Journal().delete(find_entry(which))
        self.refresh()


def find_entry(number: int) -> Entry:
    """Return the journal's entry of a job.

    Raises:
        InvalidRequest: the journal has none.
    """
    entry = Journal().find(number)
    if entry is None:
        raise InvalidRequest(f"Job {number} is no longer in the journal.")
    return entry


def find_clip(which: JobOrFilm) -> Clip:
    """Return the saved clip of a job, or a film.

    Raises:
        InvalidRequest: the job has no clip, or there is no such film.
    """
    if isinstance(which, str):
        return find_film(kept_films(Journal()), which).open_clip()
    entry = find_entry(which)
    if entry.clip is None:
        raise InvalidRequest(f"Job {which} has no clip yet.")
    return entry.open_clip()


def called(which: JobOrFilm) -> str:
    """Return how a job or a film is called on screen."""
    return f"film {which.removeprefix('film-')}" if isinstance(which, str) else f"job {which}"


def _recipe(film: str) -> Recipe:
    recipe = find_clip(film).recipe
    assert recipe is not None  # every film is written with one
    return recipe


_PHASES: Mapping[str, tuple[JobPhase, ...]] = {
    "": tuple(phase for phase in PHASES if phase not in ("rejected", "failed")),
    "saved": ("saved",),
    "under way": ("submitting", "running", "completed", "unknown"),
    "refused": ("rejected", "failed"),
}
"""The phases of the jobs that each choice of a state shows; without one, those that were refused fill no list."""


def matching_jobs(entries: Sequence[Entry], chosen: JobFilter) -> list[Entry]:
    """Return the jobs that a filter shows, in their order."""
    wanted = {"phase": _PHASES[chosen.state]} | ({"model": filter_values("model", chosen.mode)} if chosen.mode else {})
    if not chosen.text:
        return [entry for entry in entries if all(getattr(entry, name) in one for name, one in wanted.items())]
    return [entry for entry in entries if matches(csv_export.line(entry), chosen.text, wanted)]


def show_jobs(
    history: HistoryList,
    found: Sequence[Entry | KeptFilm],
    chosen: JobFilter,
    matching: int,
    known: int,
    watched: str | None = None,
) -> None:
    """Show jobs and films in a list.

    Args:
        history: the list.
        found: what to show, newest first.
        chosen: the filter that found it.
        matching: how many it finds.
        known: how many there are.
        watched: as for job_card().
    """
    cards = [
        (film_card(one), one.path)
        if isinstance(one, KeptFilm)
        else (job_card(one, watched), one.clip if one.clip and one.clip.is_file() else None)
        for one in found
    ]
    history.show(cards, matching=matching, known=known, chosen=chosen)


def film_card(film: KeptFilm) -> JobCard:
    """Return the card of a film, with the shots that have a job."""
    shown = {name: film.settings.get(name) for name in ("model", "resolution", "num_inference_steps", "shift")}
    return JobCard(
        number=0,
        title=film.title,
        facts=", ".join([*settings_text(shown), film.shots_text, film.price_text]),
        differences=film.differences,
        state="joined",
        running=False,
        film=film.name,
        shots=tuple(
            ShotLine(job.number, f"Shot {number}: job {job.number}, {price_text(job)}")
            for number, job in enumerate(film.shots)
            if job is not None
        ),
    )


def job_card(entry: Entry, watched: str | None) -> JobCard:
    """Return the card of a job.

    Args:
        entry: of the journal.
        watched: the id of the job that is being watched already.
    """
    picture, reference = input_names(entry)
    facts = ["begun elsewhere"]
    if entry.settings:
        shown = ("model", "resolution", "num_inference_steps", "shift", *PREPARATIONS)
        choices = dict(family.DEFAULTS) | entry.choices
        facts = settings_text({name: choices.get(name) for name in shown})
    return JobCard(
        number=entry.number,
        title=f"{picture} · {reference}" if entry.settings else f"Job {entry.job_id}",
        facts=", ".join([*facts, price_text(entry)]),
        state=state_text(entry),
        running=entry.phase in ("running", "completed", "unknown") and (entry.job_id or "") != watched,
    )
