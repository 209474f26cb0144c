"""Finishing a clip: its frames read, steadied in colour, brought to another rate, and written to a new file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import WanError
from ..media.checks.cuts import HEIGHT, TransitionFinder
from ..video.prefetch import prefetch
from ..video.probe import VideoInfo, probe
from ..video.read import frame_times, frames
from ..video.write import Writer
from .colour import NO_DRIFT, Drift, measure_difference, measure_drift
from .interpolate import interpolate
from .moments import Sampling, few, is_steady

Picture = NDArray[np.uint8]
OnProgress = Callable[[float, str], None]
"""Takes the share of the work that is done, 0 to 1, and what is being done."""

CRF, PRESET = 15, "veryfast"
"""x264's: hardly anything is lost once more, at a speed that leaves the processor to the pictures."""
_LOOKING = 0.3
"""Share of the time that the first reading takes."""
_LOOKED_AT = 144
"""Rows of the copies whose colours are measured: what is compared are the means of much larger cells."""


@dataclass(frozen=True)
class Finish:
    """What is to be done to a clip; its fields are JSON values, to go to another process."""

    fps: float | None = None
    """Frames per second to bring it to; None leaves its own."""
    times: tuple[float, ...] | None = None
    """Seconds of the frames wanted, from where the clip begins, for a reference's own pace; `fps` tells it roughly."""
    sent_frames: int | None = None
    """Frames of the reference as it was sent, where `times` are the reference's."""
    sent_fps: float | None = None
    """Rate of the reference as it was sent."""
    cuts: tuple[int, ...] = ()
    """Numbers among `times` of the frames with which another shot of the reference begins."""
    steady: bool = False
    """Whether the drift of its colours is undone."""
    reference: str | None = None
    """Path of the video that was sent, for the colours."""
    replaces: bool = False
    """Whether the job was in Replace, so that the background is that video's."""
    sound: str | None = None
    """Path of the video whose sound is laid under it; None keeps its own."""
    sound_start: float = 0.0
    """The second of that video at which it begins."""

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Finish:
        """Return what dataclasses.asdict() turned into values by name, from among others."""
        named = {field.name: values[field.name] for field in fields(cls)}
        return cls(**named | {"times": named["times"] and tuple(named["times"]), "cuts": tuple(named["cuts"])})


@dataclass(frozen=True)
class Finished:
    """What became of it."""

    fps: float
    frames: int
    source_fps: float
    """Frames per second of the clip as it was; so for source_frames."""
    source_frames: int
    drift: float
    """Largest change of a level that was undone, in levels; 0 where nothing had drifted."""


