"""The journal as a CSV file."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.journal.csv_export import cell, write

from support.clock import Clock
from support.journals import IMAGE, REQUEST, begin, finish


def test_csv_lists_every_job(journal: Journal, clock: Clock, tmp_path: Path) -> None:
    """Settings are columns, times are UTC, the oldest job stands first."""
    finish(journal, clock, 60)
    begin(journal)
    with write(reversed(journal.entries()), tmp_path / "jobs.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["number"] for line in lines] == ["1", "2"]
    assert (lines[0]["resolution"], lines[0]["shift"], lines[0]["reference"]) == ("720p", "5.0", "dance.mp4")
    assert lines[0]["finished_at"] == "1970-01-01 00:17:40+00:00"


def test_csv_holds_no_formula(journal: Journal, tmp_path: Path) -> None:
    """A file name or a server's message that looks like a formula is kept as text."""
    journal.rejected(begin(journal, image=IMAGE._replace(name="=1+1.png")), "@SUM(1)")
    with write(reversed(journal.entries()), tmp_path / "jobs.csv").open(newline="", encoding="utf-8") as file:
        line = next(csv.DictReader(file))
    assert (line["picture"], line["error"]) == ("'=1+1.png", "'@SUM(1)")


@pytest.mark.parametrize("sign", "=+-@＝＋－＠﹦−")
@pytest.mark.parametrize(
    "before", ["", " ", "\n", "\r\n", "\t", "\u3000", "\xa0", "\u200b", "\ufeff", "\x00", "\x1b \t"]
)
def test_hidden_formula_is_text(sign: str, before: str) -> None:
    """Whatever shows nothing before it, and whichever of its forms a sign has, it begins no formula."""
    text = f"{before}{sign}1+1"
    for shown in (cell(text), cell(Path(text))):
        assert shown.startswith("'")
        assert shown.replace("'", "") == text


@pytest.mark.parametrize("between", ["\n", "\r\n", "\t", ";", "; ", ";\u200b"])
def test_formula_within_text_is_text(between: str) -> None:
    """Where a spreadsheet splits a line at semicolons, no cell that begins within a text is a formula."""
    shown = cell(f"done{between}=1+1")
    assert re.search(r"['](\s|\u200b)*=1\+1$", shown)


@pytest.mark.parametrize("value", [None, -1, 2.5, True, "hero.png", "2 + 2 = 4", "a-b@c", "Ada, 3-7", "it's"])
def test_plain_cells_stay(value: object) -> None:
    """Numbers and ordinary texts are written as they are."""
    assert cell(value) == value


def test_csv_tells_no_secret(journal: Journal, tmp_path: Path) -> None:
    """An exported file holds no local folder, no password and no signature."""
    url = "https://me:secret@host.example/hero.png?sig=secret"
    entry = begin(journal, request=replace(REQUEST, image_url=url), image=IMAGE._replace(name=""))
    journal.rejected(entry, "/home/secret/dance.mp4 cannot be read.")
    with write(reversed(journal.entries()), tmp_path / "jobs.csv").open(newline="", encoding="utf-8") as file:
        text = file.read()
    assert "https://host.example/hero.png?…" in text
    assert "dance.mp4 cannot be read." in text
    assert "secret" not in text


def test_empty_journal_is_exported(journal: Journal, tmp_path: Path) -> None:
    """A person without a job gets a file with a header."""
    assert write(reversed(journal.entries()), tmp_path / "jobs.csv").read_text().strip() == "number"
