"""Notices from the pixels of the inputs: light, sharpness, cuts, motion and faces."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from ...model import notice_texts
from ...model.family import VIDEO_LIMITS
from ...model.formatting import duration, second
from .analysis import PictureAnalysis, VideoAnalysis
from .faces import PROFILE, FaceSummary
from .notice import Notice

if TYPE_CHECKING:
    from ..prepare import ExpectedVideo

_SOFT = 8.0
"""Sharpness below which contours are washed out; clear pictures that were measured have 30 and more, the same ones
blurred by four thousandths of their height less than 5."""
_CUTS_SHOWN, _BEFORE = 2, 0.1
"""Cuts whose frames are shown, and seconds before a cut at which the shot before it is seen."""
_ON_ITS_SIDE, _UPSIDE_DOWN = 60.0, 135.0
"""Degrees of tilt from which it is the picture that is turned, and no head that is held aslant."""
_OPEN_MOUTH, _SHUT_EYES = 0.14, 0.18
"""Gaps of a picture's lips and lids (see faces.expression.Reading) which make no good rest: a broad smile that was
measured has 0.11, open eyes 0.25 and more."""
_LASTS = 0.4
"""Seconds from which on a face that is not seen, turned away or covered is worth a word."""
_OFTEN, _USUALLY = 0.15, 0.5
"""Shares of the time: of a face that is missing so often much is lost, and what is usual holds for the whole video."""
_TURNING, _EDGE = 30.0, 0.08
"""Degrees of yaw, and nearness to the picture's edge, from which a face that is lost has turned away, or left."""
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
"""Counts that are written as words; larger ones are figures."""

_COVERED, _TURNED, _OUT, _SOMEBODY_ELSE = "covered", "turned away", "out of the picture", "somebody else is seen there"
_CAUSES = _COVERED, _TURNED, _OUT, _SOMEBODY_ELSE
"""Why a face is not seen, in the order in which they are named."""

FaceSample: TypeAlias = tuple[float, FaceSummary]
"""A second of a video, and the faces in its frame."""


def picture_content(analysis: PictureAnalysis, short_side: int) -> Iterator[Notice]:
    """Yield notices about a picture's light, sharpness and face, for a clip of this short side in pixels."""
    yield from light_notices("picture", analysis.brightness, analysis.sharpness)
    faces = analysis.faces
    if faces is None:
        yield Notice("faces", "picture", analysis.unseen, serious=False)
    elif faces.count == 0:
        text = "No face was found in the picture; one clear face, seen from the front, turns out best."
        yield Notice("faces", "picture", text, serious=False, remedy="Place eyes and mouth", place=True)
    elif faces.count > 1:
        text = f"{notice_texts.several_faces(faces.count, _places(faces))} Crop it to one."
        yield Notice("faces", "picture", text, boxes=faces.boxes)
    else:
        yield from small_face("picture", faces, short_side)
        if faces.is_doubtful:
            text = "A face was found in the picture, without much certainty: check whether it is where it was found."
            yield Notice("doubtful face", "picture", text, serious=False, remedy="Check this face", place=True)
        cropped = {
            "forehead": faces.cropped_at_forehead,
            "chin": faces.cropped_at_chin,
            "side": faces.cropped_at_side,
        }
        yield from (Notice(edge, "picture", notice_texts.CROPPED[edge]) for edge in cropped if cropped[edge])
        if not faces.is_doubtful:
            yield from turned_frame("picture", faces.roll)
            yield from rest_notices(faces)


