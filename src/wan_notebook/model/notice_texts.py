"""What is noticed about the inputs, in words: the checks before a job and the preview say the same by one sentence.

What helps before a job is sent, and what the preview did all the same, each adds by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from . import family
from .formatting import count, decimal, second

About = Literal["picture", "video"]
Stretch = tuple[float, float]
"""From which second to which."""

SMALLEST_EYES = 16
"""Pixels between the eyes below which a face is too small for its expression to be read or shown."""
LIGHTEST, DARK = 0.98, 0.35
"""The quantile of brightness, 0 to 1, by which light is told, and its value below which features drown.

A face in a spot of light is well seen, however dark the stage about it: 0.46 and more, of pictures whose mean is 0.07
to 0.15. A photograph with a third of its light has 0.32.
"""
CROPPED = {
    "forehead": "The picture is cropped at the forehead; a head that moves needs some room above. Take a wider crop.",
    "chin": "The picture is cropped at the chin; a mouth that opens needs some room below. Take a wider crop.",
    "side": "The picture is cropped at the side of the face, which then has to be made up. Take a wider crop.",
}
"""By the topic of the notice."""
CAMERA_MOVES = "The camera seems to move; the character moves with it. A camera that stands still turns out best."
_NAMED, _CUTS_NAMED = 3, 5
"""Stretches of time, and cuts, that are named before the rest."""


def dark(about: About) -> str:
    """Return that an input has little light."""
    return f"The {about} is very dark; the model sees little of the person. Brighten it first."


def small_face(about: About, eyes: float, short_side: int) -> str:
    """Return that a face is small.

    Args:
        about: the input that it is in.
        eyes: pixels between its eyes.
        short_side: of the frame in which they were measured, in pixels.
    """
    text = f"The face in the {about} is small: {eyes:.0f} pixels between the eyes at {short_side}p."
    return f"{text} From {SMALLEST_EYES} on there is expression."


def several_faces(number: int, places: str = "") -> str:
    """Return how many faces a picture shows.

    Args:
        number: of faces.
        places: where they are, as "one at the left and one at the right"; empty where that is not known.
    """
    where = f": {places}" if places else ""
    return f"{number} faces were found in the picture{where}. The model takes a single character."


def several_people(number: str, when: Sequence[Stretch] = (), places: str = "") -> str:
    """Return how many people a video shows.

    Args:
        number: of people, as "2" or "8 or more".
        when: the stretches of time in which there is more than one; empty where that is not known.
        places: where they are at one moment, likewise.
    """
    where = (f", {spans(when)}" if when else "") + (f": {places}" if places else "")
    return f"{number} people are seen in the video{where}. The model follows a single person."


def face_not_seen(when: Sequence[Stretch], causes: str) -> str:
    """Return in which stretches of time a video's face is not seen, and why, as "turned away"."""
    return f"The face is not seen {spans(when)}: {causes}. Its expression is unknown there."


def mouth_covered(when: Sequence[Stretch]) -> str:
    """Return in which stretches of time something covers the mouth in a video."""
    return f"The mouth is covered {spans(when)}, as by a hand or a mask. What it does is unknown there."


def cuts(times: Sequence[float], dissolves: Sequence[float] = ()) -> str:
    """Return the seconds of a video's cuts and dissolves, of which there is one at least."""
    named = [_several(what, some) for what, some in (("cut", times), ("dissolve", dissolves)) if some]
    return f"The video has {', and '.join(named)}; motion does not go on across a {'cut' if times else 'dissolve'}."


def length(seconds: float, frames: int) -> tuple[str, str] | None:
    """Return the topic and the sentence on a video that is too short or too long, or longer than turns out best."""
    limits = family.VIDEO_LIMITS
    lasts, best = f"The video lasts {decimal(seconds)} s", f"up to {limits.best_seconds:g} s turn out best."
    if seconds < limits.min_seconds:
        return "short", f"{lasts}; below {limits.min_seconds:g} s there is little motion to take."
    if seconds > limits.max_seconds:
        return "length", f"{lasts}; services of this family take {limits.max_seconds:g} s at most, and {best}"
    if seconds > limits.best_seconds:
        windows = f"{frames} frames in {family.windows(frames)} windows of the model"
        return "length", f"{lasts}, {windows}; colours drift from window to window. {best.capitalize()}"
    return None


def spans(when: Sequence[Stretch]) -> str:
    """Return stretches of time in words, as "from 1.2 to 3.0 s and from 5.0 to 6.5 s"."""
    shown = [f"from {start:.1f} to {end:.1f} s" for start, end in when[:_NAMED]]
    if len(when) > _NAMED:
        return f"{', '.join(shown)} and at other times"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _several(what: str, times: Sequence[float]) -> str:
    """Return things and their seconds, as "a cut, at 0.04 s" or "2 cuts, at 2, 3.72 s"."""
    more = " … s" if len(times) > _CUTS_NAMED else " s"
    number = f"a {what}" if len(times) == 1 else count(len(times), what)
    return f"{number}, at {', '.join(map(second, times[:_CUTS_NAMED]))}{more}"
