"""Every job on disk: recorded before it is paid for, completed as it goes on.

journal.py     one method for each event in the life of a job, and the queries
entry.py       one job in the journal
table.py       the table of jobs, and which state may follow which
database.py    the file: opening, migrating, setting aside, and its errors in plain words
liveness.py    which processes are alive, so that an interrupted submit is told from a running one
csv_export.py  the journal as a CSV file

Connections to the database live for one operation only. That costs half a millisecond for each of the few writes of a
job, and in return any thread and any kernel may write at any time, and nothing waits for another's transaction.
"""

from .entry import Entry, Input, fingerprint
from .journal import Journal

__all__ = ["Entry", "Input", "Journal", "fingerprint"]
