"""Notices from the measures of the files: sides, length, rate, size, format, framing, address."""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from ...model import family, notice_texts
from ...model.formatting import file_size
from ..video import Video
from .notice import Notice

if TYPE_CHECKING:
    from ..prepare import ExpectedVideo

_MOTION_FPS = 16
"""Frames per second that carry the motion of a person; also what the price is reckoned in."""
_FAST_FPS = 25
_ASPECT_SLACK = 0.1
"""Aspects that differ by less look the same."""
_UPLOAD_SIDE = 1.5
"""A short side beyond so many times the resolution is sent for nothing."""


def picture_limits(width: int, height: int, size: int | None) -> Iterator[Notice]:
    """Yield a notice for each limit that a picture exceeds.

    Args:
        width: pixels, as the picture will be sent.
        height: pixels, likewise.
        size: bytes; None where they are not known yet.
    """
    limits = family.IMAGE_LIMITS
    yield from side_notices("picture", limits, width, height)
    if size is not None and size > limits.max_bytes:
        side = 1080
        yield Notice(
            "size",
            "picture",
            f"The picture has {file_size(size)}; services of this family take {file_size(limits.max_bytes)} at most.",
            remedy=f"Scale it to {side} pixels",
            change={"short_side": side},
        )


def video_limits(video: Video, expected: ExpectedVideo, short_side: int) -> Iterator[Notice]:
    """Yield a notice for each limit that a video exceeds once it is prepared, and where it could be cheaper.

    Args:
        video: as it was chosen.
        expected: the same as it will be sent.
        short_side: of the clip, in pixels.
    """
    yield from side_notices("video", family.VIDEO_LIMITS, expected.width, expected.height)
    yield from length_notices(expected)
    yield from rate_notices(expected)
    yield from upload_notices(video, expected, short_side)
    if expected.unchanged:
        yield from file_notices(video)


def file_notices(video: Video) -> Iterator[Notice]:
    """Yield a notice about a format or a rotation that not every service reads."""
    if not set((video.format or "").split(",")) & set(family.VIDEO_LIMITS.formats):
        container = (video.format or "unknown").split(",")[0]
        text = f"The video is of the format {container}; services of this family take MP4, MOV and AVI."
        yield Notice("format", "video", text, remedy="Make it an MP4", change={"mp4": True})
    elif video.hdr:
        text = "The video is in HDR; a service that does not know it sees washed-out colours."
        yield Notice("hdr", "video", text, remedy="Bring it to an ordinary screen", change={"mp4": True})
    elif video.mirrored:
        text = "The frames of the video are stored mirrored, and only a mark in the file says so. "
        text += "Not every service reads that mark."
        yield Notice("rotation", "video", text, remedy="Set it right", change={"mp4": True})
    elif video.rotation:
        text = "The video was taken with the phone turned: its frames lie, and only a mark in the file says so. "
        text += "Not every service reads that mark."
        yield Notice("rotation", "video", text, remedy="Set it upright", change={"mp4": True})


def side_notices(
    about: Literal["picture", "video"], limits: family.Limits, width: int, height: int
) -> Iterator[Notice]:
    """Yield a notice where sides, in pixels, are too short, too long, or too far apart."""
    short, long = sorted((width, height))
    if short < limits.min_side:
        text = f"The {about} is small, {width}×{height} pixels; sides from {limits.min_side} on give a clear result."
        yield Notice("small", about, text)
    if long > limits.max_side:
        side = int(limits.max_side * short / long)
        text = f"The {about} has {width}×{height} pixels; services of this family take sides up to {limits.max_side}."
        yield Notice("large", about, text, remedy=f"Scale it to {side} pixels", change={"short_side": max(64, side)})
    if long > limits.max_ratio * short:
        aspect = limits.max_ratio if width > height else 1 / limits.max_ratio
        text = f"The {about} is very {'wide' if width > height else 'tall'}, {width}×{height}; 3:1 is the limit."
        yield Notice("ratio", about, text, remedy="Crop it to 3:1", change={"aspect": aspect, "fit": "crop"})


def length_notices(expected: ExpectedVideo) -> Iterator[Notice]:
    """Yield a notice where a video is too short, too long, or longer than turns out best."""
    found = notice_texts.length(expected.duration, expected.frames)
    if found is None:
        return
    topic, text = found
    if topic == "short":
        yield Notice(topic, "video", text)
        return
    best, serious = family.VIDEO_LIMITS.best_seconds, expected.duration > family.VIDEO_LIMITS.max_seconds
    trim = {"start": expected.start, "end": expected.start + best}
    yield Notice(topic, "video", text, serious, remedy=f"Trim to {best:g} s", change=trim)


