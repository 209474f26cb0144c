"""What is asked for, and of whom: everything that a run needs to know before it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from . import background, media
from . import prepare as preparing
from .client import Service
from .cost import Estimate, estimate
from .job import Request, refuse_unknown
from .journal import fingerprint
from .media import Picture, Video
from .prepare import Prepare
from .pricing import ask_price

Points = Sequence[Sequence[float]]
"""Left eye, right eye and mouth of the character, each (x, y) in pixels of the upright picture."""


@dataclass(frozen=True)
class Order:
    """One request, with the inputs it was made of and what it will cost."""

    request: Request
    image: Picture
    """As it is sent: prepared already; so is the video."""
    video: Video
    service: Service
    estimate: Estimate
    prepare: Mapping[str, Any] | None = None
    """How the inputs were prepared, by "image" and "video"; None where they go as they are."""

    @property
    def fingerprint(self) -> str:
        """Equal for orders which ask the same of the same service."""
        return fingerprint(
            self.request,
            base_url=self.service.base_url,
            image=self.image,
            video=self.video,
            prepare=self.prepare,
        )


def make_order(
    image: Any,
    video: Any,
    *,
    service: Service | None = None,
    prepare: Prepare | Mapping[str, Any] | None = None,
    prepare_image: Prepare | Mapping[str, Any] | None = None,
    points: Points | None = None,
    **settings: Any,
) -> Order:
    """Check and prepare everything before anything is sent; arguments and errors as for run.submit()."""
    chosen = service or Service.choose()
    character, reference = media.picture(image), media.video(video)
    if points is not None and not chosen.paid:
        settings["extra"] = dict(settings.get("extra") or {}) | {"points": [list(point) for point in points]}
    hows = {"image": _how(prepare_image), "video": _how(prepare)}
    Request(image_url=character.url, video_url=reference.url, **settings)
    if (how := hows["image"]) is not None:
        character = preparing.picture(character, how)
    if (how := hows["video"]) is not None:
        reference = preparing.video(reference, how)
    request = Request(image_url=character.url, video_url=reference.url, **settings)
    return Order(
        request=request,
        image=character,
        video=reference,
        service=chosen,
        estimate=_estimate(request, reference, chosen),
        prepare={name: asdict(how) for name, how in hows.items() if how is not None} or None,
    )


def _how(prepare: Prepare | Mapping[str, Any] | None) -> Prepare | None:
    """A preparation that changes nothing is none."""
    how = prepare if isinstance(prepare, Prepare) or prepare is None else _prepare_of(prepare)
    return None if how == Prepare() else how


def _prepare_of(fields: Mapping[str, Any]) -> Prepare:
    refuse_unknown(fields, list(Prepare.__dataclass_fields__))
    return Prepare(**fields)


def _estimate(request: Request, reference: Video, service: Service) -> Estimate:
    price = background.wait(background.start(ask_price(service, request.model))) if service.paid else None
    return estimate(request, reference, paid=service.paid, price=price)
