"""A ruler for finished frames: it finds a character's features again by their pixels, and knows no mesh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from wan_notebook.media import samples
from wan_notebook.media.samples.people import Person

GAPE = 0.42
"""Eye distances between the lips of a drawn mouth that is open by 1."""
RAISED, SMILE = 0.15, 0.13
"""Eye distances by which drawn brows rise by 1, and the corners of a mouth do in a smile of 1."""
NOSE_ASIDE, NOSE_DOWN = 0.4, 0.3
"""Eye distances that the ridge of a nose stands before the eyes, and by which its tip goes down a radian of a nod.
A drawn ridge stands 0.25 to 0.44 before them; of drawn heads that turn and nod these tell the truth."""
CLOSED = 0.03
"""How far a drawn mouth may be open where its smile is told: as it opens its corners move further than in any smile."""

_SHUT = 0.35
"""How much of the eyes has changed where it is no longer told where they are: as their lids begin to shut. Less of open
ones has, however the head is turned."""
_WIDTHS = (0.72, 0.8, 0.9, 1.0, 1.1, 1.2)
"""Of an eye, over its own: where a head is turned by 18 degrees the far one is narrower by a fourth, beside both eyes'
distance, and the near one wider by a fifth."""
_FEWEST, _GROWTH = 10, 0.03
"""Features that must agree about where a face is, and how much it may have grown since the frame before: while eyes are
shut theirs are gone, and most that are left may be the brows'. Where they do not tell, it is sought where it was."""

_STAYS = 600
"""How much worse a match may be, in squared grey levels, for each eye distance that it is nearer to where a lip was in
the frame before. With 1,500 a lip of true drawings is held back; with 200 a folded chin is taken for one."""
_PART, _LIP = (0.16, 0.22), (0.16, 0.12)
"""Eye distances that a part of a face, and the middle of closed lips, move at most, to a side and up or down: farther
away a mouth's corner is taken for a fold beside it, and a lip for the other one."""

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
    """Degrees to the right, by the nose before the eyes."""
    pitch: NDArray[np.float64]
    """Degrees downwards, likewise."""
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

    def find(
        self, frame: NDArray[np.uint8], room: tuple[int, int], widths: Sequence[float] = (1.0,)
    ) -> tuple[NDArray[np.float64], float, float]:
        """Return where it is, how much of it has changed there, in parts of its contrast to the ground, and its width.

        Args:
            frame: H×W×3 RGB.
            room: pixels that it may have moved to either side, and up or down.
            widths: that it may have, over its own.
        """
        return min((self._find(frame, room, width) for width in widths), key=lambda found: found[1])

    def _find(
        self, frame: NDArray[np.uint8], room: tuple[int, int], wide: float
    ) -> tuple[NDArray[np.float64], float, float]:
        across, down = room
        height, own_width = self._pixels.shape[:2]
        width = round(wide * own_width)
        left, top = self._corner[0] + (own_width - width) // 2, self._corner[1]
        pixels = cv2.resize(self._pixels, (width, height))
        apart = np.abs(pixels - (0.0 if self.ground is None else self.ground)).sum(-1)
        counts = np.ones_like(apart) if self.ground is None else (apart > 60).astype(np.float32)
        about = frame[top - down : top + height + down, left - across : left + width + across].astype(np.float32)
        match = cv2.matchTemplate(about, pixels, cv2.TM_SQDIFF, mask=np.repeat(counts[..., None], 3, axis=2))
        row, column = (int(at) for at in np.unravel_index(match.argmin(), match.shape))
        now = about[row : row + height, column : column + width]
        changed = float((np.abs(now - pixels).sum(-1) * counts).sum()) / float((apart * counts).sum())
        corner = np.array([left + vertex(match[row], column), top + vertex(match[:, column], row)]) - room
        stretch = np.array([width / own_width, 1.0])
        return corner + (self.centre - self._corner) * stretch, changed, float(stretch[0])


