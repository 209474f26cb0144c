"""Notices from the pixels of the inputs: light, sharpness, cuts, camera and faces."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias

from ...model.family import VIDEO_LIMITS
from .analysis import FaceSummary, PictureAnalysis, VideoAnalysis
from .notice import Notice

if TYPE_CHECKING:
    from ..prepare import ExpectedVideo

_DARK = 0.16
"""Mean brightness below which features drown; a dim old painting that was measured has 0.30."""
_SOFT = 8.0
"""Sharpness below which contours are washed out; clear pictures that were measured have 30 and more, the same ones
blurred by four thousandths of their height less than 5."""
_SMALL_EYES = 16
"""Pixels between the eyes, in the finished clip, below which no expression is left."""
_CUTS_SHOWN, _BEFORE = 2, 0.1
"""Cuts whose frames are shown, and seconds before a cut at which the shot before it is seen."""
_NO_FINDER = (
    "Faces were not looked for, since the finder is not installed: pip install 'wan-notebook[preview]' adds it."
)

FaceSample: TypeAlias = tuple[float, FaceSummary]
"""A second of a video, and the faces in its frame."""


def picture_content(analysis: PictureAnalysis, short_side: int) -> Iterator[Notice]:
    """Yield notices about a picture's light, sharpness and face, for a clip of this short side in pixels."""
    yield from light_notices("picture", analysis.brightness, analysis.sharpness)
    faces = analysis.faces
    if faces is None:
        yield Notice("faces", "picture", _NO_FINDER, serious=False)
    elif faces.count == 0:
        text = "No face was found in the picture; one clear face, seen from the front, turns out best."
        yield Notice("faces", "picture", text, serious=False, remedy="Place eyes and mouth", place=True)
    elif faces.count > 1:
        text = f"{faces.count} faces were found in the picture, and the model takes a single character. Crop it to one."
        yield Notice("faces", "picture", text)
    else:
        yield from small_face("picture", faces, short_side)
        if faces.is_doubtful:
            text = "A face was found in the picture, without much certainty: check whether it is where it was found."
            yield Notice("doubtful face", "picture", text, serious=False, remedy="Check this face", place=True)
        if faces.cropped_at_forehead:
            text = "The picture is cropped at the forehead; a head that moves needs some room above. Take a wider crop."
            yield Notice("forehead", "picture", text)
        if faces.cropped_at_chin:
            text = "The picture is cropped at the chin; a mouth that opens needs some room below. Take a wider crop."
            yield Notice("chin", "picture", text)


def video_content(analysis: VideoAnalysis, expected: ExpectedVideo, short_side: int) -> Iterator[Notice]:
    """Yield notices about the pixels in the stretch that is kept, for a clip of this short side in pixels."""
    yield from light_notices("video", analysis.brightness, analysis.sharpness)
    if analysis.damaged:
        text = (
            f"The video is damaged at {analysis.damaged} of its frames; they are left out here, and a service may stop."
        )
        yield Notice("damaged", "video", f"{text} Export it again.")
    yield from cut_notices([time for time in analysis.cuts if expected.start < time < expected.end], expected)
    if analysis.camera_moves:
        text = "The camera seems to move; the character moves with it. A camera that stands still turns out best."
        yield Notice("camera", "video", text, serious=False)
    if analysis.body_moves:
        text = "Arms or body move in the video: the hosted model follows them, the preview moves head and face alone."
        yield Notice("body", "video", text, serious=False)
    if analysis.face_samples is None:
        yield Notice("faces", "video", _NO_FINDER, serious=False)
    elif samples := [sample for sample in analysis.face_samples if expected.start <= sample[0] < expected.end]:
        yield from video_faces(samples, expected, short_side)


def light_notices(about: Literal["picture", "video"], brightness: float, sharpness: float) -> Iterator[Notice]:
    """Yield a notice where an input is too dark, or else too blurred."""
    if brightness < _DARK:
        yield Notice(
            "dark", about, f"The {about} is very dark; the model sees little of the person. Brighten it first."
        )
    elif sharpness < _SOFT:
        yield Notice("blur", about, f"The {about} is blurred; contours and expression may be lost.")


