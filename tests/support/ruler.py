"""A ruler for finished frames: it finds a character's features again by their pixels, and knows no mesh."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from wan_notebook.media import samples
from wan_notebook.media.samples.people import Person

GAPE = 0.42
"""Eye distances between the lips of a drawn mouth that is open by 1."""
TURN, RAISED, SMILE = 0.09, 0.12, 0.085
"""Eye distances by which a drawn nose moves before the eyes as the face turns by 1 (down: 0.7 of it), brows rise by 1,
and the corners of a mouth do in a smile of 1."""
CLOSED = 0.03
"""How far a drawn mouth may be open where its smile is told: as it opens its corners move further than in any smile."""

_SHUT = 0.2
"""How much of the eyes is covered where it is no longer told where they are."""
_FEWEST, _GROWTH = 10, 0.03
"""Features that must agree about where a face is, and how much it may have grown since the frame before: while eyes are
shut theirs are gone, and most that are left may be the brows'. Where they do not tell, it is sought where it was."""

Pair = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Marks:
    """Where the features of a character truly are, in pixels of its picture, the picture's left one first."""

    eyes: Pair
    lips: Pair
    """The lower edge of the upper lip, and the upper edge of the lower one."""
    brows: Pair
    corners: Pair
    """Of the mouth."""

    def placed(self, matrix: NDArray[np.float64]) -> Marks:
        """Return them where a 2×3 matrix takes them."""
        every = np.array([getattr(self, field.name) for field in fields(self)], float)
        return Marks(*(tuple(map(tuple, pair)) for pair in cv2.transform(every, matrix).tolist()))


def drawn_marks(person: Person, size: tuple[int, int]) -> Marks:
    """Return those of a drawn person who looks at us, in a picture of this width and height."""
    unit, middle, line = samples.unit(size), size[0] / 2, 0.405 * size[1]

    def at(across: float, down: float) -> tuple[float, float]:
        return middle + across * unit, line + down * unit

    brow, corner = -0.36 - 0.06 * person.eyes, 0.42 * person.mouth
    return Marks(
        eyes=(at(-0.5, 0), at(0.5, 0)),
        lips=(at(0, 1.14), at(0, 1.14)),
        brows=(at(-0.52, brow), at(0.52, brow)),
        corners=(at(-corner, 1.03), at(corner, 1.03)),
    )


ASTRONAUT = Marks(
    eyes=((203.0, 100.5), (246.5, 102.5)),
    lips=((223.0, 142.0), (223.0, 149.5)),
    brows=((202.0, 90.0), (251.0, 93.0)),
    corners=((203.0, 140.0), (245.0, 141.0)),
)
"""Of scikit-image's astronaut, 512 × 512 pixels, marked by hand; between her lips are her teeth."""
DRAWN_EYE, ASTRONAUT_EYE = (0.25, 0.11), (0.19, 0.075)
"""Half the width and height of what the lids leave open, in eye distances: of drawn people at least, and of hers."""


@dataclass(frozen=True)
class Seen:
    """What a clip shows, one value per frame, NaN where it cannot be told; lengths in the character's eye distances."""

    head_x: NDArray[np.float64]
    head_y: NDArray[np.float64]
    roll: NDArray[np.float64]
    """Degrees."""
    mouth: NDArray[np.float64]
    blink: NDArray[np.float64]
    yaw: NDArray[np.float64]
    """Of the nose before the eyes, to the right."""
    pitch: NDArray[np.float64]
    """Of the nose, downwards."""
    brows: NDArray[np.float64]
    """Upwards."""
    smile: NDArray[np.float64]
    """Of the mouth's corners above its middle; they fall as lips part: a smile's, while those are closed."""


