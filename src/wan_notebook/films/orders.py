"""The shots of a film as they are to be made: what is other about one of them, and its order."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..client.service import Service
from ..jobs.journal.journal import Journal
from ..jobs.order import Order, OrderBuilder, Points, PreparationLike
from ..media.picture import picture as read_picture
from ..media.video import Video
from ..model import family
from .shots import Footage, Shot, clock
from .split import NEARLY

Shown = Literal["clip", "reference", "black"]
"""What a film shows of a shot: the character, the reference as it is, or nothing."""


@dataclass(frozen=True)
class PlannedShot:
    """One shot of a film, and what is to become of it."""

    shot: Shot
    choices: Mapping[str, Any] = field(default_factory=dict)
    """What is other than in the rest of the film: an image, a model, settings."""
    shown: Shown = "clip"
    order: Order | None = None
    """Its job; None where there is none."""
    lead: int = 0
    """Frames of the reference before the shot that its job makes as well, to hide the seam inside a take."""

    def looks_like(self, other: PlannedShot) -> bool:
        """Whether both show one character in one mode, so that one can be blended into the other."""
        looks = [(one.order.image.sha256, one.order.request.model) for one in (self, other) if one.order]
        return len(looks) == 2 and looks[0] == looks[1]


@dataclass(frozen=True)
class FilmChoices:
    """What is the same for all shots of a film."""

    image: Any
    settings: Mapping[str, Any]
    fps: float
    """Frames per second that are paid for."""
    overlap: float
    """Seconds by which two shots of a take overlap."""
    service: Service
    prepare_image: PreparationLike = None
    points: Points | None = None

    def order(self, video: Video, footage: Footage, planned: PlannedShot, lead: int) -> Order:
        """Return the order of a shot; its piece of the reference is made at most once.

        Args:
            video: the reference.
            footage: its frames.
            planned: the shot.
            lead: frames before it with which its piece begins.

        Raises:
            MediaError: an input cannot be used.
            InvalidRequest: a setting is not one the model takes.
            StorageError: the data directory cannot be written.
        """
        settings = {**self.settings, **planned.choices}
        image = settings.pop("image", self.image)
        own = "image" not in planned.choices
        shot = planned.shot
        piece = {
            "start": footage.times[shot.begin - lead],
            "end": None if shot.end == len(footage.times) else shot.stop,
            "fps": self.fps,
            # No more than the service makes of it: smaller pieces are sent sooner.
            "short_side": int(str(settings.get("resolution", family.RESOLUTION.default)).rstrip("p")),
            "sound": False,
        }
        builder = OrderBuilder(
            self.service,
            prepare_video=piece,
            prepare_image=self.prepare_image,
            points=self.points if own else None,
        )
        order = builder.order(image, video, **settings)
        span = f"{Path(video.name).stem} from {clock(shot.start)} to {clock(shot.stop)}"
        return replace(order, video=replace(order.video, name=span))


def with_changes(planned: PlannedShot, image: Any, settings: Mapping[str, Any]) -> PlannedShot:
    """Return a shot with another picture or other settings, and without an order; see FilmPlan.change()."""
    changes = settings if image is None else {**settings, "image": read_picture(image)}
    return replace(planned, choices={**planned.choices, **changes}, order=None)


def ordered(
    video: Video, footage: Footage, planned: PlannedShot, before: PlannedShot | None, choices: FilmChoices
) -> PlannedShot:
    """Return a shot with its order, which begins earlier where it is to be blended into the shot before."""
    lead = 0
    if before is not None and planned.shot.opening == "split" and choices.overlap:
        early = bisect.bisect_left(footage.times, planned.shot.start - choices.overlap - NEARLY)
        lead = min(planned.shot.begin - early, before.shot.frames // 2)
    order = choices.order(video, footage, planned, lead)
    made = replace(planned, order=order, lead=lead)
    # Beside a shot that has no clip, or another character, there is nothing to blend; what was bought so is kept.
    if lead and before and not made.looks_like(before) and not Journal().reusable([order.fingerprint]):
        return replace(planned, order=choices.order(video, footage, planned, 0), lead=0)
    return made
