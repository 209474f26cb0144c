"""The row that begins a job: its price, its service, and the button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..delivery import Label, MediaPart


@dataclass(frozen=True)
class ServiceOption:
    """A service among those to choose from."""

    key: str
    label: str


@dataclass(frozen=True)
class Caution:
    """A warning before a job is begun."""

    topic: str
    """The key by which the browser asks for its remedy."""
    text: str
    """One or two sentences."""
    remedy: str = ""
    """The text of a button that helps; empty where none can."""
    shown: Label | None = None
    """A picture that shows what is meant."""
    alt: str = ""
    """What is to be seen in it, in a few words."""
    large: bool = False
    """Whether its details matter."""
    film: bool = False
    """Whether a film, made shot by shot, is a way out."""


@dataclass(frozen=True)
class PendingJob:
    """An earlier job whose clip is still to come."""

    id: str
    """The job's number in the journal."""
    label: str
    """One sentence: when it was begun."""


@dataclass(frozen=True)
class GenerateState:
    """The state of a generate bar."""

    busy: bool = False
    """Whether a job is under way."""
    cancels: bool = False
    """Whether stopping ends the job itself, as of a free preview."""
    ready: bool = False
    """Whether all inputs of a job are chosen."""
    empty: bool = True
    """Whether no input is chosen, so that samples are offered."""
    wants_key: bool = False
    """Whether the service has no key yet, so that the field for one is shown."""
    made_before: bool = False
    """Whether the same job was made before, so that another one is made on purpose only."""
    price: str = ""
    """The estimated price of the job, or what is still to be chosen, in words."""
    paid: bool = False
    """Whether the service costs money, so that a balance can be asked for."""
    budget: float | None = None
    """Dollars that the job may cost at most, as the person has set it."""
    cap: str = ""
    """The standing cap, and what was spent of it today, in words; empty without one."""
    confirm: str = ""
    """The price that the person is asked to confirm, as a sentence; empty where nothing is asked."""
    balance: str = ""
    """The balance of the account in words; empty until it was asked for."""
    service: str = ""
    """The key of the service that makes the job."""
    services: tuple[ServiceOption, ...] = ()
    warnings: tuple[Caution, ...] = ()
    pending_jobs: tuple[PendingJob, ...] = ()
    code: str = ""
    """The source of a cell that makes the same job; empty until all inputs are chosen."""
    trouble: str = ""
    """The reason why the last action failed."""


class GenerateBar(MediaPart[GenerateState]):
    """The button that begins a job, with its price beside it.

    Args:
        on_generate: called with whether a clip that exists already is to be made once more.
        on_confirm: called with whether the price that was asked about is right.
        on_budget: called with the dollars that a job may cost at most, or None for no limit.
        on_key: called with the key that was typed, which is kept nowhere else.
        on_stop: called when the job is no longer to be watched.
        on_service: called with the key of the service chosen.
        on_watch: called with the number of an earlier job that is to be watched again.
        on_balance: called when the balance of the account is asked for.
        on_fix: called with the topic of the warning whose remedy is to be applied.
        on_samples: called when a person who has nothing at hand wants to try the samples.
        on_film: called when a film is to be planned, shot by shot.
    """

    def __init__(
        self,
        *,
        on_generate: Callable[[bool], None],
        on_confirm: Callable[[bool], None],
        on_budget: Callable[[float | None], None],
        on_key: Callable[[str], None],
        on_stop: Callable[[], None],
        on_service: Callable[[str], None],
        on_watch: Callable[[int], None],
        on_balance: Callable[[], None],
        on_fix: Callable[[str], None],
        on_samples: Callable[[], None],
        on_film: Callable[[], None],
    ) -> None:
        super().__init__(
            GenerateState(),
            {
                "generate": lambda message: on_generate(bool(message.get("again"))),
                "confirm": lambda message: on_confirm(bool(message.get("yes"))),
                "budget": lambda message: on_budget(message.get("usd")),
                "key": lambda message: on_key(str(message["key"])),
                "stop": lambda _: on_stop(),
                "service": lambda message: on_service(str(message["key"])),
                "watch": lambda message: on_watch(int(message["id"])),
                "balance": lambda _: on_balance(),
                "fix": lambda message: on_fix(str(message["topic"])),
                "samples": lambda _: on_samples(),
                "film": lambda _: on_film(),
            },
        )
