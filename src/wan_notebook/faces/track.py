"""Following faces from frame to frame: the place of each in the last frame is where the next is read.

Who is who is told by place and course, and after a loss, a cut or a leap by looks as well (identity.py): where two look
alike, the one is meant that was on its way there. The detector, which takes longer than a mesh, runs where somebody was
lost, and now and then for newcomers.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .find import FaceReader
from .identity import Identity
from .mesh import Mesh

_SEARCH = 0.12
"""Seconds between two looks for somebody who is lost."""
_CLOSE_SEARCH = 2.0
"""Seconds at least between two looks that go over the picture part by part; they become the rarer the longer nobody is
there."""
_GIVEN_UP = 10.0
"""Seconds after which nobody looks more often than for newcomers."""
_HEIR = 2.0
"""Seconds after which somebody new who is seen alone is followed in place of the one who has not come back."""
MOST = 8
"""People who are followed at once, the largest; each takes a reading in each frame."""
_CONFIDENT = 0.5
"""Confidence from which a face that was found is followed."""
_LEAP = 0.5
"""Motion from one frame to the next, in distances of the eyes' corners, from which a change of looks counts twice."""
_GROWTH = 1.25
"""Growth or shrinking from one frame to the next from which a change of looks counts twice."""
_CHANGE = 2.0
"""Distance from the looks that are known from which it is doubtful whether this is the same person."""
_STRANGER = 3.5
"""Distance of looks from which a face is surely somebody else's."""
_BYSTANDER = 0.4
"""Size, over the largest face's, below which somebody is not counted."""
_NEAR = 4.0
"""Distance, in those of the eyes' corners, within which others are followed, too: they might be taken for the one."""
_AS_OF_LATE = 0.4
"""Weight of each frame in a person's speed."""
_COURSE = 0.4
"""Seconds for which somebody who is hidden is taken to go on."""


@dataclass(frozen=True)
class TrackedFace:
    """A face in one frame, and whose it is."""

    id: int
    """The person's number in this video, from 0 on in the order in which people appear."""
    mesh: Mesh


@dataclass(eq=False)
class _Person:
    id: int
    mesh: Mesh
    """As last seen."""
    identity: Identity
    since: int
    """Number of the frame in which the person was seen first."""
    lost: int = 0
    """Frames since the person was seen last."""
    seen: int = 1
    """Frames in a row in which the person was seen."""
    speed: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    """Pixels to the right and down from frame to frame, as of late."""

    def sees(self, mesh: Mesh, identity: Identity) -> None:
        way = (mesh.middle - self.mesh.middle) / (1 + self.lost)
        # A cut is no motion.
        cut = np.linalg.norm(way) > _LEAP * self.mesh.unit
        self.speed = np.zeros(2) if cut else self.speed + _AS_OF_LATE * (way - self.speed)
        self.identity = self.identity.learned(identity)
        self.mesh, self.lost, self.seen = mesh, 0, self.seen + 1

    def loses(self) -> None:
        self.lost, self.seen = self.lost + 1, 0


@dataclass(frozen=True, eq=False)
class _Sight:
    """A face in the present frame of which is not known yet whose it is."""

    mesh: Mesh
    identity: Identity
    detected: bool
    """Whether the detector sees it: the mesh of somebody who was lost may lie on anything."""