def rest_notices(faces: FaceSummary) -> Iterator[Notice]:
    """Yield notices where a picture's face is far from facing us at rest, with its mouth and eyes in sight."""
    if faces.is_profile:
        degrees = f"{abs(faces.yaw):.0f}°" if abs(faces.yaw) >= PROFILE else f"{PROFILE:.0f}° or more"
        text = f"The face in the picture is turned aside by {degrees}: its far half has to be made up. "
        yield Notice("profile", "picture", f"{text}A face that is seen from the front turns out best.")
    if faces.eyes_covered:
        text = "The eyes in the picture are covered, as by dark glasses: no blink and no glance will be seen."
        yield Notice("covered eyes", "picture", text, serious=False)
    elif faces.eyes_open < _SHUT_EYES:
        text = "The eyes in the picture are closed, so how they look when they open has to be made up."
        yield Notice("closed eyes", "picture", text)
    if faces.mouth_covered:
        text = "The mouth in the picture is covered, as by a mask or a hand: how it looks in speech has to be made up."
        yield Notice("covered mouth", "picture", text)
    elif faces.mouth_open > _OPEN_MOUTH:
        text = "The mouth in the picture is open; with closed lips, speech turns out best."
        yield Notice("open mouth", "picture", text, serious=False)


def video_content(analysis: VideoAnalysis, expected: ExpectedVideo, short_side: int) -> Iterator[Notice]:
    """Yield notices about the pixels in the stretch that is kept, for a clip of this short side in pixels."""
    yield from light_notices("video", analysis.brightness, analysis.sharpness)
    if analysis.damaged:
        text = (
            f"The video is damaged at {analysis.damaged} of its frames; they are left out here, and a service may stop."
        )
        yield Notice("damaged", "video", f"{text} Export it again.")
    yield from cut_notices(analysis, expected)
    if analysis.camera_moves:
        yield Notice("camera", "video", notice_texts.CAMERA_MOVES, serious=False)
    if analysis.stands_still:
        text = "Nothing moves in the video, so nothing would in the clip. Choose one in which a person performs."
        yield Notice("still", "video", text)
    if analysis.body_moves:
        text = "Arms or body move in the video: the hosted model follows them, the preview moves head and face alone."
        yield Notice("body", "video", text, serious=False)
    if analysis.face_samples is None:
        yield Notice("faces", "video", analysis.unseen, serious=False)
    elif samples := [sample for sample in analysis.face_samples if expected.start <= sample[0] < expected.end]:
        yield from video_faces(samples, expected, short_side)


def light_notices(about: Literal["picture", "video"], brightness: float, sharpness: float) -> Iterator[Notice]:
    """Yield a notice where an input is too dark, or else too blurred."""
    if brightness < notice_texts.DARK:
        yield Notice("dark", about, notice_texts.dark(about))
    elif sharpness < _SOFT:
        yield Notice("blur", about, f"The {about} is blurred; contours and expression may be lost.")


def cut_notices(analysis: VideoAnalysis, expected: ExpectedVideo) -> Iterator[Notice]:
    """Yield a notice about cuts and dissolves in what is kept; its remedy keeps the longest shot, or a part of it.

    There is none where no shot is as long as a video has to be.
    """
    looked = min(expected.end, analysis.end)
    cuts, dissolves = (
        [time for time in times if expected.start < time < looked] for times in (analysis.cuts, analysis.dissolves)
    )
    if not cuts and not dissolves:
        return
    changes = sorted(cuts + dissolves)
    bounds = [expected.start, *changes, looked]
    start, end = max(itertools.pairwise(bounds), key=lambda shot: shot[1] - shot[0])
    text = notice_texts.cuts(cuts, dissolves)
    if looked < expected.end:
        text += f" It was looked at up to {duration(looked)}."
    moments = tuple(moment for cut in changes[:_CUTS_SHOWN] for moment in (max(expected.start, cut - _BEFORE), cut))
    if end - start < VIDEO_LIMITS.min_seconds:
        text += f" No shot is as long as {VIDEO_LIMITS.min_seconds:g} s, so choose a video with a longer one."
        yield Notice("cuts", "video", text, moments=moments)
        return
    remedy = f"Keep the longest shot, {second(start)} to {second(end)} s"
    if end - start > VIDEO_LIMITS.max_seconds:
        end = start + VIDEO_LIMITS.best_seconds
        remedy = f"Keep {second(start)} to {second(end)} s of the longest shot"
    yield Notice("cuts", "video", text, remedy=remedy, change={"start": start, "end": end}, moments=moments)


