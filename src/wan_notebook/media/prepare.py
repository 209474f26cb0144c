"""Making a reference smaller before it is paid for and uploaded: trimmed, re-timed, scaled, fitted.

The host bills the frames of the reference, so a shorter video at a lower rate costs less for the same motion. A
prepared file is stored among the inputs, under a name that follows from the original's content and the preparation,
so the same preparation is made once. The original is only read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import InvalidRequest, MediaError, WanError
from ..model.cost import Price, estimate
from ..model.formatting import decimal, estimated_dollars, file_size, second
from ..model.job import Request
from ..runtime import event_loop
from ..runtime.data_dir import atomic_write
from ..runtime.task import Message, Task
from ..runtime.worker_pool import shared_pool
from .fitting import Fitting, fit_frame
from .picture import Picture, store_image
from .preparation import Preparation
from .srgb import open_image, to_srgb
from .store import check_unchanged, identity, made_path
from .video import Video
from .video import video as read_video

_RECIPE = "2"
"""Part of every name: when videos come to be made so differently that jobs with them are worth buying again, their
files get other names."""
_CRF, _PRESET = 18, "veryfast"
_JITTER = 0.0005
"""Seconds by which the end of a video may miss that of its last frame, and share by which a rate may miss its own."""


@dataclass(frozen=True)
class ExpectedVideo:
    """The measures of a prepared video, known before it is made."""

    start: float
    """Seconds in the original."""
    end: float
    """Seconds in the original, likewise."""
    fps: float
    """Frames per second."""
    frames: int
    fitting: Fitting
    """How each frame comes to its size."""
    has_audio: bool
    unchanged: bool
    """Whether the video stays the file that it is."""
    size: int | None = None
    """Bytes: nobody knows them before the video is made."""

    @property
    def duration(self) -> float:
        """Length in seconds, in whole frames."""
        return self.frames / self.fps

    @property
    def width(self) -> int:
        """Width of a frame in pixels."""
        return self.fitting.final[0]

    @property
    def height(self) -> int:
        """Height of a frame in pixels."""
        return self.fitting.final[1]


def expected_video(video: Video, preparation: Preparation) -> ExpectedVideo:
    """Return the measures of the prepared video, without making it.

    Args:
        video: a file, as media.video returns it.
        preparation: how it would be made ready.

    Returns:
        Span, rate, number and size of the frames, and whether nothing would change.

    Raises:
        MediaError: the video is a web address, or fewer than two of its frames would be left.
    """
    if not (video.duration and video.fps and video.frames and video.width and video.height):
        raise not_a_file(video)
    # As floats, so that 16 and 16.0 frames per second are one preparation and have one name.
    start, end = float(preparation.start), float(preparation.end or video.duration)
    fps = float(preparation.fps or video.fps)
    # A slider and a rounded rate miss what the video has by a hair; that is no reason to encode it anew.
    start = 0.0 if start < _JITTER else start
    end = video.duration if end > video.duration - _JITTER else end
    fps = video.fps if fps > video.fps * (1 - _JITTER) else fps
    whole = (start, end, fps) == (0, video.duration, video.fps)
    at_one_pace = abs(video.frames - video.duration * video.fps) < 2
    count = video.frames if whole and at_one_pace else math.ceil((end - start - _JITTER) * fps)
    if count < 2:
        if start >= video.duration:
            raise MediaError(
                f"{video.name} ends at {second(video.duration)} s, and nothing of it is left from {second(start)} s on."
            )
        raise MediaError(f"From {second(start)} s to {second(end)} s there are no two frames of {video.name}.")
    fitting = fit_frame(video.width, video.height, preparation)
    has_audio = preparation.sound and bool(video.has_audio)
    unchanged = whole and has_audio == bool(video.has_audio) and fitting.leaves_unchanged(video.width, video.height)
    as_seen = "mp4" in (video.format or "") and not (video.rotation or video.mirrored or video.hdr)
    unchanged = unchanged and (as_seen or not preparation.mp4)
    count = video.frames if unchanged else count
    return ExpectedVideo(start, end, fps, count, fitting, has_audio, unchanged)


def prepared_video(video: Video, preparation: Preparation) -> Video:
    """Return the video as prepared by prepare_in_background(), and wait for it; an interrupt leaves no file."""
    return event_loop.finish(prepare_in_background(video, preparation))


async def prepare_in_background(video: Video, preparation: Preparation) -> Video:
    """Return the video as prepared; made at most once, by a worker, and the same value where there is nothing to do.

    Cancelled, it leaves no file.

    Raises:
        MediaError: it is a web address, has changed since it was chosen, or fewer than two frames would be left.
        StorageError: the data directory cannot be written.
        WanError: the process died twice.
    """
    expected = expected_video(video, preparation)
    if expected.unchanged:
        return video
    made_of = f"{_RECIPE} {identity(video.url, video.sha256)} {expected}"
    target = await event_loop.in_daemon_thread(lambda: made_path(made_of, ".mp4"))
    if not target.exists():
        original = await event_loop.in_daemon_thread(lambda: original_file(video))
        # The half-written file is this process's, which removes it however the other one ends.
        with atomic_write(target, keep=True) as partial:
            await shared_pool().run(task_of(original, partial, expected))
            await event_loop.in_daemon_thread(lambda: original_file(video))
    made = await event_loop.in_daemon_thread(lambda: read_video(target))
    return replace(made, name=f"{Path(video.name).stem}-prepared.mp4")


def task_of(original: Path, target: Path, expected: ExpectedVideo) -> Task:
    """Return the work of writing a prepared video."""
    values = {name: getattr(expected, name) for name in ("start", "end", "fps", "has_audio")}
    return Task(
        f"{__name__}:{prepare_task.__name__}",
        {**values, "crf": _CRF, "fitting": asdict(expected.fitting)},
        inputs={"original": original},
        outputs={"target": target},
        subject="The process that prepares videos",
        urgency=1,
    )


def prepare_task(task: Message, _send: Callable[..., None], cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Write the prepared video of a task, in the worker; its result is empty."""
    from ..video.prefetch import prefetch
    from ..video.read import frames
    from ..video.write import Writer

    original, start, fps = Path(task["original"]), task["start"], task["fps"]
    fitting = Fitting(**{name: tuple(pair) for name, pair in task["fitting"].items()})
    (width, height), (final_width, final_height) = fitting.scaled, fitting.final
    source = frames(original, start=start, end=task["end"], fps=fps, width=width, height=height, accurate=True)
    with Writer(
        Path(task["target"]),
        width=final_width,
        height=final_height,
        fps=fps,
        crf=task["crf"],
        preset=_PRESET,
        sound_from=original if task["has_audio"] else None,
        sound_start=start,
    ) as writer:
        for frame in prefetch(source):
            if cancelled():
                raise WanError("It was cancelled; the video stays as it is.")
            writer.write(fitting.crop_or_pad(frame.pixels))
    return {}


