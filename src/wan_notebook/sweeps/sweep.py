"""The plan of a sweep from its axes: each picture and video read once, each request checked, nothing sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from ..client.service import Service
from ..errors import InvalidRequest, MediaError
from ..jobs.journal import Journal
from ..jobs.order import Order, OrderBuilder, Points, PreparationLike
from ..model.job import named_settings
from . import fields
from .axes import Cell, Cells, listed, product, zipped
from .plan import CONCURRENCY, Plan, estimate_time
from .runner import SweepJob

if TYPE_CHECKING:
    from typing_extensions import Unpack


class SweepSettings(TypedDict, total=False):
    """The settings of a sweep by their wire names: each one value, several, or numbers as a text (see ranges)."""

    model: str | Iterable[str]
    resolution: str | Iterable[str]
    num_inference_steps: int | str | Iterable[int]
    shift: float | str | Iterable[float]
    video_quality: str | Iterable[str]
    video_write_mode: str | Iterable[str]
    enable_safety_checker: bool | Iterable[bool | None] | None
    extra: Mapping[str, Any] | Iterable[Mapping[str, Any]]


@named_settings(SweepSettings)
def sweep(
    image: Any = None,
    video: Any = None,
    *,
    zip: bool = False,  # noqa: A002 - the word that people know for it
    cells: Any = None,
    service: Service | None = None,
    prepare_video: PreparationLike = None,
    prepare_image: PreparationLike = None,
    points: Points | None = None,
    **settings: Unpack[SweepSettings],
) -> Plan:
    """Plan many jobs at once, one for each combination of what varies; nothing is sent before `plan.run()`.

    Args:
        image: the character, as for submit(); a list makes an axis of it.
        video: the reference, likewise.
        zip: take the values side by side instead of all combinations.
        cells: exactly these cells, as a DataFrame or a list of mappings; what is not in them is the same for all.
        service: where to, as for submit().
        prepare_video: how each reference is made ready first, as for submit().
        prepare_image: how each picture is.
        points: eyes and mouth of the character, as for submit(); of one picture only.
        settings: fields of Request by name: one value, a list, or a text as "10-30 (+10)", "1-10 [4]", "3, 5, 7".

    Returns:
        The plan: its cells, price and time, to be looked at and run.

    Raises:
        InvalidRequest: a field is unknown, an axis empty, or a value not taken; names axis and value.
        MediaError: a picture or a video cannot be used; names it.
        StorageError: a copy was needed and the data directory cannot be written.
    """
    builder = OrderBuilder(service, prepare_video=prepare_video, prepare_image=prepare_image, points=points)
    found = find_cells({"image_url": image, "video_url": video, **settings}, zip, cells)
    if points is not None and any(axis.name == "image_url" for axis in found.axes):
        raise InvalidRequest("points belong to one picture, and there are several. Leave them out.")
    for cell in found.cells:
        # A wrong picture is told before long videos are prepared for nothing.
        input_of(cell, "image_url", builder.picture)
    videos = (cell.settings.get("video_url") for cell in found.cells)
    builder.prepare_videos(video for video in videos if video is not None)
    jobs = distinct_jobs((number, order_of(builder, cell)) for number, cell in enumerate(found.cells))
    return plan_jobs(
        jobs, builder.service, axes=found.axes, cells=found.cells, notes=(*found.notes, *notes_on_duplicates(jobs))
    )


def plan_jobs(jobs: tuple[SweepJob, ...], service: Service, **fields: Any) -> Plan:
    """Return the plan of jobs, with what the journal knows of them; `fields` are those of Plan that are known already.

    Raises:
        StorageError: the journal cannot be read.
    """
    journal = Journal()
    earlier = journal.reusable([job.fingerprint for job in jobs])
    missing = [job.order for job in jobs if job.fingerprint not in earlier]
    time = estimate_time(missing, service, journal, CONCURRENCY)
    return Plan(jobs=jobs, service=service, earlier=earlier, time=time, **fields)


def find_cells(given: Mapping[str, Any], side_by_side: bool, rows: Any) -> Cells:
    """Return the cells of a sweep from the arguments of sweep()."""
    named = {
        name: value for name, value in given.items() if value is not None or name not in ("image_url", "video_url")
    }
    if rows is not None:
        return listed(rows, named)
    return zipped(named) if side_by_side else product(named)


def order_of(builder: OrderBuilder, cell: Cell) -> Order:
    """Return the order of a cell; an input that cannot be used is named by its axis and label."""
    image, video = input_of(cell, "image_url", builder.picture), input_of(cell, "video_url", builder.video)
    settings = {name: value for name, value in cell.settings.items() if name not in ("image_url", "video_url")}
    return builder.order(image, video, **settings)


def input_of(cell: Cell, name: str, prepare: Callable[[Any], object]) -> Any:
    """Return the picture or the video of a cell as it was given, once it is prepared.

    Args:
        cell: of a sweep.
        name: "image_url" or "video_url".
        prepare: reads and prepares it.

    Raises:
        InvalidRequest: there is none.
        MediaError: it cannot be used; names its axis and label.
    """
    value, column = cell.settings.get(name), fields.column(name)
    if value is None:
        raise InvalidRequest(f"{column} is missing: wan.sweep(image, video, …), or a column {column} in cells.")
    try:
        prepare(value)
    except MediaError as error:
        raise MediaError(f"{column} {fields.value_label(name, value)}: {error}") from None
    return value


def distinct_jobs(numbered: Iterable[tuple[int, Order]]) -> tuple[SweepJob, ...]:
    """Return each different request once, with the numbers of its cells."""
    numbers: dict[str, list[int]] = {}
    first: dict[str, Order] = {}
    for number, order in numbered:
        fingerprint = order.fingerprint
        numbers.setdefault(fingerprint, []).append(number)
        first.setdefault(fingerprint, order)
    return tuple(SweepJob(order, one, tuple(numbers[one])) for one, order in first.items())


def notes_on_duplicates(jobs: Iterable[SweepJob]) -> Iterator[str]:
    """Yield a sentence for cells that differ in nothing but the names of their files."""
    for job in jobs:
        if len(job.numbers) > 1:
            yield f"Cells {', '.join(map(str, job.numbers))} ask for the same and are made once."