def cut_notices(cuts: list[float], expected: ExpectedVideo) -> Iterator[Notice]:
    """Yield a notice about cuts, given in seconds; its remedy keeps the longest shot, or the best length of it."""
    if not cuts:
        return
    bounds = [expected.start, *cuts, expected.end]
    start, end = max(itertools.pairwise(bounds), key=lambda shot: shot[1] - shot[0])
    many = "a cut" if len(cuts) == 1 else f"{len(cuts)} cuts"
    text = f"The video has {many}, at {_seconds(cuts)}; motion does not go on across a cut."
    remedy = f"Keep the longest shot, {start:.1f} to {end:.1f} s"
    if end - start > VIDEO_LIMITS.max_seconds:
        end = start + VIDEO_LIMITS.best_seconds
        remedy = f"Keep {start:.1f} to {end:.1f} s of the longest shot"
    moments = tuple(moment for cut in cuts[:_CUTS_SHOWN] for moment in (max(expected.start, cut - _BEFORE), cut))
    yield Notice("cuts", "video", text, remedy=remedy, change={"start": start, "end": end}, moments=moments)


def video_faces(samples: list[FaceSample], expected: ExpectedVideo, short_side: int) -> Iterator[Notice]:
    """Yield a notice where a video's face is missing, one of several, hidden at times, or small."""
    found = [faces for _, faces in samples if faces.count]
    crowded = [time for time, faces in samples if faces.count > 1]
    if not found:
        text = f"No face was found in {len(samples)} frames of the video; expression can hardly be taken over."
        yield Notice("faces", "video", text)
    elif len(crowded) > 0.5 * len(samples):
        text = f"Several faces were found in {len(crowded)} of {len(samples)} frames, at {_seconds(crowded)}, "
        yield Notice("faces", "video", text + "and the model follows a single person.")
    elif len(found) < 0.6 * len(samples):
        yield face_at_times(samples, expected)
    else:
        median = sorted(found, key=lambda faces: faces.eye_distance)[len(found) // 2]
        yield from small_face("video", median, short_side)


def face_at_times(samples: list[FaceSample], expected: ExpectedVideo) -> Notice:
    """Return the notice about a face that is hidden at times; its remedy keeps the longest stretch with it."""
    missing = [time for time, faces in samples if not faces.count]
    text = (
        f"No face was found in {len(missing)} of {len(samples)} frames, at {_seconds(missing)}: "
        "in profile, turned away or covered."
    )
    # Between a sample with a face and one without, the face is taken to be there for half the way.
    edges = [
        expected.start,
        *((one[0] + other[0]) / 2 for one, other in itertools.pairwise(samples)),
        expected.end,
    ]
    stretches = []
    for has_face, group in itertools.groupby(range(len(samples)), lambda number: samples[number][1].count > 0):
        numbers = list(group)
        if has_face:
            stretches.append((edges[numbers[0]], edges[numbers[-1] + 1]))
    start, end = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    if end - start < VIDEO_LIMITS.min_seconds:
        return Notice("faces", "video", text)
    remedy = f"Keep {start:.1f} to {end:.1f} s, where it is seen"
    return Notice("faces", "video", text, remedy=remedy, change={"start": start, "end": end})


def small_face(about: Literal["picture", "video"], faces: FaceSummary, short_side: int) -> Iterator[Notice]:
    """Yield a notice where the face is too small for expression in a clip of this short side in pixels."""
    pixels = faces.eye_distance * short_side
    if pixels < _SMALL_EYES:
        text = f"The face in the {about} is small: {pixels:.0f} pixels between the eyes at {short_side}p. "
        text += f"From {_SMALL_EYES} on there is expression; crop closer or choose a higher resolution."
        yield Notice("small face", about, text)


def _seconds(times: list[float]) -> str:
    return ", ".join(f"{time:.1f}" for time in times[:5]) + (" … s" if len(times) > 5 else " s")
