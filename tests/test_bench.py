"""Each bench, run with little to measure, the page that says what is promised of its figures, and what is kept."""

import errno
import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import asdict, replace
from pathlib import Path
from unittest import mock

import numpy as np
import psutil
import pytest

from bench import __main__ as program
from bench import preview
from wan_notebook.preview.engine.reference import open_reference

from support import bench_report, media
from support.bench_rows import Row, at_least, at_most

PROMISES = Path(__file__).parents[1] / "docs" / "promises.md"
FIGURE = re.compile(r"^\| `(\w+)` \| .+ \|$", re.MULTILINE)


def promised_figures() -> dict[str, list[str]]:
    """The lines of the page's table, by bench."""
    lines: dict[str, list[str]] = {}
    for found in FIGURE.finditer(PROMISES.read_text(encoding="utf-8")):
        lines.setdefault(found[1], []).append(found[0])
    return lines


@pytest.mark.slow
@pytest.mark.parametrize("name", bench_report.NAMES)
def test_bench_keeps_its_promises(name: str, tmp_path: Path) -> None:
    """A small run finishes, keeps its bounds loosely, and has exactly the figures that the page promises of it."""
    rows = bench_report.rows_of(name, tmp_path, small=True)
    sys.stdout.write(bench_report.table(rows))
    assert [row.cells() for row in rows if row.kept(loosely=True) is False] == []
    promised = [f"| `{name}` | {row.figure or row.what} | {row.promise} |" for row in rows if row.promised]
    assert promised == promised_figures().get(name, [])
    assert json.dumps([asdict(row) | {"kept": row.kept()} for row in rows])


def test_every_figure_has_a_bench() -> None:
    """What is promised is measured by benches that exist, and so is what the page of the last run shows."""
    assert set(promised_figures()) <= set(bench_report.NAMES)
    sections = re.findall(r"^## (\w+)$", bench_report.PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sections
    assert set(sections) <= set(bench_report.NAMES)


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        (Row("a", 4.0, "s", promised=at_most(5)), True),
        (Row("a", 6.0, "s", promised=at_most(5)), False),
        (Row("a", 6.0, "s", "theirs", 2.0, at_most(5, of_ratio=True)), True),
        (Row("a", 6.0, "s", promised=at_least(5)), True),
        (Row("a", 4.0, "s", promised=at_least(5)), False),
        (Row("a", float("nan"), "s", promised=at_least(5)), False),
        (Row("a", None, "s", promised=at_least(5)), None),
        (Row("a", 4.0, "s"), None),
        (Row("a", np.float32(4.0), "s", promised=at_most(5)), True),  # type: ignore[arg-type]
    ],
)
def test_row_tells_its_verdict(row: Row, kept: bool | None) -> None:
    """A row keeps its promise by its value or by its ratio; what was not measured neither keeps nor breaks it."""
    assert row.kept() is kept


def test_preview_notes_each_decoding(tmp_path: Path) -> None:
    """The bench of the preview counts the passes in which a reference is decoded, and how far; it can repeat each."""
    footage = open_reference(media.reference(tmp_path))
    with preview.decodings() as passes:
        whole = list(footage.frames(32))
        next(footage.frames(48, accurate=True))
    assert passes[0].frames == len(whole)
    assert len(passes) == 2
    with mock.patch.object(preview, "frames", wraps=preview.frames) as decoded:
        passes[1].again()
    decoded.assert_called_once_with(footage.path, fps=footage.fps, height=48, accurate=True)


FIRST, SECOND, THIRD = bench_report.NAMES[:3]


def result(ours: float = 6.0) -> bench_report.Result:
    """What a bench measured: a promised figure, which is kept up to 4 s, and one that was not measured."""
    rows = [Row("speed", ours, "s", "theirs", 2.0, at_most(2, of_ratio=True)), Row("rest", None, "", note="no folder")]
    return bench_report.Result("About.", "2030-01-01 10:00", "a machine", (0.5, 1.0), {"numpy": "2"}, rows)


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep results in a file of the test's own, which is not there yet."""
    path = tmp_path / "bench.json"
    monkeypatch.setattr(bench_report, "RESULTS", path)
    return path


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the page to a file of the test's own, in which two sections stand."""
    path = tmp_path / "benches.md"
    path.write_text(f"# Benches\n\n## {FIRST}\n\nOf last year.\n\n## {SECOND}\n\nOf last week.\n", encoding="utf-8")
    monkeypatch.setattr(bench_report, "PAGE", path)
    return path


