"""The strip of earlier jobs bound to the studio and the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...errors import InvalidRequest, StorageError
from ...jobs.clip import Clip
from ...jobs.history import price_text, state_text
from ...jobs.journal import Entry, Journal
from ...model import family
from ...model.formatting import settings_text
from ..history.history import Card, HistoryStrip
from ..player.player import Player
from .inputs import Chooser
from .studio import Studio

SHOWN = 30
"""Jobs in the strip; wan_notebook.history() has them all."""


class Past:
    """Shows the jobs of before, and does with them what a person asks.

    Args:
        studio: which takes over what is played, restored or watched.
        player: which shows two clips side by side.
        choosers: which offer what earlier jobs were made of.
        aside: does work away from the kernel's thread, and tells its failure.
    """

    def __init__(
        self,
        studio: Studio,
        player: Player,
        choosers: Sequence[Chooser],
        aside: Callable[[Callable[[], Any]], None],
    ) -> None:
        self._studio, self._player, self._choosers = studio, player, choosers
        self._seen: object = None
        self.strip = HistoryStrip(
            on_play=lambda number: aside(lambda: self._play(number)),
            on_restore=lambda number: aside(lambda: self._restore(number)),
            on_watch=lambda number: aside(lambda: studio.resume(number)),
            on_compare=lambda one, other: aside(lambda: self._compare(one, other)),
            on_delete=lambda number: aside(lambda: self._delete(number)),
        )

    def render(self) -> None:
        """Show the journal as it is, when something may have changed in it."""
        seen = (self._studio.progress.phase, self._studio.clip, self._studio.waiting, self._studio.damage)
        if seen != self._seen:
            self._seen = seen
            self.refresh()

    def refresh(self) -> None:
        """Read the journal; one that cannot be read is told, and hides nothing else."""
        try:
            entries = Journal().entries(limit=SHOWN)
        except StorageError as error:
            self._studio.tell_trouble(error)
            return
        self.strip.render([_card(entry, self._studio.watched) for entry in entries])
        for chooser in self._choosers:
            chooser.offer(entries)

    def _play(self, number: int) -> None:
        self._studio.clip = _clip(number)

    def _restore(self, number: int) -> None:
        entry = _entry(number)
        if not entry.settings:
            raise InvalidRequest(f"Job {number} was begun elsewhere, so its settings are not known here.")
        known = {name: value for name, value in entry.settings.items() if name in family.SETTINGS}
        self._studio.set({"model": entry.model} | known)

    def _compare(self, one: int, other: int) -> None:
        first, second = _clip(one), _clip(other)
        called, beside = f"job {one}", f"job {other}"
        title = f"Job {one}, with {beside} beside it"
        self._player.play(first.path, second.path, title=title, called=called, beside=beside, look="wipe")

    def _delete(self, number: int) -> None:
        Journal().delete(_entry(number))
        self.refresh()


def _entry(number: int) -> Entry:
    entry = Journal().find(number)
    if entry is None:
        raise InvalidRequest(f"Job {number} is no longer in the journal.")
    return entry


def _clip(number: int) -> Clip:
    entry = _entry(number)
    if entry.clip is None:
        raise InvalidRequest(f"Job {number} has no clip yet.")
    return entry.open_clip()


def _card(entry: Entry, watched: str | None) -> Card:
    known = (
        settings_text(dict(family.DEFAULTS) | {"model": entry.model} | dict(entry.settings)) if entry.settings else []
    )
    mode, *words = known or ["Begun elsewhere"]
    return Card(
        number=entry.number,
        title=f"{entry.number} · {mode}",
        facts=", ".join([*words[:3], price_text(entry)]),
        state=state_text(entry),
        clip=entry.clip if entry.clip is not None and entry.clip.is_file() else None,
        running=entry.phase in ("running", "completed", "unknown") and (entry.job_id or "") != watched,
    )
