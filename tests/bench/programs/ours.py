"""The package's own sweep, measured as the peers are.

Usage: python -m bench.programs.ours NAME BASE COUNT AT_ONCE FOLDER, with another NAME for each sweep in a folder.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

from bench.programs.clients import on_this_machine


def main() -> None:
    name, base, count, at_once, folder = sys.argv[1:]
    on_this_machine()
    os.environ["WAN_NOTEBOOK_HOME"] = folder
    import wan_notebook as wan
    from wan_notebook.client import Client, Service  # noqa: F401 - loaded as the peers are

    from support import media
    from support.measuring import peak

    (Path(folder) / "hero.png").write_bytes(media.picture())
    media.reference(Path(folder))
    inputs = Path(folder) / "hero.png", Path(folder) / "small.mp4"
    service = Service.at(base, paid=False)
    first = 1 if name == "first sweep" else 5  # other jobs, which take as long
    shifts = [first + 4 * number / int(count) for number in range(int(count))]
    sweep = wan.sweep  # loads it, as the peers are loaded by now
    began, before = time.perf_counter(), time.process_time()
    grid = sweep(*inputs, service=service, shift=shifts).run(concurrency=int(at_once))
    over = threading.Event()
    grid.observe(lambda _: over.set() if all(tile.progress.finished_at for tile in grid) else None)
    over.wait()
    took, computing = time.perf_counter() - began, time.process_time() - before
    grid.result()  # the clips are measured, too
    saved = sum(tile.clip is not None for tile in grid)
    json.dump({"seconds": took, "computing": computing, "megabytes": peak(), "saved": saved}, sys.stdout)


if __name__ == "__main__":
    main()