def sections(page: Path) -> dict[str, str]:
    """The sections of a page, by bench."""
    _, *parts = re.split(r"^## (\w+)\n", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}


def finish(monkeypatch: pytest.MonkeyPatch, *outcomes: bench_report.Result | BaseException) -> None:
    """Let benches come out so, one after another, instead of being run."""
    left = list(outcomes)

    def alone(*_: object) -> bench_report.Result:
        outcome = left.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    monkeypatch.setattr(program, "alone", alone)


def called(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Call the program with these arguments, and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    return program.main()


@pytest.mark.usefixtures("results")
def test_results_are_kept() -> None:
    """Results are read again as they were written, and a promise that is not kept is named."""
    bench_report.save({FIRST: result()})
    bench_report.save({SECOND: result(4.0)})
    assert bench_report.load() == {FIRST: result(), SECOND: result(4.0)}
    assert bench_report.broken(bench_report.load()) == [f"{FIRST}: speed: 6 s (3 ×), promised ≤ 2 × theirs"]
    assert "| speed | 6 s | theirs | 2 s | 3 × | ≤ 2 × theirs | NO |" in bench_report.page({FIRST: result()}, "")


@pytest.mark.parametrize("damage", ["{", "[]", f'{{"{FIRST}": {{"about": "It is."}}}}', f'{{"{FIRST}": "fast"}}'])
def test_damaged_results_are_begun_anew(
    damage: str, results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged file of results is set aside, and said so in one line; what a bench then measured is shown and kept."""
    results.write_text(damage, encoding="utf-8")
    finish(monkeypatch, result(4.0), result(4.0))
    assert program.run([FIRST, SECOND], small=False) == 0
    assert bench_report.load() == {FIRST: result(4.0), SECOND: result(4.0)}
    assert results.with_name("bench.json.damaged").read_text(encoding="utf-8") == damage
    shown = capsys.readouterr()
    (line,) = (line for line in shown.out.splitlines() if "damaged" in line)
    assert line.endswith("It is kept as bench.json.damaged, and begun anew.")
    assert shown.out.index("speed") < shown.out.index(line)
    assert shown.err == ""


def fill_the_disk(path: Path, text: str, **_: str) -> None:
    """Write what a full disk takes of a text."""
    path.write_bytes(text.encode()[:9])
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.usefixtures("results")
def test_results_survive_a_full_disk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where results cannot be written, earlier ones stay, the benches that follow are run, and the code is 1."""
    bench_report.save({FIRST: result(4.0)})
    finish(monkeypatch, result(3.0), result(3.0))
    with monkeypatch.context() as full:
        full.setattr(Path, "write_text", fill_the_disk)
        assert program.run([FIRST, SECOND], small=False) == 1
    assert bench_report.load() == {FIRST: result(4.0)}
    assert capsys.readouterr().out.count("No space left on device") == 2


def test_small_run_is_judged_loosely(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A small run says that it is one, is judged by the loose bounds, and leaves no results."""
    finish(monkeypatch, result(6.0), result(12.1))
    assert program.run([FIRST, SECOND], small=True) == 1
    first, second = capsys.readouterr().out.split(f"## {SECOND}, a small run")
    assert f"## {FIRST}, a small run" in first
    assert "≤ 2 × theirs  loosely" in first
    assert "≤ 2 × theirs  NO" in second
    assert f"Not kept:\n  {SECOND}: speed: 12.1 s (6.05 ×), promised ≤ 2 × theirs\n" in second
    finish(monkeypatch, result(6.0))
    assert program.run([FIRST], small=True) == 0
    summary = capsys.readouterr().out.splitlines()[-1]
    assert summary.startswith("A small run tells whether a bench runs, not whether promises are kept")
    assert not results.exists()


def test_one_measurement_is_shown_once() -> None:
    """A small run's measurement that stands for several figures is shown, and named as not kept, once."""
    rows = [Row("4 cells", 9.0, "s", promised=at_most(2), figure=name) for name in ("10 cells", "100 cells")]
    assert bench_report.table(rows, loosely=True).count("4 cells") == 1
    assert len(bench_report.broken({FIRST: replace(result(), rows=rows)}, loosely=True)) == 1


@pytest.mark.usefixtures("results")
def test_interrupt_sums_up(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """After an interrupt what was finished is summed up and kept, what was not is named, and the code is 130."""
    finish(monkeypatch, result(), KeyboardInterrupt())
    assert program.run([FIRST, SECOND, THIRD], small=False) == 130
    shown = capsys.readouterr().out
    assert f"Not kept:\n  {FIRST}: speed" in shown
    assert shown.endswith(f"\nInterrupted: {SECOND} and those after it were not run.\n")
    assert bench_report.load() == {FIRST: result()}
    finish(monkeypatch, KeyboardInterrupt())
    assert program.run([FIRST], small=False) == 130
    assert capsys.readouterr().out == f"Interrupted: {FIRST} was not run.\n"


def show_and_stay() -> None:
    """Print the id of this process, and do nothing more."""
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    threading.Event().wait()


@pytest.mark.parametrize(
    "start",
    [
        "from support.measuring import alone; from test_bench import show_and_stay; alone(show_and_stay)",
        """
import sys
from support.measuring import running
program = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"
with running([sys.executable, "-c", program]) as pid:
    print(pid, flush=True)
    sys.stdin.read()
""",
    ],
    ids=["alone", "running"],
)
def test_killed_bench_leaves_nothing(start: str) -> None:
    """A process that a bench has started ends with it, though it was killed."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parent)])}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", start], env=environment, stdin=pipe, stdout=pipe, text=True) as bench:
        assert bench.stdout is not None
        child = psutil.Process(int(bench.stdout.readline()))
        bench.kill()
    _, alive = psutil.wait_procs([child], timeout=20)
    assert not alive


@pytest.mark.usefixtures("results")
def test_page_keeps_what_was_not_run(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page keeps the sections of benches of which no run is known here, and says which those are."""
    before = sections(page)
    assert called(monkeypatch, "--page") == 0
    assert sections(page) | before == sections(page)
    assert "Written: nothing." in capsys.readouterr().out
    bench_report.save({FIRST: result(), THIRD: result()})
    assert called(monkeypatch, "--page") == 0
    assert sections(page)[SECOND] == before[SECOND]
    assert all("| speed | 6 s |" in sections(page)[name] for name in (FIRST, THIRD))
    assert list(sections(page)) == bench_report.NAMES
    written, kept, missing = capsys.readouterr().out.splitlines()
    assert written == f"Written: {FIRST}, {THIRD}."
    assert kept.startswith(f"Kept as they stood: {SECOND}, ")
    assert missing.startswith(f"bench.json has no run of {SECOND}, ")


def test_page_begins_with_what_is_not_kept(page: Path, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page begins with the promises that are not kept, of benches that were run now and of those that stand."""
    slow = Row("speed", 6, "s", "theirs", 3, at_most(1, of_ratio=True), note="a | b")
    late = Row("late", 3, "× real time", promised=at_most(2))
    bench_report.save({FIRST: replace(result(), rows=[slow, late, Row("size", 1, "MB", promised=at_most(2))])})
    assert called(monkeypatch, "--page") == 0
    results.unlink()
    bench_report.save({SECOND: replace(result(), rows=[Row("size", 3, "MB", promised=at_most(2))])})
    assert called(monkeypatch, "--page", SECOND) == 0
    summary = page.read_text(encoding="utf-8").split("## ")[0]
    assert f"- `{FIRST}`, speed: 2 ×, promised ≤ 1 × theirs" in summary
    assert f"- `{FIRST}`, late: 3 × real time, promised ≤ 2 × real time" in summary
    assert f"- `{SECOND}`, size: 3 MB, promised ≤ 2 MB" in summary
    assert f"`{FIRST}`, size" not in summary


@pytest.mark.usefixtures("results")
def test_page_writes_what_is_named(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With names only their sections are written, whatever else was run."""
    before = sections(page)
    bench_report.save({FIRST: result(), SECOND: result()})
    assert called(monkeypatch, "--page", SECOND) == 0
    assert sections(page)[FIRST] == before[FIRST]
    assert "| speed | 6 s |" in sections(page)[SECOND]
    assert f"Written: {SECOND}.\n" in capsys.readouterr().out


def test_page_is_refused_what_it_cannot_have(
    page: Path, results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page is left alone with --small, of which nothing is kept, and where the results are damaged."""
    before = page.read_text(encoding="utf-8")
    with pytest.raises(SystemExit) as refused:
        called(monkeypatch, "--page", "--small")
    assert refused.value.code == 2
    results.write_text("{", encoding="utf-8")
    assert called(monkeypatch, "--page") == 1
    assert "bench.json is damaged" in capsys.readouterr().out
    assert page.read_text(encoding="utf-8") == before
    assert results.read_text(encoding="utf-8") == "{"
