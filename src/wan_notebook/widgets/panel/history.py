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
from ...jobs.recipe import PREPARATIONS
from ...model import family
from ...model.formatting import settings_text
from ..display.clip import compare_clips
from ..history.history import HistoryList, JobCard, JobFilter
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
            on_use=lambda number: in_background(lambda: self.use(number)),
            on_play=lambda number: in_background(lambda: self.play(number)),
            on_restore=lambda number: in_background(lambda: self.restore(number)),
            on_watch=lambda number: in_background(lambda: studio.resume(number)),
            on_compare=lambda one, other: in_background(lambda: self.compare(one, other)),
            on_delete=lambda number: in_background(lambda: self.delete(number)),
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
            found, matching = self._find()
            show_jobs(self.list, found, self._filter, matching, Journal().count(), self._studio.watched)
            for binding in self._inputs:
                binding.offer(Journal().entries(limit=SHOWN, phase=_PHASES[""]))
        except StorageError as error:
            self._studio.report_storage_error(error)

    def _find(self) -> tuple[list[Entry], int]:
        """Return the jobs of the filter that are shown, and how many it finds; only a text is looked for in all."""
        if self._filter.text:
            found = matching_jobs(Journal().entries(), self._filter)
            return found[: self._shown], len(found)
        mode = {"model": str(*filter_values("model", self._filter.mode))} if self._filter.mode else {}
        wanted = _PHASES[self._filter.state]
        return Journal().entries(limit=self._shown, phase=wanted, **mode), Journal().count(phase=wanted, **mode)

    def _choose(self, chosen: JobFilter) -> None:
        self._filter, self._shown = chosen, SHOWN
        self.refresh()

    def _show_more(self) -> None:
        self._shown += SHOWN
        self.refresh()

    def use(self, number: int) -> None:
        """Set service, inputs, settings, preparation and points of an earlier job again."""
        entry = find_entry(number)
        if entry.recipe is None:
            raise InvalidRequest(f"Job {number} was begun elsewhere, so what made it is not known here.")
        own = self._studio.service
        service = known_service(entry.base_url) or Service.at(entry.base_url, paid=entry.paid)
        restore(self._studio, entry.recipe, own if entry.is_of(own.base_url) else service)

    def play(self, number: int) -> None:
        """Play the clip of an earlier job."""
        self._studio.clip = find_clip(number)

    def restore(self, number: int) -> None:
        """Set the settings of an earlier job again."""
        entry = find_entry(number)
        if not entry.settings:
            raise InvalidRequest(f"Job {number} was begun elsewhere, so its settings are not known here.")
        known = {name: value for name, value in entry.settings.items() if name in family.SETTINGS}
        self._studio.set({"model": entry.model} | known)

    def compare(self, one: int, other: int) -> None:
        """Play the clips of two earlier jobs, one wiped over the other."""
        compare_clips(self._player, find_clip(one), f"job {one}", find_clip(other), f"job {other}")

    def delete(self, number: int) -> None:
        """Delete an earlier job from the journal."""
        Journal().delete(find_entry(number))
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


def find_clip(number: int) -> Clip:
    """Return the saved clip of a job.

    Raises:
        InvalidRequest: the job has no clip.
    """
    entry = find_entry(number)
    if entry.clip is None:
        raise InvalidRequest(f"Job {number} has no clip yet.")
    return entry.open_clip()


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
    entries: Sequence[Entry],
    chosen: JobFilter,
    matching: int,
    known: int,
    watched: str | None = None,
) -> None:
    """Show jobs in a list.

    Args:
        history: the list.
        entries: the jobs to show, newest first.
        chosen: the filter that found them.
        matching: how many it finds.
        known: how many jobs there are.
        watched: as for job_card().
    """
    clips = {entry.number: entry.clip for entry in entries if entry.clip is not None and entry.clip.is_file()}
    cards = [job_card(entry, watched) for entry in entries]
    history.show(cards, clips, matching=matching, known=known, chosen=chosen)


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
