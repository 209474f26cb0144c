"""The clips of a sweep, measured in the background."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from wan_notebook.errors import WanError
from wan_notebook.jobs.clip import Clip
from wan_notebook.model.job import COMPLETED, Job
from wan_notebook.sweeps import measure_queue
from wan_notebook.sweeps.measure_queue import MeasureQueue


def test_all_clips_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits does so for every clip, also for those that wait for their turn, come meanwhile, or cannot be read."""
    told: dict[str, dict[str, Any]] = {}

    async def measure_all() -> None:
        queue = MeasureQueue(1, None)

        def add(name: str) -> None:
            queue.add(Clip(Path(name), None, Job(id=name, status=COMPLETED)), partial(told.setdefault(name, {}).update))

        async def measure(_workers: Any, clip: Path, *_others: Any, **_how: Any) -> str:
            await asyncio.sleep(0)
            if clip.name == "second":
                add("last")
                raise WanError("broken")
            await asyncio.sleep(0)
            return f"numbers of {clip.name}"

        monkeypatch.setattr(measure_queue, "measure_in_background", measure)
        for name in ("first", "second", "third"):
            add(name)
        await queue.join()
        assert [told[name].get("metrics") for name in told] == [
            "numbers of first",
            None,
            "numbers of third",
            "numbers of last",
        ]
        assert told["second"]["measure_error"] == "The clip could not be measured: broken"

    asyncio.run(measure_all())
