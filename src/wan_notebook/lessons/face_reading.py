"""What a face mesh reads off drawn people, whose motion is known, and the exercises about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..faces.expression import Reading, curves
from ..faces.find import Face, face_reader
from ..media import Video, samples, video
from ..media.samples import PEOPLE, Pose, draw
from ..media.thumbnail import encode_jpeg
from ..video.metadata import description
from ..video.read import frames
from ..widgets.display.static import data_uri
from .exercise import Hint, Unanswered, choice, exercise, number, shown
from .figures import STYLE, show
from .svg import BLUE, ORANGE

__all__ = [
    "MEASURES",
    "STYLE",
    "Look",
    "check_consent",
    "check_covered",
    "check_label",
    "check_mouth",
    "check_worst",
    "copied",
    "description",
    "known",
    "look",
    "open_mouth",
    "readings",
    "reference",
    "show",
]

_SECONDS, _FPS, _SIZE = 2.5, 12, (480, 624)
_SHUT = 0.06
"""Gap of the lips, over the distance of the eyes' outer corners, up to which a mouth is read as closed; the one that is
to be covered has 0.19."""
_LIPS = (61, 291, 13, 14, 0, 17)

Pixels = NDArray[np.uint8]

MEASURES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "mouth": ("mouth_open", "mouth"),
        "lids": ("eye_left", "blink"),
        "brows": ("brow_left", "brows"),
        "turn": ("yaw", "yaw"),
        "nod": ("pitch", "pitch"),
        "tilt": ("roll", "roll"),
        "smile": ("corner_left", "smile"),
    }
)
"""By the word for it: the mesh's measure, and the curve by which the motion was drawn."""


