"""The list of earlier jobs, bound to the studio and the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import InvalidRequest, StorageError
from ...jobs.clip import Clip
from ...jobs.history import input_names, price_text, state_text
from ...jobs.journal import Entry, Journal
from ...jobs.recipe import PREPARATIONS
from ...model import family
from ...model.formatting import settings_text
from ..display.clip import compare_clips
from ..history.history import HistoryList, JobCard
from ..player.player import Player
from .studio import Studio

if TYPE_CHECKING:
    from .inputs import InputBinding

SHOWN = 30
"""Jobs in the list; wan_notebook.history() has them all."""


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
        self.list = HistoryList(
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
        """Read the journal and show its jobs; an error in reading it is reported, and hides nothing else."""
        try:
            entries = Journal().entries(limit=SHOWN)
        except StorageError as error:
            self._studio.report_storage_error(error)
            return
        clips = {entry.number: entry.clip for entry in entries if entry.clip is not None and entry.clip.is_file()}
        self.list.show([job_card(entry, self._studio.watched) for entry in entries], clips)
        for binding in self._inputs:
            binding.offer(entries)

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
