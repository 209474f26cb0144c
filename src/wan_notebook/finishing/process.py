"""Finishing clips in a process of its own, one for this whole notebook."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..runtime.data_dir import atomic_write
from ..runtime.shared_worker import SharedWorker

if TYPE_CHECKING:
    from .finish import Finish, Finished


class Finisher(SharedWorker):
    """Finishes clips in another process, one after another; it belongs to one event loop."""

    def __init__(self) -> None:
        super().__init__("The process that finishes clips", f"{__package__}.worker_main")

    async def finish(
        self,
        clip: Path,
        target: Path,
        wanted: Finish,
        on_progress: Callable[[float, str], None] = lambda _share, _what: None,
    ) -> Finished:
        """Finish a clip; arguments and errors as for the function of this name. Cancelled, it leaves no file."""
        from .finish import Finished

        # The half-written file is this process's, which removes it however the other one ends.
        with atomic_write(target) as partial:
            task = dataclasses.asdict(wanted) | {"clip": str(clip), "target": str(partial)}
            report = await self.run(task, lambda said: on_progress(said["progress"], said["message"]))
        return Finished(**report)


finisher = Finisher()
"""The finisher of this notebook."""
