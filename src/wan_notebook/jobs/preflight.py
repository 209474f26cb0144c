"""The checks of a job's inputs in code, as the panel shows them: before anything is sent, and paid for."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import MediaError
from .order import Order

if TYPE_CHECKING:
    from ..media.checks.notice import Notice

_COLUMNS = 100
"""Characters of a printed line at most."""


def find_notices(order: Order) -> tuple[Notice, ...]:
    """Return the notices about the inputs of an order as they would be sent, which takes some seconds.

    Raises:
        MediaError: a file is gone, or breaks on the way.
    """
    from ..media.checks.analysis import analyze_picture, analyze_video
    from ..media.checks.check import CheckInput, check

    image, video = order.image, order.video
    chosen = CheckInput(image, video, order.request.model, order.request.resolution)
    of_image = analyze_picture(image) if image.path is not None else None
    of_video = analyze_video(video) if video.path is not None else None
    return check(chosen, of_image, of_video)


def print_notices(order: Order) -> None:
    """Write the notices about an order to stderr as one block, so that the output of a script stays its own.

    Nothing is written where there are none, and nothing is refused: whoever wants to stop reads them first, with
    wan_notebook.estimate().
    """
    try:
        lines = list(_lines(order))
    except MediaError as error:
        lines = _bullet(f"The inputs could not be checked: {error}")
    if lines:
        head = f"Before {order.service.label} is paid: notices about the inputs (checks=False leaves them out)"
        sys.stderr.write("\n".join([head, *lines, ""]))


def _lines(order: Order) -> Iterator[str]:
    for notice in find_notices(order):
        yield from _bullet(notice.text)
        prepared = order.recipe.prepare_image if notice.about == "picture" else order.recipe.prepare_video
        # Times and sides are those of the input as it is sent; with a preparation before, they would not fit it.
        if notice.change and not prepared:
            changes = ", ".join(f"{name}={_plain(value)!r}" for name, value in notice.change.items())
            yield f"      {notice.remedy}: prepare_{'image' if notice.about == 'picture' else 'video'}=dict({changes})"


def _bullet(text: str) -> list[str]:
    return textwrap.wrap(text, _COLUMNS, initial_indent="  •   ", subsequent_indent="      ")


def _plain(value: object) -> object:
    """Return a value without the digits of which nobody needs to see more than three."""
    if isinstance(value, float):
        return round(value, 3)
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value
