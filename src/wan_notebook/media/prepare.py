"""Making a reference smaller before it is paid for and uploaded: trimmed, re-timed, scaled, fitted.

The host bills the frames of the reference, so a shorter video at a lower rate costs less for the same motion. A
prepared file is kept among the inputs, under a name that follows from the original's content and the preparation, so
the same preparation is made once. The original is only read.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import InvalidRequest, MediaError
from ..model.cost import Price, estimate
from ..model.formatting import decimal, estimated_dollars, file_size
from ..model.job import Request
from ..runtime.data_dir import atomic_write
from ..video import Writer, frames, prefetch
from .fitting import Fitting, fitting
from .picture import Picture, stored
from .preparation import Preparation
from .store import named_by
from .video import Video
from .video import video as read_video

_RECIPE = "1"
"""Part of every name: when videos come to be made differently, their files get other names."""
_CRF, _PRESET = 18, "veryfast"
_JITTER = 0.0005
"""Seconds by which the end of a video may miss that of its last frame."""


@dataclass(frozen=True)
class ExpectedVideo:
    """What a preparation gives, known before anything is made."""

    start: float
    """Seconds in the original."""
    end: float
    fps: float
    frames: int
    fitting: Fitting
    """How each frame comes to its size."""
    has_audio: bool
    same: bool
    """Whether there is nothing to do."""
    size: int | None = None
    """Bytes: nobody knows them before the video is made."""

    @property
    def duration(self) -> float:
        """Seconds, in whole frames."""
        return self.frames / self.fps

    @property
    def width(self) -> int:
        """Pixels."""
        return self.fitting.final[0]

    @property
    def height(self) -> int:
        """Pixels."""
        return self.fitting.final[1]


def expected_video(video: Video, how: Preparation) -> ExpectedVideo:
    """Return what preparing the video gives, without making it.

    Raises:
        MediaError: the video is a web address, or fewer than two of its frames would be left.
    """
    if not (video.duration and video.fps and video.frames and video.width and video.height):
        raise _not_here(video)
    # As floats, so that 16 and 16.0 frames per second are one preparation and have one name.
    start, end = float(how.start), float(min(how.end or video.duration, video.duration))
    fps = float(min(how.fps or video.fps, video.fps))
    whole = (start, end, fps) == (0, video.duration, video.fps)
    count = video.frames if whole else math.ceil((end - start - _JITTER) * fps)
    if count < 2:
        raise MediaError(f"From {start:g} s to {end:g} s there are no two frames of {video.name}.")
    fitted = fitting(video.width, video.height, how)
    has_audio = how.sound and bool(video.has_audio)
    same = whole and has_audio == bool(video.has_audio) and fitted.keeps(video.width, video.height)
    same = same and not (how.mp4 and (video.rotation or "mp4" not in (video.format or "")))
    return ExpectedVideo(start, end, fps, count, fitted, has_audio, same)


def _not_here(source: Video | Picture) -> MediaError:
    return MediaError(f"{source.name} is a web address. Download it and choose the file, to prepare it here.")


def prepared_video(video: Video, how: Preparation, report: Callable[[float], None] | None = None) -> Video:
    """Return the video as prepared; made at most once, and the same value where there is nothing to do.

    Args:
        video: a video on this machine.
        how: what to do.
        report: called with the share that is done, 0 to 1, while the video is made.

    Raises:
        MediaError: it is a web address, has changed since it was chosen, or fewer than two frames would be left.
        StorageError: the data directory cannot be written.
    """
    ahead = expected_video(video, how)
    if ahead.same:
        return video
    target = _target(video, ahead)
    if not target.exists():
        _make(_unchanged(video), ahead, target, report)
    return replace(read_video(target), name=f"{Path(video.name).stem}-prepared.mp4")


def _target(video: Video, ahead: ExpectedVideo) -> Path:
    return named_by(hashlib.sha256(f"{_RECIPE} {video.sha256} {ahead}".encode()).hexdigest(), ".mp4")


def _unchanged(source: Video | Picture) -> Path:
    path = source.path
    if path is None or not path.is_file() or path.stat().st_size != source.size:
        raise MediaError(f"{source.name} is gone, or has changed since it was chosen. Choose it again.")
    return path


def _make(path: Path, ahead: ExpectedVideo, target: Path, report: Callable[[float], None] | None) -> None:
    width, height = ahead.fitting.scaled
    source = frames(path, start=ahead.start, end=ahead.end, fps=ahead.fps, width=width, height=height)
    with atomic_write(target) as partial, _writer(partial, path, ahead) as writer:
        for frame in prefetch(source):
            writer.write(ahead.fitting.place(frame.pixels))
            if report is not None:
                report(min(1.0, writer.frames / ahead.frames))


def _writer(partial: Path, path: Path, ahead: ExpectedVideo) -> Writer:
    return Writer(
        partial,
        width=ahead.width,
        height=ahead.height,
        fps=ahead.fps,
        crf=_CRF,
        preset=_PRESET,
        sound_from=path if ahead.has_audio else None,
        sound_start=ahead.start,
    )


def prepared_points(picture: Picture, how: Preparation, points: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Return where points of a picture, (x, y) in its pixels, lie once it is prepared.

    Raises:
        InvalidRequest: one of them is cut away.
        MediaError: the picture is a web address.
    """
    if not picture.width or not picture.height:
        raise _not_here(picture)
    size = picture.width, picture.height
    fitted = fitting(*size, how)
    if fitted.keeps(*size):
        return [(x, y) for x, y in points]
    placed = [fitted.point(x, y, size) for x, y in points]
    for (x, y), before in zip(placed, points, strict=True):
        if not (0 <= x <= fitted.final[0] and 0 <= y <= fitted.final[1]):
            raise InvalidRequest(
                f"The point {before[0]:g}, {before[1]:g} lies where the picture is cropped away. "
                "Crop it about another focus, or place the points anew."
            )
    return placed


