"""What `wan.history()` shows and does."""

import html
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from wan_notebook.client import Service
from wan_notebook.client.parsing import parse_job
from wan_notebook.errors import InvalidRequest, StorageError
from wan_notebook.jobs.clip import Clip, clip_path, write_sidecar
from wan_notebook.jobs.history import History, history
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.model.cost import Estimate
from wan_notebook.model.job import Request

from support.media import Source
from support.services import HOSTED

PREVIEW = Service("preview", "Preview", "embedded", paid=False)


def asked(name: str = "hero.png", service: Service = HOSTED, usd: float | None = 0.24, **settings: Any) -> Entry:
    request = Request(image_url="file:///hero.png", video_url="file:///dance.mp4", **settings)
    image, video = Source(request.image_url, name), Source(request.video_url, "dance.mp4")
    estimate = Estimate(usd if service.paid else 0.0, "a basis", 96)
    return Journal().begin(request, service=service, image=image, video=video, estimate=estimate)


def saw(entry: Entry, status: str, at: float, **more: Any) -> Entry:
    return Journal().seen(entry, parse_job({"id": f"job:{entry.number}", "status": status, **more}, at=at))


def saved(credits_used: int | None = 960_000, **changes: Any) -> Entry:
    meta = {} if credits_used is None else {"usage": {"credits_used": credits_used}}
    entry = saw(saw(asked(**changes), "queued", 1_000.0), "completed", 1_074.0, meta=meta)
    job = entry.job()
    assert job is not None
    clip = Clip(clip_path(job, HOSTED.base_url), entry.request(), job)
    clip.path.write_bytes(b"clip")
    write_sidecar(clip)
    return Journal().saved(entry, job, clip.path)


class Text(HTMLParser):
    """The rows of a table, as a person reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, _attributes: Any) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] = f"{self.rows[-1][-1]} {data}".strip()


def test_the_newest_job_stands_first() -> None:
    """Iterating, counting and asking by number all speak of the same jobs."""
    first, second = saved(), asked()
    shown = history()
    assert list(shown) == [second, first]
    assert len(shown) == 2
    assert shown[1] == first
    with pytest.raises(InvalidRequest, match="no job 9 here"):
        shown[9]


def test_table_shows_every_job() -> None:
    """Inputs, settings, state, time and price stand in words, a row a job."""
    saved(resolution="720p", shift=7, video_quality="maximum")
    saw(asked(name="knight.webp"), "generating", 2_000.0)
    Journal().rejected(asked(), "Out of credits.")
    Journal().unknown(asked(), "The connection dropped.")
    saved(service=PREVIEW, credits_used=0, model="replace")
    head, *rows = Text(history()._repr_mimebundle_()["text/html"]).rows
    assert head == ["Number", "Clip", "Asked", "Picture and reference", "Settings", "State", "Took", "Price"]
    rows = [[number, *others] for number, _clip, *others in rows]
    assert [row[0] for row in rows] == ["5", "4", "3", "2", "1"]
    assert [row[2] for row in rows[3:]] == ["knight.webp dance.mp4", "hero.png dance.mp4"]
    assert rows[0][3] == "Replace · 480p 20 steps · shift 5"
    assert rows[4][3] == "Move · 720p 20 steps · shift 7 · maximum quality"
    assert [row[4] for row in rows] == [
        "saved",
        "unknown, perhaps bought The connection dropped.",
        "refused, not charged Out of credits.",
        "generating",
        "saved",
    ]
    assert rows[1][1].endswith("Hosted (paid)")
    assert rows[4][5] == "1 min 14 s"
    assert [row[6] for row in rows] == ["free", "about $0.24", "–", "about $0.24", "$0.48"]


def test_the_money_is_summed_up() -> None:
    """What was spent, what is still expected and what is open stand in one line; failed jobs cost nothing."""
    saved()
    saved(service=PREVIEW)
    saw(asked(), "generating", 2_000.0)
    saved(credits_used=None, usd=None)
    Journal().unknown(asked(), "lost")
    saw(asked(), "error", 2_000.0)
    Journal().rejected(asked(), "refused")
    assert repr(history()) == (
        "History(7 jobs, $0.48 spent, about $0.24 more expected, 1 of unknown price, 1 still running, "
        "1 of unknown outcome)"
    )


def test_empty_history_says_so() -> None:
    """An empty history is no empty hole."""
    assert "No jobs yet." in history()._repr_mimebundle_()["text/html"]
    assert repr(history()) == "History(0 jobs)"


def test_foreign_text_is_text() -> None:
    """Names of files, answers of servers and formulas in them are shown as they are, and run nothing."""
    Journal().rejected(asked(name='"><script>alert(1)</script>'), "<img src=x onerror=alert(1)> $x$")
    page = history()._repr_mimebundle_()["text/html"]
    assert Text(page).tags == {"div", "table", "thead", "tbody", "tr", "th", "td", "small", "p", "br", "code"}
    assert html.escape("<img src=x onerror=alert(1)> $x$") in page
    assert 'class="tex2jax_ignore mathjax_ignore"' in page


def test_long_history_cut_on_screen() -> None:
    """Fifty rows are drawn; the sentence below says where the others are."""
    entry = asked()
    many = History(tuple(replace(entry, number=number) for number in range(1_060, 0, -1)), Journal())
    page = many._repr_mimebundle_()["text/html"]
    assert len(Text(page).rows) == 51
    assert "The 1,010 oldest are not shown here" in page
    assert len(many.rows) == 1_060


def test_history_is_a_data_frame() -> None:
    """Numbers are numbers and times are times, so that they can be summed and plotted."""
    saved(resolution="720p")
    asked()
    table = history().table
    assert list(table.index) == [2, 1]
    assert table["resolution"].to_dict() == {2: "480p", 1: "720p"}
    assert table["usd"].sum() == 0.48
    assert table["finished_at"].max().isoformat() == "1970-01-01T00:17:54+00:00"
    assert history(phase="failed").table.empty


def test_rows_need_no_pandas() -> None:
    """Where pandas is missing the rows are there as dictionaries, and the message says so."""
    script = """
