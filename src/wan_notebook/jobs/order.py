"""An order: a request with its inputs, its service and its price, complete before a run begins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from ..client.service import Service
from ..errors import InvalidRequest
from ..media.picture import Picture
from ..media.picture import picture as read_picture
from ..media.preparation import Preparation
from ..media.store import check_unchanged
from ..media.video import Video, refuse_damaged
from ..media.video import video as read_video
from ..model.cost import Estimate, Price, estimate
from ..model.job import Request, refuse_unknown
from ..runtime import event_loop
from .journal.entry import fingerprint
from .recipe import Input, Recipe, settings_of, without_points

T = TypeVar("T")

Points = Sequence[Sequence[float]]
"""Left eye, right eye and mouth of the character, each (x, y) in pixels of the upright picture."""
PreparationLike = Preparation | Mapping[str, Any] | None
"""How an input is prepared: a Preparation, its fields as a mapping, or None for an input that goes as it is."""


_NO_CHANGES: Mapping[str, Any] = {}
"""Of an input that goes as it is; the same for all jobs."""


@dataclass(frozen=True, slots=True)
class Order:
    """One request, with the inputs it was made of and its price."""

    request: Request
    image: Picture
    """As it is sent: prepared already; so is the video."""
    video: Video
    service: Service
    estimate: Estimate
    recipe: Recipe
    """The inputs as they were chosen, their preparation, and the settings."""

    @property
    def fingerprint(self) -> str:
        """Equal for orders which send the same to the same service."""
        return fingerprint(self.request, base_url=self.service.base_url, image=self.image, video=self.video)

    @property
    def prepared(self) -> dict[str, Any] | None:
        """The journal's record of how the inputs were prepared, and what they were before; None where as chosen."""
        sent = (Input.of(one.url, one) for one in (self.image, self.video))
        return self.recipe.prepared(*sent)


class OrderBuilder:
    """Makes orders for one service, reading and preparing each input once and asking for each price once.

    Args:
        service: where to; by default the service that Service.choose() finds.
        prepare_video: how each reference is made ready; see media.preparation.Preparation.
        prepare_image: how each picture is, likewise.
        points: left eye, right eye and mouth of the character, for services that take them.

    Raises:
        InvalidRequest: one of these is of a wrong kind, or has an unknown field.
    """

    def __init__(
        self,
        service: Service | None = None,
        *,
        prepare_video: PreparationLike = None,
        prepare_image: PreparationLike = None,
        points: Points | None = None,
    ) -> None:
        self.service = checked_service(service)
        self._of_image = _preparation("prepare_image", prepare_image)
        self._of_video = _preparation("prepare_video", prepare_video)
        self._points = points
        self._pictures = _Inputs(read_picture, self._of_image)
        self._videos = _Inputs(read_video, self._of_video)
        self._prices: dict[str, Price | None] = {}
        self._estimates: dict[Estimate, Estimate] = {}
        """Each once, for the thousands of orders that have the same."""

    def order(self, image: Any, video: Any, **settings: Any) -> Order:
        """Check and prepare everything that one job needs; nothing is sent.

        Args:
            image: the character, as media.picture takes it.
            video: the reference, as media.video takes it.
            settings: fields of Request by name.

        Raises:
            MediaError: an input cannot be used.
            InvalidRequest: a setting is not one the model takes.
        """
        picture, reference = self._pictures.read(image), self._videos.read(video)
        settings = self._with_points(settings, picture)
        # A wrong setting is refused before a long video is prepared for nothing.
        Request(image_url=picture.url, video_url=reference.url, **settings)
        picture, reference = self.picture(image), self.video(video)
        request = Request(image_url=picture.url, video_url=reference.url, **settings)
        price = self._price(request.model)
        priced = estimate(request, reference.frames, paid=self.service.paid, price=price)
        return Order(
            request=request,
            image=picture,
            video=reference,
            service=self.service,
            estimate=self._estimates.setdefault(priced, priced),
            recipe=self._recipe(self._pictures.read(image), self._videos.read(video), request),
        )

    def picture(self, image: Any) -> Picture:
        """Return the character, read and prepared."""
        return self._pictures.prepared(image)

    def video(self, video: Any) -> Video:
        """Return the reference, read and prepared; a paid service gets none with damaged frames."""
        reference = self._videos.prepared(video)
        if self.service.paid:
            refuse_damaged(reference)
        return reference

    def prepare_videos(self, videos: Iterable[Any]) -> None:
        """Read and prepare several references side by side; video() raises what is wrong with one of them."""
        self._videos.prepare(videos)

    def _with_points(self, settings: Mapping[str, Any], picture: Picture) -> dict[str, Any]:
        # A paid service has no field for them, and would refuse the job.
        if self._points is None or self.service.paid:
            return dict(settings)
        placed = _three_points(self._points)
        if self._of_image is not None:
            from ..media.prepare import prepared_points

            placed = prepared_points(picture, self._of_image, placed)
        extra = dict(settings.get("extra") or {}) | {"points": [list(point) for point in placed]}
        return dict(settings) | {"extra": extra}

    def _recipe(self, image: Picture, video: Video, request: Request) -> Recipe:
        points = None if self._points is None or self.service.paid else _three_points(self._points)
        settings = {"model": request.model, **settings_of(request)}
        return Recipe(
            image=Input.chosen(image),
            video=Input.chosen(video),
            settings=settings if points is None else without_points(settings),
            prepare_image=self._of_image.changes if self._of_image else _NO_CHANGES,
            prepare_video=self._of_video.changes if self._of_video else _NO_CHANGES,
            points=None if points is None else tuple(points),
        )

    def _price(self, model: str) -> Price | None:
        if self.service.paid and model not in self._prices:
            from ..client.prices import fetch_price

            self._prices[model] = event_loop.wait(event_loop.start(fetch_price(self.service, model)))
        return self._prices.get(model)