def video_faces(samples: list[FaceSample], expected: ExpectedVideo, short_side: int) -> Iterator[Notice]:
    """Yield notices where a video's face is missing, one of several, hidden or turned away at times, or small."""
    seen = [faces for _, faces in samples if faces.is_seen]
    if not seen:
        text = f"No face was found in {len(samples)} frames of the video; expression can hardly be taken over."
        yield Notice("faces", "video", text)
        return
    yield from _several_people(samples, expected)
    yield from _missing_face(samples, expected)
    yield from turned_frame("video", sorted((faces.roll for faces in seen), key=abs)[len(seen) // 2])
    yield from _turned_face(samples, expected)
    yield from _covered_mouth(samples, expected)
    if any(faces.eyes_covered for faces in seen):
        text = "The eyes in the video are covered, as by dark glasses: there is no blink and no glance to take over."
        yield Notice("covered eyes", "video", text, serious=False)
    yield from small_face("video", sorted(seen, key=lambda faces: faces.eye_distance)[len(seen) // 2], short_side)
    if sum(faces.cropped_at_forehead for faces in seen) > _USUALLY * len(seen):
        text = "The head is cropped at the forehead in most of the video; its motion is read less well. Frame it wider."
        yield Notice("forehead", "video", text, serious=False)


def _several_people(samples: list[FaceSample], expected: ExpectedVideo) -> Iterator[Notice]:
    crowded = _stretches(samples, expected, lambda faces: faces.count > 1)
    if not crowded:
        return
    time, most = max(samples, key=lambda sample: sample[1].count)
    may_be_more = any(faces.may_be_more for _, faces in samples)
    number, places = (f"{most.count} or more", "") if may_be_more else (str(most.count), _places(most))
    text = notice_texts.several_people(number, crowded, places) + " Cut the others away, or choose a video of one."
    serious = _length(crowded) > _USUALLY * (expected.end - expected.start)
    yield Notice("people", "video", text, serious, moments=(time,), boxes=most.boxes)


def _missing_face(samples: list[FaceSample], expected: ExpectedVideo) -> Iterator[Notice]:
    missing = _stretches(samples, expected, lambda faces: not faces.is_seen)
    if not missing:
        return
    causes = [cause for cause in _CAUSES if any(cause in _causes(samples, stretch) for stretch in missing)]
    text = notice_texts.face_not_seen(missing, _listed(causes, "or"))
    serious = _length(missing) > _OFTEN * (expected.end - expected.start)
    yield _with_remedy(Notice("faces", "video", text, serious), samples, expected, lambda faces: faces.is_seen)


def _turned_face(samples: list[FaceSample], expected: ExpectedVideo) -> Iterator[Notice]:
    turned = _stretches(samples, expected, lambda faces: faces.is_seen and faces.is_profile)
    if not turned:
        return
    text = f"The face is turned aside by {PROFILE:.0f}° or more {notice_texts.spans(turned)}: "
    text += "half of it is out of sight, and its expression is read less well."
    serious = _length(turned) > _OFTEN * (expected.end - expected.start)
    yield _with_remedy(
        Notice("profile", "video", text, serious),
        samples,
        expected,
        lambda faces: faces.is_seen and not faces.is_profile,
    )


def _covered_mouth(samples: list[FaceSample], expected: ExpectedVideo) -> Iterator[Notice]:
    covered = _stretches(samples, expected, lambda faces: faces.mouth_covered)
    if not covered:
        return
    serious = _length(covered) > _OFTEN * (expected.end - expected.start)
    text = f"{notice_texts.mouth_covered(covered)} Keep another stretch, or take another video."
    start, end = max(covered, key=_span_length)
    notice = Notice("covered mouth", "video", text, serious, moments=((start + end) / 2,))
    yield _with_remedy(notice, samples, expected, lambda faces: faces.is_seen and not faces.mouth_covered)


def _with_remedy(
    notice: Notice, samples: list[FaceSample], expected: ExpectedVideo, good: Callable[[FaceSummary], bool]
) -> Notice:
    """Return a notice with the remedy to keep the longest stretch that is good; unchanged where that is too short."""
    start, end = max(_stretches(samples, expected, good), key=_span_length, default=(0.0, 0.0))
    if end - start < VIDEO_LIMITS.min_seconds:
        return notice
    remedy = f"Keep {start:.1f} to {end:.1f} s, where it is seen"
    return replace(notice, remedy=remedy, change={"start": start, "end": end})


def _stretches(
    samples: list[FaceSample], expected: ExpectedVideo, wanted: Callable[[FaceSummary], bool]
) -> list[tuple[float, float]]:
    """Return the stretches of time, from second to second, in which the samples are as wanted, and which last."""
    # Between two samples of which one is as wanted, half of the way is taken to be so.
    between = [(one[0] + other[0]) / 2 for one, other in itertools.pairwise(samples)]
    edges = [expected.start, *between, expected.end]
    found = []
    for is_wanted, group in itertools.groupby(range(len(samples)), lambda number: wanted(samples[number][1])):
        numbers = list(group)
        stretch = edges[numbers[0]], edges[numbers[-1] + 1]
        if is_wanted and _span_length(stretch) >= _LASTS:
            found.append(stretch)
    return found


def _causes(samples: list[FaceSample], stretch: tuple[float, float]) -> tuple[str, ...]:
    """Return why a face may not be seen in a stretch of time, from how it was last seen before, or first after."""
    if any(faces.count for time, faces in samples if stretch[0] <= time < stretch[1] and not faces.is_seen):
        return (_SOMEBODY_ELSE,)
    before = [faces for time, faces in samples if time < stretch[0] and faces.is_seen]
    after = [faces for time, faces in samples if time > stretch[1] and faces.is_seen]
    around = [*before[-2:], *after[:2]]
    if any(abs(faces.yaw) > _TURNING for faces in around):
        return (_TURNED,)
    near = (min(*faces.middle, 1 - faces.middle[0], 1 - faces.middle[1]) for faces in around)
    return (_OUT,) if any(edge < _EDGE for edge in near) else (_COVERED, _TURNED)


def _length(stretches: list[tuple[float, float]]) -> float:
    return sum(map(_span_length, stretches))


def _span_length(stretch: tuple[float, float]) -> float:
    return stretch[1] - stretch[0]


def _places(faces: FaceSummary) -> str:
    """Return where faces are, as "one at the left and one in the middle"; the boxes in a picture show it better."""
    columns = [min(2, int(3 * (left + width / 2))) for left, _, width, _ in faces.boxes]
    counts = {name: columns.count(at) for at, name in enumerate(("at the left", "in the middle", "at the right"))}
    words = [f"{_NUMBERS.get(count, str(count))} {name}" for name, count in counts.items() if count]
    return _listed(words, "and")


def _listed(words: list[str], conjunction: str) -> str:
    return f" {conjunction} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def small_face(about: Literal["picture", "video"], faces: FaceSummary, short_side: int) -> Iterator[Notice]:
    """Yield a notice where the face is too small for expression in a clip of this short side in pixels."""
    pixels = faces.eye_distance * short_side
    if pixels < notice_texts.SMALLEST_EYES:
        text = notice_texts.small_face(about, pixels, short_side)
        yield Notice("small face", about, f"{text} Crop closer or choose a higher resolution.")


def turned_frame(about: Literal["picture", "video"], roll: float) -> Iterator[Notice]:
    """Yield a notice where a face is tilted by so many degrees that its picture must have been turned."""
    if abs(roll) >= _ON_ITS_SIDE:
        way = "is upside down" if abs(roll) >= _UPSIDE_DOWN else "lies on its side"
        text = f"The face in the {about} {way}. The preview reads it all the same, but a model knows upright people: "
        yield Notice("turned frame", about, f"{text}turn the {about} first.")