def rate_notices(expected: ExpectedVideo) -> Iterator[Notice]:
    """Yield a notice where a lower frame rate would carry the same motion for less."""
    if expected.fps <= _FAST_FPS + 0.1:
        return
    text = (
        f"The video has {expected.fps:.3g} frames per second, and each of them takes time and on a paid service money; "
        f"{_MOTION_FPS} or 24 carry most motion as well."
    )
    remedy = f"Re-time to {_MOTION_FPS} frames per second"
    yield Notice("rate", "video", text, serious=False, remedy=remedy, change={"fps": _MOTION_FPS})


def upload_notices(video: Video, expected: ExpectedVideo, short_side: int) -> Iterator[Notice]:
    """Yield a notice where a file is too large, or has far more pixels than the clip."""
    limits, size = family.VIDEO_LIMITS, video.size or 0
    remedy, change = f"Scale to {short_side} pixels", {"short_side": short_side}
    if expected.unchanged and size > limits.max_bytes:
        text = f"The video has {file_size(size)}; services of this family take {file_size(limits.max_bytes)} at most."
        yield Notice("size", "video", text, remedy=remedy, change=change)
    elif min(expected.width, expected.height) > _UPLOAD_SIDE * short_side:
        text = f"The video has a short side of {min(expected.width, expected.height)} pixels, and the clip will have "
        text += f"{short_side}: scaled here, it is sent faster and looks the same."
        yield Notice("pixels", "video", text, serious=False, remedy=remedy, change=change)


def framing(
    picture: tuple[int, int], video: tuple[int, int], mode: str, focus: Mapping[str, tuple[float, float]]
) -> Iterator[Notice]:
    """Yield a notice where picture and video are of different shapes.

    Args:
        picture: width and height of the character's picture, which gives the clip its frame in mode "move".
        video: width and height of the reference, which gives it in mode "replace".
        mode: "move" or "replace".
        focus: for "picture" and "video", the point about which to crop, in shares of width and height, where known.
    """
    aspect, other = (picture[0] / picture[1], video[0] / video[1])
    about: Literal["picture", "video"] = "video"
    if mode == family.REPLACE.mode:
        about, aspect, other = "picture", other, aspect
    if abs(other / aspect - 1) <= _ASPECT_SLACK:
        return
    frame = "video" if about == "picture" else "picture"
    text = f"{_shapes(picture, video)}. The clip gets the frame of the {frame}, and the same shape turns out best."
    change = {"aspect": aspect, "fit": "crop"} | ({"focus": focus[about]} if about in focus else {})
    yield Notice("aspect", about, text, remedy=f"Crop the {about} to fit", change=change)


def unreachable(url: str, about: Literal["picture", "video"]) -> Iterator[Notice]:
    """Yield a notice where a web address is one that only this machine or its network can reach."""
    host = (urllib.parse.urlsplit(url).hostname or "").lower()
    if url.startswith("http") and is_private(host):
        text = f"A service elsewhere cannot reach {host}, so it would not find the {about}. Choose the file itself."
        yield Notice("address", about, text)


def is_private(host: str) -> bool:
    """Whether a host name or address is known to this machine or its network only."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host


def _shapes(picture: tuple[int, int], video: tuple[int, int]) -> str:
    """Return how two shapes differ, in words; each is a width and a height."""
    pixels = {"picture": "{}×{}".format(*picture), "video": "{}×{}".format(*video)}
    words = _shape(*picture), _shape(*video)
    if words[0] != words[1]:
        return f"The picture is {words[0]} ({pixels['picture']}) and the video {words[1]} ({pixels['video']})"
    wider = picture[0] * video[1] > video[0] * picture[1]
    more, less = ("picture", "video") if wider == (words[0] != "tall") else ("video", "picture")
    comparison = "taller for its width" if words[0] == "tall" else "wider for its height"
    return f"The {more} ({pixels[more]}) is {comparison} than the {less} ({pixels[less]})"


def _shape(width: int, height: int) -> str:
    return "square" if abs(width / height - 1) < 0.05 else "wide" if width > height else "tall"
