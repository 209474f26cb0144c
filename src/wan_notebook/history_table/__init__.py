"""Everything that was ever asked for, as a table in the notebook.

table.py   the history as a value: look, filter, play, resume, delete, export
words.py   a job in plain words
page.py    the table as HTML
"""

from .table import History, history

__all__ = ["History", "history"]
