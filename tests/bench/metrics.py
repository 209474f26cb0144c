"""What measuring a clip takes: computing, and memory for a long one beside a short one."""

from collections.abc import Iterator
from pathlib import Path

from wan_notebook.media import samples
from wan_notebook.sweeps import metrics

from support.bench_rows import Row, at_most
from support.measuring import Taken, alone, taken


def measured(seconds: float) -> Taken:
    """Measure a clip of this length at 480p, after a short one, with which everything is loaded."""
    for length in (0.2, seconds):
        clip, reference = samples.reference("hello", length, person="ada"), samples.reference("hello", length)
        cost = taken(metrics.measure, clip, reference, samples.character("ada"))
    return cost


def rows(_folder: Path, *, small: bool) -> Iterator[Row]:
    short, long = (0.2, 0.3) if small else (3.0, 12.0)
    brief, whole = (alone(measured, seconds, small=small) for seconds in (short, long))
    yield Row("computing per second of clip", whole.computing / long, "s")
    most = at_most(1.5, of_ratio=True)
    note = f"{long} s beside {short} s"
    yield Row("memory, long clip", whole.megabytes, "MB", "short clip", brief.megabytes, most, note)
