"""Run the benches of this folder: `make bench`, or `python -m tests.bench waiting grid` for some of them.

Each prints its rows as it finishes; all of them follow in one table. A promise that is not kept makes the exit code 1.
What was measured is kept in `bench.json`; `--page` writes the last run of each, or of those that are named, into
`docs/benches.md`, and keeps the sections of benches that were not run here.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # what benches share stands there, as it does for tests

from wan_notebook.errors import StorageError
from wan_notebook.faces.weights import get_models

from support import bench_report
from support.measuring import alone


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(bench_report.NAMES)}")
    parser.add_argument("--small", action="store_true", help="measure little, by looser bounds, and keep nothing of it")
    parser.add_argument("--media", type=Path, help="a folder with real pictures and videos of people")
    parser.add_argument("--page", action="store_true", help="write the last run of each bench into docs/benches.md")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(bench_report.NAMES):
        parser.error(f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(bench_report.NAMES)}")
    if chosen.page and chosen.small:
        parser.error("--page runs nothing, and nothing of a small run is kept for it; leave out one of the two")
    if chosen.page:
        return write_page(chosen.names or bench_report.NAMES)
    if chosen.media:
        os.environ["WAN_NOTEBOOK_BENCH_MEDIA"] = str(chosen.media.resolve())
    os.environ["WAN_NOTEBOOK_MODELS"] = str(get_models().mesh.parent)  # each bench has a data directory of its own
    return run(chosen.names or bench_report.NAMES, small=chosen.small)


def write_page(names: list[str]) -> int:
    """Write the last runs of benches into the page, say which sections it keeps, and return the exit code."""
    try:
        results = bench_report.load()
    except bench_report.DamagedResults as error:
        print(f"{error} The page is left as it is.")
        return 1
    written = {name: results[name] for name in names if name in results}
    page = bench_report.PAGE
    standing = page.read_text(encoding="utf-8") if page.exists() else ""
    page.write_text(bench_report.page(written, standing), encoding="utf-8")
    print(f"Written: {', '.join(written) or 'nothing'}.")
    print(f"Kept as they stood: {', '.join(name for name in bench_report.NAMES if name not in written) or 'none'}.")
    if missing := [name for name in names if name not in results]:
        print(f"{bench_report.RESULTS.name} has no run of {', '.join(missing)}.")
    return 0


def run(names: list[str], *, small: bool) -> int:
    """Run benches one after another, each in a process of its own, and return the exit code.

    It is 1 where a promise is not kept, a bench fails or its result cannot be written, and 130 after an interrupt.
    """
    results: dict[str, bench_report.Result] = {}
    failed: list[str] = []
    written, interrupted = True, False
    try:
        for name in names:
            try:
                results[name] = alone(bench_report.run, name, small)
            except Exception:  # noqa: BLE001 - whatever stops one bench, the others are run
                traceback.print_exc()
                failed.append(name)
                continue
            title = f"{name}, a small run" if small else name
            print(f"\n## {title}: {results[name].about}")
            print(bench_report.table(results[name].rows, loosely=small), flush=True)
            if not small:
                written = keep(name, results[name]) and written
    except KeyboardInterrupt:
        interrupted = True
    broken = bench_report.broken(results, loosely=small)
    sum_up(results, broken, small=small)
    if failed:
        print(f"Not finished: {', '.join(failed)}")
    if interrupted:
        print(interruption([name for name in names if name not in results and name not in failed]))
        return 130
    return 1 if broken or failed or not written else 0


def sum_up(results: Mapping[str, bench_report.Result], broken: Sequence[str], *, small: bool) -> None:
    """Print the rows of all benches in one table, and the promises that are not kept."""
    if len(results) > 1:
        rows = (row for result in results.values() for row in result.rows)
        print(f"\n{bench_report.table(rows, loosely=small)}")
    if small and results:
        print("\nA small run tells whether a bench runs, not whether promises are kept: its bounds are looser by far.")
    if broken:
        print("\nNot kept:\n  " + "\n  ".join(broken))
    elif results and not small:
        print("\nEvery promise that was measured is kept.")


def keep(name: str, result: bench_report.Result) -> bool:
    """Write what a bench measured to `bench.json`, say so where that fails, and tell whether it was written."""
    try:
        try:
            bench_report.save({name: result})
        except bench_report.DamagedResults as error:
            print(f"{error} It is kept as {bench_report.set_aside().name}, and begun anew.")
            bench_report.save({name: result})
    except (StorageError, OSError) as error:
        print(f"What {name} measured is not in {bench_report.RESULTS.name}: {error}")
        return False
    return True


def interruption(left: list[str]) -> str:
    """Say after which bench a run was interrupted, from the benches that are left."""
    if not left:
        return "Interrupted."
    return f"Interrupted: {left[0]} {'and those after it were' if len(left) > 1 else 'was'} not run."


if __name__ == "__main__":
    sys.exit(main())
