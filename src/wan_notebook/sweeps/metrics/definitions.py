"""The numbers of a clip, and the meaning of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Metrics:
    """The numbers of one clip, None where one is unknown; DEFINITIONS has the meaning and unit of each."""

    wall_seconds: float | None
    queue_seconds: float | None
    cost_usd: float | None
    bytes: int
    seconds: float
    fps: float
    frames: int
    expression_fidelity: float | None
    mouth_fidelity: float | None
    mouth_gain: float | None
    lids_fidelity: float | None
    lids_gain: float | None
    brows_fidelity: float | None
    brows_gain: float | None
    pose_fidelity: float | None
    pose_gain: float | None
    face_lost: float | None
    likeness: float | None
    motion_fidelity: float | None
    temporal_stability: float | None
    sharpness: float
    colour_drift: float
    drift: tuple[float, ...] = field(repr=False)
    """Colour distance of each frame from the first, in ΔE."""
    window_borders: tuple[int, ...]
    """The frames, counted from 0, at which the model began a new window."""
    curves: tuple[tuple[str, tuple[float | None, ...], tuple[float | None, ...]], ...] = field(default=(), repr=False)
    """To be drawn: of mouth, lids, brows and pose the clip's curve and the reference's, in spreads of the reference's;
    None without a face."""

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Metrics:
        """Return the numbers that dataclasses.asdict() turned into fields, and JSON perhaps into lists."""
        numbers = {name: _tuples(value) for name, value in fields.items()}
        # Hundredths have few values, and the clips of a sweep few references: a thousand tiles share them.
        drift, curves = _values(numbers["drift"]), numbers.get("curves", ())
        shared = tuple((name, _values(made), _shared(_values(wanted))) for name, made, wanted in curves)
        return cls(**numbers | {"drift": drift, "curves": shared})

    def row(self) -> dict[str, float | int | None]:
        """Return the numbers that fit into a table, by their names in DEFINITIONS."""
        return {name: getattr(self, name) for name in DEFINITIONS}


@lru_cache(maxsize=4096)
def _shared(value: T) -> T:
    """Return one and the same object for all that are equal."""
    return value


def _values(curve: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(map(_shared, curve))


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value


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


_READ = "the face mesh reads both videos at the same times, at up to 15 frames per second"
_STILL = "It is missing where the reference hardly moves that way, or where one of the two shows no face."


def _fidelity(title: str, measures: str, caution: str = _STILL) -> Definition:
    formula = f"Σ c·r ÷ √(Σ c² · Σ r²) over time, of {measures} in clip (c) and reference (r), each without its mean; "
    return Definition(title, "−1 to 1", "higher", formula + _READ, _MESH, caution)


def _gain(title: str, of: str) -> Definition:
    caution = "1 is as much motion as the performer's, which may be more, or less, than suits the character."
    return Definition(title, "times", "", f"Σ c·r ÷ Σ r², with c and r as for {of}", "", caution)


_MESH = "mesh: Kartynnik et al., Real-time Facial Surface Geometry from Monocular Video (CVPR workshops 2019)"

DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {
        "wall_seconds": Definition("Wall time", "s", "lower", "from submitting the job to seeing it finished"),
        "queue_seconds": Definition("Queue time", "s", "lower", "from submitting the job to seeing it begun"),
        "cost_usd": Definition("Cost", "$", "lower", "what the service said the job had cost"),
        "bytes": Definition("Size", "bytes", "", "of the file"),
        "seconds": Definition("Length", "s", "", "frames ÷ frames per second"),
        "fps": Definition("Rate", "fps", "", "frames per second, on average"),
        "frames": Definition("Frames", "frames", "", "counted in the file"),
        "expression_fidelity": Definition(
            "Expression fidelity",
            "−1 to 1",
            "higher",
            "the mean of the fidelities of mouth, lids, brows and pose, as many as there are",
            "our own",
            "It tells when a face does something, and not how much: see the gains. Parts that the reference does not "
            "move are left out, so compare clips of one reference.",
        ),
        "mouth_fidelity": _fidelity("Mouth", "the gap between the lips"),
        "mouth_gain": _gain("Mouth gain", "the mouth"),
        "lids_fidelity": _fidelity("Lids", "the gaps between the lids"),
        "lids_gain": _gain("Lids gain", "the lids"),
        "brows_fidelity": _fidelity(
            "Brows",
            "the brows' distance from the eyes",
            f"{_STILL} The mesh reads brows with more noise than the rest.",
        ),
        "brows_gain": _gain("Brows gain", "the brows"),
        "pose_fidelity": _fidelity("Pose", "yaw, pitch and roll of the head together"),
        "pose_gain": _gain("Pose gain", "the pose"),
        "face_lost": Definition(
            "Face lost",
            "share",
            "lower",
            "frames in which no face is found in the clip ÷ frames with one in the reference at that time",
            "",
            "Of figures and animals, whose faces the mesh does not know, it tells nothing, and is missing.",
        ),
        "likeness": Definition(
            "Likeness",
            "0 to 1",
            "higher",
            "2^(−d ÷ 2), the median of 5 frames, where d is the distance of looks between character and frame: of the "
            "places of eye corners, nose, forehead and cheekbones in the face's own axes, and of the skin's L*a*b*",
            "our own, on the face mesh",
            "It knows a face's shape and its skin, not hair, eyes or clothes; the picture itself would have the most, "
            "and other light on the same face counts as a difference.",
        ),
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
    }
)
"""The definition of each number of Metrics that fits into a table, in its order."""
