"""The model family as data: ids, settings, limits, price basis.

Everything that a slider, a check, a help text or an estimate needs to know about the models is written here, once.
Figures come from the vendor's published schemas and the upstream host's public price list.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

SettingKind = Literal["choice", "integer", "number", "flag"]


@dataclass(frozen=True)
class Setting:
    """One setting of a request, with its limits and its help."""

    name: str
    """The field's name on the wire, and in Python."""
    label: str
    """Its name in a form."""
    kind: SettingKind
    default: Any
    """The value that is sent when the user sets none; None is not sent at all."""
    help: str
    """Its effect in the model, in one sentence."""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    """Distance between two values of a slider; other values are taken as well."""
    unit: str = ""
    """Of the value, in words."""
    preview: str = ""
    """Its effect in the free preview, in one sentence, where that is another."""

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        if self.kind == "choice":
            return " or ".join(self.choices)
        if self.kind == "flag":
            return "True, False or None"
        return f"{'a whole number' if self.kind == 'integer' else 'a number'} from {self.minimum:g} to {self.maximum:g}"

    def check(self, value: Any) -> Any:
        """Return the value as the wire wants it.

        Raises:
            ValueError: the value is not among those allowed; the message names the field, the value and those allowed.
        """
        refusal = ValueError(f"{self.name} is {reprlib.repr(value)}, but must be {self.allowed}.")
        if self.kind == "choice":
            choice = value.strip().lower() if isinstance(value, str) else value
            if choice not in self.choices:
                raise refusal
            return choice
        if self.kind == "flag":
            if value is not None and not isinstance(value, bool):
                raise refusal
            return value
        is_truth = isinstance(value, bool) or str(getattr(value, "dtype", "")) == "bool"
        if is_truth or isinstance(value, str) or not hasattr(value, "__float__"):
            raise refusal
        try:
            number = float(value)
        except (OverflowError, TypeError, ValueError):
            raise refusal from None
        assert self.minimum is not None
        assert self.maximum is not None
        if not self.minimum <= number <= self.maximum or (self.kind == "integer" and not number.is_integer()):
            raise refusal
        return int(number) if self.kind == "integer" else number


RESOLUTION = Setting(
    name="resolution",
    label="Resolution",
    kind="choice",
    default="480p",
    choices=("480p", "580p", "720p"),
    unit="short side in pixels",
    help="How many pixels the short side of the clip has; more pixels cost more and take longer.",
)
NUM_INFERENCE_STEPS = Setting(
    name="num_inference_steps",
    label="Steps",
    kind="integer",
    default=20,
    minimum=2,
    maximum=40,
    step=1,
    unit="steps",
    help="How many steps the model takes from noise to picture; more steps give finer results and take longer.",
    preview="How finely the motion is measured.",
)
SHIFT = Setting(
    name="shift",
    label="Shift",
    kind="number",
    default=5.0,
    minimum=1,
    maximum=10,
    step=0.5,
    help="Where the steps are spent: higher favours layout and motion, lower favours detail. It is not a speed.",
    preview="How much the motion is smoothed over time.",
)
VIDEO_QUALITY = Setting(
    name="video_quality",
    label="Quality",
    kind="choice",
    default="high",
    choices=("low", "medium", "high", "maximum"),
    help="How faithfully the finished frames are stored; it changes the file's size, not the motion.",
)
VIDEO_WRITE_MODE = Setting(
    name="video_write_mode",
    label="Write mode",
    kind="choice",
    default="balanced",
    choices=("fast", "balanced", "small"),
    help="How the file is written: fast gives a larger file, small takes longest.",
)
ENABLE_SAFETY_CHECKER = Setting(
    name="enable_safety_checker",
    label="Safety checker",
    kind="flag",
    default=None,
    help="Whether the service checks the content; by default the service decides.",
    preview="Accepted, and has no effect.",
)

SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {
        setting.name: setting
        for setting in (
            RESOLUTION,
            NUM_INFERENCE_STEPS,
            SHIFT,
            VIDEO_QUALITY,
            VIDEO_WRITE_MODE,
            ENABLE_SAFETY_CHECKER,
        )
    }
)
"""Every setting of the family by its wire name, in the order in which a form shows them."""

