"""The program of the process that finishes clips, one after another.

A task holds the paths "clip" and "target" and the fields of Finish; it sends "progress", 0 to 1, and "message", and its
result has the fields of Finished.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import WanError
from ..runtime.subprocess_worker import ParentConnection


def finish_task(task: Mapping[str, Any], send: Callable[..., None], cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Finish the clip of one task."""
    try:
        import cv2

        from .finish import Finish, finish
    except ImportError as error:
        raise WanError(
            f"Finishing a clip needs {error.name}. Install it with: pip install 'wan-notebook[preview]'"
        ) from None
    # Pictures are made side by side already; more threads for each would only wait for one another.
    cv2.setNumThreads(1)
    finished = finish(
        Path(task["clip"]),
        Path(task["target"]),
        Finish.from_json(task),
        lambda share, what: send(progress=share, message=what),
        cancelled,
    )
    return dataclasses.asdict(finished)


if __name__ == "__main__":
    ParentConnection().serve(finish_task)
