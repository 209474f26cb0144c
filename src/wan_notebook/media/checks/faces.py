"""The faces of a picture, and those of a video over its time: how many, where, how large, and turned which way."""

from __future__ import annotations

import bisect
import importlib
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...errors import WanError

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

    from ...faces.covered import Covered
    from ...faces.eyes import Eyes
    from ...faces.find import FaceReader
    from ...faces.mesh import Mesh
    from ...faces.passing_cover import Look

Box = tuple[float, float, float, float]
"""Left edge, upper edge, width and height, in shares of the picture's width and height."""

_SURE = 0.5
"""Confidence from which a face is surely a person's: of animals and things that have a face the mesh sees none."""
_BACKGROUND = 0.25
"""Size, over that of the largest face, below which a face belongs to the background."""
_MARGIN = 0.12
"""How far a box reaches beyond the mesh, which ends at the hairline, in shares of the face."""
PROFILE = 45.0
"""Degrees of yaw from which half of a face is out of sight."""
_CHECKED, _RARER, _TOLD = 0.5, 1.3, 2
"""Seconds after which it is checked again whether something is worn before a face, the share of the time after which
the next check comes, as what is worn stays, and how often it has to be told: of a hundred videos of free faces it was
in no frame, and in half or more of those of two masks and of dark glasses."""
_LASTING = 0.2
"""Share of a video's samples in which somebody is seen who is not only passing by."""
NOT_INSTALLED = (
    "Faces were not looked for, since the finder is not installed: pip install 'wan-notebook[preview]' adds it."
)
NO_MODELS = "Faces were not looked for, since the face models are not here."


@dataclass(frozen=True)
class FaceSummary:
    """The number of faces in one picture, and the measures of the one that counts: the largest, or the performer's."""

    count: int
    eye_distance: float = 0.0
    """Between its eyes, as a share of the picture's short side; 0 where that face is not seen."""
    middle: tuple[float, float] = (0.5, 0.3)
    """Between them, in shares of the picture's width and height."""
    cropped_at_forehead: bool = False
    """Whether the picture ends too close above that face."""
    cropped_at_chin: bool = False
    """Whether it ends too close below."""
    cropped_at_side: bool = False
    """Whether it ends too close beside it."""
    points: tuple[tuple[float, float], ...] = ()
    """Left eye, right eye and mouth of that face, in shares of the picture's width and height."""
    confidence: float = 1.0
    """How surely it is a face, 0 to 1."""
    boxes: tuple[Box, ...] = ()
    """All faces, the one that counts first."""
    yaw: float = 0.0
    """Degrees by which it is turned to the right of the picture."""
    nose_aside: float = 0.0
    """As nose_aside() returns it."""
    roll: float = 0.0
    """Degrees by which it is tilted clockwise, from −180 to 180."""
    mouth_open: float = 0.0
    """The gap between the lips; see faces.expression.Reading."""
    eyes_open: float = 0.4
    """The gap between the lids of a picture, of the eye that is wider open; likewise."""
    mouth_covered: bool = False
    """Whether something covers its mouth; see faces.covered, and for a while in a video faces.passing_cover."""
    eyes_covered: bool = False
    """Whether dark glasses cover its eyes."""
    may_be_more: bool = False
    """Whether there may be more faces than were counted, since no more are followed at once."""

    @property
    def is_seen(self) -> bool:
        """Whether the face that counts is seen."""
        return self.eye_distance > 0

    @property
    def is_profile(self) -> bool:
        """Whether half of the face that counts is out of sight: of whole profiles 43 to 60° are read."""
        return abs(self.yaw) >= PROFILE or self.nose_aside > 1

    @property
    def is_doubtful(self) -> bool:
        """Whether a person should look if it is a face indeed, and where its eyes and mouth are."""
        return self.count > 0 and self.confidence < _SURE


def why_unseen() -> str:
    """Return the reason why faces cannot be looked for, as a sentence; empty where they can. Nothing is fetched."""
    try:
        importlib.import_module("wan_notebook.faces.find")
        from ...faces.weights import why_missing

        missing = why_missing()
        return missing and f"{NO_MODELS} {missing}"
    except ImportError:
        return NOT_INSTALLED
    except WanError as error:
        return f"Faces were not looked for: {error}"