DEFAULTS: Mapping[str, Any] = MappingProxyType({name: setting.default for name, setting in SETTINGS.items()})
"""The default of each setting, by its wire name."""

MEDIA_FIELDS = ("image_url", "video_url")
"""The fields which hold media: the character image, the reference video."""


PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "draft": {
            "resolution": "480p",
            "num_inference_steps": 10,
            "video_quality": "medium",
            "video_write_mode": "fast",
        },
        "balanced": {
            "resolution": "480p",
            "num_inference_steps": 20,
            "video_quality": "high",
            "video_write_mode": "balanced",
        },
        "best": {
            "resolution": "720p",
            "num_inference_steps": 30,
            "video_quality": "maximum",
            "video_write_mode": "small",
        },
    }
)
"""Settings that go well together: to try a motion, for most work, for the final clip."""


@dataclass(frozen=True)
class Model:
    """One model of the family."""

    id: str
    """Its name on the wire."""
    alias: str
    """Its other name on the wire, which means the same."""
    mode: str
    """The short word by which people choose it."""
    title: str
    help: str
    preview: str = ""
    """What the free preview makes of it, in one sentence, where that is something else."""
    usd_per_unit: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"480p": 0.04, "580p": 0.06, "720p": 0.08})
    )
    """Upstream's public price of FRAMES_PER_UNIT reference frames, by resolution."""


MOVE = Model(
    id="alibaba/wan2.2-14b-animate-move",
    alias="wan/v2.2-14b/animate/move",
    mode="move",
    title="Move",
    help="The character performs the reference's motion; background and framing come from the picture.",
)
REPLACE = Model(
    id="alibaba/wan2.2-14b-animate-replace",
    alias="wan/v2.2-14b/animate/replace",
    mode="replace",
    title="Replace",
    help="The character takes the place of the person in the reference; scene and framing come from the video.",
    preview="The character's head goes into the video; body, clothes and hands stay the performer's.",
)
MODELS: Mapping[str, Model] = MappingProxyType({model.id: model for model in (MOVE, REPLACE)})
"""The family by id."""


def find_model(name: str) -> Model:
    """Return the model of this id, alias or mode ("move", "replace").

    Raises:
        ValueError: there is no such model; the message lists those there are.
    """
    for model in MODELS.values():
        if isinstance(name, str) and name.strip().lower() in (model.id, model.alias, model.mode):
            return model
    raise ValueError(
        f"model is {reprlib.repr(name)}, but must be {' or '.join(f'{m.mode} ({m.id})' for m in MODELS.values())}."
    )


FRAMES_PER_UNIT = 16
"""Upstream bills frames of the reference in units of this many."""
WINDOW_FRAMES = 77
"""The model works in windows of this many frames, each sharing one frame with the one before."""


def windows(frames: int) -> int:
    """Return the number of windows in which the model works through this many frames of a reference."""
    return max(1, math.ceil((frames - 1) / (WINDOW_FRAMES - 1)))


@dataclass(frozen=True)
class Limits:
    """The limits of an input that other services publish: worth a warning, never a refusal."""

    formats: tuple[str, ...]
    """As Pillow or FFmpeg name them."""
    max_bytes: int
    min_side: int
    """Pixels."""
    max_side: int
    """Pixels."""
    max_ratio: float = 3.0
    """Longest side over shortest."""
    min_seconds: float = 0.0
    max_seconds: float = float("inf")
    best_seconds: float = float("inf")
    """Seconds beyond which colours drift visibly."""


IMAGE_LIMITS = Limits(formats=("JPEG", "PNG", "WEBP", "BMP"), max_bytes=5_000_000, min_side=200, max_side=4096)
VIDEO_LIMITS = Limits(
    formats=("mp4", "mov", "avi"),
    max_bytes=200_000_000,
    min_side=200,
    max_side=2048,
    min_seconds=2,
    max_seconds=30,
    best_seconds=10,
)