import sys
sys.modules["pandas"] = None
from wan_notebook.errors import WanError
from wan_notebook.jobs.history import history
assert history().rows == []
try:
    history().table
except WanError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == "history.table needs pandas (pip install pandas); history.rows does not.\n"


def test_jobs_filtered_by_columns() -> None:
    """A value, one of several values, the short name of a model and any text choose among the jobs."""
    small, large = saved(), saved(resolution="720p", model="replace")
    refused = Journal().rejected(asked(name="Knight.webp"), "Out of credits.")
    assert list(history(resolution="720p")) == [large]
    assert list(history(phase=["saved", "failed"])) == [large, small]
    assert list(history(model="move", phase="saved")) == [small]
    assert list(history("knight")) == [refused]
    assert list(history("out of CREDITS")) == [refused]
    assert list(history().where(phase="saved").where(resolution="480p")) == [small]
    with pytest.raises(InvalidRequest, match="no column colour; there are number, phase,"):
        history(colour="red")


def test_a_saved_clip_is_played() -> None:
    """The clip of a job comes back with its settings."""
    entry = saved(shift=7)
    clip = history().play(entry.number)
    assert clip.path == entry.clip
    assert clip.settings["shift"] == 7


def test_missing_clip_is_explained() -> None:
    """Instead of a clip comes its state, and the way to the clip where there is one."""
    Journal().rejected(asked(), "refused")
    saw(asked(), "completed", 2_000.0)
    with pytest.raises(InvalidRequest, match=r"^Job 1 has no clip: refused, not charged\.$"):
        history().play(1)
    with pytest.raises(InvalidRequest, match=r"finished, not saved yet\. history\.resume\(2\) fetches it\.$"):
        history().play(2)


def test_a_removed_clip_is_said() -> None:
    """A clip that somebody removed from the disk is missing in words, not silently."""
    entry = saved()
    assert entry.clip is not None
    entry.clip.unlink()
    assert Text(history()._repr_mimebundle_()["text/html"]).rows[1][5] == "its clip was removed"
    with pytest.raises(InvalidRequest, match=r"its clip was removed\. history\.resume\(1\) fetches it\.$"):
        history().play(1)


def test_rejected_job_cannot_be_resumed() -> None:
    """A refused job is refused again, with its reason."""
    Journal().rejected(asked(), "Out of credits.")
    with pytest.raises(InvalidRequest, match=r"Job 1 was never accepted: Out of credits\."):
        history().resume(1)


def test_table_names_the_next_step() -> None:
    """Below the table stand the calls that make sense, with the number of a job."""
    saved()
    Journal().unknown(asked(), "lost")
    page = history()._repr_mimebundle_()["text/html"]
    assert "<code>wan.history().play(1)</code> · <code>wan.history().resume(2)</code>" in page
    assert "resume" not in history(phase="saved")._repr_mimebundle_()["text/html"]


def test_jobs_are_deleted_by_number() -> None:
    """Deleting shows the rest; clips stay unless they are to go too, and a running job is kept."""
    first, second, running = saved(), saved(), saw(asked(), "queued", 2_000.0)
    assert first.clip is not None
    assert second.clip is not None
    left = history().delete(1)
    assert list(left) == [running, second]
    assert list(left.delete(2, clip=True)) == [running]
    assert first.clip.exists()
    assert not second.clip.exists()
    with pytest.raises(InvalidRequest, match="may still come"):
        history().delete(3)
    assert list(history()) == [running]


def test_one_wrong_number_deletes_nothing() -> None:
    """Whoever mistypes loses no job."""
    kept = saved()
    with pytest.raises(InvalidRequest, match="no job 7"):
        history().delete(1, 7)
    assert list(history()) == [kept]


def test_the_filtered_jobs_are_exported(tmp_path: Path) -> None:
    """The file holds what the table shows."""
    saved()
    saved(resolution="720p")
    written = history(resolution="720p").export_csv(tmp_path / "jobs.csv").read_text()
    assert len(written.splitlines()) == 2
    assert "720p" in written


def test_a_misspelt_phase_is_told() -> None:
    """An empty table would look as if there were none; the phases that there are, are listed."""
    with pytest.raises(InvalidRequest, match="There is no phase savd; there are submitting, "):
        history(phase="savd")
    with pytest.raises(InvalidRequest, match=r"5 is no text to look for; wan.history\(\)\[5\] is the job"):
        history(5)  # type: ignore[arg-type]


def test_backup_holds_every_job(tmp_path: Path) -> None:
    """A backup of any part of the history is the whole journal, in one file that may become one again."""
    entries = [saved(), asked("knight.png")]
    (tmp_path / "drive").mkdir()
    written = history("knight").backup(tmp_path / "drive")
    assert [path.name for path in (tmp_path / "drive").iterdir()] == ["jobs.sqlite3"]
    there = tmp_path / "other" / "journal"
    there.mkdir(parents=True)
    written.rename(there / "jobs.sqlite3")
    assert [entry.number for entry in Journal(there / "jobs.sqlite3").entries()] == [2, 1]
    assert Journal(there / "jobs.sqlite3").find(1) == entries[0]


def test_backup_to_nowhere_is_an_error(tmp_path: Path) -> None:
    """A folder that does not exist is told in words."""
    asked()
    with pytest.raises(StorageError, match="cannot be written"):
        history().backup(tmp_path / "missing" / "jobs.sqlite3")
