"""Every job that was ever asked for, on disk: written before it is paid for, completed as it goes on.

    journal.py    what happens to a job, one method for each event, and the questions asked later
    entry.py      one job as the journal knows it
    rows.py       the table of jobs
    events.py     what a snapshot of a job means for its row
    database.py   the file: opening, migrating, setting aside
    troubles.py   what may be wrong with the file, in plain words
    presence.py   which notebooks are alive, so that an interrupted submit is told from a running one
    durations.py  how long jobs like one took
    twins.py      which of the jobs that asked the same makes a new one needless
    spreadsheet.py  the journal as a CSV file

Connections to the database live for one operation only. That costs half a millisecond for each of the few writes of a
job, and in return any thread and any kernel may write at any time, and nothing waits for another's transaction.
"""

from .entry import Entry, Input, fingerprint, standing
from .journal import Journal
from .table import Stands

__all__ = ["Entry", "Input", "Journal", "Stands", "fingerprint", "standing"]
