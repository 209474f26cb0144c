"""The player of a finished clip: alone, beside its reference or character, or wiped over its reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ..delivery import Label, MediaPart

ViewMode = Literal["result", "reference", "character", "wipe"]
"""The arrangement on screen: the clip alone, beside its reference or its character, or wiped over the reference."""


@dataclass(frozen=True)
class PlayerCurve:
    """The motion of one part of the clip's face over time, beside the performer's."""

    title: str
    """The part, as "Mouth"."""
    agreement: str
    """How far both agree, as "r 0.91 · gain 0.80"."""
    result: tuple[float | None, ...]
    """Of the clip, evenly spread over its time, in any unit; None where no face is seen."""
    reference: tuple[float | None, ...]
    """Of the performer, likewise."""


@dataclass(frozen=True)
class PlayerState:
    """The state of a player."""

    title: str = ""
    facts: tuple[str, ...] = ()
    """The settings of the clip, a few words each."""
    called: str = "result"
    """The clip's name on screen."""
    beside: str = "reference"
    """The name of the video beside it."""
    beside_facts: tuple[str, ...] = ()
    """The settings of that video, where it is another clip."""
    view_mode: ViewMode | None = None
    """The view mode at first; None keeps the one that the person chose before."""
    focus: bool = False
    """Whether the player takes the keyboard focus, as one does that a person has just opened."""
    closable: bool = False
    """Whether there is a button that closes the player."""
    path: str = ""
    """The clip's file in the kernel's file system; empty offers no path to copy."""
    fps: float = 25.0
    """Frames per second of the clip."""
    sound: bool = False
    """Whether the clip has sound."""
    result: Label | None = None
    """The clip; None hides the player."""
    reference: Label | None = None
    """The video to compare with; its motion was taken, unless `beside` says otherwise."""
    character: Label | None = None
    """The picture of the character."""
    curves: tuple[PlayerCurve, ...] = ()
    """What was measured of the clip's face, where it was."""
    marks: tuple[float, ...] = ()
    """Seconds with which the shots of a film begin."""
    trouble: str = ""
    """The reason why the last action failed."""


class Player(MediaPart[PlayerState]):
    """Plays a clip; nothing of it is stored in the notebook, and a page that is loaded anew plays it again.

    Args:
        on_close: called when the person closes the player; without it, there is no button for that.
    """

    def __init__(self, on_close: Callable[[], None] | None = None) -> None:
        super().__init__(PlayerState(), {"close": self._close})
        self._on_close = on_close

    def play(
        self,
        result: Path,
        reference: Path | None = None,
        character: Path | None = None,
        title: str = "",
        facts: Sequence[str] = (),
        called: str = "result",
        beside: str = "reference",
        view_mode: ViewMode | None = None,
        *,
        beside_facts: Sequence[str] = (),
        focus: bool = False,
        download: str = "",
        curves: Sequence[PlayerCurve] = (),
        marks: Sequence[float] = (),
        closable: bool = True,
    ) -> None:
        """Show a clip from its beginning.

        Args:
            result: the clip.
            reference: the video whose motion it has, to be compared with.
            character: the picture of the character, to be compared with.
            title: the heading; the file's name by default.
            facts: the settings, a few words each.
            called: the clip's name on screen, where it is one of two, as "job 4".
            beside: the name of the video beside it where that is not its reference, as "job 3".
            view_mode: the one at first; the person's own choice before by default.
            beside_facts: the settings of that video, where it is another clip.
            focus: whether the player takes the keyboard focus, where the person was in the box around it.
            download: the name of the file that is downloaded; the clip's own by default.
            curves: what was measured of the clip's face, to be drawn below it.
            marks: seconds with which shots begin, to be marked on the timeline and jumped to.
            closable: whether a person may close it, where somebody is told of that.

        Raises:
            MediaError: one of the files cannot be read.
        """
        from ...video.probe import probe

        info = probe(result)
        with self._lock:
            self.delivery.withdraw()
            self.render(
                PlayerState(
                    title=title or result.name,
                    facts=tuple(facts),
                    called=called,
                    beside=beside,
                    beside_facts=tuple(beside_facts),
                    view_mode=view_mode,
                    focus=focus,
                    closable=closable and self._on_close is not None,
                    path=str(result),
                    fps=info.fps,
                    sound=info.has_audio,
                    result=replace(self.delivery.offer(result), name=download or result.name),
                    reference=self.delivery.offer_video(reference) if reference else None,
                    character=self.delivery.offer(character) if character else None,
                    curves=tuple(curves),
                    marks=tuple(marks),
                )
            )

    def show_curves(self, curves: Sequence[PlayerCurve]) -> None:
        """Draw the measures of the clip that is shown, once they are known."""
        with self._lock:
            if self.shown.result is not None:
                self.render(replace(self.shown, curves=tuple(curves), view_mode=None))

    def clear(self) -> None:
        """Show no clip, and withdraw the one that was shown."""
        with self._lock:
            self.delivery.withdraw()
            self.render(PlayerState())

    def _close(self, _message: Mapping[str, Any]) -> None:
        self.clear()
        if self._on_close is not None:
            self._on_close()