class FaceTracker:
    """Follows the people of a video; it begins with the largest.

    Args:
        reader: finds and reads faces.
        fps: frames per second that it will be shown.
        newcomers: seconds between two looks for people who have come.
    """

    def __init__(self, reader: FaceReader, fps: float = 25.0, newcomers: float = 0.5) -> None:
        def frames(seconds: float) -> int:
            return max(1, round(seconds * fps))

        self._reader = reader
        self._newcomers, self._search_step, self._close = frames(newcomers), frames(_SEARCH), frames(_CLOSE_SEARCH)
        self._next_close_search = 0
        self._given_up, self._heir_after, self._course = frames(_GIVEN_UP), frames(_HEIR), frames(_COURSE)
        self._people: list[_Person] = []
        self._main: _Person | None = None
        self._heir: _Person | None = None
        self._frame = 0
        self.most_people = 0
        """How many people were seen at once at most, those left out who are far smaller than the largest."""

    def follow(self, pixels: NDArray[np.uint8]) -> Mesh | None:
        """Return the face of the person who was the largest at first, in the next frame, H×W×3 RGB.

        Returns:
            None where that person is not seen. After long it is whoever came since and is alone, until the person is
            back: a cut may have changed the light so that nobody would know the person again.
        """
        main = self._main
        self._advance(pixels, [one for one in self._people if main is None or main.lost or _near(one, main)])
        shown = self._heir or self._main
        return shown.mesh if shown and not shown.lost else None

    def follow_all(self, pixels: NDArray[np.uint8]) -> list[TrackedFace]:
        """Return everybody's face in the next frame, H×W×3 RGB, the largest first; of more than eight the largest."""
        self._advance(pixels, self._people)
        seen = sorted((one for one in self._people if not one.lost), key=lambda one: one.mesh.unit, reverse=True)
        return [TrackedFace(one.id, one.mesh) for one in seen]

    def _advance(self, pixels: NDArray[np.uint8], followed: list[_Person]) -> None:
        sights = {person: self._read(pixels, person) for person in self._people if person in followed}
        own = {person: sight for person, sight in sights.items() if sight is not None and _is_own(person, sight)}
        for one, other in itertools.combinations(list(own), 2):
            if one in own and other in own and _coincide(own[one].mesh, own[other].mesh):
                del own[max((one, other), key=lambda person: self._unlikeness(person, own[person]))]
        doubtful = []
        for person in self._people:
            if person in own:
                person.sees(own[person].mesh, own[person].identity)
                continue
            person.loses()
            doubtful += [sight] if (sight := sights.get(person)) is not None else []
        found = self._search(pixels) if self._must_search(followed) else []
        # What the detector sees is no more doubtful, and what somebody else has is nobody's to take.
        taken = [sight.mesh for sight in found] + self._seen()
        self._recognize(found + [one for one in doubtful if not any(_coincide(one.mesh, mesh) for mesh in taken)])
        self._choose_main()
        sizes = [mesh.unit for mesh in self._seen()]
        self.most_people = max(self.most_people, sum(size > _BYSTANDER * max(sizes) for size in sizes))
        self._frame += 1

    def _seen(self) -> list[Mesh]:
        return [one.mesh for one in self._people if not one.lost]

    def _read(self, pixels: NDArray[np.uint8], person: _Person) -> _Sight | None:
        """Return the face that is where a person was; None where there is none."""
        if person.lost > self._close:
            return None  # the search finds those who come back after so long
        mesh = self._reader.read(pixels, person.mesh.region)
        if mesh is None or not _within(mesh, pixels):
            return None
        return _Sight(mesh, Identity.of(pixels, mesh), detected=False)

    def _must_search(self, followed: list[_Person]) -> bool:
        lost = [one.lost for one in followed if one.lost]
        often = not self._people or any(frames <= self._given_up for frames in lost)
        return 1 in lost or self._frame % (self._search_step if often else self._newcomers) == 0

    def _search(self, pixels: NDArray[np.uint8]) -> list[_Sight]:
        """Return the faces of the frame that nobody has been found to have yet."""
        seen = self._seen()
        sights: list[_Sight] = []
        closely = not seen and self._frame >= self._next_close_search
        if closely:
            self._next_close_search = max(self._frame + self._close, 2 * self._frame)
        for face in self._reader.find(pixels, closely=closely, known=seen):
            if len(seen) + len(sights) == MOST:
                break
            others = seen + [sight.mesh for sight in sights]
            if face.confidence < _CONFIDENT or not _within(face.mesh, pixels):
                continue
            if not any(_coincide(face.mesh, mesh) for mesh in others):
                sights.append(_Sight(face.mesh, Identity.of(pixels, face.mesh), detected=True))
        return sights

    def _recognize(self, sights: list[_Sight]) -> None:
        """Give each face to the lost person whom it resembles most, and those left over to new people."""
        lost = [one for one in self._people if one.lost]
        pairs = [(one, sight) for one in lost for sight in sights]
        left = list(sights)
        for one, sight in sorted(pairs, key=lambda pair: self._unlikeness(*pair)):
            alike = one.identity.distance(sight.identity) < _limit(sight.mesh, _STRANGER)
            if one.lost and sight in left and alike:
                one.sees(sight.mesh, sight.identity)
                left.remove(sight)
        for sight in left:
            if sight.detected and len(self._seen()) < MOST:
                self._people.append(_Person(len(self._people), sight.mesh, sight.identity, self._frame))

    def _unlikeness(self, person: _Person, sight: _Sight) -> float:
        """Return how little a face is to be expected of somebody: by its looks, and by its place beside the course.

        The longer somebody is lost, the less the place tells.
        """
        ahead = person.mesh.middle + min(1 + person.lost, self._course) * person.speed
        away = float(np.linalg.norm(sight.mesh.middle - ahead)) / max(person.mesh.unit, sight.mesh.unit)
        return person.identity.distance(sight.identity) + min(2.0, away) / (1 + person.lost / self._course)

    def _choose_main(self) -> None:
        visible = [one for one in self._people if not one.lost]
        if self._main is None:
            self._main = max(visible, key=lambda one: one.mesh.unit, default=None)
        elif not self._main.lost:
            self._heir = None
        elif self._main.lost > self._heir_after and len(visible) == 1 and visible[0].seen > self._heir_after:
            # Somebody who was there beside the one who is followed is not taken for that one.
            came_later = visible[0].since > self._frame - self._main.lost
            self._heir = visible[0] if came_later else self._heir


def _is_own(person: _Person, sight: _Sight) -> bool:
    """Whether what is seen where a person was is surely that person."""
    # Whoever moves quickly and looks as ever is the same person: no need to search each frame of a lively head.
    change = person.identity.distance(sight.identity) * (2 if _leaps(person.mesh, sight.mesh) else 1)
    return not person.lost and change <= _limit(sight.mesh, _CHANGE)


def _limit(mesh: Mesh, limit: float) -> float:
    """Return a limit of looks for this face: those of a head that is turned away are read less well."""
    across = mesh.axes[:, 0]
    return limit + 4 * max(0.0, abs(float(across[2])) - 0.35)


def _leaps(before: Mesh, now: Mesh) -> bool:
    growth = now.unit / before.unit
    return _apart(before, now) > _LEAP * before.unit or not 1 / _GROWTH < growth < _GROWTH


def _coincide(one: Mesh, other: Mesh) -> bool:
    return _apart(one, other) < 0.6 * max(one.unit, other.unit)


def _near(one: _Person, other: _Person) -> bool:
    return not one.lost and _apart(one.mesh, other.mesh) < _NEAR * other.mesh.unit


def _apart(one: Mesh, other: Mesh) -> float:
    return float(np.linalg.norm(one.middle - other.middle))


def _within(mesh: Mesh, pixels: NDArray[np.uint8]) -> bool:
    """Whether a face lies in the picture, by half at least, and has a size."""
    flat = mesh.points[:, :2]
    inside = ((flat >= 0) & (flat < pixels.shape[1::-1])).all(1)
    return bool(inside.mean() > 0.5) and mesh.unit > 2