def finish(
    clip: Path,
    target: Path,
    wanted: Finish,
    on_progress: OnProgress = lambda _share, _what: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Finished:
    """Finish a clip, which stays as it is, with a few frames in memory at a time.

    Args:
        clip: the clip.
        target: the file to write; when this fails, there is none.
        wanted: what is to be done.
        on_progress: is told how far it is.
        cancelled: asked at each frame.

    Raises:
        MediaError: the clip, the reference or the sound cannot be read.
        StorageError: the target cannot be written.
        WanError: it was cancelled.
    """
    info, own = probe(clip), frame_times(clip)
    progress = WorkProgress(on_progress, cancelled)
    drift, cuts = _look(clip, info.fps, len(own), wanted, progress)
    fps = wanted.fps or info.fps
    moments, times = _moments(info, own, wanted)
    width, height = info.width // 2 * 2, info.height // 2 * 2
    corrected = (drift.correct(pixels, number) for number, pixels in enumerate(_pixels(clip)))
    pictures = interpolate(corrected, moments, cuts=cuts)
    sound = Path(wanted.sound) if wanted.sound else clip
    # Each picture has its time in the file, counted from the first one; the sound begins with that, too.
    late = 0.0 if wanted.times is None else wanted.times[0]
    with Writer(
        target,
        width=width,
        height=height,
        fps=fps,
        times=None if times is None or is_steady(times, fps) else [time - times[0] for time in times],
        crf=CRF,
        preset=PRESET,
        sound_from=sound,
        sound_start=wanted.sound_start + late,
    ) as writer:
        for number, picture in enumerate(pictures):
            progress.at(_LOOKING + (1 - _LOOKING) * number / len(moments), "Making the frames")
            writer.write(picture[:height, :width])
    return Finished(fps, len(moments), info.fps, info.frames, round(drift.largest, 1))


def _look(clip: Path, fps: float, count: int, wanted: Finish, progress: WorkProgress) -> tuple[Drift, tuple[int, ...]]:
    """Read a clip through, and return the drift of its colours and the numbers of the frames that begin shots."""
    import cv2

    finder, drift = TransitionFinder(), NO_DRIFT
    what = "Looking at the colours" if wanted.steady else "Looking for cuts"

    def looked() -> Iterator[Picture]:
        for number, pixels in enumerate(_pixels(clip, height=_LOOKED_AT)):
            progress.at(_LOOKING * min(1.0, number / count), what)
            width = max(1, round(HEIGHT * pixels.shape[1] / pixels.shape[0]))
            finder.add(np.asarray(cv2.resize(pixels, (width, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8))
            yield pixels

    if wanted.steady:
        reference = _in_step(Path(wanted.reference), fps, count) if wanted.reference else iter(())
        drift = measure_drift(looked(), reference=reference, replaces=wanted.replaces)
        if wanted.reference and wanted.replaces:
            steadied = (drift.correct(one, number) for number, one in enumerate(_pixels(clip, height=_LOOKED_AT)))
            anchor = _in_step(Path(wanted.reference), fps, count)
            drift = Drift(drift.shifts + measure_difference(steadied, anchor, replaces=True).shifts)
    elif wanted.fps is not None:
        for _ in looked():
            pass
    return drift, tuple(one.frame for one in finder.found() if one.kind == "cut")


def _moments(info: VideoInfo, own: Sequence[float], wanted: Finish) -> tuple[Sequence[float], Sequence[float] | None]:
    """Return where the wanted frames lie in the clip, in units of its frames, and their times; None at a constant rate.

    Args:
        info: of the clip.
        own: seconds of its frames.
        wanted: what is to be done.
    """
    if wanted.times is not None:
        sent, fps = wanted.sent_frames or len(own), wanted.sent_fps or info.fps
        at = Sampling(wanted.times, sent, fps, len(own), info.fps).positions(wanted.cuts)
        return at.tolist(), wanted.times
    if wanted.fps is None:
        return range(len(own)), own
    ticks = [number / wanted.fps for number in range(max(1, round(info.duration * wanted.fps)))]
    return np.interp(ticks, [time - own[0] for time in own], range(len(own))).tolist(), None


def _in_step(reference: Path, fps: float, count: int) -> Iterator[Picture]:
    """Stream the frames of the video that was sent, one for each of so many of the clip at its rate; see Sampling."""
    whole = abs(probe(reference).frames - count) <= few(count)
    return _pixels(reference, None if whole else fps, height=_LOOKED_AT)


def _pixels(path: Path, fps: float | None = None, *, height: int | None = None) -> Iterator[Picture]:
    # Else each time that a clip is written again, it would get darker by more than a level.
    return (frame.pixels for frame in prefetch(frames(path, fps=fps, height=height, accurate=height is None)))


class WorkProgress:
    """Tells how far the work is, a hundred times in all at most, and ends it once it is cancelled."""

    def __init__(self, tell: OnProgress, cancelled: Callable[[], bool]) -> None:
        self._tell, self._cancelled, self._percent = tell, cancelled, -1

    def at(self, share: float, what: str) -> None:
        """Tell the share of the work that is done, 0 to 1, and what is being done.

        Raises:
            WanError: it was cancelled.
        """
        if self._cancelled():
            raise WanError("It was cancelled; the clip stays as it is.")
        if int(100 * share) != self._percent:
            self._percent = int(100 * share)
            self._tell(share, what)