class Ruler:
    """Measures frames against the still picture that they were made from.

    The eyes tell where the head is: they are looked for in a frame that was made level, and about the nose where they
    are shut. The whole upper face, as it was taken before, has parts at other depths and brows with a motion of their
    own. How far they are shut is read last, from what their lids leave open, where they then are known to be; a head
    that turns shows the near eye wider and the far one narrower. Of four drawn people in their three performances,
    drawn truly, this reads head_x at r ≥ .999, head_y and roll at ≥ .986, the mouth at ≥ .99 and blink at ≥ .94, at
    gains of .88 to 1.07. On the photograph, whose head, lids and lower lip were moved by hand, all are read at ≥ .99,
    but head_y of "wonder" at .97; her blink at a gain of .61 to .63, since of eyes that are six pixels high dark lashes
    hide a third when they are shut. Where its teeth were changed as the mouth opened, as a clip changes them, it reads
    the mouth at .998 and a gain of 1.03; by a strip of teeth, taken for the upper lip before, at .95 and 1.6 to 1.8.
    While the eyes are open it tells yaw of the same drawn people at ≥ .99 and a gain of .96 to 1.02, pitch at ≥ .94 (at
    .93 in one of twelve) and .84 to 1.23, brows at ≥ .98 where no fringe hides them, and while the lips are closed a
    smile at ≥ .93 and .9 to 1.6: of a head that nods the lips' middle goes down farther than the corners.

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
        self._tip = Patch(still, middle + (lips[0] - middle) * 0.48, (0.15 * u, 0.12 * u))
        self._brows = []
        for x, y in marks.brows:
            above = still[int(y - 0.35 * u) : int(y - 0.18 * u), int(x - 0.2 * u) : int(x + 0.2 * u)].reshape(-1, 3)
            self._brows.append(Patch(still, np.array([x, y]), (0.33 * u, 0.13 * u), np.median(above, axis=0)))
        self._corners = [Patch(still, np.array(corner), (0.1 * u, 0.08 * u)) for corner in marks.corners]
        self._lip = Patch(still, lips[0], (0.12 * u, 0.14 * u))
        gray = cv2.cvtColor(still, cv2.COLOR_RGB2GRAY)
        mask = np.zeros_like(gray)
        cv2.ellipse(mask, tuple(int(c) for c in middle), (int(1.0 * u), int(0.85 * u)), 0, 0, 360, 255, -1)
        for eye in self._own:
            cv2.circle(mask, tuple(int(c) for c in eye), int(0.1 * u), 0, -1)
        self._gray, self._features = gray, cv2.goodFeaturesToTrack(gray, 150, 0.005, 3, mask=mask)

    def measure(self, frames: Iterable[NDArray[np.uint8]]) -> Seen:
        """Read every frame."""
        rows, every_frame, map_, lips = [], list(frames), np.eye(2, 3), (0.0, 0.0)
        for frame in every_frame:
            map_ = self._roughly(frame, map_)
            lips = self._lips_in(level_with(frame, map_), lips)
            eyes, widths, nose, closure, map_ = self._places(frame, map_)
            expression = self._expression(frame, map_) if closure < _SHUT else (np.nan,) * 4
            rows.append((*nose, *eyes.ravel(), *widths, lips[1] - lips[0], closure, *expression))
        table = np.array(rows)
        nose, eyes, gaps, closures = table[:, None, :2], table[:, 2:6].reshape(-1, 2, 2), table[:, 8], table[:, 9]
        # Where a shut eye is, the nose tells, and how the eyes before and after lie about it, and how wide they are.
        every, opened = np.arange(len(table)), np.flatnonzero(closures < _SHUT)
        about = np.hstack([(eyes - nose).reshape(-1, 4), table[:, 6:8]])
        about = np.stack([np.interp(every, opened, column[opened]) for column in about.T], 1)
        eyes, widths = nose + about[:, :4].reshape(-1, 2, 2), about[:, 4:]
        closures = np.array([self._covered(*one) for one in zip(every_frame, eyes, widths, strict=True)])
        left, right = eyes.transpose(1, 0, 2)
        x, y = ((left + right) / 2 - self._own.mean(0)).T / self._unit
        (own_x, own_y), (over, down) = self._own[1] - self._own[0], (right - left).T
        roll = np.degrees(np.arctan2(down, over) - np.arctan2(own_y, own_x))
        return Seen(x, y, roll, gaps, closures, *table[:, 10:].T)

    def _expression(self, frame: NDArray[np.uint8], map_: NDArray[np.float64]) -> tuple[float, float, float, float]:
        """Return yaw, pitch, brows and smile, by a map from the still picture that the open eyes gave."""
        middle, tip = self._own.mean(0), self._tip
        yaw = float(np.arctan2(self._moved(tip, level_with(frame, map_))[0], NOSE_ASIDE))
        # Eyes are closer together in a head that is turned, but no lower above the mouth.
        upright = map_ * (1, 1 / np.cos(yaw), 1)
        upright[:, 2] += (map_[:, :2] - upright[:, :2]) @ middle
        level = level_with(frame, upright)
        pitch = float(self._moved(tip, level)[1]) / NOSE_DOWN
        brows, corners = ([-self._moved(part, level)[1] for part in pair] for pair in (self._brows, self._corners))
        smile = np.mean(corners) + self._moved(self._lip, level, _LIP)[1]
        return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.mean(brows)), float(smile)

    def _moved(
        self, part: Patch, level: NDArray[np.uint8], farthest: tuple[float, float] = _PART
    ) -> NDArray[np.float64]:
        """Return by how many eye distances a part of the face has moved right and down, no farther than this."""
        across, down = farthest
        place, *_ = part.find(level, (round(across * self._unit), round(down * self._unit)))
        return (place - part.centre) / self._unit

    def _opening(self, centre: tuple[float, float], half: tuple[float, float]) -> NDArray[np.bool_]:
        """Return which pixels of the still picture an open eye shows, H×W."""
        rows, columns = np.indices(self._still.shape[:2])
        return np.asarray(np.hypot((columns - centre[0]) / half[0], (rows - centre[1]) / half[1]) < 1)

    def _covered(self, frame: NDArray[np.uint8], eyes: NDArray[np.float64], widths: NDArray[np.float64]) -> float:
        """How much of the open eyes has changed where they are now, in parts of their contrast to the skin."""
        map_, _ = cv2.estimateAffinePartial2D(self._own, eyes)
        shares = []
        for opening, patch, now, width in zip(self._openings, self._eyes, eyes, widths, strict=True):
            turned = map_[:, :2] * (width, 1)
            level = level_with(frame, np.column_stack([turned, now - turned @ patch.centre])).astype(np.float32)
            own = self._still[opening]
            shares.append(np.abs(level[opening] - own).sum() / np.abs(own - patch.ground).sum())
        return float(np.mean(shares))

    def _places(
        self, frame: NDArray[np.uint8], map_: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], list[float], NDArray[np.float64], float, NDArray[np.float64]]:
        """Return where the eyes are, how wide, where the nose is, how much of the eyes has changed, and a map.

        That leads from the still picture to the frame.
        """
        for room in (0.2, 0.1):  # the second time in a frame that was made level by the eyes themselves
            level, reach = level_with(frame, map_), (round(room * self._unit),) * 2
            found = [*(eye.find(level, reach, _WIDTHS) for eye in self._eyes), self._nose.find(level, reach)]
            *eyes, nose = cv2.transform(np.array([[place for place, *_ in found]]), map_)[0]
            closure = float(np.mean([changed for _, changed, _ in found[:2]]))
            if closure < _SHUT:
                map_ = cv2.estimateAffinePartial2D(self._own, np.array(eyes))[0]
            else:
                missed = nose - cv2.transform(self._nose_own[None, None], map_)[0, 0]
                map_ = np.column_stack([map_[:, :2], map_[:, 2] + missed])
        return np.array(eyes), [width for *_, width in found[:2]], nose, closure, map_

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

    def _lips_in(self, level: NDArray[np.uint8], before: tuple[float, float]) -> tuple[float, float]:
        """Return how far the strips of skin and lip above and below the mouth have slid, and had in the frame before.

        An upper lip does not come down by half a mouth, whatever looks like it there.
        """
        (upper, lower), (upper_before, lower_before) = self._lips, before
        return (
            self._slid(level, upper, (-0.17, -0.03), 0.15, upper_before),
            self._slid(level, lower, (0.03, 0.17), 0.6, lower_before),
        )

    def _slid(
        self,
        level: NDArray[np.uint8],
        lip: NDArray[np.float64],
        strip_at: tuple[float, float],
        farthest_down: float,
        before: float,
    ) -> float:
        (x, y), u, (top, bottom) = lip, self._unit, strip_at
        rows = slice(int(y + top * u), int(y + bottom * u))
        columns = slice(int(x - 0.14 * u), int(x + 0.14 * u))
        strip = self._still[rows, columns]
        above, below = int(0.25 * u), int(farthest_down * u)
        search = level[rows.start - above : rows.stop + below, columns.start - 2 : columns.stop + 2]
        match = cv2.matchTemplate(search, strip, cv2.TM_SQDIFF).min(1) / strip.size
        # Plain skin looks alike wherever it lies: of two that match as well, the nearer to the last one is meant.
        match += _STAYS * np.abs(np.arange(len(match)) - above - before * u) / u
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
