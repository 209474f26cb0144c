"""Following one part of a body through a video, always measuring against the frame at rest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, Matrix, chain, inverse

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Pose:
    """The pose of a part of a body against its pose at rest, in face units."""

    x: float = 0.0
    """Along the picture's own axes, however the face is tilted at rest: level is level in either picture."""
    y: float = 0.0
    roll: float = 0.0
    """Radians, clockwise as seen."""
    growth: float = 0.0
    """Logarithm of its size over that at rest."""
    yaw: float = 0.0
    """How far the nearest part slides sideways over the outline."""
    pitch: float = 0.0
    """The same, downwards."""

    @property
    def matrix(self) -> Matrix:
        """The similarity of face units that moves it, without yaw and pitch."""
        c, s = np.exp(self.growth) * np.cos(self.roll), np.exp(self.growth) * np.sin(self.roll)
        return np.array([[c, -s, self.x], [s, c, self.y]])

    def tilted(self, angle: float) -> Pose:
        """Return this motion in the units of a face that is tilted at rest by an angle in radians."""
        c, s = float(np.cos(angle)), float(np.sin(angle))
        return replace(self, x=c * self.x + s * self.y, y=c * self.y - s * self.x)


@dataclass(frozen=True)
class FrameTrack:
    """The part of a body as one frame shows it."""

    pose: Pose
    levelled: NDArray[np.uint8]
    """The part laid upon its place at rest, RGB."""
    motion: Floats
    """The motion that is left within it, H×W×2 in face units."""


@dataclass(frozen=True)
class Region:
    """A part of the picture, in face units."""

    left: float
    right: float
    top: float
    bottom: float

    def from_units(self, detail: float) -> Matrix:
        """Return the map from face units to pixels of the part, `detail` of them per unit."""
        return np.array([[detail, 0, -self.left * detail], [0, detail, -self.top * detail]])

    def grid(self, detail: float) -> tuple[Floats, Floats]:
        """Return x and y of every pixel in face units, at `detail` pixels per unit."""
        width, height = round((self.right - self.left) * detail), round((self.bottom - self.top) * detail)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(detail)
        return x + np.float32(self.left), y + np.float32(self.top)


