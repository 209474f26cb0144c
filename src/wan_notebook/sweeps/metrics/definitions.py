"""The numbers of a clip, and the meaning of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal


@dataclass(frozen=True)
class Metrics:
    """The numbers of one clip, None where one is unknown; DEFINITIONS has the meaning and unit of each."""

    wall_seconds: float | None
    queue_seconds: float | None
    cost_usd: float | None
    bytes: int
    seconds: float
    fps: float
    frames: int
    motion_fidelity: float | None
    temporal_stability: float | None
    sharpness: float
    colour_drift: float
    likeness: float | None
    drift: tuple[float, ...]
    """Colour distance of each frame from the first, in ΔE."""
    window_borders: tuple[int, ...]
    """The frames, counted from 0, at which the model began a new window."""

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Metrics:
        """Return the numbers that dataclasses.asdict() turned into fields, and JSON perhaps into lists."""
        values: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in fields.items()}
        return cls(**values)

    def row(self) -> dict[str, float | int | None]:
        """Return the numbers that fit into a table, by their names in DEFINITIONS."""
        return {name: getattr(self, name) for name in DEFINITIONS}


@dataclass(frozen=True, repr=False)
class Definition:
    """The meaning of one number: its unit, its better direction, its formula and where that is from."""

    title: str
    """The number's name, as a table's head shows it."""
    unit: str
    """The unit, or the range of a number without one."""
    better: Literal["higher", "lower", ""]
    """Which direction is better; empty where neither is."""
    formula: str
    """How it is computed, in words or symbols."""
    source: str = ""
    """Where the formula is from; empty where it is our own or a plain count."""
    caution: str = ""
    """Where the number does not mean what its name promises, as a sentence."""

    def __repr__(self) -> str:
        better = f", {self.better} is better" if self.better else ""
        source = f"\nSource: {self.source}" if self.source else ""
        caution = f"\nCaution: {self.caution}" if self.caution else ""
        return f"{self.title} ({self.unit}{better}): {self.formula}{source}{caution}"


DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {
        "wall_seconds": Definition("Wall time", "s", "lower", "from submitting the job to seeing it finished"),
        "queue_seconds": Definition("Queue time", "s", "lower", "from submitting the job to seeing it begun"),
        "cost_usd": Definition("Cost", "$", "lower", "what the service said the job had cost"),
        "bytes": Definition("Size", "bytes", "", "of the file"),
        "seconds": Definition("Length", "s", "", "frames ÷ frames per second"),
        "fps": Definition("Rate", "fps", "", "frames per second, on average"),
        "frames": Definition("Frames", "frames", "", "counted in the file"),
        "motion_fidelity": Definition(
            "Motion fidelity",
            "−1 to 1",
            "higher",
            "Σ c·r ÷ √(Σ c² · Σ r²) over all times and places, where c and r are the optical flow of clip and "
            "reference, averaged over 3 frames, in 4 × 4 fields around what moves, without the motion of the "
            "background; 1 is the same motion, 0 none of it",
            "flow: Kroeger et al., Fast Optical Flow using Dense Inverse Search (ECCV 2016); comparison: our own",
            "It follows what moves most. Where the head of the reference is still and only eyes or mouth move, noise "
            "decides, and a good clip may have a low number: then look, and compare by another measure.",
        ),
        "temporal_stability": Definition(
            "Temporal stability",
            "dB",
            "higher",
            "−10 · log₁₀ of the mean of (Iₜ − warp(Iₜ₊₁))² in luma of 0 to 1, where each next frame is warped back "
            "along the optical flow; at most 60",
            "warping error without occlusion mask, after Lai et al., Learning Blind Video Temporal Consistency "
            "(ECCV 2018)",
            "A clip that stands still has the highest number: read it beside motion fidelity.",
        ),
        "sharpness": Definition(
            "Sharpness",
            "grey levels²",
            "higher",
            "variance of the Laplacian of the luma (0 to 255), averaged over 24 frames at the clip's own size",
            "Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy (ICPR 2000)",
            "Grain, artefacts and a busy background count as detail, and a larger picture has more: compare clips of "
            "one picture and one resolution.",
        ),
        "colour_drift": Definition(
            "Colour drift",
            "ΔE",
            "lower",
            "CIE 1976 colour distance of a frame from the first one, as the median over 8 × 8 fields of the picture, "
            "averaged over the last tenth of the clip; about 2 is just noticed",
            "CIE 15: Colorimetry (L*a*b*, ΔE*ab); the fields: our own",
            "Somebody who walks away or turns changes the colours, too; a clip that stands still drifts least.",
        ),
        "likeness": Definition(
            "Likeness",
            "0 to 1",
            "higher",
            "√(colour · structure) of the character's face (of the middle of a picture without one) and the part of "
            "the frame that is most like it, the median of 5 frames: colour is the overlap of the a*b* histograms, "
            "structure the structural similarity of the luma",
            "Swain and Ballard, Color Indexing (IJCV 1991); Wang et al., Image Quality Assessment (IEEE TIP 2004)",
            "It knows colours and structure and no person; the picture itself, standing still, would have the most.",
        ),
    }
)
"""The definition of each number of Metrics that fits into a table, in its order."""