class _Inputs(Generic[T]):
    """The pictures, or the videos, of many orders: each source is read and prepared once."""

    def __init__(self, read: Callable[[Any], T], how: Preparation | None) -> None:
        self._read, self._how = read, how
        # By identity, since arrays cannot be compared; the source is kept, so that its identity is not given away.
        self._known: dict[int, tuple[Any, T]] = {}
        self._ready: dict[int, tuple[Any, T | BaseException]] = {}
        """The inputs as they will be sent, or why they cannot be."""

    def read(self, source: Any) -> T:
        """Return the input as it is."""
        if id(source) not in self._known:
            self._known[id(source)] = source, self._read(source)
        return self._known[id(source)][1]

    def prepared(self, source: Any) -> T:
        """Return the input as it will be sent."""
        if self._how is None:
            return self.read(source)
        self.prepare([source])
        _, ready = self._ready[id(source)]
        if isinstance(ready, BaseException):
            raise ready
        return ready

    def prepare(self, sources: Iterable[Any]) -> None:
        """Read and prepare several inputs side by side; prepared() raises what is wrong with one of them."""
        missing = {id(source): source for source in sources if id(source) not in self._ready}
        if missing and self._how is not None:
            made = event_loop.finish(self._prepare_all(missing.values(), self._how))
            self._ready.update(zip(missing, zip(missing.values(), made, strict=True), strict=True))

    async def _prepare_all(self, sources: Iterable[Any], how: Preparation) -> list[T | BaseException]:
        async def prepare(source: Any) -> T:
            found = await event_loop.in_daemon_thread(lambda: self.read(source))
            return cast("T", await _prepared(found, how))

        return await asyncio.gather(*map(prepare, sources), return_exceptions=True)


def check_files(orders: Iterable[Order]) -> None:
    """Refuse orders whose pictures and videos are no longer those that were chosen, reading each file once.

    Raises:
        MediaError: a file has changed since it was chosen, or is gone; nothing was sent.
    """
    for source in {source for order in orders for source in (order.image, order.video)}:
        if source.path is not None:
            check_unchanged(source.path, source.sha256, source.name)


def check_addresses(service: Service, sources: Iterable[Picture | Video]) -> None:
    """Refuse addresses that surely lead to no picture or no video, before a service is paid to go there.

    Args:
        service: where the job goes; of a free one nothing is looked at.
        sources: of which those that are no files are looked at, all at once.

    Raises:
        MediaError: one of them leads to a page, to another file, or to nothing; nothing was sent.
    """
    media = {source.url: source for source in sources if service.paid and source.path is None}
    if not media:
        return
    from ..client.look import check_address

    async def check_all() -> None:
        checks = [
            check_address(service, url, "picture" if isinstance(source, Picture) else "video")
            for url, source in media.items()
        ]
        await asyncio.gather(*checks)

    event_loop.wait(event_loop.start(check_all()))


def checked_service(service: Any) -> Service:
    """Return the service that was handed over, or without one the service that Service.choose() finds.

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


async def _prepared(found: Any, how: Preparation) -> Any:
    # Imported here, since most jobs prepare nothing.
    from ..media.prepare import prepare_in_background, prepared_picture

    if isinstance(found, Picture):
        return await event_loop.in_daemon_thread(lambda: prepared_picture(found, how))
    return await prepare_in_background(found, how)


def _three_points(points: Any) -> list[tuple[float, float]]:
    try:
        placed = [(float(x), float(y)) for x, y in points]
    except (TypeError, ValueError):
        placed = []
    if len(placed) != 3:
        raise InvalidRequest(f"points is {points!r}, but must be (x, y) of the left eye, the right eye and the mouth.")
    return placed


def _preparation(name: str, given: Any) -> Preparation | None:
    """Return a preparation, or None where it changes nothing."""
    if not isinstance(given, Preparation | Mapping | None):
        raise InvalidRequest(f"{name} is {given!r}, but must be one preparation, as dict(end=5, fps=16).")
    if isinstance(given, Mapping):
        refuse_unknown(given, list(Preparation.__dataclass_fields__))
        given = Preparation(**given)
    return None if given == Preparation() else given
