"""What became of the same requests before, so that nothing is bought twice."""

from __future__ import annotations

from collections.abc import Sequence

from ..jobs.journal import Entry, Journal, standing


def known(journal: Journal, fingerprints: Sequence[str]) -> dict[str, Entry]:
    """Return, by fingerprint, the jobs that make new ones needless; one question for all of them.

    Raises:
        StorageError: the journal cannot be read.
    """
    found = {one: standing(entries) for one, entries in journal.asking(fingerprints).items()}
    return {one: entry for one, entry in found.items() if entry is not None}
