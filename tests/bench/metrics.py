"""What measuring a clip takes: computing, and memory for a short and a long one."""

import os
import tempfile
import threading
import time

import psutil

from wan_notebook.media import samples
from wan_notebook.sweeps import metrics


def measured(seconds: float) -> tuple[float, float]:
    """Return the computing and the growth of memory, in megabytes, of measuring a clip of this length."""
    clip, character = samples.reference("hello", seconds, person="ada"), samples.character("ada")
    reference, process, done, sizes = samples.reference("hello", seconds), psutil.Process(), threading.Event(), [0]
    idle = process.memory_info().rss

    def watch() -> None:
        while not done.wait(0.02):
            sizes.append(process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.process_time()
    metrics.measure(clip, reference, character)
    computing = time.process_time() - start
    done.set()
    watcher.join()
    return computing, (max(sizes) - idle) / 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["WAN_NOTEBOOK_HOME"] = home
        measured(1)
        print(f"{'clip at 480p':<16}{'computing per second':>24}{'memory':>12}")
        for seconds in (3, 12):
            computing, megabytes = measured(seconds)
            print(f"{f'{seconds} s':<16}{computing / seconds:>22.2f} s{megabytes:>9.0f} MB")


if __name__ == "__main__":
    main()
