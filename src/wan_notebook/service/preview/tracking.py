"""Following the head: where it is and how it is turned, in every frame of the reference."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import FacePoints, Matrix, chain, inverse

LEFT, RIGHT, TOP, BOTTOM = -1.5, 1.5, -1.3, 2.3
"""The part of a head that is watched, in face units."""


@dataclass(frozen=True)
class Head:
    """Where the head is, against its place at rest, in face units."""

    x: float = 0.0
    y: float = 0.0
    roll: float = 0.0
    """Radians, clockwise as seen."""
    growth: float = 0.0
    """Logarithm of its size over that at rest."""
    yaw: float = 0.0
    """How far the nearest part of the head slides sideways over its outline."""
    pitch: float = 0.0
    """The same, downwards."""

    @property
    def matrix(self) -> Matrix:
        """The similarity of face units that moves the head, without yaw and pitch."""
        c, s = np.exp(self.growth) * np.cos(self.roll), np.exp(self.growth) * np.sin(self.roll)
        return np.array([[c, -s, self.x], [s, c, self.y]])


@dataclass(frozen=True)
class Sight:
    """What one frame shows of the head."""

    head: Head
    levelled: NDArray[np.uint8]
    """The head laid upon its place at rest, RGB."""
    motion: NDArray[np.float32]
    """What moves within the head then, H×W×2 in face units."""
    surprise: float
    """How badly the head's motion explains what was seen, in face units."""