def reader_or_reason() -> FaceReader | str:
    """Return this thread's face reader, or the reason why there is none, as a sentence."""
    if reason := why_unseen():
        return reason
    from ...faces.find import face_reader

    try:
        return face_reader()
    except WanError as error:
        return f"Faces were not looked for: {error}"


def summarize_faces(reader: FaceReader, pixels: NDArray[uint8]) -> FaceSummary:
    """Count the faces of a picture, H×W×3 RGB, without those in its background, and measure the largest."""
    found = reader.find_in_still(pixels)
    if not found:
        return FaceSummary(0)
    largest, *others = found
    meshes = [largest.mesh, *(face.mesh for face in others if face.mesh.unit >= _BACKGROUND * largest.mesh.unit)]
    eyes = reader.eyes(pixels, largest.mesh)
    summary = _measured(pixels, meshes, eyes, largest.confidence)
    if summary.is_doubtful:
        return summary
    covered = reader.covered(pixels, largest.mesh, eyes)
    return replace(summary, mouth_covered=covered.mouth, eyes_covered=covered.eyes)


class FaceTimeline:
    """The faces of a video, sampled over its time.

    Args:
        reader: finds and reads faces.
        fps: samples per second.
    """

    def __init__(self, reader: FaceReader, fps: float) -> None:
        from ...faces.track import FaceTracker

        self._tracker = FaceTracker(reader, fps)
        self._samples: list[tuple[float, dict[int, FaceSummary]]] = []
        self._reader = reader
        self._next_checks: dict[int, float] = {}
        self._looks: dict[int, list[tuple[float, Look]]] = {}
        self._covers: dict[int, list[tuple[float, Covered]]] = {}

    def add(self, time: float, pixels: NDArray[uint8]) -> None:
        """Look at the frame of a second, H×W×3 RGB."""
        from ...faces.passing_cover import Look

        faces = self._tracker.follow_all(pixels)
        for face in faces:
            look = Look.of(pixels, face.mesh)
            self._looks.setdefault(face.id, []).append((time, look))
            if look.tells and time >= self._next_checks.get(face.id, 0.0):
                self._next_checks[face.id] = max(time + _CHECKED, _RARER * time)
                eyes = self._reader.eyes(pixels, face.mesh)
                covered = self._reader.covered(pixels, face.mesh, eyes)
                self._covers.setdefault(face.id, []).append((time, covered))
        meshes = {face.id: face.mesh for face in faces}
        self._samples.append((time, {number: _measured(pixels, [mesh]) for number, mesh in meshes.items()}))

    def samples(self, cuts: Sequence[float] = ()) -> tuple[tuple[float, FaceSummary], ...]:
        """Return each second that was sampled, with the performer's face and the number of people seen.

        The performer is who fills most of the video; passers-by and the background do not count.

        Args:
            cuts: seconds at which another shot begins.
        """
        numbers = sorted({number for _, faces in self._samples for number in faces})
        sizes = {one: [faces[one].eye_distance for _, faces in self._samples if one in faces] for one in numbers}
        if not numbers:
            return tuple((time, FaceSummary(0)) for time, _ in self._samples)
        from ...faces.track import MOST

        performer = max(numbers, key=lambda number: sum(sizes[number]))
        large = _BACKGROUND * max(sizes[performer])
        near = {number for number in numbers if max(sizes[number]) >= large}
        lasting = {number for number in near if len(sizes[number]) >= _LASTING * len(self._samples)}
        covered, covers = _seconds_covered(self._looks[performer], cuts), self._covers.get(performer, ())
        mouth, eyes = (_worn([(time, getattr(one, part)) for time, one in covers]) for part in ("mouth", "eyes"))
        # The largest are followed: where one of them belongs to the background, so do all who are not.
        return tuple(
            (
                time,
                replace(
                    _of_performer(faces, performer, {performer, *lasting}),
                    may_be_more=len(faces) == MOST and near >= faces.keys(),
                    mouth_covered=performer in faces and (mouth[0] <= time <= mouth[1] or time in covered),
                    eyes_covered=performer in faces and eyes[0] <= time <= eyes[1],
                ),
            )
            for time, faces in self._samples
        )


