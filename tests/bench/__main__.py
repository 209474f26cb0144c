"""Run the benches of this folder: `make bench`, or `python -m tests.bench waiting grid` for some of them.

Each prints its rows as it finishes; all of them follow in one table. A promise that is not kept makes the exit code 1.
What was measured is kept in `bench.json`; `--page` writes the last run of each into `docs/benches.md`.
"""

import argparse
import os
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # what benches share stands there, as it does for tests

from wan_notebook.faces.weights import get_models

from support import bench_report
from support.measuring import alone


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(bench_report.NAMES)}")
    parser.add_argument("--small", action="store_true", help="measure little, in seconds, and keep nothing of it")
    parser.add_argument("--media", type=Path, help="a folder with real pictures and videos of people")
    parser.add_argument("--page", action="store_true", help="write the last run of each bench into docs/benches.md")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(bench_report.NAMES):
        parser.error(f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(bench_report.NAMES)}")
    if chosen.page:
        bench_report.PAGE.write_text(bench_report.page(bench_report.load()), encoding="utf-8")
        return 0
    if chosen.media:
        os.environ["WAN_NOTEBOOK_BENCH_MEDIA"] = str(chosen.media.resolve())
    os.environ["WAN_NOTEBOOK_MODELS"] = str(get_models().mesh.parent)  # each bench has a data directory of its own
    return run(chosen.names or bench_report.NAMES, small=chosen.small)


def run(names: list[str], *, small: bool) -> int:
    """Run benches one after another, each in a process of its own, and return the exit code."""
    results, failed = {}, []
    for name in names:
        try:
            results[name] = alone(bench_report.run, name, small)
        except Exception:  # noqa: BLE001 - whatever stops one bench, the others are run
            traceback.print_exc()
            failed.append(name)
            continue
        if not small:
            bench_report.save({name: results[name]})
        print(f"\n## {name}: {results[name].about}\n{bench_report.table(results[name].rows)}", flush=True)
    if len(results) > 1:
        print(f"\n{bench_report.table(row for result in results.values() for row in result.rows)}")
    broken = bench_report.broken(results)
    print("\nNot kept:\n  " + "\n  ".join(broken) if broken else "\nEvery promise that was measured is kept.")
    if failed:
        print(f"Not finished: {', '.join(failed)}")
    return 1 if broken or failed else 0


if __name__ == "__main__":
    sys.exit(main())
