"""How truly a character repeats a known motion: read off the finished frames, by means the engine does not use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from wan_notebook.media import samples

from support.bench_rows import Bound, Row

Points = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
"""Left eye, right eye, mouth in pixels of the character's picture at the clip's size."""
GAPE = 0.42
"""Eye distances between the lips of a drawn mouth that is open by 1."""
ASTRONAUT: Points = ((203.0, 100.5), (246.5, 102.5), (223.0, 149.5))
"""Of scikit-image's astronaut, 512 × 512 pixels, marked by hand; her lips part below her teeth."""


def drawn_points(size: tuple[int, int]) -> Points:
    """Where a drawn person's eyes and mouth are."""
    unit, middle, eyes = samples.unit(size), size[0] / 2, 0.405 * size[1]
    return (middle - unit / 2, eyes), (middle + unit / 2, eyes), (middle, eyes + 1.14 * unit)


def characters(folder: Path, *, small: bool) -> dict[str, Path]:
    """Return pictures of three drawn people and of a photograph; of one drawn person for a small run."""
    if small:
        return {"ada": samples.character("ada")}
    photograph = folder / "astronaut.png"
    Image.fromarray(data.astronaut()).save(photograph)
    return {look: samples.character(look) for look in ("ada", "noor", "pip")} | {"astronaut": photograph}


@dataclass(frozen=True)
class Seen:
    """What a clip shows, one value per frame; lengths in the character's eye distances, roll in degrees."""

    head_x: NDArray[np.float64]
    head_y: NDArray[np.float64]
    roll: NDArray[np.float64]
    mouth: NDArray[np.float64]
    blink: NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """How a curve that was read off follows the true one."""

    correlation: float
    gain: float
    """Slope of what is seen against the truth."""

    @staticmethod
    def of(seen: NDArray[np.float64], truth: NDArray[np.float64]) -> Agreement:
        """Compare two curves of the same length where both are known; NaN where the truth does not move."""
        both = np.isfinite(seen) & np.isfinite(truth)
        seen, truth = seen[both], truth[both]
        if len(truth) < 3 or truth.std() < 1e-9:
            return Agreement(np.nan, np.nan)
        slope = float(np.polyfit(truth, seen, 1)[0])
        return Agreement(float(np.corrcoef(seen, truth)[0, 1]) if seen.std() > 1e-9 else 0.0, slope)


def _row(what: str, known: Mapping[str, float], worst: str | None, promised: Bound | None) -> Row:
    if worst is None:
        return Row(what, None, "", promised=promised, note="nothing of it moves")
    note = f"worst of {len(known)}: {worst}; median {np.median(list(known.values())):.2f}"
    return Row(what, known[worst], "", promised=promised, note=note)


def lowest(what: str, found: Mapping[str, Agreement], promised: Bound | None) -> Row:
    """Return the lowest correlation of several pairs as a row; what does not move in any of them is left out."""
    known = {pair: one.correlation for pair, one in found.items() if np.isfinite(one.correlation)}
    worst = min(known, default=None, key=lambda pair: known[pair])
    return _row(f"{what}: correlation", known, worst, promised)


def farthest(what: str, found: Mapping[str, Agreement], promised: Bound | None) -> Row:
    """Return the gain of several pairs that is farthest from 1 as a row."""
    known = {pair: one.gain for pair, one in found.items() if np.isfinite(one.gain)}
    worst = max(known, default=None, key=lambda pair: abs(known[pair] - 1))
    return _row(f"{what}: gain", known, worst, promised)


