"""The fold under a player in which a clip is finished: full frame rate, steady colours, the reference's sound."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import WanError
from ...jobs.clip import open_clip
from ...model import family
from ...model.formatting import decimal
from ...runtime import event_loop
from ..frontend import Part, in_background, report_errors

if TYPE_CHECKING:
    from ...jobs.clip import Clip
    from ...media.video import Video
    from ...video.probe import VideoInfo
    from ..player.player import Player

_SAME_RATE = 0.01
"""Frames per second by which two rates may differ and be the same."""


@dataclass(frozen=True)
class FinishOption:
    """One thing that can be done to a clip."""

    name: str
    """The argument of Clip.finish()."""
    title: str
    effect: str
    """What it will do, in one sentence."""


FULL_RATE = FinishOption("fps", "Full frame rate", "")
STEADY = FinishOption("colours", "Steady colours", "")
SOUND = FinishOption("sound", "Sound of the reference", "Lays the reference's sound under the clip.")


@dataclass(frozen=True)
class FinishState:
    """The state of the fold."""

    options: tuple[FinishOption, ...] = ()
    """What this clip can be given; without any the fold hides itself."""
    busy: bool = False
    fraction: float = 0.0
    """The part of the work that is done, 0 to 1."""
    doing: str = ""
    """What is being done, or what came of it, in a few words."""
    trouble: str = ""
    """The reason why the last action failed."""


class FinishForm(Part[FinishState]):
    """Makes a finished clip of the one that a player shows, and plays both; the one it is made of stays as it is.

    Args:
        player: whose clip it is about, whichever is played there.
        on_finished: called with the finished clip and the one that it was made of.
    """

    def __init__(self, player: Player, on_finished: Callable[[Clip, Clip], None]) -> None:
        super().__init__(FinishState(), {"finish": self._start, "cancel": lambda _: self._cancel()})
        self._on_finished = on_finished
        self._path = self._made = ""
        self._clip: Clip | None = None
        self._work: concurrent.futures.Future[Clip] | None = None
        player.observe(lambda _change: self._show(player.shown.path), "state")
        self._show(player.shown.path)

    def _show(self, path: str) -> None:
        """Offer what the clip in a file can be given; what was begun for another one is ended."""
        if path in (self._path, self._made):
            return
        self._cancel()
        self._path, self._clip = path, None
        self.render(FinishState())
        if path:
            in_background(lambda: self._look(path), lambda _message: None)

    def _look(self, path: str) -> None:
        clip = open_clip(Path(path))
        options = finish_options(clip)
        if path == self._path:
            self._clip = clip
            self.render(FinishState(options))

    def _start(self, message: Mapping[str, Any]) -> None:
        clip, chosen = self._clip, set(message["names"])
        if clip is None or self.shown.busy:
            return
        from ...jobs.finish import Wish, finished_clip

        wish = Wish(
            fps="reference" if FULL_RATE.name in chosen else None,
            colours="steady" if STEADY.name in chosen else None,
            sound="reference" if SOUND.name in chosen else None,
        )
        self.update(busy=True, fraction=0.0, doing="Waiting", trouble="")
        self._work = work = event_loop.start(finished_clip(clip, wish, self._progress))
        work.add_done_callback(lambda done: self._end(clip, done))

    def _progress(self, share: float, what: str) -> None:
        with self._lock:
            if self.shown.busy:
                self.render(replace(self.shown, fraction=round(share, 2), doing=what))

    def _end(self, clip: Clip, work: concurrent.futures.Future[Clip]) -> None:
        if clip is not self._clip:
            return
        if work.cancelled():
            self.update(busy=False, doing="Cancelled; nothing half-made is left.")
            return
        self.update(busy=False, doing="")

        def play() -> None:
            made = work.result()
            if made is clip:
                self.update(doing="The clip is so already.")
            else:
                self._made = str(made.path)
                self.update(doing=f"Saved as {made.path.name}; the clip as it was made stays.")
                self._on_finished(made, clip)

        report_errors(play, self.fail)

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()


def finish_options(clip: Clip) -> tuple[FinishOption, ...]:
    """Return what a clip can be given, each with what it will do; nothing that it has already."""
    from ...video.probe import probe

    info = probe(clip.path)
    options = []
    original = _original(clip)
    if original is not None and abs((original.fps or info.fps) - info.fps) > _SAME_RATE:
        options.append(replace(FULL_RATE, effect=_rate_effect(info, original)))
    if effect := _colour_effect(clip, info, original):
        options.append(replace(STEADY, effect=effect))
    if original is not None and original.has_audio and not info.has_audio:
        options.append(SOUND)
    return tuple(options)


def _colour_effect(clip: Clip, info: VideoInfo, original: Video | None) -> str:
    """Return what steadying will do to a clip; empty where nothing can be expected of it."""
    if clip.film is not None or (clip.finished or {}).get("colours"):
        return ""
    if clip.settings.get("model") == family.REPLACE.id:
        anchored = "Gives the clip the colours of its reference, from its first frame on, measured in the background."
        return anchored if original or clip.reference else ""
    drift = "Undoes the slow drift of colours after the model's first window, measured where nothing moves."
    return drift if (info.frames or 0) > family.WINDOW_FRAMES else ""


def _original(clip: Clip) -> Video | None:
    from ...jobs.finish import Wish, original_reference

    try:
        return original_reference(clip, Wish(fps="reference"))
    except WanError:
        return None  # what needs the reference is not offered where there is none


def _rate_effect(info: VideoInfo, original: Video) -> str:
    rates = f"{decimal(info.fps)} to {decimal(original.fps or info.fps)}"
    return f"From {rates} frames per second, as the reference; the pictures between follow the motion."
