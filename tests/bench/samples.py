"""How long it takes to draw the samples, for someone who waits for the first demo."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from wan_notebook.media import samples


def seconds(draw: Callable[[], Path]) -> tuple[float, int]:
    """Return the computing that a sample takes, and its bytes."""
    start = time.process_time()
    path = draw()
    return time.process_time() - start, path.stat().st_size


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["WAN_NOTEBOOK_HOME"] = home
        print(f"{'sample':<24}{'computing':>10}{'again':>10}{'size':>10}")
        for name, draw in (
            ("character, 832×1088", samples.character),
            ("reference, 3 s, 480p", samples.reference),
        ):
            (first, size), (again, _) = seconds(draw), seconds(draw)
            print(f"{name:<24}{first:>8.2f} s{1000 * again:>7.1f} ms{size // 1000:>7} kB")


if __name__ == "__main__":
    main()
