"""Joining the clips of shots to one film: as many frames as the reference, each cut at its frame, its sound whole."""

from __future__ import annotations

import collections
import gc
import itertools
import math
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StorageError
from ..finishing import missing_library
from ..finishing.moments import Sampling, few, is_steady
from ..jobs.progress_bar import OnProgress
from ..media.fitting import Fitting, Size, even
from ..media.prepare import original_file
from ..media.video import Video
from ..model.formatting import count, decimal, file_size, second
from ..runtime.data_dir import atomic_write
from .colours import apply, corrections
from .seams import BLENDED, blended
from .shots import Footage, Shot

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

    from ..video.probe import VideoInfo

_CRF, _PRESET = 15, "veryfast"
"""x264's, as for a clip that is finished: hardly anything is lost once more, and the pictures have the processor."""
_FADE = 1.0
"""Seconds after a seam in which a face that was moved there comes back to where its clip has it."""
_COLLECTED = 16
"""Shots after which Python is made to look for cycles: that takes 45 ms and more where a kernel holds much."""
_SAME_RATE = 0.01
"""Share by which the rate of a clip may miss the one that was asked for, and nothing is said of it."""
_BYTES_PER_PIXEL = 0.03
"""Of a film, so that a disk that is nearly full is told of before an hour's work."""


@dataclass(frozen=True)
class Part:
    """One shot of a film, and what is shown for it."""

    shot: Shot
    sent: Video | None = None
    """The piece of the reference that was sent for it; None where it is kept as in the reference, or black."""
    clip: Path | None = None
    """What came back."""
    black: bool = False
    """Whether black stands for it."""
    replaces: bool = False
    """Whether its job was in Replace, so that its background is the reference's."""
    lead: int = 0
    """Frames of the reference before the shot with which its clip begins."""
    blended: bool = False
    """Whether these are blended over the end of the shot before."""
    like: int | None = None
    """Number of the first shot with the same character and background, to whose colours its own are brought."""


@dataclass(frozen=True)
class Joined:
    """A film that was joined."""

    path: Path
    frames: int
    size: Size
    notes: tuple[tuple[int, str], ...]
    """Shots by their number, each with a sentence on what of its clip was put right."""


def join(
    video: Video,
    footage: Footage,
    parts: Sequence[Part],
    target: Path,
    on_progress: OnProgress = lambda _share, _what: None,
) -> Joined:
    """Join the parts of a film, encoded once; it streams, so that an hour takes no more memory than a second.

    Args:
        video: the reference.
        footage: its frames.
        parts: one for each shot, in their order.
        target: the MP4 to write; an earlier one stays until the new one is whole.
        on_progress: is told how far it is; what it raises ends the work, and leaves nothing half-written.

    Raises:
        MediaError: the reference has changed, or a clip cannot be read.
        StorageError: there is no room for the film, or it cannot be written; nothing half-written is left.
    """
    from ..video.prefetch import prefetch
    from ..video.probe import probe
    from ..video.write import Writer

    original = original_file(video)
    clips = {number: probe(part.clip) for number, part in enumerate(parts) if part.clip is not None}
    size = film_size(video, clips.values())
    check_room(target, len(footage.times), size)
    pictures, fps = _Pictures(original, footage, parts, clips, size), video.fps or 25.0
    with (
        atomic_write(target) as partial,
        Writer(
            partial,
            width=size[0],
            height=size[1],
            fps=fps,
            times=None if is_steady(footage.times, fps) else footage.times,
            crf=_CRF,
            preset=_PRESET,
            sound_from=original if video.has_audio else None,
        ) as writer,
    ):
        for pixels in prefetch(iter(pictures)):
            on_progress(writer.frames / len(footage.times), "Joining the shots")
            writer.write(pixels)
        frames = writer.frames
    return Joined(target, frames, size, tuple(pictures.notes))


def film_size(video: Video, clips: Iterable[VideoInfo]) -> Size:
    """Return the width and height of a film: those of most of its clips' frames, else the reference's own."""
    frames: dict[Size, int] = {}
    for info in clips:
        size = even(info.width), even(info.height)
        frames[size] = frames.get(size, 0) + info.frames
    return max(frames, key=lambda size: frames[size], default=(even(video.width or 2), even(video.height or 2)))


