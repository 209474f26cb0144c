"""The journal as a CSV file."""

import csv
from pathlib import Path

from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.journal.csv_export import write

from support.clock import Clock
from support.journals import IMAGE, begin, finish


def test_csv_lists_every_job(journal: Journal, clock: Clock, tmp_path: Path) -> None:
    """Settings are columns, times are UTC, the oldest job stands first."""
    finish(journal, clock, 60)
    begin(journal)
    with write(reversed(journal.entries()), tmp_path / "jobs.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["number"] for line in lines] == ["1", "2"]
    assert (lines[0]["resolution"], lines[0]["shift"], lines[0]["video"]) == ("720p", "5.0", "dance.mp4")
    assert lines[0]["finished_at"] == "1970-01-01 00:17:40+00:00"


def test_csv_holds_no_formula(journal: Journal, tmp_path: Path) -> None:
    """A file name or a server's message that looks like a formula is kept as text."""
    journal.rejected(begin(journal, image=IMAGE._replace(name="=1+1.png")), "@SUM(1)")
    with write(reversed(journal.entries()), tmp_path / "jobs.csv").open(newline="", encoding="utf-8") as file:
        line = next(csv.DictReader(file))
    assert (line["image"], line["error"]) == ("'=1+1.png", "'@SUM(1)")


def test_empty_journal_is_exported(journal: Journal, tmp_path: Path) -> None:
    """A person without a job gets a file with a header."""
    assert write(reversed(journal.entries()), tmp_path / "jobs.csv").read_text().strip() == "number"
