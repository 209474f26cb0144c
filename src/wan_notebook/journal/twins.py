"""Which of the jobs that asked the same makes a new one needless, so that nothing is bought twice."""

from __future__ import annotations

from collections.abc import Sequence

from .entry import UNDER_WAY, Entry


def standing(entries: Sequence[Entry]) -> Entry | None:
    """Return the one whose clip is there, else one that is under way, else one that was perhaps bought, else None.

    Args:
        entries: jobs that ask the same, newest first.
    """
    ranked = [(rank, entry) for entry in entries if (rank := _rank(entry)) is not None]
    return min(ranked, key=lambda one: one[0])[1] if ranked else None


def _rank(entry: Entry) -> int | None:
    if entry.done:
        return 0
    if entry.phase in UNDER_WAY and not entry.elsewhere:
        return 1
    # Where nothing is paid, another submit does no harm.
    return 2 if entry.phase == "unknown" and entry.paid else None
