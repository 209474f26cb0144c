"""The reference video, made from anything that a user has."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MediaError
from ..model.job import local_path
from ..runtime.data_dir import atomic_write
from .file_type import ANIMATED, file_type, read_head
from .resolve import Resolved, check_pixels, is_array, pixels_in, resolve
from .store import Original, sha256_of, short_name, stored_path, unchanging

if TYPE_CHECKING:
    from ..video.probe import VideoInfo

MAX_FPS = 1000
"""Frames per second of a video that can be written."""
_ARRAY_CRF = 14
"""Constant rate factor for frames given as an array, which changes them hardly at all."""


@dataclass(frozen=True)
class Video:
    """A video that can be sent; of a web address, nothing but the address is known."""

    url: str
    """As it goes into a request: https, http or file."""
    name: str
    """Of the file, as a person knows it."""
    size: int | None = None
    """Bytes."""
    sha256: str | None = None
    width: int | None = None
    """Pixels, of the upright video."""
    height: int | None = None
    """Pixels, likewise."""
    fps: float | None = None
    """Frames per second, on average."""
    frames: int | None = None
    duration: float | None = None
    """Seconds."""
    format: str | None = None
    """The container's names, as "mov,mp4,m4a,3gp,3g2,mj2"."""
    has_audio: bool | None = None
    rotation: int | None = None
    """Degrees by which a player turns the stored frames clockwise; 0 where they are stored upright."""
    mirrored: bool | None = None
    """Whether a player changes left and right of the stored frames."""
    hdr: bool | None = None
    """Whether the frames are stored in PQ or HLG, for an HDR display."""
    original: Original | None = None
    """The file that was chosen, where this is a converted copy of it."""

    @property
    def path(self) -> Path | None:
        """The file, where it is on this machine."""
        return local_path(self.url)

    @property
    def aspect(self) -> float | None:
        """Width over height, where they are known."""
        return self.width / self.height if self.width and self.height else None


def video(source: Any, fps: float | None = None) -> Video:
    """Return a video that can be sent, walked through once to see that it is whole.

    A web address is passed on unread. An animated WebP or PNG becomes an MP4.

    Args:
        source: a path, an http(s) URL, a data URI, bytes, a binary file, an upload of ipywidgets or Colab, an array of
            T×H×W×3 uint8 RGB, or a list of PIL images or of arrays of H×W×3 (an odd last row or column is left out,
            since H.264 has even sides).
        fps: frames per second, for frames and for nothing else.

    Raises:
        MediaError: it is missing, empty, no video, damaged, or has fewer than two frames; says what is accepted.
        StorageError: a copy was needed and the data directory cannot be written.
    """
    from PIL.Image import Image

    if isinstance(source, Video):
        return source
    if not isinstance(source, Image) and is_array(source):
        return video_from_frames(frames_of_array(source), fps)
    if isinstance(source, list | tuple) and source and all(isinstance(one, Image) or is_array(one) for one in source):
        return video_from_frames([pixels_of(one, number) for number, one in enumerate(source)], fps)
    if fps is not None:
        raise MediaError(
            'fps= belongs to an array or a list of frames; a video has its own. prepare_video={"fps": …} re-times it.'
        )
    resolved = resolve(source, "video")
    if resolved.path is None:
        return Video(resolved.url, resolved.name)
    with unchanging(resolved.path, resolved.name or "The video"):
        return video_from_file(resolved, resolved.path)


def video_from_file(resolved: Resolved, path: Path) -> Video:
    """Read the measures of a file, all of whose packets are walked through."""
    from ..video.probe import probe

    label, original = resolved.name or "The video", None
    if file_type(read_head(path)) in ANIMATED:
        from .animation import filmed_animation

        path, original = filmed_animation(path, label), Original.at(path)
    info = probe(path, name=label)
    if info.frames < 2:
        raise MediaError(f"{label} has a single frame; a reference wants motion, at least two.")
    return replace(describe_video(path, resolved.name or short_name(path), info), original=original)


def frames_of_array(array: Any) -> Sequence[Any]:
    """Return the frames of an array of T×H×W×3 uint8 RGB."""
    pixels = pixels_in(array)
    check_pixels(pixels, "a video is T×H×W×3 uint8 in RGB", 4)
    return list(pixels)