def _worn(checks: list[tuple[float, bool]]) -> tuple[float, float]:
    """Return from which second to which something is worn, from the seconds of checks and whether each told it.

    What the first check told was worn from the beginning, what the last told to the end. The first is after the last
    where nothing is worn.
    """
    told = [at for at, (_, is_told) in enumerate(checks) if is_told]
    if len(told) < max(_TOLD, len(checks) / 2):
        return math.inf, -math.inf
    first, last = told[0], told[-1]
    return checks[first][0] if first else 0.0, checks[last][0] if last < len(checks) - 1 else math.inf


def _seconds_covered(looks: list[tuple[float, Look]], cuts: Sequence[float]) -> set[float]:
    """Return the seconds at which something covers the mouth of a face, from how it looked at each."""
    from ...faces.passing_cover import passing_covers

    covered: set[float] = set()
    for _, shot in itertools.groupby(looks, lambda look: bisect.bisect(cuts, look[0])):
        times, shown = zip(*shot, strict=True)
        covered |= {time for time, is_covered in zip(times, passing_covers(shown), strict=True) if is_covered}
    return covered


def _of_performer(faces: dict[int, FaceSummary], performer: int, counted: set[int]) -> FaceSummary:
    others = [face for number, face in faces.items() if number in counted and number != performer]
    boxes = tuple(box for face in others for box in face.boxes)
    own = faces.get(performer)
    if own is None:
        return FaceSummary(len(others), boxes=boxes)
    return replace(own, count=1 + len(others), boxes=own.boxes + boxes)


def _measured(
    pixels: NDArray[uint8], meshes: Sequence[Mesh], eyes: Eyes | None = None, confidence: float = 1.0
) -> FaceSummary:
    """Return the summary of faces, the one that counts first.

    Its eyes are those of a picture: in a video that would be a quarter of the work, and everybody blinks.
    """
    from ...faces.expression import Reading
    from ...faces.geometry import cropped_at_chin, cropped_at_forehead, cropped_at_side

    height, width = pixels.shape[:2]
    reading, points = Reading.of(meshes[0], eyes), meshes[0].face_points
    (left, top), (right, bottom) = points.left_eye, points.right_eye
    return FaceSummary(
        count=len(meshes),
        eye_distance=points.eye_distance / min(width, height),
        middle=((left + right) / 2 / width, (top + bottom) / 2 / height),
        cropped_at_forehead=cropped_at_forehead(points, (width, height)),
        cropped_at_chin=cropped_at_chin(points, (width, height)),
        cropped_at_side=cropped_at_side(points, (width, height)),
        points=tuple((x / width, y / height) for x, y in (points.left_eye, points.right_eye, points.mouth)),
        confidence=confidence,
        boxes=tuple(_box(one, width, height) for one in meshes),
        yaw=reading.yaw,
        nose_aside=nose_aside(meshes[0]),
        roll=reading.roll,
        mouth_open=reading.mouth_open,
        eyes_open=max(reading.eye_left, reading.eye_right) if eyes else FaceSummary.eyes_open,
    )


def nose_aside(mesh: Mesh) -> float:
    """Return how far the tip of a nose lies from midway between the eyes' outer corners: 1 beside one of them."""
    from ...faces.topology import LEFT_CORNER, NOSE_TIP, RIGHT_CORNER

    start, end, nose = mesh.points[[LEFT_CORNER, RIGHT_CORNER, NOSE_TIP], :2].astype(float)
    along = end - start
    return float(abs(2 * (nose - start) @ along / max(1e-6, along @ along) - 1))


def _box(mesh: Mesh, width: int, height: int) -> Box:
    low, high = mesh.points[:, :2].min(0), mesh.points[:, :2].max(0)
    margin = _MARGIN * (high - low)
    (left, top), (right, bottom) = (low - margin).clip(0).tolist(), (high + margin).clip(0, (width, height)).tolist()
    return left / width, top / height, (right - left) / width, (bottom - top) / height
