"""Benches by name: run one, keep what it measured, and print it as a table or as a page of the documentation."""

from __future__ import annotations

import datetime
import importlib
import json
import os
import platform
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from wan_notebook.runtime.data_dir import atomic_write

from support.bench_rows import COLUMNS, Bound, Row

TESTS = Path(__file__).parents[1]
RESULTS = TESTS.parent / "bench.json"
PAGE = TESTS.parent / "docs" / "benches.md"
NAMES = sorted(path.stem for path in (TESTS / "bench").glob("*.py") if not path.stem.startswith("_"))
"""Each module of tests/bench is a bench: a docstring that says what it measures, and `rows(folder, small=…)`."""
LIBRARIES = ("wan-notebook", "numpy", "opencv-python-headless", "av", "httpx", "ipywidgets", "anywidget", "jupyterlab")


class DamagedResults(Exception):
    """The file of results cannot be read; says so in a sentence."""


@dataclass(frozen=True)
class Result:
    """What a bench measured, and under which conditions."""

    about: str
    at: str
    machine: str
    load: tuple[float, float]
    """Of the machine, over a minute, before and after."""
    versions: Mapping[str, str]
    rows: Sequence[Row]


def rows_of(name: str, folder: Path, *, small: bool) -> list[Row]:
    """Run a bench here, with a folder for what it draws."""
    return list(importlib.import_module(f"bench.{name}").rows(folder, small=small))


def run(name: str, small: bool) -> Result:
    """Run a bench in this process, with a data directory of its own, and say under which conditions."""
    before = psutil.getloadavg()[0]
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder:
        os.environ["WAN_NOTEBOOK_HOME"] = home
        rows = rows_of(name, Path(folder), small=small)
    about = (importlib.import_module(f"bench.{name}").__doc__ or "").split("\n\n")[0].replace("\n", " ").strip()
    cores, memory = os.cpu_count() or 1, psutil.virtual_memory().total / 1e9
    return Result(
        about,
        datetime.datetime.now(datetime.timezone.utc).isoformat(sep=" ", timespec="minutes"),
        f"{platform.system()} {platform.machine()}, {cores} cores, {memory:.0f} GB, Python {platform.python_version()}",
        (before, psutil.getloadavg()[0]),
        {library: metadata.version(library) for library in LIBRARIES},
        rows,
    )


def table(rows: Iterable[Row], *, loosely: bool = False) -> str:
    """Return rows as text in columns; those that are empty throughout are left out.

    Args:
        rows: the rows; those that say the same, as one measurement for several figures does, are shown once.
        loosely: whether they are of a small run, as for Row.cells().
    """
    cells = [COLUMNS, *dict.fromkeys(row.cells(loosely=loosely) for row in rows)]
    shown = [column for column in zip(*cells, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in shown]
    lines = zip(*shown, strict=True)
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def broken(results: Mapping[str, Result], *, loosely: bool = False) -> list[str]:
    """Return the promises that are not kept, each once; of small runs, loosely, those that are missed by far."""
    return list(
        dict.fromkeys(
            f"{name}: {row.what}: {row.cells()[1]}{f' ({row.cells()[4]})' if row.ratio else ''}, promised {row.promise}"
            for name, result in results.items()
            for row in result.rows
            if row.kept(loosely=loosely) is False
        )
    )


def save(results: Mapping[str, Result]) -> None:
    """Write results beside those of other benches that were run earlier.

    Raises:
        DamagedResults: what stands there cannot be read; it is left as it is.
        StorageError: the file cannot be written.
    """
    texts = {}
    for name, result in (load() | dict(results)).items():
        rows = [asdict(row) | {"ratio": row.ratio, "kept": row.kept()} for row in result.rows]
        texts[name] = asdict(result) | {"rows": rows}
    with atomic_write(RESULTS) as path:
        path.write_text(json.dumps(texts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load() -> dict[str, Result]:
    """Return the last result of each bench that was run here.

    Raises:
        DamagedResults: the file holds something else.
    """
    try:
        kept: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
        return {name: _result(fields) for name, fields in sorted(kept.items()) if name in NAMES}
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # not JSON, or of another shape
        raise DamagedResults(f"{RESULTS.name} is damaged ({type(error).__name__}: {error}).") from None


def set_aside() -> Path:
    """Give the file of results another name, in place of one that was set aside before, and return its new path."""
    return RESULTS.replace(RESULTS.with_name(f"{RESULTS.name}.damaged"))


def _result(fields: dict[str, Any]) -> Result:
    rows = []
    for row in fields["rows"]:
        known = {key: value for key, value in row.items() if key not in ("ratio", "kept")}
        rows.append(Row(**(known | {"promised": row["promised"] and Bound(**row["promised"])})))
    return Result(**(fields | {"rows": rows, "load": tuple(fields["load"])}))


def page(results: Mapping[str, Result], standing: str) -> str:
    """Return results as a page in Markdown, which has a section for every bench.

    Args:
        results: of the benches whose sections are written.
        standing: the page as it stands; the sections of other benches are kept.
    """
    _, *parts = re.split(r"^## (\w+)$", standing, flags=re.MULTILINE)
    kept = {name: f"## {name}{body.rstrip()}" for name, body in zip(parts[::2], parts[1::2], strict=True)}
    sections = {
        name: _section(name, results[name]) if name in results else kept.get(name, f"## {name}\n\nNot run.")
        for name in NAMES
    }
    return "\n\n".join([HEAD, _verdicts(sections), *sections.values()]) + "\n"


HEAD = """\
# Benches

The last run of each bench: what was measured, what else does the same, measured in the same run, and whether what [is
promised](promises.md) is kept. `make bench-page` writes here what `make bench` measured, and keeps the section of a
bench that was not run. Where a bench ran while the machine did other work, its load says so: times are then longer
than on a quiet machine, and ratios are what to look at."""


def _verdicts(sections: Mapping[str, str]) -> str:
    """Return how many promises are kept, and those that are not, from the tables of all sections."""
    rows = [
        (name, re.split(r" ?(?<!\\)\| ?", line)[1:-1]) for name, text in sections.items() for line in text.split("\n")
    ]
    judged = [(name, dict(zip(COLUMNS, cells, strict=False))) for name, cells in rows]
    missed = []
    for name, row in judged:
        if row.get("kept") == "NO":
            of_ratio = row["alternative"] and row["promised"].endswith(f"× {row['alternative']}")
            value = row["ratio"] if of_ratio else row["ours"]
            missed.append(f"- `{name}`, {row['what']}: {value}, promised {row['promised']}")
    count = sum(row.get("kept") in ("yes", "NO") for _, row in judged)
    if not missed:
        return f"All of {count} promises are kept."
    return "\n".join([f"{count - len(missed)} of {count} promises are kept. These are not:", "", *missed])


def _section(name: str, result: Result) -> str:
    versions = ", ".join(f"{library} {version}" for library, version in result.versions.items())
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row.cells())} |" for row in result.rows]
    before, after = result.load
    return (
        f"## {name}\n\n{result.about}\n\n" + "\n".join(lines) + f"\n\n{result.at[:16]}, {result.machine}, "
        f"load {before:.1f} before and {after:.1f} after; {versions}."
    )
