"""The price of one job, and the notices about its inputs, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..client.service import Service
from ..errors import NotAuthorized, OverBudget
from ..model.cost import Estimate, check_budget
from ..model.job import Settings, named_settings
from .journal import Journal
from .order import Order, OrderBuilder, Points, PreparationLike
from .preflight import find_notices
from .run import submit

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..media.checks.notice import Notice


@dataclass(frozen=True)
class JobEstimate:
    """The price of a job that was not sent, and the notices about its inputs; a cell shows it as a table."""

    order: Order
    """The job, with its inputs as they would be sent."""
    notices: tuple[Notice, ...] = ()
    """Warnings about the inputs, serious ones first."""
    notes: tuple[str, ...] = ()
    """Sentences on what submit() would do instead of sending the job."""

    @property
    def price(self) -> Estimate:
        """The estimated price with its basis; printed, it is one line."""
        return self.order.estimate

    @property
    def usd(self) -> float | None:
        """The estimated price in dollars; None where it is not known."""
        return self.price.usd

    @property
    def basis(self) -> str:
        """The grounds of the price, or the reason why there is none."""
        return self.price.basis

    @property
    def frames(self) -> int | None:
        """Frames of the reference as it would be sent, where they can be counted."""
        return self.price.frames

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the job by their wire names."""
        return self.order.request.settings

    def __str__(self) -> str:
        service = self.order.service
        price = f"{service.label}: {self.price}" if service.paid else str(self.price).capitalize()
        return "\n".join([price, *self.notes, *map(str, self.notices)])

    def __repr__(self) -> str:
        return f"JobEstimate({self.price})"

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        from ..widgets.display.estimate import estimate_bundle

        return estimate_bundle(self)


@named_settings(Settings, like=submit)
def estimate(
    image: Any,
    video: Any,
    *,
    service: Service | None = None,
    budget: float | None = None,
    prepare_video: PreparationLike = None,
    prepare_image: PreparationLike = None,
    points: Points | None = None,
    **settings: Unpack[Settings],
) -> JobEstimate:
    """Estimate the price of a job, and check its inputs; nothing is sent but the question for the price.

    Args:
        image: the character, as for submit(); so for all other arguments.
        video: the reference whose motion is taken.
        service: where it would run.
        budget: dollars that it may cost at most.
        prepare_video: how the reference is made ready first, as dict(end=5, fps=16).
        prepare_image: how the picture is.
        points: left eye, right eye and mouth of the character, for the preview.
        settings: fields of Request by name: model, resolution, num_inference_steps, shift, …

    Returns:
        Price, what it rests on, notices about the inputs, and earlier jobs like it, also to be printed.

    Raises:
        MediaError: the picture or the video cannot be used.
        InvalidRequest: a setting is not one the model takes.
        StorageError: the journal cannot be read.
    """
    builder = OrderBuilder(service, prepare_video=prepare_video, prepare_image=prepare_image, points=points)
    order = builder.order(image, video, **settings)
    return JobEstimate(order, find_notices(order), tuple(_notes(order, budget)))


def _notes(order: Order, budget: float | None) -> Iterator[str]:
    """Yield the reasons why submit() would not send the job."""
    journal = Journal()
    earlier = journal.reusable([order.fingerprint]).get(order.fingerprint)
    if earlier is not None:
        yield (
            f"Made before, as number {earlier.number}: its clip is offered, and costs nothing more."
            if earlier.done
            else f"Sent before, as number {earlier.number}: that job is watched, and not bought again."
        )
        return
    try:
        check_budget([order.estimate], budget)
        journal.check_cap(order.service, [order.estimate])
        order.service.check_key()
    except (OverBudget, NotAuthorized) as error:
        yield str(error)
