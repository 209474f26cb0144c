"""Performances of the drawn people: motion curves that are known exactly, and the poses that follow them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .pose import Pose

Curve = NDArray[np.float64]
PERIOD = 3.0
"""Seconds after which each performance begins anew, at rest, without a jump."""


@dataclass(frozen=True)
class Curves:
    """The motion of a performance: for each frame one value per curve; the arrays cannot be written to.

    Lengths are in eye distances of the drawn performer (`drawing.unit` gives its pixels); Pose explains each curve.
    """

    time: Curve
    """Seconds."""
    head_x: Curve
    """Of the point between the eyes, to the right."""
    head_y: Curve
    """Of the point between the eyes, downwards."""
    roll: Curve
    """Degrees, clockwise."""
    yaw: Curve
    """Degrees, to the right."""
    pitch: Curve
    """Degrees, downwards."""
    mouth: Curve
    """0 closed to 1 wide open."""
    blink: Curve
    """0 open to 1 closed."""
    brows: Curve
    sway: Curve
    smile: Curve

    def pose(self, frame: int) -> Pose:
        """Return the pose of one frame."""
        return Pose(**{field.name: float(getattr(self, field.name)[frame]) for field in fields(Pose)})


def performance_curves(performance: str, seconds: float, fps: float) -> Curves:
    """Return the curves of one of PERFORMANCES, of this length in seconds and at this rate."""
    time = np.arange(max(1, round(seconds * fps))) / fps
    still = {field.name: np.full_like(time, field.default) for field in fields(Pose)}
    curves = {"time": time, **still, **PERFORMANCES[performance](time)}
    for curve in curves.values():
        curve.flags.writeable = False
    return Curves(**curves)


def wave(time: Curve, cycles: int, late: float = 0.0) -> Curve:
    """Return a sine that begins at zero; `late` moves it by a part of its cycle."""
    turn = 2 * np.pi
    curve: Curve = np.sin(turn * (cycles * time / PERIOD - late)) + np.sin(turn * late)
    return curve


def bumps(time: Curve, *hills: tuple[float, float, float]) -> Curve:
    """Return smooth hills, each given as its second, its height and its half width in seconds."""
    total = np.zeros_like(time)
    for at, height, half in hills:
        away = np.abs((time - at + PERIOD / 2) % PERIOD - PERIOD / 2)
        total += height * 0.5 * (1 + np.cos(np.pi * np.minimum(away / half, 1)))
    return total


def hello(time: Curve) -> Mapping[str, Curve]:
    """Return the curves of somebody who talks, tilts the head, nods once and smiles."""
    dip = bumps(time, (2.52, 1.0, 0.34))
    return {
        "head_x": 0.18 * wave(time, 1) + 0.035 * wave(time, 2, 0.1),
        "head_y": 0.03 * wave(time, 2) + 0.2 * dip,
        "roll": 5.0 * wave(time, 1, 0.08) + 2.0 * wave(time, 3),
        "yaw": 10.0 * wave(time, 1, 0.03),
        "pitch": 9.0 * dip - 4.0 * bumps(time, (0.6, 1.0, 0.5)),
        "mouth": bumps(
            time,
            (0.4, 0.6, 0.16),
            (0.68, 0.95, 0.2),
            (1.16, 0.5, 0.14),
            (1.4, 0.75, 0.16),
            (1.72, 0.5, 0.14),
            (2.0, 0.85, 0.18),
        ),
        "blink": np.minimum(bumps(time, (1.04, 1.15, 0.17), (2.5, 1.15, 0.19)), 1),
        "brows": bumps(time, (0.64, 0.9, 0.4), (1.96, 0.7, 0.35)),
        "sway": 0.05 * wave(time, 1, 0.1),
        "smile": bumps(time, (1.3, 0.25, 0.4), (2.62, 1.0, 0.38)),
    }


def nod(time: Curve) -> Mapping[str, Curve]:
    """Return the curves of somebody who agrees, and smiles about it."""
    nods = bumps(time, (0.56, 0.9, 0.3), (1.12, 1.0, 0.3), (1.68, 0.7, 0.3))
    return {
        "head_x": 0.05 * wave(time, 1),
        "head_y": 0.22 * nods,
        "roll": -3.0 * bumps(time, (2.3, 1.0, 0.6)),
        "pitch": 10.0 * nods,
        "mouth": bumps(time, (2.08, 0.55, 0.2), (2.4, 0.75, 0.2)),
        "blink": np.minimum(bumps(time, (0.4, 1.15, 0.17), (1.92, 1.15, 0.17)), 1),
        "brows": 0.6 * bumps(time, (2.25, 1.0, 0.4)),
        "sway": 0.02 * wave(time, 2),
        "smile": bumps(time, (1.2, 1.0, 0.65)),
    }


def wonder(time: Curve) -> Mapping[str, Curve]:
    """Return the curves of somebody who turns, is surprised and smiles in the end."""
    surprise = bumps(time, (1.5, 1.0, 0.55))
    return {
        "head_x": 0.26 * wave(time, 1, 0.02) + 0.08 * wave(time, 2),
        "head_y": -0.12 * surprise,
        "roll": 9.0 * wave(time, 1, 0.04),
        "yaw": 18.0 * wave(time, 1),
        "pitch": -8.0 * surprise,
        "mouth": bumps(time, (1.48, 1.0, 0.4), (2.2, 0.5, 0.16), (2.44, 0.4, 0.14)),
        "blink": np.minimum(bumps(time, (0.72, 1.15, 0.17), (2.04, 1.15, 0.15), (2.44, 1.15, 0.17)), 1),
        "brows": surprise - 0.5 * bumps(time, (0.6, 1.0, 0.4)),
        "sway": 0.08 * wave(time, 1, 0.06),
        "smile": bumps(time, (2.68, 1.0, 0.32)),
    }


PERFORMANCES: Mapping[str, Callable[[Curve], Mapping[str, Curve]]] = MappingProxyType(
    {"hello": hello, "nod": nod, "wonder": wonder}
)
"""Each performance by name: hello (talks, tilts, nods once), nod (agrees), wonder (turns and is surprised)."""
