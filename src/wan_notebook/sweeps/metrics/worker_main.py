"""The process that reads numbers off clips, one after another, with little claim on the processor.

One JSON document a line comes in on standard input, {"clip", "reference", "character", "job"}, and one goes out on
standard output for each, the numbers or {"failed": why}. It ends when its input does, and so with its parent.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import Any

from ...errors import WanError
from ...model.job import Job
from .cache import measure_once

_NICE = 10


def main() -> None:
    """Answer line by line."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin.buffer:
        out.write(json.dumps(_answer(json.loads(line))).encode() + b"\n")
        out.flush()


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    reference, character, job = (asked[name] for name in ("reference", "character", "job"))
    try:
        measured = measure_once(
            Path(asked["clip"]),
            Path(reference) if reference else None,
            Path(character) if character else None,
            Job.model_validate(job) if job else None,
        )
        return dataclasses.asdict(measured)
    except WanError as error:
        return {"failed": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever breaks on one clip, the next one is measured
        return {"failed": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
