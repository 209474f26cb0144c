"""Each bench, run with little to measure, and the page that says what is promised of its figures."""

import json
import re
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from support import bench_report
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
    assert [row.cells for row in rows if row.kept(loosely=True) is False] == []
    promised = [f"| `{name}` | {row.what} | {row.promise} |" for row in rows if row.promised]
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


def test_results_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results are read again as they were written, and a promise that is not kept is named."""
    monkeypatch.setattr(bench_report, "RESULTS", tmp_path / "bench.json")
    name = bench_report.NAMES[0]
    rows = [Row("speed", 6.0, "s", "theirs", 2.0, at_most(2, of_ratio=True)), Row("rest", None, "", note="no folder")]
    result = bench_report.Result("About.", "2030-01-01 10:00", "a machine", (0.5, 1.0), {"numpy": "2"}, rows)
    bench_report.save({name: result})
    assert bench_report.load() == {name: result}
    assert bench_report.broken({name: result}) == [f"{name}: speed: 6 s (3 ×), promised ≤ 2 × theirs"]
    assert "| speed | 6 s | theirs | 2 s | 3 × | ≤ 2 × theirs | NO |" in bench_report.page({name: result})