def original_file(source: Video | Picture) -> Path:
    """Return the file of an input, as long as it is the one that was chosen.

    Raises:
        MediaError: it is gone, or has changed.
    """
    if source.path is None:
        raise not_a_file(source)
    check_unchanged(source.path, source.sha256, source.name)
    return source.path


def not_a_file(source: Video | Picture) -> MediaError:
    """Return the error that a web address cannot be prepared here."""
    return MediaError(f"{source.name} is a web address. Download it and choose the file, to prepare it here.")


def prepared_points(
    picture: Picture, preparation: Preparation, points: Sequence[Sequence[float]]
) -> list[tuple[float, float]]:
    """Map points of a picture, (x, y) in its pixels, to the prepared picture.

    Raises:
        InvalidRequest: one of them is cropped away.
        MediaError: the picture is a web address.
    """
    if not picture.width or not picture.height:
        raise not_a_file(picture)
    size = picture.width, picture.height
    fitting = fit_frame(*size, preparation)
    if fitting.leaves_unchanged(*size):
        return [(x, y) for x, y in points]
    mapped = [fitting.map_point(x, y, size) for x, y in points]
    for (x, y), original in zip(mapped, points, strict=True):
        if not (0 <= x <= fitting.final[0] and 0 <= y <= fitting.final[1]):
            raise InvalidRequest(
                f"The point {original[0]:g}, {original[1]:g} lies where the picture is cropped away. "
                "Crop it about another focus, or place the points anew."
            )
    return mapped


def prepared_picture(picture: Picture, preparation: Preparation) -> Picture:
    """Return the picture scaled and fitted; made at most once, and the same value where there is nothing to do.

    Raises:
        MediaError: it is a web address, or has changed since it was chosen.
        StorageError: the data directory cannot be written.
    """
    import numpy as np
    import PIL.Image

    if not picture.width or not picture.height:
        raise not_a_file(picture)
    fitting = fit_frame(picture.width, picture.height, preparation)
    if fitting.leaves_unchanged(picture.width, picture.height):
        return picture
    with open_image(original_file(picture), picture.name) as image:
        scaled = to_srgb(image, picture.name).resize(fitting.scaled, PIL.Image.Resampling.LANCZOS)
    original_file(picture)
    fitted = PIL.Image.fromarray(fitting.crop_or_pad(np.asarray(scaled)))
    form = "JPEG" if picture.format == "JPEG" else "PNG"
    name = f"{Path(picture.name).stem}-prepared.{'jpg' if form == 'JPEG' else 'png'}"
    return store_image(fitted, form, name, f"prepared {identity(picture.url, picture.sha256)} {fitting}")


def savings_text(
    before: Video, after: Video | ExpectedVideo, request: Request, *, paid: bool = True, price: Price | None = None
) -> str:
    """Compare a reference before and after preparation, as "12 s at 60 fps, 1080p, 48 MB, about $2.70 → 5 s at …".

    Args:
        before: the reference as it is.
        after: the reference as prepared, or as it is expected.
        request: whose model and resolution make the price.
        paid: whether the service takes money; if not, no price is named.
        price: the service's own price, where it could be read.
    """
    texts = []
    for reference in (before, after):
        parts = []
        if reference.duration is not None and reference.fps is not None:
            parts.append(f"{decimal(reference.duration)} s at {decimal(reference.fps)} fps")
        if reference.width and reference.height:
            parts.append(f"{min(reference.width, reference.height)}p")
        if reference.size is not None:
            parts.append(file_size(reference.size))
        if paid:
            parts.append(estimated_dollars(estimate(request, reference.frames, price=price).usd))
        texts.append(", ".join(parts))
    return " → ".join(texts)