def check_room(target: Path, frames: int, size: Size) -> None:
    """Refuse to write a film for which there is surely no room.

    Raises:
        StorageError: the drive has less room than the film will take.
    """
    wanted = frames * size[0] * size[1] * _BYTES_PER_PIXEL
    free = shutil.disk_usage(target.parent).free
    if free < wanted:
        raise StorageError(f"The film takes about {file_size(wanted)}, and {target.parent} has {file_size(free)} left.")


class _Pictures:
    """The frames of a film, part by part; arguments as for join()."""

    def __init__(
        self, original: Path, footage: Footage, parts: Sequence[Part], clips: dict[int, VideoInfo], size: Size
    ) -> None:
        self._original, self._footage, self._parts, self._clips, self._size = original, footage, parts, clips, size
        self.notes: list[tuple[int, str]] = []
        """What was put right so far."""

    def __iter__(self) -> Iterator[NDArray[uint8]]:
        leads = [min(part.lead, BLENDED) if part.blended else 0 for part in self._parts]
        held: list[NDArray[uint8]] = []
        for number, part in enumerate(self._parts):
            pictures: Iterator[NDArray[uint8]] = itertools.islice(self._of(number), part.lead - len(held), None)
            if held:
                pictures = self._blended(number, held, pictures)
            latest: collections.deque[NDArray[uint8]] = collections.deque()
            for picture in pictures:
                latest.append(picture)
                if len(latest) > sum(leads[number + 1 : number + 2]):
                    yield latest.popleft()
            held = list(latest)
            # A container and its streams refer to each other, and hold a decoder's memory until they are looked for:
            # 0.6 MB a shot, measured over 80 of them, and no more with this.
            if number % _COLLECTED == 0:
                gc.collect()

    def _of(self, number: int) -> Iterator[NDArray[uint8]]:
        """Return the frames of one part, and before them those that its clip has of the shot before."""
        import numpy as np

        part, size = self._parts[number], self._size
        if part.black:
            return itertools.repeat(np.zeros((size[1], size[0], 3), np.uint8), part.shot.frames)
        times = self._footage.times
        if part.clip is None or part.sent is None:
            end = None if part.shot.end == len(times) else part.shot.stop
            return exactly(fitted(self._original, size, start=part.shot.start, end=end), part.shot.frames)
        came = self._clips[number]
        self._note(number, *put_right(came, part.sent, size))
        opening = None if part.like in (None, number) else self._parts[part.like or 0].clip
        drifts = corrections(part.clip, came.frames, sent=part.sent.path, opening=opening, replaces=part.replaces)
        if drifts:
            most = max(drift.largest for drift in drifts)
            self._note(number, f"Its colours are set right by up to {most:.0f} of 255 levels.")
        at, cuts = positions(part.shot, times, part.sent, came, part.lead)
        steady = (apply(drifts, pixels, frame) for frame, pixels in enumerate(fitted(part.clip, size)))
        return between(steady, at, cuts)

    def _blended(
        self, number: int, before: Sequence[NDArray[uint8]], pictures: Iterator[NDArray[uint8]]
    ) -> Iterator[NDArray[uint8]]:
        """Return the frames of a part, blended over the last ones of the part before."""
        times = self._footage.times
        fade = round(len(times) / (self._footage.stop - times[0]) * _FADE)
        shift, shown = blended(before, pictures, fade)
        moved = f"; its face stood {shift.distance:.0f} pixels elsewhere" if shift else ""
        self._note(number, f"Its beginning is blended over the end of the shot before{moved}.")
        return shown

    def _note(self, number: int, *notes: str) -> None:
        self.notes.extend((number, note) for note in notes)


def positions(
    shot: Shot, times: Sequence[float], sent: Video, came: VideoInfo, lead: int = 0
) -> tuple[list[float], tuple[int, ...]]:
    """Return where each frame of a shot lies in its clip, counted in the clip's frames.

    Args:
        shot: of the reference.
        times: second of each frame of the reference.
        sent: the piece of the reference that was sent.
        came: the clip.
        lead: frames of the reference before the shot with which both begin.

    Returns:
        The places, ascending, and the frames of the clip with which another picture begins within it.
    """
    begin = shot.begin - lead
    own = [time - times[begin] for time in times[begin : shot.end]]
    sampling = Sampling(own, sent.frames or 1, sent.fps or 1.0, came.frames, came.fps)
    cuts = [cut - begin for cut in shot.cuts]
    return sampling.positions(cuts).tolist(), tuple(map(sampling.first_of, cuts))