def prepared_picture(picture: Picture, how: Preparation) -> Picture:
    """Return the picture scaled and fitted; made at most once, and the same value where there is nothing to do.

    Raises:
        MediaError: it is a web address, or has changed since it was chosen.
        StorageError: the data directory cannot be written.
    """
    import numpy as np
    import PIL.Image

    if not picture.width or not picture.height:
        raise _not_here(picture)
    fitted = fitting(picture.width, picture.height, how)
    if fitted.keeps(picture.width, picture.height):
        return picture
    with PIL.Image.open(_unchanged(picture)) as image:
        scaled = image.resize(fitted.scaled, PIL.Image.Resampling.LANCZOS)
    placed = PIL.Image.fromarray(fitted.place(np.asarray(scaled)))
    form = "JPEG" if picture.format == "JPEG" else "PNG"
    return stored(placed, form, f"{Path(picture.name).stem}-prepared.{'jpg' if form == 'JPEG' else 'png'}")


def saving(
    before: Video, after: Video | ExpectedVideo, request: Request, *, paid: bool = True, price: Price | None = None
) -> str:
    """Return what a preparation saves, as "12 s at 60 fps, 1080p, 48 MB, about $2.70 → 5 s at 16 fps, 480p, …".

    Args:
        before: the reference as it is.
        after: the reference as prepared, or as it is expected.
        request: whose model and resolution make the price.
        paid: whether the service takes money; if not, no price is named.
        price: the service's own price, where it could be read.
    """
    return " → ".join(_words(reference, request, paid, price) for reference in (before, after))


def _words(reference: Video | ExpectedVideo, request: Request, paid: bool, price: Price | None) -> str:
    parts = []
    if reference.duration is not None and reference.fps is not None:
        parts.append(f"{decimal(reference.duration)} s at {decimal(reference.fps)} fps")
    if reference.width and reference.height:
        parts.append(f"{min(reference.width, reference.height)}p")
    if reference.size is not None:
        parts.append(file_size(reference.size))
    if paid:
        parts.append(estimated_dollars(estimate(request, reference.frames, price=price).usd))
    return ", ".join(parts)
