"""Every job on disk: recorded before it is paid for, completed as it goes on.

journal.py     one method for each event in the life of a job, and the queries
entry.py       one job in the journal
table.py       the table of jobs: one transaction for each change
changes.py     which phase may follow which, and changes that are not written yet
writer.py      calls of an event loop: those that come together in one transaction, in a thread
database.py    the file: locking, opening, migrating, setting aside, and its errors in plain words
recovery.py    the rows of a damaged file
liveness.py    which processes are alive, so that an interrupted submit is told from a running one
csv_export.py  the journal as a CSV file

Connections to the database live for one operation only, under a lock of our own: any thread and any kernel may write,
and whatever else happens to the file in between, as a copy of its folder, disturbs nothing.
"""

from .entry import Entry, fingerprint
from .journal import Journal

__all__ = ["Entry", "Journal", "fingerprint"]
