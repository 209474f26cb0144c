"""All notices about a picture and a video, as they would be sent."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from ...model import family
from .. import Picture, Video
from ..fitting import fitting
from ..preparation import Preparation
from ..prepare import ExpectedVideo, expected_video
from . import content, limits
from .analysis import PictureAnalysis, VideoAnalysis
from .notice import Notice


def check(
    picture: Picture | None = None,
    video: Video | None = None,
    *,
    model: str = family.MOVE.id,
    resolution: str = family.RESOLUTION.default,
    picture_how: Preparation | None = None,
    video_how: Preparation | None = None,
    picture_sight: PictureAnalysis | None = None,
    video_sight: VideoAnalysis | None = None,
) -> tuple[Notice, ...]:
    """Return what is worth knowing before this is sent, serious things first; nothing is read from disk.

    Args:
        picture: the character, where one is chosen.
        video: the reference, where one is chosen.
        model: the model's id or mode; says which input gives the clip its frame.
        resolution: the clip's short side, as "480p".
        picture_how: the picture's preparation; a remedy that is part of it is not proposed again.
        video_how: the video's, likewise.
        picture_sight: what look_at_picture told, if it was asked.
        video_sight: what look_at_video told, if it was asked.

    Raises:
        MediaError: the preparation leaves nothing of the video.
    """
    short_side = int(resolution.removesuffix("p"))
    ahead = expected_video(video, video_how or Preparation()) if video is not None and video.frames else None
    size = _size(picture, picture_how or Preparation())
    found = [
        *_about_picture(picture, size, picture_sight, short_side),
        *_about_video(video, ahead, video_sight, resolution),
    ]
    if size and ahead:
        focus = _focus(picture_sight, video_sight)
        found += limits.framing(size, (ahead.width, ahead.height), family.find_model(model).mode, focus)
    return tuple(sorted(found, key=lambda notice: not notice.serious))


def _focus(picture: PictureAnalysis | None, video: VideoAnalysis | None) -> dict[str, tuple[float, float]]:
    """Return about which point each input is cropped so that its face stays in view, where one was found."""
    seen = {
        "picture": [picture.faces] if picture and picture.faces else [],
        "video": [faces for _, faces in (video and video.looks) or ()],
    }
    middles = {about: [faces.middle for faces in found if faces.count] for about, found in seen.items()}
    return {
        about: (statistics.median(x for x, _ in places), statistics.median(y for _, y in places))
        for about, places in middles.items()
        if places
    }


def _size(picture: Picture | None, how: Preparation) -> tuple[int, int] | None:
    if picture is None or not picture.width or not picture.height:
        return None
    fitted = fitting(picture.width, picture.height, how)
    return (picture.width, picture.height) if fitted.keeps(picture.width, picture.height) else fitted.final


def _about_picture(
    picture: Picture | None, size: tuple[int, int] | None, sight: PictureAnalysis | None, short_side: int
) -> Iterator[Notice]:
    if picture is None:
        return
    yield from limits.unreachable(picture.url, "picture")
    if size:
        # How many bytes a scaled picture has is known once it is made.
        stays = size == (picture.width, picture.height)
        yield from limits.picture_limits(*size, picture.size if stays else None)
    if sight:
        yield from content.picture_content(sight, short_side)


def _about_video(
    video: Video | None, ahead: ExpectedVideo | None, sight: VideoAnalysis | None, resolution: str
) -> Iterator[Notice]:
    if video is None:
        return
    yield from limits.unreachable(video.url, "video")
    if ahead:
        yield from limits.video_limits(video, ahead, resolution)
        if sight:
            yield from content.video_content(sight, ahead, int(resolution.removesuffix("p")))