def put_right(came: VideoInfo, sent: Video, size: Size) -> Iterator[str]:
    """Yield a sentence for everything in which a clip is other than was asked for; see Sampling."""
    asked, fps = sent.frames or 1, sent.fps or 1.0
    if abs(came.frames - asked) > few(asked):
        rates = f"{count(came.frames, 'frame')} at {decimal(came.fps)} fps came for {asked:,} at {decimal(fps)}"
        yield f"{rates}; {_shown(came, asked / fps, few(asked) / fps)}."
    else:
        if came.frames < asked:
            yield f"{came.frames:,} of {asked:,} frames came; the last one is shown for those that are missing."
        elif came.frames > asked:
            yield f"{came.frames:,} frames came for {asked:,}; those beyond are left out."
        if abs(came.fps / fps - 1) > _SAME_RATE:
            yield f"Its frames came at {decimal(came.fps)} fps in place of {decimal(fps)}; each is shown at its time."
    if (came.width, came.height) != size:
        yield f"Its {came.width}×{came.height} pixels are set into {size[0]}×{size[1]}."


def _shown(came: VideoInfo, seconds: float, nearly: float) -> str:
    """Return what is shown of a clip with too few frames, or too many, for a piece of so many seconds."""
    if came.frames == 1:
        return "it stands still for the whole shot"
    missing = seconds - came.frames / came.fps
    if missing > nearly:
        return f"each is shown at its time, and the last one stands for the {second(missing)} s that did not come"
    return f"each is shown at its time{', and those beyond are left out' if missing < -nearly else ''}"


def fitted(path: Path, size: Size, *, start: float = 0.0, end: float | None = None) -> Iterator[NDArray[uint8]]:
    """Yield the frames of a video scaled into a size, on black where its shape is another.

    Args:
        path: of the video.
        size: width and height in pixels.
        start: the first second wanted.
        end: the second before which to stop; its own end when None.
    """
    from ..video.probe import probe
    from ..video.read import frames

    info = probe(path)
    fitting = fit_into(info.width, info.height, size)
    width, height = fitting.scaled
    for frame in frames(path, start=start, end=end, width=width, height=height, accurate=True):
        yield fitting.crop_or_pad(frame.pixels)


def fit_into(width: int, height: int, size: Size) -> Fitting:
    """Return the fitting of a frame of this width and height into another size, all of it."""
    scale = min(size[0] / width, size[1] / height)
    scaled = round(width * scale), round(height * scale)
    # A row or two of black where a service rounded its sides are seen; so small a stretch is not.
    nearly = all(abs(one - whole) <= 0.01 * whole for one, whole in zip(scaled, size, strict=True))
    return Fitting(size, size) if nearly else Fitting(scaled, size)


def between(frames: Iterable[NDArray[uint8]], at: Sequence[float], cuts: Sequence[int]) -> Iterator[NDArray[uint8]]:
    """Yield the pictures at some places of a clip, as finishing.interpolate does; without OpenCV the nearest frames."""
    if missing_library():
        return nearest(frames, at)
    from ..finishing.interpolate import interpolate

    return interpolate(frames, at, cuts=cuts)


def nearest(frames: Iterable[NDArray[uint8]], at: Sequence[float]) -> Iterator[NDArray[uint8]]:
    """Yield the frame that is nearest to each place, ascending and counted in frames."""
    source = iter(frames)
    number, shown = -1, None
    for place in at:
        while number < math.floor(place + 0.5):
            following = next(source, None)
            if following is None:
                break
            number, shown = number + 1, following
        if shown is not None:
            yield shown


def exactly(frames: Iterable[NDArray[uint8]], count: int) -> Iterator[NDArray[uint8]]:
    """Yield so many frames: those beyond are left out, and the last one stands for those that are missing."""
    source = iter(frames)
    last = next(source)
    for _ in range(count):
        yield last
        last = next(source, last)
