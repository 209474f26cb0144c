"""Dividing a take that is too long for one job, where the person is calmest: no blink, no open mouth, little motion."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from ..media.checks.faces import FaceSummary, reader_or_reason, summarize_faces
from ..media.video import Video

_ABOUT = 0.6
"""Seconds on each side of an even division within which a calmer frame is looked for."""
NEARLY = 1e-3
"""Seconds by which times may miss each other, since containers round to milliseconds."""
_LOOKS = 12.0
"""Frames in each second whose face is read."""
_SIDE = 480
"""Short side, in pixels, of the copies on which faces are read."""
_OPEN_MOUTH, _SHUT, _OPEN = 0.5, 0.12, 0.3
"""Gap of a mouth that is wide open, and gaps of lids that are shut and that are open; see faces.expression.Reading."""
_MOUTH, _BLINK, _AWAY = 6.0, 3.0, 0.5
"""Weight of an open mouth, of shut eyes, and of each second away from an even division, beside the motion of a frame
over the take's usual one."""


def divide(
    video: Video,
    times: Sequence[float],
    end: float,
    steps: Sequence[float],
    *,
    longest: float,
    shortest: float,
    on_look: Callable[[float], None] = lambda _second: None,
) -> list[int]:
    """Return the frames, counted from the take's first, with which all parts but the first begin.

    Args:
        video: the reference.
        times: the seconds of the take's frames.
        end: the second at which its last frame ends.
        steps: change of each frame from the one before; see media.checks.cuts.TransitionFinder.
        longest: seconds of a part at most, as far as that goes with the shortest.
        shortest: seconds of a part at least; a take of less than two such parts stays whole.
        on_look: is told the second about which a calm frame is looked for next.

    Raises:
        MediaError: the video cannot be read.
    """
    length = end - times[0]
    parts = parts_of(length, longest, shortest)
    if parts * longest < length - NEARLY:
        longest = math.inf  # no part holds in one window then
    usual = sorted(steps)[len(steps) // 2] or 1e-6
    begins: list[int] = []
    previous = times[0]
    for left in range(parts - 1, 0, -1):
        even = previous + (end - previous) / (left + 1)
        low = max(even - _ABOUT, end - left * longest, previous + shortest)
        high = min(even + _ABOUT, previous + longest, end - left * shortest)
        on_look(even)
        calm = calmest(video, times, steps, (min(low, even), max(high, even)), even, usual)
        if previous + shortest <= times[calm] + NEARLY and times[calm] <= end - left * shortest + NEARLY:
            begins.append(calm)
            previous = times[calm]
    return begins


def parts_of(length: float, longest: float, shortest: float) -> int:
    """Return the number of parts, with some room to choose where they meet, unless they became too short for it."""
    most = max(1, math.floor(length / shortest + 1e-6))
    least = min(most, max(1, math.ceil(length / longest - 1e-6)))
    roomy = math.ceil(length / max(longest - _ABOUT, longest / 2))
    return roomy if least > 1 and length / roomy >= shortest else least


def calmest(
    video: Video,
    times: Sequence[float],
    steps: Sequence[float],
    span: tuple[float, float],
    even: float,
    usual: float,
) -> int:
    """Return the frame of a span, in seconds, at which the person is calmest; the other arguments as for divide()."""
    within = [number for number, time in enumerate(times) if number and span[0] <= time <= span[1]]
    if not within:
        return min(range(1, len(times)), key=lambda number: abs(times[number] - even))
    faces = list(_faces(video, times[within[0]], times[within[-1]]))

    def unrest(number: int) -> float:
        time = times[number]
        face = min(faces, key=lambda one: abs(one[0] - time))[1] if faces else 0.0
        around = steps[max(1, number - 1) : number + 2]
        return face + min(4.0, sum(around) / len(around) / usual) + _AWAY * abs(time - even)

    return min(within, key=unrest)


def _faces(video: Video, start: float, end: float) -> Iterator[tuple[float, float]]:
    """Yield seconds between two, each with the unrest of the face there; nothing where faces cannot be read."""
    from ..video.read import frames

    reader = reader_or_reason()
    if isinstance(reader, str) or video.path is None or not (video.width and video.height):
        return
    side = min(_SIDE, video.width, video.height)
    height, width = (side, None) if video.width > video.height else (None, side)
    for frame in frames(video.path, start=start, end=end + 0.5 / _LOOKS, fps=_LOOKS, width=width, height=height):
        yield frame.time, unrest_of(summarize_faces(reader, frame.pixels))


def unrest_of(face: FaceSummary) -> float:
    """Return the unrest of a face: 0 for a closed mouth and open eyes, or where nobody is seen."""
    if not face.is_seen:
        return 0.0
    mouth = min(1.0, face.mouth_open / _OPEN_MOUTH)
    shut = min(1.0, max(0.0, (_OPEN - face.eyes_open) / (_OPEN - _SHUT)))
    return _MOUTH * mouth + _BLINK * shut