@dataclass(frozen=True)
class Look:
    """A picture with the mesh that was read off it; as the last line of a cell it is both, and a sentence."""

    pixels: Pixels
    """H×W×3 RGB."""
    face: Face | None
    """None where no face was found."""
    reading: Reading | None
    """Likewise."""

    def __repr__(self) -> str:
        if self.face is None or self.reading is None:
            return "No face was found."
        return (
            f"A face is there: {100 * self.face.mesh.presence:.0f} % sure. The gap between the lips is "
            f"{self.reading.mouth_open:.2f} of the eyes' distance, the face is turned by {abs(self.reading.yaw):.0f}°."
        )

    def _repr_html_(self) -> str:
        from PIL import Image

        height, width = self.pixels.shape[:2]
        picture = data_uri(encode_jpeg(Image.fromarray(self.pixels), max(height, width)))
        return (
            f'<svg viewBox="-44 -24 {width + 44} {height + 24}" width="350" role="img" '
            f'aria-label="{escape(repr(self))}" fill="currentColor" style="max-width: 100%; font: 17px sans-serif">'
            f'<image href="{picture}" width="{width}" height="{height}"/>{_rulers(width, height)}'
            f"{''.join(self._dots())}</svg><p>{escape(repr(self))}</p>"
        )

    def _dots(self) -> list[str]:
        if self.face is None:
            return []
        places = self.face.mesh.points[:, :2].tolist()
        small = [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="1.6" fill="{BLUE}"/>' for x, y in places]
        lips = [places[number] for number in _LIPS]
        return small + [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5" fill="{ORANGE}"/>' for x, y in lips]


def _rulers(width: int, height: int) -> str:
    """Return the numbers of some columns above a picture, and of some rows beside it."""
    columns = (f'<text x="{at}" y="-6" text-anchor="middle">{at}</text>' for at in range(100, width, 100))
    rows = (f'<text x="-6" y="{at + 6}" text-anchor="end">{at}</text>' for at in range(100, height, 100))
    return "".join([*columns, *rows])


def look(pixels: Pixels) -> Look:
    """Read the largest face of a picture, H×W×3 RGB.

    Raises:
        ModelsMissing: the face models are neither here nor to be had.
    """
    found = face_reader().find(pixels)
    if not found:
        return Look(pixels, None, None)
    return Look(pixels, found[0], Reading.of(found[0].mesh, face_reader().eyes(pixels, found[0].mesh)))


def open_mouth() -> Pixels:
    """Return a drawn person whose mouth is wide open, H×W×3 RGB."""
    return np.array(draw(PEOPLE["ada"], Pose(mouth=0.9), _SIZE))


def reference() -> Video:
    """Return a drawn performance of two and a half seconds."""
    return video(samples.reference("hello", _SECONDS, _FPS))


def known() -> samples.Curves:
    """Return the curves by which that performance was drawn, one value for each frame."""
    return samples.curves("hello", _SECONDS, _FPS)


def readings(performance: Video) -> dict[str, NDArray[np.float64]]:
    """Return each measure of the mesh, by its name in faces.expression.Reading, one value for each frame."""
    assert performance.path is not None
    return curves(look(frame.pixels).reading for frame in frames(performance.path))


def copied(path: Any) -> Video:
    """Return a video written anew from its frames alone, as a site does with what is uploaded to it."""
    original = video(path)
    assert original.path is not None
    return video([frame.pixels for frame in frames(original.path)], fps=original.fps)


@exercise
def check_mouth(answer: Any, read: Any, drawn: Any) -> str:
    """Check the correlation of what was read of the mouth with what was drawn."""
    given, wanted = number(answer, "correlation"), float(np.corrcoef(read, drawn)[0, 1])
    if abs(given) > 1 + 1e-9:
        raise Hint("A correlation lies between −1 and 1.")
    if abs(given - 1) < 1e-6:
        raise Hint("That is a curve with itself, in a corner of the table. Its other places compare two.")
    if abs(given - wanted) > 0.005:
        raise Hint(f"It is not {given:.2f}. Correlate what was read with what was drawn, one value for each frame.")
    return f"{wanted:.2f}: the mesh tells when a mouth opens. How far, in which unit, is another question."


@exercise
def check_worst(answer: Any, read: Any, drawn: Any) -> str:
    """Check which of MEASURES is read worst."""
    values = {
        name: abs(float(np.corrcoef(read[measure], getattr(drawn, curve))[0, 1]))
        for name, (measure, curve) in MEASURES.items()
    }
    worst = min(values, key=values.__getitem__)
    word = answer.strip().lower() if isinstance(answer, str) else ""
    if word not in values:
        raise Hint(f"The answer is {shown(answer)}, and should be one of the words {', '.join(values)}.")
    if word != worst:
        raise Hint(
            f"The correlation of {word} is {values[word]:.2f} but for its sign; another is nearer to 0. A negative "
            "one is as good as a positive one: the gap of the lids shrinks as the blink grows."
        )
    return (
        f"{values[worst]:.2f}: of this smile the mesh reads next to nothing. It was trained on photographs of people, "
        "and the corners of a drawn mouth are not what it knows. Where it fails, it says no word about it."
    )


@exercise
def check_covered(answer: Any) -> str:
    """Check a picture in which the mouth is covered, and the face still found."""
    if not isinstance(answer, np.ndarray) or answer.shape != open_mouth().shape:
        raise Hint("Give the picture itself, an array as large as before, in which the mouth is painted over.")
    if np.array_equal(answer, open_mouth()):
        raise Unanswered(
            "nothing is painted over. Choose the rows and columns of the mouth, where the orange dots are; top is less "
            "than bottom, left is less than right."
        )
    found = look(answer.astype(np.uint8))
    if found.reading is None or found.face is None:
        raise Hint("Now no face is found at all: you cover too much. Leave eyes, nose and chin.")
    if found.reading.mouth_open > _SHUT:
        still = f"It still reads a gap of {found.reading.mouth_open:.2f}"
        if not _lips_painted(answer):
            raise Hint(f"{still}: the patch is not on the mouth. Rows count from the top, columns from the left.")
        raise Hint(f"{still}: some of the open mouth can be seen.")
    return (
        f"The mouth is wide open behind the patch. The mesh says that it is closed ({found.reading.mouth_open:.2f}), "
        f"and that it is {100 * found.face.mesh.presence:.0f} % sure of a face. What it does not see, it makes up, as "
        "faces mostly are. A hand, a mask or a microphone does the same in your reference."
    )


def _lips_painted(answer: Pixels) -> bool:
    """Whether a picture differs from that with the open mouth at one of the points of the lips at least."""
    face = look(open_mouth()).face
    assert face is not None
    columns, rows = face.mesh.points[list(_LIPS), :2].round().astype(int).T
    return bool((answer != open_mouth()).any(-1)[rows, columns].any())


_CASES = {
    "A": "Your own drawing and your own performance: there is nobody else to ask.",
    "B": "The photograph shows somebody, who has a say in what that face seems to do.",
    "C": "The performance is somebody's as well: their motion, their work, and often their rights.",
    "D": "The face of somebody who lives says what they never said. That it is meant as a joke changes nothing.",
    "E": "Whom an old painting shows cannot be asked, and the painting belongs to everybody. The label stays due.",
}


@exercise
def check_consent(answer: Any) -> str:
    """Check in which cases somebody has to be asked."""
    if not isinstance(answer, str | list | tuple | set):
        raise Hint(f"Write the letters, as in 'AE'; this is {shown(answer)}.")
    letters = {letter.upper() for letter in "".join(answer) if letter.isalpha()}
    if unknown := letters - set(_CASES):
        raise Hint(f"There is no case {', '.join(sorted(unknown))}. Write the letters alone, as in 'AE', from A to E.")
    if differing := sorted(letters ^ {"B", "C", "D"}):
        raise Hint(f"Think again about {differing[0]}. {_CASES[differing[0]]}")
    return "Whose face, and whose motion: both are asked. And whoever sees the clip is told what it is, in each case."


@exercise
def check_label(answer: Any) -> str:
    """Check whether the note in a file's metadata outlives a copy of its frames."""
    choice(
        answer,
        "B",
        {
            "A": "Print both: of the copy, the description is empty.",
            "C": "The pictures are the same but for the compression. Look at the two descriptions once more.",
        },
    )
    return (
        "A note in the file serves whoever has the file, and is gone with the first upload, cut or screenshot. What "
        "has to reach a viewer stands in the picture, or in the words beside it."
    )