class Patch:
    """A part of a picture, to be found again in frames made of it.

    Args:
        still: the picture, H×W×3 RGB.
        centre: of the part, in pixels.
        half: half its width and half its height, in pixels.
        ground: the colour of what lies around; only what stands out from it is looked for. Everything counts when None.
    """

    def __init__(
        self,
        still: NDArray[np.uint8],
        centre: NDArray[np.float64],
        half: tuple[float, float],
        ground: NDArray[np.float64] | None = None,
    ) -> None:
        (x, y), (across, down) = centre, half
        self.ground, self.centre, self._corner = ground, centre, (int(x - across), int(y - down))
        left, top = self._corner
        self._pixels = still[top : int(y + down), left : int(x + across)].astype(np.float32)
        apart = np.abs(self._pixels - (0.0 if ground is None else ground)).sum(-1)
        self._counts = np.ones_like(apart) if ground is None else (apart > 60).astype(np.float32)
        self._contrast = float((apart * self._counts).sum())

    def find(self, frame: NDArray[np.uint8], room: int) -> tuple[NDArray[np.float64], float]:
        """Return where it is, and how much of it has changed there, in parts of its contrast to the ground.

        Args:
            frame: H×W×3 RGB.
            room: pixels that it may have moved either way.
        """
        (left, top), (height, width) = self._corner, self._pixels.shape[:2]
        about = frame[top - room : top + height + room, left - room : left + width + room].astype(np.float32)
        mask = np.repeat(self._counts[..., None], 3, axis=2)
        match = cv2.matchTemplate(about, self._pixels, cv2.TM_SQDIFF, mask=mask)
        row, column = (int(at) for at in np.unravel_index(match.argmin(), match.shape))
        now = about[row : row + height, column : column + width]
        changed = float((np.abs(now - self._pixels).sum(-1) * self._counts).sum()) / self._contrast
        off = np.array([vertex(match[row], column), vertex(match[:, column], row)]) - room
        return self.centre + off, changed