def depth(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far a head reaches towards the viewer at a place in face units: an ellipsoid with a nose."""
    dome = np.sqrt(np.clip(1 - (x / 1.25) ** 2 - ((y - 0.35) / 1.9) ** 2, 0, 1))
    nose = 0.35 * np.exp(-((x / 0.22) ** 2) - ((y - 0.6) / 0.28) ** 2)
    return np.asarray(dome + nose, np.float32)


def crop_grid(detail: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return x and y in face units of every pixel of a levelled head."""
    width, height = round((RIGHT - LEFT) * detail), round((BOTTOM - TOP) * detail)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(detail)
    return x + np.float32(LEFT), y + np.float32(TOP)


class Tracker:
    """Follows a head from frame to frame, always measuring against the frame at rest.

    Each frame is first laid upon the rest by what is known of the one before; little is left for optical flow to find.

    Args:
        pixels: H×W×3 RGB, the frame at rest.
        face: its three points.
        detail: pixels per face unit at which motion is measured.
        rounds: how many times each frame is measured, each from the better place.
    """

    def __init__(self, pixels: NDArray[np.uint8], face: FacePoints, *, detail: float, rounds: int) -> None:
        self.detail, self._rounds = detail, rounds
        self._from_crop = np.array([[1 / detail, 0, LEFT], [0, 1 / detail, TOP]])
        self._x, self._y = crop_grid(detail)
        self._at_rest = self.place = face.to_pixels
        self.rest = self.level(pixels, self.place)
        self._rest_gray = cv2.cvtColor(self.rest, cv2.COLOR_RGB2GRAY)
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._picked, self._trust, self._basis = self._samples(face.mouth_units[1])

    place: Matrix
    """The map from face units to pixels of the last frame; set it to go on from elsewhere."""

    def is_at(self, face: FacePoints) -> bool:
        """Whether the head is where a face was found, as far as such a find can tell."""
        off = chain(face.to_pixels, inverse(self.place)) - np.eye(2, 3)
        return bool(np.abs(off).max() < 0.35)

    def level(self, pixels: NDArray[np.uint8], place: Matrix) -> NDArray[np.uint8]:
        """Return the head of a frame as it looks when laid upon its place at rest."""
        height, width = self._x.shape
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        to_pixels = chain(self._from_crop, place)
        levelled: NDArray[np.uint8] = cv2.warpAffine(
            pixels, to_pixels, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return levelled

    def follow(self, pixels: NDArray[np.uint8]) -> Sight:
        """Find the head in the next frame."""
        for _ in range(self._rounds):
            gray = cv2.cvtColor(self.level(pixels, self.place), cv2.COLOR_RGB2GRAY)
            flow = self._flow.calc(self._rest_gray, gray, None) / np.float32(self.detail)
            move, surprise = self._fit(flow)
            step = np.array([[1 + move[2], -move[3], move[0]], [move[3], 1 + move[2], move[1]]])
            self.place = chain(step, self.place)
        place = chain(self.place, inverse(self._at_rest))
        head = Head(
            x=float(place[0, 2]),
            y=float(place[1, 2]),
            roll=float(np.arctan2(place[1, 0], place[0, 0])),
            growth=float(np.log(np.hypot(place[1, 0], place[0, 0]))),
            yaw=float(move[4]),
            pitch=float(move[5]),
        )
        return Sight(head, self.level(pixels, self.place), flow - self._explained(move), surprise)

    def looks_right(self, pixels: NDArray[np.uint8], face: FacePoints) -> bool:
        """Whether a face found elsewhere is the one that is followed."""
        there = cv2.cvtColor(self.level(pixels, face.to_pixels), cv2.COLOR_RGB2GRAY)
        return float(cv2.matchTemplate(there, self._rest_gray, cv2.TM_CCOEFF_NORMED)[0, 0]) > 0.4

    def _samples(self, mouth_y: float) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
        """Choose where the head's own motion can be read: rigid and textured places, the mouth and lids left out."""
        x, y = self._x, self._y
        texture = cv2.GaussianBlur(_steepness(self._rest_gray), (0, 0), 0.03 * self.detail)
        inside = (x / 1.15) ** 2 + ((y - 0.1) / 1.25) ** 2 < 1
        inside &= y < mouth_y - 0.32
        lids = (np.abs(np.abs(x) - 0.5) < 0.3) & (np.abs(y) < 0.16)
        brows = (np.abs(np.abs(x) - 0.5) < 0.4) & (np.abs(y + 0.37) < 0.18)
        trust = texture**2 / (texture**2 + 12.0**2) * np.where(lids | brows, 0.2, 1.0) * inside
        step = max(1, round(self.detail / 20))
        grid = np.zeros(x.shape, bool)
        grid[::step, ::step] = True
        picked = grid & (trust > 0.02)
        px, py = x[picked].astype(float), y[picked].astype(float)
        near = depth(x, y)[picked].astype(float)
        one, none = np.ones_like(px), np.zeros_like(px)
        basis = np.stack(
            [np.stack([one, none, px, -py, near, none], 1), np.stack([none, one, py, px, none, near], 1)], 1
        )
        return picked, trust[picked].astype(float), basis

    def _fit(self, flow: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
        """Fit shift, growth, roll, yaw and pitch to the flow, trusting less what does not fit."""
        seen = flow[self._picked].astype(float)
        calm = np.diag([0, 0, 0, 0, 1.0, 1.0]) * 0.01 * self._trust.sum()
        weight = self._trust
        for _ in range(6):
            pull = self._basis * weight[:, None, None]
            move = np.linalg.solve(
                np.einsum("nij,nik->jk", pull, self._basis) + calm + 1e-9 * np.eye(6),
                np.einsum("nij,ni->j", pull, seen),
            )
            miss = np.linalg.norm(seen - self._basis @ move, axis=1)
            spread = max(0.01, 1.5 * float(np.median(miss)))
            weight = self._trust / (1 + (miss / spread) ** 2) ** 2
        return move, float(np.median(miss))

    def _explained(self, move: NDArray[np.float64]) -> NDArray[np.float32]:
        x, y, near = self._x, self._y, depth(self._x, self._y)
        across = move[0] + move[2] * x - move[3] * y + move[4] * near
        down = move[1] + move[3] * x + move[2] * y + move[5] * near
        return np.stack([across, down], -1).astype(np.float32)


def _steepness(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    across, down = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(across, down) / 4, np.float32)