class Ruler:
    """Measures frames against the still picture that they were made from.

    Args:
        still: the character's picture at the clip's size, H×W×3 RGB.
        points: where its eyes and mouth truly are.
    """

    def __init__(self, still: NDArray[np.uint8], points: Points) -> None:
        left, right, mouth = (np.array(point) for point in points)
        self._middle, self._unit = (left + right) / 2, float(np.hypot(*(right - left)))
        self._eyes, self._mouth, self._still = (left, right), mouth, still
        gray = cv2.cvtColor(still, cv2.COLOR_RGB2GRAY)
        mask = np.zeros_like(gray)
        centre = tuple(int(c) for c in self._middle)
        cv2.ellipse(mask, centre, (int(1.0 * self._unit), int(0.85 * self._unit)), 0, 0, 360, 255, -1)
        for eye in self._eyes:
            cv2.circle(mask, tuple(int(c) for c in eye), int(0.1 * self._unit), 0, -1)
        self._gray, self._corners = gray, cv2.goodFeaturesToTrack(gray, 150, 0.005, 3, mask=mask)

    def measure(self, frames: Iterable[NDArray[np.uint8]]) -> Seen:
        """Read every frame."""
        rows = np.array([self._read(frame) for frame in frames])
        return Seen(*rows.T)

    def _read(self, frame: NDArray[np.uint8]) -> tuple[float, float, float, float, float]:
        gray = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        window = (2 * int(0.12 * self._unit) + 7,) * 2
        moved, found, _ = cv2.calcOpticalFlowPyrLK(self._gray, gray, self._corners, None, winSize=window, maxLevel=4)
        back, found_back, _ = cv2.calcOpticalFlowPyrLK(gray, self._gray, moved, None, winSize=window, maxLevel=4)
        true = (np.abs(back - self._corners).max((1, 2)) < 0.7) & (found[:, 0] > 0) & (found_back[:, 0] > 0)
        pairs, near = (self._corners[true], moved[true]), 0.02 * self._unit
        map_, _ = cv2.estimateAffinePartial2D(*pairs, ransacReprojThreshold=near, maxIters=5000, confidence=0.999)
        roll = float(np.degrees(np.arctan2(map_[1, 0], map_[0, 0])))
        # A head that turns is no flat thing: where its eyes have gone, a map with more freedom tells better.
        free, _ = cv2.estimateAffine2D(*pairs, ransacReprojThreshold=1.5 * near, maxIters=5000, confidence=0.999)
        x, y = (free[:, :2] @ self._middle + free[:, 2] - self._middle) / self._unit
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        level = cv2.warpAffine(frame, map_, gray.shape[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return float(x), float(y), roll, self._gap(level), self._closure(level)

    def _gap(self, level: NDArray[np.uint8]) -> float:
        """How far the strips of skin and lip above and below the lips' line have come apart."""
        return self._slid(level, 0.03, 0.17) - self._slid(level, -0.17, -0.03)

    def _slid(self, level: NDArray[np.uint8], top: float, bottom: float) -> float:
        x, y, u = *self._mouth, self._unit
        rows = slice(int(y + top * u), int(y + bottom * u))
        columns = slice(int(x - 0.14 * u), int(x + 0.14 * u))
        strip = self._still[rows, columns]
        above, below = int(0.25 * u), int(0.6 * u)
        search = level[rows.start - above : rows.stop + below, columns.start - 2 : columns.stop + 2]
        match = cv2.matchTemplate(search, strip, cv2.TM_SQDIFF).min(1) / strip.size
        # Plain skin looks alike wherever it lies: of two places that match as well, the nearer is meant.
        match += 40 * np.abs(np.arange(len(match)) - above) / u
        best = int(np.argmin(match))
        if 0 < best < len(match) - 1:
            a, b, c = match[best - 1 : best + 2].astype(float)
            return (best + 0.5 * (a - c) / max(a - 2 * b + c, 1e-9) - above) / u
        return (best - above) / u

    def _closure(self, level: NDArray[np.uint8]) -> float:
        """How much of what stands out in the open eyes is covered."""
        covered = []
        for x, y in self._eyes:
            half = 0.24 * self._unit
            part = (slice(int(y - 0.6 * half), int(y + 0.6 * half)), slice(int(x - half), int(x + half)))
            still, now = self._still[part].astype(float), level[part].astype(float)
            skin = np.median(self._still[int(y + 1.3 * half) : int(y + 1.9 * half), part[1]].reshape(-1, 3), axis=0)
            stands_out = np.abs(still - skin).sum(-1) > 60
            changed = np.clip(np.abs(now - still).sum(-1) / 90, 0, 1)
            covered.append(changed[stands_out].mean() if stands_out.any() else 0.0)
        return float(np.mean(covered))
