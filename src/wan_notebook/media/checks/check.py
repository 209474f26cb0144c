"""All notices about a picture and a video, as they would be sent."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...model import family
from ..fitting import fit_frame
from ..picture import Picture
from ..preparation import Preparation
from ..prepare import ExpectedVideo, expected_video
from ..video import Video
from . import content, limits
from .analysis import PictureAnalysis, VideoAnalysis
from .notice import Notice


@dataclass(frozen=True)
class CheckInput:
    """Everything about a job that the notices depend on."""

    image: Picture | None = None
    """The character, where one is chosen."""
    video: Video | None = None
    """The reference, where one is chosen."""
    model: str = family.MOVE.id
    """The model's id or mode; says which input gives the clip its frame."""
    resolution: str = family.RESOLUTION.default
    """The clip's short side, as "480p"."""
    prepare_image: Preparation = field(default_factory=Preparation)
    """The picture's preparation; a remedy that is part of it is not proposed again."""
    prepare_video: Preparation = field(default_factory=Preparation)
    """The video's preparation, likewise."""

    @property
    def short_side(self) -> int:
        """The clip's short side in pixels."""
        return int(self.resolution.removesuffix("p"))


def check(
    chosen: CheckInput,
    image_analysis: PictureAnalysis | None = None,
    video_analysis: VideoAnalysis | None = None,
) -> tuple[Notice, ...]:
    """Return all notices about a job before it is sent, serious ones first; nothing is read from disk.

    Args:
        chosen: the inputs, their preparation and the settings.
        image_analysis: of analyze_picture, where it has been run.
        video_analysis: of analyze_video, where it has been run.

    Raises:
        MediaError: the preparation leaves nothing of the video.
    """
    video = chosen.video
    expected = expected_video(video, chosen.prepare_video) if video is not None and video.frames else None
    size = _prepared_size(chosen)
    notices = [*_picture_notices(chosen, size, image_analysis), *_video_notices(chosen, expected, video_analysis)]
    if size and expected:
        focus = face_focus(image_analysis, video_analysis)
        mode = family.find_model(chosen.model).mode
        notices += limits.framing(size, (expected.width, expected.height), mode, focus)
    # What holds for both inputs, as that faces cannot be looked for, is said once.
    distinct: dict[str, Notice] = {}
    for notice in notices:
        distinct.setdefault(notice.text, notice)
    return tuple(sorted(distinct.values(), key=lambda notice: not notice.serious))


def face_focus(image: PictureAnalysis | None, video: VideoAnalysis | None) -> dict[str, tuple[float, float]]:
    """Return the point, in shares of width and height, about which each input is cropped to keep its face in view.

    Returns:
        The median of the faces found, under "picture" and "video"; an input without one is left out.
    """
    found = {
        "picture": [image.faces] if image and image.faces else [],
        "video": [faces for _, faces in (video and video.face_samples) or ()],
    }
    middles = {about: [faces.middle for faces in summaries if faces.is_seen] for about, summaries in found.items()}
    return {
        about: (statistics.median(x for x, _ in points), statistics.median(y for _, y in points))
        for about, points in middles.items()
        if points
    }


def _prepared_size(chosen: CheckInput) -> tuple[int, int] | None:
    image = chosen.image
    if image is None or not image.width or not image.height:
        return None
    fitting = fit_frame(image.width, image.height, chosen.prepare_image)
    return (image.width, image.height) if fitting.leaves_unchanged(image.width, image.height) else fitting.final


def _picture_notices(
    chosen: CheckInput, size: tuple[int, int] | None, analysis: PictureAnalysis | None
) -> Iterator[Notice]:
    image = chosen.image
    if image is None:
        return
    yield from limits.unreachable(image.url, "picture")
    if size:
        # How many bytes a scaled picture has is known once it is made.
        unchanged = size == (image.width, image.height)
        yield from limits.picture_limits(*size, image.size if unchanged else None)
    if analysis:
        yield from content.picture_content(analysis, chosen.short_side)


def _video_notices(
    chosen: CheckInput, expected: ExpectedVideo | None, analysis: VideoAnalysis | None
) -> Iterator[Notice]:
    if chosen.video is None:
        return
    yield from limits.unreachable(chosen.video.url, "video")
    if expected:
        yield from limits.video_limits(chosen.video, expected, chosen.short_side)
        if analysis:
            yield from content.video_content(analysis, expected, chosen.short_side)
