"""What is asked for, and of whom: everything that a run needs to know before it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .. import media
from ..client import Service
from ..client.prices import ask_price
from ..errors import InvalidRequest
from ..media import Picture, Video
from ..media.preparation import Prepare
from ..media.prepare import prepared_picture, prepared_points, prepared_video
from ..model.cost import Estimate, Price, estimate
from ..model.job import Request, refuse_unknown
from ..runtime import event_loop
from .journal import fingerprint

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
    chosen = chosen_service(service)
    character, reference = media.picture(image), media.video(video)
    ready = Preparation.of(prepare, prepare_image)
    settings = with_points(settings, None if chosen.paid else ready.points(character, points), chosen)
    # A wrong setting is told before a long video is prepared for nothing.
    Request(image_url=character.url, video_url=reference.url, **settings)
    character, reference = ready.picture(character), ready.video(reference)
    request = Request(image_url=character.url, video_url=reference.url, **settings)
    price = price_of(chosen, request.model)
    return order_of(request, character, reference, service=chosen, prepare=ready.facts, price=price)


def order_of(
    request: Request,
    image: Picture,
    video: Video,
    *,
    service: Service,
    prepare: Mapping[str, Any] | None,
    price: Price | None,
) -> Order:
    """Return the order of a request whose inputs are ready."""
    expected = estimate(request, video, paid=service.paid, price=price)
    return Order(request=request, image=image, video=video, service=service, estimate=expected, prepare=prepare)


@dataclass(frozen=True)
class Preparation:
    """How both inputs are made ready; None for one which goes as it is."""

    of_image: Prepare | None
    of_video: Prepare | None

    @classmethod
    def of(
        cls, prepare: Prepare | Mapping[str, Any] | None, prepare_image: Prepare | Mapping[str, Any] | None
    ) -> Preparation:
        """Read what a person wrote; arguments as for run.submit()."""
        return cls(of_image=_how("prepare_image", prepare_image), of_video=_how("prepare", prepare))

    def picture(self, picture: Picture) -> Picture:
        """Return the character made ready."""
        return picture if self.of_image is None else prepared_picture(picture, self.of_image)

    def video(self, video: Video) -> Video:
        """Return the reference made ready."""
        return video if self.of_video is None else prepared_video(video, self.of_video)

    def points(self, picture: Picture, points: Points | None) -> Points | None:
        """Return where points of a character lie once it is made ready.

        Raises:
            InvalidRequest: these are no three points, or one of them is cropped away.
        """
        if points is None:
            return None
        placed = _three(points)
        return placed if self.of_image is None else prepared_points(picture, self.of_image, placed)

    @property
    def facts(self) -> Mapping[str, Any] | None:
        """What an Order keeps of it."""
        hows = {"image": self.of_image, "video": self.of_video}
        return {name: asdict(how) for name, how in hows.items() if how is not None} or None


def chosen_service(service: Any) -> Service:
    """Return the service that was handed over, and where there is none, what Service.choose() finds.

    Raises:
        InvalidRequest: it is no service.
    """
    if service is None:
        return Service.choose()
    if not isinstance(service, Service):
        raise InvalidRequest(
            f"service is {service!r}, but must be wan_notebook.Service.hosted(), .embedded() or .at(its address)."
        )
    return service


def with_points(settings: Mapping[str, Any], points: Points | None, service: Service) -> dict[str, Any]:
    """Return the settings with the points among them, where the service is one that takes them."""
    if points is None or service.paid:
        return dict(settings)
    extra = dict(settings.get("extra") or {}) | {"points": [list(point) for point in points]}
    return dict(settings) | {"extra": extra}


def price_of(service: Service, model: str) -> Price | None:
    """Return what a paid service asks just now, as far as it tells."""
    return event_loop.wait(event_loop.start(ask_price(service, model))) if service.paid else None


def _three(points: Any) -> list[tuple[float, float]]:
    try:
        placed = [(float(x), float(y)) for x, y in points]
    except (TypeError, ValueError):
        placed = []
    if len(placed) != 3:
        raise InvalidRequest(f"points is {points!r}, but must be (x, y) of the left eye, the right eye and the mouth.")
    return placed


def _how(name: str, prepare: Any) -> Prepare | None:
    """A preparation that changes nothing is none."""
    if not isinstance(prepare, Prepare | Mapping | None):
        raise InvalidRequest(f"{name} is {prepare!r}, but must be one preparation, as dict(end=5, fps=16).")
    how = prepare if isinstance(prepare, Prepare) or prepare is None else _prepare_of(prepare)
    return None if how == Prepare() else how


def _prepare_of(fields: Mapping[str, Any]) -> Prepare:
    refuse_unknown(fields, list(Prepare.__dataclass_fields__))
    return Prepare(**fields)
