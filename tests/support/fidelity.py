"""How truly a character repeats a motion: the curve that was read off its clip beside the true one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from wan_notebook.media import samples

from support.bench_rows import Bound, Row


def characters(folder: Path, *, small: bool) -> dict[str, Path]:
    """Return pictures of three drawn people and of a photograph; of one drawn person for a small run."""
    if small:
        return {"ada": samples.character("ada")}
    photograph = folder / "astronaut.png"
    Image.fromarray(data.astronaut()).save(photograph)
    return {look: samples.character(look) for look in ("ada", "noor", "pip")} | {"astronaut": photograph}


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
