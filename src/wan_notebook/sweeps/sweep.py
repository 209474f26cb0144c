"""From what a person varies to a plan: each picture and video read once, each request checked, nothing sent."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from .. import media
from ..client import Service
from ..errors import InvalidRequest, MediaError
from ..jobs.journal import Journal
from ..jobs.order import Order, Points, Preparation, chosen_service, order_of, price_of, with_points
from ..media import Picture, Video
from ..media.preparation import Prepare
from ..model.cost import Price
from ..model.job import Request
from ..signature import lists_settings
from . import fields
from .axes import Cell, Cells, listed, product, zipped
from .plan import CONCURRENCY, Plan
from .runner import Asked, known
from .time_estimate import outlook

T = TypeVar("T")


@lists_settings
def sweep(
    image: Any = None,
    video: Any = None,
    *,
    zip: bool = False,  # noqa: A002 - the word that people know for it
    cells: Any = None,
    service: Service | None = None,
    prepare: Prepare | Mapping[str, Any] | None = None,
    prepare_image: Prepare | Mapping[str, Any] | None = None,
    points: Points | None = None,
    **settings: Any,
) -> Plan:
    """Plan many jobs at once, one for each combination of what varies; nothing is sent before `plan.run()`.

    Args:
        image: the character, as for submit(); a list makes an axis of it.
        video: the reference, likewise.
        zip: take the values side by side instead of all combinations.
        cells: exactly these cells, as a DataFrame or a list of mappings; what is not in them is the same for all.
        service: where to, as for submit().
        prepare: how each reference is made ready first, as for submit().
        prepare_image: how each picture is.
        points: eyes and mouth of the character, as for submit(); of one picture only.
        settings: fields of Request by name: one value, a list, or a text as "10-30 (+10)", "1-10 [4]", "3, 5, 7".

    Raises:
        InvalidRequest: a field is unknown, an axis empty, or a value not taken; names axis and value.
        MediaError: a picture or a video cannot be used; names it.
        StorageError: a copy was needed and the data directory cannot be written.
    """
    chosen = chosen_service(service)
    found = _cells({"image_url": image, "video_url": video} | settings, zip, cells)
    if points is not None and any(axis.name == "image_url" for axis in found.axes):
        raise InvalidRequest("points belong to one picture, and there are several. Leave them out.")
    orders = _Orders(chosen, Preparation.of(prepare, prepare_image), points)
    asked = _asked([orders.order(cell) for cell in found.cells])
    journal = Journal()
    earlier = known(journal, [one.fingerprint for one in asked])
    missing = [one.order for one in asked if one.fingerprint not in earlier]
    return Plan(
        axes=found.axes,
        cells=found.cells,
        asked=asked,
        service=chosen,
        earlier=earlier,
        outlook=outlook(missing, chosen, journal, CONCURRENCY),
        notes=(*found.notes, *_same(asked)),
    )


def _cells(given: Mapping[str, Any], side_by_side: bool, rows: Any) -> Cells:
    named = {
        name: value for name, value in given.items() if value is not None or name not in ("image_url", "video_url")
    }
    if rows is not None:
        return listed(rows, named)
    return zipped(named) if side_by_side else product(named)


class _Orders:
    """Makes the orders of cells, reading and preparing each input once, and asking for each price once."""

    def __init__(self, service: Service, preparation: Preparation, points: Points | None) -> None:
        self._service, self._preparation, self._points = service, preparation, points
        self._pictures: dict[Hashable, Picture] = {}
        self._videos: dict[Hashable, Video] = {}
        self._prices: dict[str, Price | None] = {}

    def order(self, cell: Cell) -> Order:
        settings = dict(cell.settings)
        image, video = settings.pop("image_url", None), settings.pop("video_url", None)
        picture = _once(self._pictures, "image_url", image, lambda: self._preparation.picture(media.picture(image)))
        reference = _once(self._videos, "video_url", video, lambda: self._preparation.video(media.video(video)))
        settings = with_points(settings, self._placed(image), self._service)
        request = Request(image_url=picture.url, video_url=reference.url, **settings)
        price = self._price(request.model)
        return order_of(
            request, picture, reference, service=self._service, prepare=self._preparation.facts, price=price
        )

    def _placed(self, image: Any) -> Points | None:
        if self._points is None or self._service.paid:
            return None
        return self._preparation.points(media.picture(image), self._points)

    def _price(self, model: str) -> Price | None:
        if model not in self._prices:
            self._prices[model] = price_of(self._service, model)
        return self._prices[model]


def _once(made: dict[Hashable, T], name: str, value: Any, make: Callable[[], T]) -> T:
    if value is None:
        what = "image" if name == "image_url" else "video"
        raise InvalidRequest(f"{name} is missing: wan.sweep(image, video, …), or a column {name} in cells ({what}).")
    key = fields.key(value)
    if key not in made:
        try:
            made[key] = make()
        except MediaError as error:
            raise MediaError(f"{name} {fields.label(name, value)}: {error}") from None
    return made[key]


def _asked(orders: Iterable[Order]) -> tuple[Asked, ...]:
    """Each different request once, with the numbers of its cells."""
    numbers: dict[str, list[int]] = {}
    first: dict[str, Order] = {}
    for number, order in enumerate(orders):
        fingerprint = order.fingerprint
        numbers.setdefault(fingerprint, []).append(number)
        first.setdefault(fingerprint, order)
    return tuple(Asked(order, one, tuple(numbers[one])) for one, order in first.items())


def _same(asked: Iterable[Asked]) -> Iterator[str]:
    """Say which cells differ in nothing but the names of their files."""
    for one in asked:
        if len(one.numbers) > 1:
            yield f"Cells {', '.join(map(str, one.numbers))} ask for the same and are made once."
