"""Waiting for clips with ours, with the peers, and with an asyncio loop of a few lines: the same jobs for each.

Every peer speaks its own protocol with a server on loopback, behind a host name that is not loopback's. They run where
`make bench-peers` has installed them; without it, ours is measured beside the vendor's example and the loop alone.
replicate is told of an end by its server, which holds the connection until then; fal-client asks nine times a second,
openai every second. How late ours is at equal requests is in bench/waiting.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from support import media
from support.bench_rows import Bound, Row, at_most
from support.measuring import running

HERE = Path(__file__).parent
PEERS = HERE.parents[1] / ".venvs" / "peers" / "bin" / "python"
"""The Python of a virtual environment with all peers."""
COLD, WARM = "first sweep", "second sweep"
"""Ours: by the second, the jobs of the first are known."""
EXAMPLE, LOOP = "vendor's example", "every second"
INSTALLED = "aimlapi-sdk-python", "replicate", "fal-client", "runwayml", "openai"
SIGMA = 0.25

LATE, WORST, POLLS, POSTS = "late on average", "latest", "polls a job", "submits where an answer is lost"
COMPUTING, MEMORY, IN_ALL, SAVED = "processor a job", "memory", "until all are saved", "clips saved"
UNITS = {LATE: "s", WORST: "s", POLLS: "", POSTS: "", COMPUTING: "ms", MEMORY: "MB", IN_ALL: "s", SAVED: ""}
PROMISED: dict[tuple[str, str], Bound] = {
    **{
        (figure, name): at_most(1.0, of_ratio=True, loosely=None)
        for figure, names in ((LATE, (EXAMPLE, "aimlapi-sdk-python", "runwayml")), (IN_ALL, (EXAMPLE, *INSTALLED)))
        for name in names
    },
    **{(POSTS, name): at_most(1.0, of_ratio=True, loosely=1.0) for name in (EXAMPLE, *INSTALLED)},
    (WORST, LOOP): at_most(3.0),
    (POLLS, LOOP): at_most(6.0),
    (POSTS, LOOP): at_most(1.0, loosely=1.0),
    (COMPUTING, LOOP): at_most(2.0, of_ratio=True, loosely=None),
    (IN_ALL, LOOP): at_most(1.05, of_ratio=True, loosely=None),
}
"""Of the second sweep, beside an alternative; small runs stand beside each other, and their jobs are over at once."""
AIM = "aimed at: 1 ×"

Figures = dict[str, float]


@contextlib.contextmanager
def served(folder: Path, count: int, median: float, loses: int = 0) -> Iterator[int]:
    """Serve every protocol in a process of its own; yields the port."""
    command = [sys.executable, str(HERE / "programs" / "server.py"), str(folder / "clip.mp4")]
    command += [str(count), str(median), str(SIGMA), str(loses)]
    with running(command) as port:
        yield int(port)


def run(name: str, port: int, count: int, at_once: int, folder: Path, host: str) -> tuple[Figures, dict[str, Any]]:
    """Let one program make so many clips, in a process of its own; return what it and the server say of that."""
    ours = name in (COLD, WARM)
    program = ["-m", "bench.programs.ours"] if ours else [str(HERE / "programs" / "clients.py")]
    python = str(PEERS) if name in INSTALLED else sys.executable
    # No proxy stands before a service on this machine, whatever it is called.
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    environment["PYTHONPATH"] = "" if name in INSTALLED else os.pathsep.join(filter(None, sys.path))
    folder = folder / ("ours" if ours else name)
    folder.mkdir(parents=True, exist_ok=True)
    arguments = [name, f"http://{host}:{port}", str(count), str(at_once), str(folder)]
    done = subprocess.run([python, *program, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{name} ended with {done.stderr}")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/counts") as answer:
        return json.loads(done.stdout.splitlines()[-1]), json.load(answer)


def figures(
    names: Sequence[str], count: int, at_once: int, median: float, folder: Path, host: str
) -> dict[str, Figures]:
    """Measure programs one after another, with the same server."""
    measured = {}
    with served(folder, count, median) as port:
        for name in names:
            took, asked = run(name, port, count, at_once, folder, host)
            measured[name] = {
                LATE: statistics.fmean(asked["late"]),
                WORST: max(asked["late"]),
                POLLS: asked["polls"] / count,
                COMPUTING: 1000 * took["computing"] / count,
                MEMORY: took["megabytes"],
                IN_ALL: took["seconds"],
                SAVED: took["saved"],
            }
    return measured


def submits(name: str, folder: Path, host: str) -> float:
    """Return how often a job is submitted when the answer to its first submit is lost."""
    with served(folder, 1, 0.1, loses=1) as port:
        return float(run(name, port, 1, 1, folder / "lost", host)[1]["posts"])


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    (folder / "clip.mp4").write_bytes(media.clip())
    jobs = (3, 3, 0.001) if small else (100, 20, 9.0)  # so that the example's first poll finds them done
    host = "127.0.0.1" if small else "service.example"  # near, so that ours polls at once, too
    others = [EXAMPLE, *(INSTALLED if PEERS.exists() and not small else ()), LOOP]
    measured: dict[str, Figures] = {}
    # What is measured of a small run is that it runs.
    with ThreadPoolExecutor(8 if small else 1) as pool:
        runs = [
            pool.submit(figures, names, *jobs, folder, host) for names in ((COLD, WARM), *((name,) for name in others))
        ]
        posts = {name: pool.submit(submits, name, folder, host) for name in (COLD, *others)}
        for one in runs:
            measured |= one.result()
    for name, one in posts.items():
        measured[name][POSTS] = one.result()
    measured[WARM][POSTS] = measured[COLD][POSTS]
    for figure, unit in UNITS.items():
        for name in (COLD, *others):
            theirs = measured[name][figure]
            note = AIM if (figure, name) == (COMPUTING, LOOP) else ""
            yield Row(figure, measured[WARM][figure], unit, name, theirs, PROMISED.get((figure, name)), note)