def pixels_of(picture: Any, number: int) -> Any:
    """Return one frame of a list, a PIL image or an array, as H×W×3 uint8 in RGB; `number` names it, from 0."""
    from PIL.Image import Image

    from .srgb import check_size, to_srgb

    label = f"Frame {number}"
    try:
        if isinstance(picture, Image):
            check_size(picture, label)
            picture = to_srgb(picture, label)
        pixels = pixels_in(picture)
        check_pixels(pixels, "a frame is H×W×3 uint8 in RGB", 3)
    except MediaError as error:
        raise MediaError(str(error) if label in str(error) else f"{label}: {error}") from None
    return pixels


def video_from_frames(frames: Sequence[Any], fps: float | None) -> Video:
    """Encode frames of H×W×3 uint8 RGB among the inputs, at most once."""
    from ..video.probe import probe
    from ..video.write import Writer

    if fps is None:
        raise MediaError("Frames want their rate as well: wan_notebook.media.video(frames, fps=25).")
    if isinstance(fps, bool) or not isinstance(fps, Real) or not 0 < fps <= MAX_FPS:
        raise MediaError(f"fps is {fps!r}, but must be a number of frames per second, up to {MAX_FPS}.")
    if len(frames) < 2:
        raise MediaError("There is a single frame; a reference wants motion, at least two.")
    height, width = common_size(frames)
    height, width, rate = height // 2 * 2, width // 2 * 2, float(fps)
    even = [frame[:height, :width] for frame in frames]
    digest = hashlib.sha256(f"{(len(even), height, width, 3)} {rate!r}".encode())
    for frame in even:
        digest.update(frame.tobytes())
    path = stored_path(digest.hexdigest(), ".mp4")
    if not path.exists():
        with (
            atomic_write(path, keep=True) as partial,
            Writer(partial, width=width, height=height, fps=rate, crf=_ARRAY_CRF) as writer,
        ):
            for frame in even:
                writer.write(frame)
    return describe_video(path, short_name(path), probe(path))


def common_size(frames: Sequence[Any]) -> tuple[int, int]:
    """Return the height and width of all frames.

    Raises:
        MediaError: they differ, or are too large to be read again.
    """
    from ..video.open import MAX_PIXELS, MAX_SIDE

    height, width, _ = frames[0].shape
    for number, frame in enumerate(frames):
        if frame.shape[:2] != (height, width):
            raise MediaError(
                f"Frame {number} has {frame.shape[1]}×{frame.shape[0]} pixels, and frame 0 has {width}×{height}. "
                "All frames of a video have one size: resize them first."
            )
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise MediaError(f"The frames have {width}×{height} pixels; sides up to {MAX_SIDE} are read. Scale them down.")
    return height, width


@lru_cache(maxsize=32)
def refuse_damaged(video: Video) -> None:
    """Refuse a video with frames that cannot be decoded: where a service stops at them, the money is spent.

    Its frames are decoded for that, a few hundred in a second; a web address and a film are passed on unread.

    Raises:
        MediaError: frames are damaged; says what to do.
    """
    from ..video.decode import decode
    from ..video.open import open_video
    from ..video.probe import MAX_DECODED_PIXELS, decoded_pixels

    if video.path is None or not (video.frames and video.width and video.height):
        return
    if decoded_pixels(video.frames, video.width, video.height) > MAX_DECODED_PIXELS:
        return
    damaged = 0
    with open_video(video.path, video.name) as (container, stream):
        for frame in decode(container, stream):
            damaged = frame.damaged
    if damaged:
        raise MediaError(
            f"{video.name} is damaged at {damaged} of its {video.frames:,} frames. Export it again; or prepare it at a "
            'lower rate, which leaves them out: prepare_video={"fps": 16}.'
        )


def describe_video(path: Path, name: str, info: VideoInfo) -> Video:
    """Return the value of a video file with its measures, size and digest."""
    return Video(
        url=path.as_uri(),
        name=name,
        size=os.stat(path).st_size,
        sha256=sha256_of(path),
        width=info.width,
        height=info.height,
        fps=info.fps,
        frames=info.frames,
        duration=info.duration,
        format=info.format,
        has_audio=info.has_audio,
        rotation=info.rotation,
        mirrored=info.mirrored,
        hdr=info.hdr,
    )
