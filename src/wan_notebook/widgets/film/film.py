"""The shots of a film side by side: how far each is, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..delivery import Delivery, Label, MediaPart
from ..frontend import Handler
from ..status.status import Tone


@dataclass(frozen=True)
class ShotState:
    """One shot as the strip shows it."""

    number: int
    span: str
    """From where to where, as "0:02.2–0:05.2"."""
    begin: float
    """Seconds from the beginning of the film to its first frame; so is `end`, to the one after its last."""
    end: float
    frames: str
    """How many, as "75 → 48"."""
    phase: str
    """Its job's state in a word or two, or what is shown in place of a clip."""
    tone: Tone
    message: str = ""
    """The reason why it failed, or what to know of it."""
    fraction: float | None = None
    """The part of its job that is done, 0 to 1; None unless it is under way."""
    picture: Label | None = None
    """Its first frame: of its clip, or of the reference before there is one."""
    has_clip: bool = False
    can_retry: bool = False
    can_remake: bool = False
    price: str = ""
    """What it costs to make it anew, as "about $0.12"; empty where nothing is paid."""
    num_inference_steps: int = 20
    """With which it was made; so is `shift`."""
    shift: float = 5.0


@dataclass(frozen=True)
class ShotStripState:
    """The state of a strip of shots; without any it hides itself."""

    words: str = ""
    """The film in one line."""
    tone: Tone = "busy"
    fraction: float = 0.0
    """The part that is done of the shots, of the planning or of the joining."""
    shots: tuple[ShotState, ...] = ()
    playing: int | None = None
    """The shot whose own clip the player shows; None for the film, or nothing."""
    joined: bool = False
    """Whether the player has the film, in which a shot can be jumped to."""
    stop: str = ""
    """The text of the button that stops what is going on; empty where there is nothing to stop."""
    resume: str = ""
    """The text of the button that goes on with a film; likewise."""
    planning: bool = False
    """Whether a film is being planned, or is to be once all is chosen, so that nothing can be made yet."""
    plan: int = 0
    """The number of the plan that is shown; a click on its button names it, so that no other one is made."""
    overlap: str = ""
    """What an overlap at the seams inside takes does to this plan, and costs; empty where there are none."""
    overlapping: bool = False
    """Whether the plan has it."""
    offer: str = ""
    """The button's text where this is a plan, or is to be one, with the price; empty for a film."""
    closable: bool = False
    """Whether the plan, or the film that is over, may be put away."""
    notes: tuple[str, ...] = ()
    """What was put right in the joined film."""
    limits: Mapping[str, tuple[float, float, float]] | None = None
    """Least, greatest and step of what a shot can be made anew with, by the wire names."""
    trouble: str = ""
    """The reason why the last action failed, or why the film is not joined."""


class Planner(Protocol):
    """Makes plans of films, which a strip shows before there is a film."""

    def make(self, plan: int) -> None:
        """Make the film of a plan, by its number."""

    def overlap(self, wanted: bool) -> None:
        """Plan with an overlap at the seams inside takes, or without."""

    def stop(self) -> None:
        """End the planning."""

    def close(self) -> None:
        """Put away what is shown."""


class ShotStrip(MediaPart[ShotStripState]):
    """The shots of a film.

    Args:
        delivery: offers the first frames.
        on_play: called with the number of a shot whose own clip is to be played.
        on_film: called when the film is to be played again after a single shot.
        on_retry: called with the number of a shot that failed.
        on_remake: called with the number of a shot that is to be made anew, and the settings by name.
        on_stop: called when nothing more is to be sent, or the planning or the joining is to end.
        on_resume: called when what is missing is to be made.
        planner: makes what stands here before a film, and puts both away; None where there is a film.
    """

    def __init__(
        self,
        delivery: Delivery,
        *,
        on_play: Callable[[int], None],
        on_film: Callable[[], None],
        on_retry: Callable[[int], None],
        on_remake: Callable[[int, Mapping[str, Any]], None],
        on_stop: Callable[[], None],
        on_resume: Callable[[], None],
        planner: Planner | None,
    ) -> None:
        self._failure = ""
        super().__init__(
            ShotStripState(),
            {
                "play": self._fresh(lambda message: on_play(int(message["number"]))),
                "film": self._fresh(lambda _: on_film()),
                "retry": self._fresh(lambda message: on_retry(int(message["number"]))),
                "remake": self._fresh(lambda message: on_remake(int(message["number"]), message["settings"])),
                "stop": self._fresh(lambda _: on_stop()),
                "resume": self._fresh(lambda _: on_resume()),
            },
            delivery,
        )
        if planner is not None:
            self.handlers = {
                **self.handlers,
                "make": self._fresh(lambda message: planner.make(int(message["plan"]))),
                "overlap": self._fresh(lambda message: planner.overlap(bool(message["on"]))),
                "close": self._fresh(lambda _: planner.close()),
            }

    def render(self, shown: ShotStripState) -> None:
        """Show a state; why the person's last action failed stays until the next one."""
        super().render(replace(shown, trouble=self._failure) if self._failure else shown)

    def fail(self, message: str) -> None:
        """Show why the person's last action failed, until the next one."""
        self._failure = message
        super().fail(message)

    def _fresh(self, action: Handler) -> Handler:
        """Return a handler that forgets the last failure before it does an action."""

        def handle(message: Mapping[str, Any]) -> None:
            if self._failure:
                self._failure = ""
                self.update(trouble="")
            action(message)

        return handle
