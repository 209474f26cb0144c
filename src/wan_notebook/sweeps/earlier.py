"""What became of the same request before, so that nothing is bought twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..client.service import EMBEDDED_URL
from ..journal import Entry, Journal

_UNDER_WAY = ("submitting", "running", "completed")


def standing(journal: Journal) -> Callable[[Sequence[Entry]], Entry | None]:
    """Return what chooses, among jobs that ask the same, newest first, the one that makes a new one needless.

    That is one whose clip is there, else one that is under way, else one that was perhaps bought.
    """

    def choose(entries: Sequence[Entry]) -> Entry | None:
        ranked = [(rank, entry) for entry in entries if (rank := _rank(entry, journal)) is not None]
        return min(ranked, key=lambda one: one[0])[1] if ranked else None

    return choose


def done(entry: Entry) -> bool:
    """Whether the job's clip is there."""
    return entry.phase == "saved" and entry.clip is not None and entry.clip.is_file()


def _rank(entry: Entry, journal: Journal) -> int | None:
    if done(entry):
        return 0
    if entry.base_url == EMBEDDED_URL and not journal.mine(entry):
        return None  # the preview of another notebook cannot be asked, and is gone with it
    return 1 if entry.phase in _UNDER_WAY else 2 if entry.phase == "unknown" else None


def known(journal: Journal, fingerprints: Sequence[str]) -> dict[str, Entry]:
    """Return, by fingerprint, the jobs that make new ones needless; one question for all of them.

    Raises:
        StorageError: the journal cannot be read.
    """
    choose = standing(journal)
    found = {one: choose(entries) for one, entries in journal.asking(fingerprints).items()}
    return {one: entry for one, entry in found.items() if entry is not None}