class Tracker:
    """Follows a part of a body.

    Each frame is first laid upon the rest by what is known of the one before; little is left for optical flow to find.

    Args:
        pixels: H×W×3 RGB, the frame at rest.
        face: the three points of its face.
        region: the part of the picture to follow.
        trust: 0 to 1 for each pixel of the region's grid: how surely it moves with the part as a whole.
        near: how far each pixel reaches towards the viewer, for parts that turn; None for those that do not.
        detail: pixels per face unit.
        rounds: how many times each frame is measured, each from the better place.
    """

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        face: FacePoints,
        region: Region,
        trust: Floats,
        near: Floats | None,
        *,
        detail: float,
        rounds: int,
    ) -> None:
        self.detail, self._rounds, self._near = detail, rounds, near
        self._from_part = np.array([[1 / detail, 0, region.left], [0, 1 / detail, region.top]])
        self._x, self._y = region.grid(detail)
        self._at_rest, self._tilt = face.to_pixels, face.roll
        self.to_pixels = self._at_rest
        self._rest = cv2.cvtColor(self._level(pixels, self.to_pixels), cv2.COLOR_RGB2GRAY)
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._picked, self._trust, self._basis = self._samples(trust)

    to_pixels: Matrix
    """The map from face units to pixels of the last frame; set it to go on from elsewhere."""

    def is_at(self, to_pixels: Matrix, *, within: float) -> bool:
        """Whether the part is where other means have found it, give or take so many face units."""
        return bool(np.abs(chain(to_pixels, inverse(self.to_pixels)) - np.eye(2, 3)).max() < within)

    def matches(self, pixels: NDArray[np.uint8], to_pixels: Matrix) -> bool:
        """Whether a frame looks like the part at rest, where a map from face units to its pixels lays it."""
        there = cv2.cvtColor(self._level(pixels, to_pixels), cv2.COLOR_RGB2GRAY)
        return float(cv2.matchTemplate(there, self._rest, cv2.TM_CCOEFF_NORMED)[0, 0]) > 0.4

    def follow(self, pixels: NDArray[np.uint8]) -> FrameTrack:
        """Find the part in the next frame, H×W×3 RGB."""
        for _ in range(self._rounds):
            gray = cv2.cvtColor(self._level(pixels, self.to_pixels), cv2.COLOR_RGB2GRAY)
            flow = self._flow.calc(self._rest, gray, None) / np.float32(self.detail)
            move = self._fit(flow)
            step = np.array([[1 + move[2], -move[3], move[0]], [move[3], 1 + move[2], move[1]]])
            self.to_pixels = chain(step, self.to_pixels)
        return FrameTrack(self._pose(move), self._level(pixels, self.to_pixels), flow - self._explained(move))

    def _pose(self, move: NDArray[np.float64]) -> Pose:
        moved = chain(self.to_pixels, inverse(self._at_rest))
        pose = Pose(
            x=float(moved[0, 2]),
            y=float(moved[1, 2]),
            roll=float(np.arctan2(moved[1, 0], moved[0, 0])),
            growth=float(np.log(np.hypot(moved[1, 0], moved[0, 0]))),
            yaw=float(move[4]) if self._near is not None else 0.0,
            pitch=float(move[5]) if self._near is not None else 0.0,
        )
        return pose.tilted(-self._tilt)

    def _level(self, pixels: NDArray[np.uint8], to_pixels: Matrix) -> NDArray[np.uint8]:
        height, width = self._x.shape
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        levelled: NDArray[np.uint8] = cv2.warpAffine(
            pixels, chain(self._from_part, to_pixels), (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return levelled

    def _samples(self, trust: Floats) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
        """Choose the pixels whose motion can be read: textured ones."""
        across, down = cv2.Sobel(self._rest, cv2.CV_32F, 1, 0), cv2.Sobel(self._rest, cv2.CV_32F, 0, 1)
        steep = cv2.GaussianBlur(cv2.magnitude(across, down) / 4, (0, 0), max(0.5, 0.03 * self.detail))
        trust = trust * steep**2 / (steep**2 + 12.0**2)
        step = max(1, round(self.detail / 20))
        picked = np.zeros(trust.shape, bool)
        picked[::step, ::step] = True
        picked &= trust > 0.02
        x, y = self._x[picked].astype(float), self._y[picked].astype(float)
        one, none = np.ones_like(x), np.zeros_like(x)
        across_basis, down_basis = [one, none, x, -y], [none, one, y, x]
        if self._near is not None:
            near = self._near[picked].astype(float)
            across_basis, down_basis = [*across_basis, near, none], [*down_basis, none, near]
        basis = np.concatenate([np.stack(across_basis, 1), np.stack(down_basis, 1)])
        return picked, trust[picked].astype(float), basis

    def _fit(self, flow: Floats) -> NDArray[np.float64]:
        """Fit shift, growth, roll, and for parts that turn yaw and pitch; what does not fit is trusted less."""
        seen = flow[self._picked].astype(float).T.ravel()
        calm = np.array([0.0, 0.0, 0.0, 0.0, 0.01, 0.01])[: self._basis.shape[1]]
        pull_home = np.diag(calm * self._trust.sum() + 1e-6)
        weight = self._trust
        for _ in range(5):
            pull = (self._basis * np.tile(weight, 2)[:, None]).T
            move = np.linalg.solve(pull @ self._basis + pull_home, pull @ seen)
            miss = np.hypot(*(seen - self._basis @ move).reshape(2, -1))
            spread = max(0.01, 1.5 * float(np.median(miss))) if len(miss) else 1.0
            weight = self._trust / (1 + (miss / spread) ** 2) ** 2
        return move

    def _explained(self, move: NDArray[np.float64]) -> Floats:
        across = move[0] + move[2] * self._x - move[3] * self._y
        down = move[1] + move[3] * self._x + move[2] * self._y
        if self._near is not None:
            across, down = across + move[4] * self._near, down + move[5] * self._near
        return np.stack([across, down], -1).astype(np.float32)
