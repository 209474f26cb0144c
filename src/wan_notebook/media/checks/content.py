"""What the pixels tell, in sentences."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Literal, TypeAlias

from ...model.family import VIDEO_LIMITS
from ..prepare import ExpectedVideo
from .analysis import Faces, PictureAnalysis, VideoAnalysis
from .notice import Notice

_DARK = 0.16
"""Mean brightness below which features drown; a dim old painting that was measured has 0.30."""
_SOFT = 8.0
"""Sharpness below which contours are washed out; clear pictures that were measured have 30 and more, the same ones
blurred by four thousandths of their height less than 5."""
_SMALL_EYES = 16
"""Pixels between the eyes, in the finished clip, below which no expression is left."""
Look: TypeAlias = tuple[float, Faces]
"""A second of a video, and the faces seen then."""
_NO_FINDER = (
    "Faces were not looked for, since the finder is not installed: pip install 'wan-notebook[preview]' adds it."
)


def picture_content(sight: PictureAnalysis, short_side: int) -> Iterator[Notice]:
    """Yield what a picture's pixels tell, for a clip of this short side."""
    yield from _light("picture", sight.brightness, sight.sharpness)
    faces = sight.faces
    if faces is None:
        yield Notice("faces", "picture", _NO_FINDER, serious=False)
    elif faces.count == 0:
        text = "No face was found in the picture; one clear face, seen from the front, turns out best."
        yield Notice("faces", "picture", text, serious=False)
    elif faces.count > 1:
        text = f"{faces.count} faces were found in the picture, and the model takes a single character. Crop it to one."
        yield Notice("faces", "picture", text)
    else:
        yield from _small_face("picture", faces, short_side)
        yield from _cropped_face(faces)


def video_content(sight: VideoAnalysis, ahead: ExpectedVideo, short_side: int) -> Iterator[Notice]:
    """Yield what a video's pixels tell about the stretch that is kept, for a clip of this short side."""
    yield from _light("video", sight.brightness, sight.sharpness)
    yield from _cuts([time for time in sight.cuts if ahead.start < time < ahead.end], ahead)
    if sight.camera_moves:
        text = "The camera seems to move; the character moves with it. A camera that stands still turns out best."
        yield Notice("camera", "video", text, serious=False)
    if sight.looks is None:
        yield Notice("faces", "video", _NO_FINDER, serious=False)
        return
    looks = [look for look in sight.looks if ahead.start <= look[0] < ahead.end]
    if looks:
        yield from _faces_of_video(looks, ahead, short_side)


def _light(about: Literal["picture", "video"], brightness: float, sharpness: float) -> Iterator[Notice]:
    if brightness < _DARK:
        yield Notice(
            "dark", about, f"The {about} is very dark; the model sees little of the person. Brighten it first."
        )
    elif sharpness < _SOFT:
        yield Notice("blur", about, f"The {about} is blurred; contours and expression may be lost.")


def _cuts(cuts: list[float], ahead: ExpectedVideo) -> Iterator[Notice]:
    if not cuts:
        return
    bounds = [ahead.start, *cuts, ahead.end]
    start, end = max(itertools.pairwise(bounds), key=lambda shot: shot[1] - shot[0])
    many = "a cut" if len(cuts) == 1 else f"{len(cuts)} cuts"
    text = f"The video has {many}, at {_places(cuts)}; motion does not go on across a cut."
    remedy = f"Keep the longest shot, {start:.1f} to {end:.1f} s"
    if end - start > VIDEO_LIMITS.max_seconds:
        end = start + VIDEO_LIMITS.best_seconds
        remedy = f"Keep {start:.1f} to {end:.1f} s of the longest shot"
    yield Notice("cuts", "video", text, remedy=remedy, change={"start": start, "end": end})


def _faces_of_video(looks: list[Look], ahead: ExpectedVideo, short_side: int) -> Iterator[Notice]:
    seen = [faces for _, faces in looks if faces.count]
    crowded = [time for time, faces in looks if faces.count > 1]
    if not seen:
        text = f"No face was found in {len(looks)} frames of the video; expression can hardly be taken over."
        yield Notice("faces", "video", text)
    elif len(crowded) > 0.5 * len(looks):
        text = f"Several faces were found in {len(crowded)} of {len(looks)} frames, at {_places(crowded)}, "
        yield Notice("faces", "video", text + "and the model follows a single person.")
    elif len(seen) < 0.6 * len(looks):
        yield _face_at_times(looks, ahead)
    else:
        yield from _small_face("video", sorted(seen, key=lambda faces: faces.eye_distance)[len(seen) // 2], short_side)


def _face_at_times(looks: list[Look], ahead: ExpectedVideo) -> Notice:
    missing = [time for time, faces in looks if not faces.count]
    text = (
        f"No face was found in {len(missing)} of {len(looks)} frames, at {_places(missing)}: "
        "in profile, turned away or covered."
    )
    # Between a look with a face and one without, the face is taken to be there for half the way.
    edges = [ahead.start, *((one[0] + other[0]) / 2 for one, other in itertools.pairwise(looks)), ahead.end]
    start, end = max(_shots_with_face(looks, edges), key=lambda shot: shot[1] - shot[0])
    if end - start < VIDEO_LIMITS.min_seconds:
        return Notice("faces", "video", text)
    remedy = f"Keep {start:.1f} to {end:.1f} s, where it is seen"
    return Notice("faces", "video", text, remedy=remedy, change={"start": start, "end": end})


def _shots_with_face(looks: list[Look], edges: list[float]) -> Iterator[tuple[float, float]]:
    for there, run in itertools.groupby(range(len(looks)), lambda number: looks[number][1].count > 0):
        numbers = list(run)
        if there:
            yield edges[numbers[0]], edges[numbers[-1] + 1]


def _places(times: list[float]) -> str:
    return ", ".join(f"{time:.1f}" for time in times[:5]) + (" … s" if len(times) > 5 else " s")


def _cropped_face(faces: Faces) -> Iterator[Notice]:
    if faces.forehead:
        text = "The picture is cropped at the forehead; a head that moves needs some room above. Take a wider crop."
        yield Notice("forehead", "picture", text)
    if faces.chin:
        text = "The picture is cropped at the chin; a mouth that opens needs some room below. Take a wider crop."
        yield Notice("chin", "picture", text)


def _small_face(about: Literal["picture", "video"], faces: Faces, short_side: int) -> Iterator[Notice]:
    pixels = faces.eye_distance * short_side
    if pixels < _SMALL_EYES:
        text = f"The face in the {about} is small: {pixels:.0f} pixels between the eyes at {short_side}p. "
        text += f"From {_SMALL_EYES} on there is expression; crop closer or choose a higher resolution."
        yield Notice("small face", about, text)