class Ruler:
    """Measures frames against the still picture that they were made from.

    The eyes tell where the head is: they are looked for in a frame that was made level, and about the nose where they
    are shut. The whole upper face, as it was taken before, has parts at other depths and brows with a motion of their
    own. How far they are shut is read last, from what their lids leave open, where they then are known to be. Of four
    drawn people in their three performances, drawn truly, this reads head_x, head_y, roll and mouth at r ≥ .997 (the
    face: .92 for head_y and .97 for roll, at a gain of .74) and blink at ≥ .99 and a gain of .91 to 1.08 (by all that
    stands out about the eyes, where those were found: .965 and .72 to .85). On the photograph, whose head, lids and
    lower lip were moved by hand, all are read at ≥ .99, but head_y of "wonder" at .97; her blink at a gain of .61 to
    .63 (.47), since of eyes that are six pixels high dark lashes hide a third when they are shut. Where its teeth were
    changed as the mouth opened, as a clip changes them, it reads the mouth at .998 and a gain of 1.03; by a strip of
    teeth, taken for the upper lip before, at .95 and 1.6 to 1.8. While the eyes are open it tells yaw of the same
    drawn people at ≥ .999 and pitch at ≥ .98, by the nose before the eyes, brows at ≥ .98, and while the lips are
    closed a smile at ≥ .96 in large pictures, in which one moves the corners by three pixels, at ≥ .9 in a clip's size.

    Args:
        still: the character's picture at the clip's size, H×W×3 RGB.
        marks: where its features truly are.
        opened: half the width and height of an open eye, in eye distances.
    """

    def __init__(self, still: NDArray[np.uint8], marks: Marks, opened: tuple[float, float] = DRAWN_EYE) -> None:
        left, right, *lips = (np.array(point) for point in (*marks.eyes, *marks.lips))
        middle, u = (left + right) / 2, float(np.hypot(*(right - left)))
        self._own, self._unit, self._lips, self._still = np.array([left, right]), u, lips, still
        self._eyes = []
        for x, y in self._own:
            below = still[int(y + 0.31 * u) : int(y + 0.46 * u), int(x - 0.24 * u) : int(x + 0.24 * u)].reshape(-1, 3)
            self._eyes.append(Patch(still, np.array([x, y]), (0.24 * u, 0.145 * u), np.median(below, axis=0)))
        self._openings = [self._opening((x, y), (u * opened[0], u * opened[1])) for x, y in self._own]
        self._nose_own = middle + (lips[0] - middle) * 0.55
        self._nose = Patch(still, self._nose_own, (0.32 * u, 0.25 * u))
        self._brows = []
        for x, y in marks.brows:
            above = still[int(y - 0.35 * u) : int(y - 0.18 * u), int(x - 0.2 * u) : int(x + 0.2 * u)].reshape(-1, 3)
            self._brows.append(Patch(still, np.array([x, y]), (0.33 * u, 0.13 * u), np.median(above, axis=0)))
        self._corners = [Patch(still, np.array(corner), (0.07 * u, 0.14 * u)) for corner in marks.corners]
        self._lip = Patch(still, lips[0], (0.12 * u, 0.14 * u))
        gray = cv2.cvtColor(still, cv2.COLOR_RGB2GRAY)
        mask = np.zeros_like(gray)
        cv2.ellipse(mask, tuple(int(c) for c in middle), (int(1.0 * u), int(0.85 * u)), 0, 0, 360, 255, -1)
        for eye in self._own:
            cv2.circle(mask, tuple(int(c) for c in eye), int(0.1 * u), 0, -1)
        self._gray, self._features = gray, cv2.goodFeaturesToTrack(gray, 150, 0.005, 3, mask=mask)

    def measure(self, frames: Iterable[NDArray[np.uint8]]) -> Seen:
        """Read every frame."""
        rows, every_frame, map_ = [], list(frames), np.eye(2, 3)
        for frame in every_frame:
            map_ = self._roughly(frame, map_)
            gap = self._gap(level_with(frame, map_))
            eyes, nose, closure, map_ = self._places(frame, map_)
            expression = self._expression(level_with(frame, map_)) if closure < _SHUT else (np.nan,) * 4
            rows.append((*nose, *eyes.ravel(), gap, closure, *expression))
        table = np.array(rows)
        nose, eyes, gaps, closures = table[:, None, :2], table[:, 2:6].reshape(-1, 2, 2), table[:, 6], table[:, 7]
        # Where a shut eye is, the nose tells, and how the eyes before and after lie about it.
        every, opened = np.arange(len(table)), np.flatnonzero(closures < _SHUT)
        about = (eyes - nose).reshape(-1, 4)
        about = np.stack([np.interp(every, opened, column[opened]) for column in about.T], 1).reshape(-1, 2, 2)
        eyes = nose + about
        closures = np.array([self._covered(*one) for one in zip(every_frame, eyes, strict=True)])
        left, right = eyes.transpose(1, 0, 2)
        x, y = ((left + right) / 2 - self._own.mean(0)).T / self._unit
        (own_x, own_y), (over, down) = self._own[1] - self._own[0], (right - left).T
        roll = np.degrees(np.arctan2(down, over) - np.arctan2(own_y, own_x))
        return Seen(x, y, roll, gaps, closures, *table[:, 8:].T)

    def _expression(self, level: NDArray[np.uint8]) -> tuple[float, float, float, float]:
        """Return yaw, pitch, brows and smile, of a frame that was made level by its open eyes."""
        place, _ = self._nose.find(level, round(0.2 * self._unit))
        yaw, pitch = (place - self._nose_own) / self._unit
        brows = [self._risen(brow, level, 0.25) for brow in self._brows]
        corners = [self._risen(corner, level, 0.15) for corner in self._corners]
        smile = np.mean(corners) - self._risen(self._lip, level, 0.15)
        return float(yaw), float(pitch), float(np.mean(brows)), float(smile)

    def _risen(self, part: Patch, level: NDArray[np.uint8], room: float) -> float:
        """Return by how many eye distances a part is higher than it was; it may be so many away."""
        place, _ = part.find(level, round(room * self._unit))
        return float(part.centre[1] - place[1]) / self._unit

    def _opening(self, centre: tuple[float, float], half: tuple[float, float]) -> NDArray[np.bool_]:
        """Return which pixels of the still picture an open eye shows, H×W."""
        rows, columns = np.indices(self._still.shape[:2])
        return np.asarray(np.hypot((columns - centre[0]) / half[0], (rows - centre[1]) / half[1]) < 1)

    def _covered(self, frame: NDArray[np.uint8], eyes: NDArray[np.float64]) -> float:
        """How much of the open eyes has changed where they are now, in parts of their contrast to the skin."""
        level = level_with(frame, cv2.estimateAffinePartial2D(self._own, eyes)[0]).astype(np.float32)
        shares = []
        for opening, ground in zip(self._openings, (eye.ground for eye in self._eyes), strict=True):
            own = self._still[opening]
            shares.append(np.abs(level[opening] - own).sum() / np.abs(own - ground).sum())
        return float(np.mean(shares))

    def _places(
        self, frame: NDArray[np.uint8], map_: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], float, NDArray[np.float64]]:
        """Return where the eyes and the nose are, how far the eyes are covered, and a map from the still picture."""
        for room in (0.2, 0.1):  # the second time in a frame that was made level by the eyes themselves
            level = level_with(frame, map_)
            found = [part.find(level, round(room * self._unit)) for part in (*self._eyes, self._nose)]
            *eyes, nose = cv2.transform(np.array([[place for place, _ in found]]), map_)[0]
            closure = float(np.mean([changed for _, changed in found[:2]]))
            if closure < _SHUT:
                map_ = cv2.estimateAffinePartial2D(self._own, np.array(eyes))[0]
            else:
                missed = nose - cv2.transform(self._nose_own[None, None], map_)[0, 0]
                map_ = np.column_stack([map_[:, :2], map_[:, 2] + missed])
        return np.array(eyes), nose, closure, map_

    def _roughly(self, frame: NDArray[np.uint8], before: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a map from the still picture to where the face is, looked for near another such map."""
        gray = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        window, flags = (2 * int(0.12 * self._unit) + 7,) * 2, cv2.OPTFLOW_USE_INITIAL_FLOW
        start = cv2.transform(self._features, before).astype(np.float32)
        moved, found, _ = cv2.calcOpticalFlowPyrLK(
            self._gray, gray, self._features, start, winSize=window, maxLevel=4, flags=flags
        )
        back, found_back, _ = cv2.calcOpticalFlowPyrLK(
            gray, self._gray, moved, self._features.copy(), winSize=window, maxLevel=4, flags=flags
        )
        true = (np.abs(back - self._features).max((1, 2)) < 0.7) & (found[:, 0] > 0) & (found_back[:, 0] > 0)
        pairs, near = (self._features[true], moved[true]), 0.02 * self._unit
        if len(pairs[0]) < _FEWEST:
            return before
        map_, agree = cv2.estimateAffinePartial2D(*pairs, ransacReprojThreshold=near, maxIters=5000, confidence=0.999)
        grown = np.hypot(*map_[:, 0]) / np.hypot(*before[:, 0])
        return np.asarray(map_) if agree.sum() >= _FEWEST and abs(grown - 1) < _GROWTH else before

    def _gap(self, level: NDArray[np.uint8]) -> float:
        """How far the strips of skin and lip above and below the mouth have come apart."""
        upper, lower = self._lips
        # An upper lip does not come down by half a mouth, whatever looks like it there.
        return self._slid(level, lower, (0.03, 0.17), 0.6) - self._slid(level, upper, (-0.17, -0.03), 0.15)

    def _slid(
        self, level: NDArray[np.uint8], lip: NDArray[np.float64], strip_at: tuple[float, float], farthest_down: float
    ) -> float:
        (x, y), u, (top, bottom) = lip, self._unit, strip_at
        rows = slice(int(y + top * u), int(y + bottom * u))
        columns = slice(int(x - 0.14 * u), int(x + 0.14 * u))
        strip = self._still[rows, columns]
        above, below = int(0.25 * u), int(farthest_down * u)
        search = level[rows.start - above : rows.stop + below, columns.start - 2 : columns.stop + 2]
        match = cv2.matchTemplate(search, strip, cv2.TM_SQDIFF).min(1) / strip.size
        # Plain skin looks alike wherever it lies: of two places that match as well, the nearer is meant.
        match += 40 * np.abs(np.arange(len(match)) - above) / u
        return (vertex(match, int(np.argmin(match))) - above) / u


def level_with(frame: NDArray[np.uint8], map_: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return a frame with its head upright and in its place, as a map from the still picture tells."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(frame, map_, frame.shape[1::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)


def vertex(values: NDArray[np.float32], least: int) -> float:
    """Return where between its samples a curve is least."""
    if not 0 < least < len(values) - 1:
        return float(least)
    a, b, c = values[least - 1 : least + 2].astype(float)
    return least + 0.5 * (a - c) / max(a - 2 * b + c, 1e-9)
