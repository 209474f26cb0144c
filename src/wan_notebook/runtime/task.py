"""Work for another process, on this machine or another one, and what does such work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from ..errors import WanError

Message = dict[str, Any]
"""JSON values by name."""
OnMessage = Callable[[Message], None]
Handler = Callable[[Message, Callable[..., None], Callable[[], bool]], Any]
"""Does one task in the worker, and returns its result as a JSON value.

It gets Task.message, a function that sends a message (JSON values as named arguments), and one that returns whether the
task was cancelled.
"""


@dataclass(frozen=True)
class TaskLimits:
    """The limits of a task; None is without one."""

    memory: int | None = None
    """Bytes of its process's own data, stacks of its threads included. Only Linux enforces it: address space, which
    other systems know at most, is taken by libraries in gigabytes that they never use."""
    file_size: int | None = None
    """Bytes of a file that it writes; likewise."""
    seconds: float | None = None
    """That it may take, after which its process is killed."""
    silence: float | None = None
    """Seconds without any message about it after which its process is killed."""


@dataclass(frozen=True)
class Task:
    """Work for a worker: a function, what it is told, and the files that it reads and writes."""

    function: str
    """A Handler, as "package.module:name", imported in the worker."""
    values: Mapping[str, Any]
    """JSON values by name. No secret is ever among them: they may leave this machine."""
    inputs: Mapping[str, Path | tuple[Path, ...]] = field(default_factory=dict)
    """Files that it reads, by name; several under one name lie in one folder."""
    outputs: Mapping[str, Path] = field(default_factory=dict)
    """Files that it writes, by name."""
    subject: str = "The worker"
    """Of messages about its process, as "The preview engine's process"."""
    error: type[WanError] = WanError
    """Raised for failures which have no class of their own."""
    limits: TaskLimits = TaskLimits()
    urgency: Literal[-1, 0, 1] = 0
    """1 goes before all that wait, as what a job has to wait for before it is sent; -1 waits until no other waits."""

    @property
    def message(self) -> Message:
        """What its function is told: the values, and the paths of the files under their names."""
        several = {name: [str(one) for one in files] for name, files in self.inputs.items() if isinstance(files, tuple)}
        single = {name: str(file) for name, file in {**self.inputs, **self.outputs}.items()}
        return {**self.values, **single, **several}


class Workers(Protocol):
    """Do tasks elsewhere, several side by side; each belongs to one event loop."""

    def prepare(self, modules: tuple[str, ...], wanted: int) -> None:
        """Get ready for tasks that are about to come, so that they begin at once.

        Args:
            modules: that they will import.
            wanted: tasks that run or are about to come.
        """

    async def run(self, task: Task, on_message: OnMessage = lambda _message: None) -> Any:
        """Have a task done and return its result; cancelling this ends the work within a second.

        Args:
            task: the work; where its process crashes, it is begun once more.
            on_message: is called with each message about it; {"begun": True} is the first one of each beginning.

        Raises:
            MediaError: the task failed with this error; so for StorageError.
            WanError: it failed otherwise; the class is the task's own `error`.
        """

    async def close(self) -> None:
        """End the work and whatever was started for it."""
