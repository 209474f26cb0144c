"""The checks of jobs' inputs in code, as the panel shows them: before anything is sent, and paid for."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..errors import MediaError
from ..media.picture import Picture
from ..media.video import Video
from .order import Order

if TYPE_CHECKING:
    from ..media.checks.analysis import PictureAnalysis, VideoAnalysis
    from ..media.checks.notice import Notice

    Analysis = PictureAnalysis | VideoAnalysis | None

NameVideos = Callable[[Sequence["Picture | Video"]], str]
"""Returns what messages call some references."""

_COLUMNS = 100
"""Characters of a printed line at most."""
_NAMED = 3
"""Inputs that are named for what holds for several of them."""


def find_notices(order: Order) -> tuple[Notice, ...]:
    """Return the notices about the inputs of an order as they would be sent, which takes some seconds.

    Raises:
        MediaError: a file is gone, or breaks on the way.
    """
    return _check(order, {medium: _analyze(medium) for medium in (order.image, order.video)})


def print_notices(orders: Sequence[Order], name_videos: NameVideos | None = None) -> None:
    """Write the notices about orders to one service to stderr as one block; the output of a script stays its own.

    Each file is looked at once, and each notice written once, under the names of its inputs where there are others.
    Nothing is written where there are none, and nothing is refused: whoever wants to stop reads them first, with
    wan_notebook.estimate().

    Args:
        orders: to be sent.
        name_videos: names the references that a notice is about, where they are no files that a person chose.
    """
    lines = list(_lines(orders, name_videos))
    if lines:
        head = f"Before {orders[0].service.label} is paid: notices about the inputs (checks=False leaves them out)"
        sys.stderr.write("\n".join([head, *lines, ""]))


def _lines(orders: Sequence[Order], name_videos: NameVideos | None) -> Iterator[str]:
    analyses: dict[Picture | Video, Analysis] = {}
    for medium in dict.fromkeys(medium for order in orders for medium in (order.image, order.video)):
        analyses[medium], failure = _analyze_whole(medium)
        if failure:
            yield from _bullet(f"{medium.name} could not be checked: {failure}")
    inputs = {"picture": len({order.image for order in orders}), "video": len({order.video for order in orders})}
    found: dict[tuple[str, str, str], dict[Picture | Video, None]] = {}
    for order in orders:
        for notice in _check(order, analyses):
            medium = order.image if notice.about == "picture" else order.video
            found.setdefault((notice.about, notice.text, _remedy(order, notice)), {})[medium] = None
    for (about, text, remedy), media in found.items():
        if about == "video" and name_videos is not None:
            text = f"{name_videos(list(media))}: {text}"
        elif len(media) != inputs[about]:
            text = f"{_names(list(media))}: {text}"
        yield from _bullet(text)
        if remedy:
            yield f"      {remedy}"


def _analyze(medium: Picture | Video) -> Analysis:
    from ..media.checks.analysis import analyze_picture, analyze_video

    return analyze_picture(medium) if isinstance(medium, Picture) else analyze_video(medium)


def _analyze_whole(medium: Picture | Video) -> tuple[Analysis, str]:
    """Return the analysis of an input, or the reason why there is none."""
    try:
        return _analyze(medium), ""
    except MediaError as error:
        return None, str(error)


def _check(order: Order, analyses: Mapping[Picture | Video, Analysis]) -> tuple[Notice, ...]:
    from ..media.checks.check import CheckInput, check

    chosen = CheckInput(order.image, order.video, order.request.model, order.request.resolution)
    return check(chosen, analyses[order.image], analyses[order.video])  # type: ignore[arg-type]


def _remedy(order: Order, notice: Notice) -> str:
    """Return the argument that helps, as code; empty where there is none.

    Times and sides are those of the input as it is sent: with a preparation before, they would not fit it.
    """
    prepared = order.recipe.prepare_image if notice.about == "picture" else order.recipe.prepare_video
    if not notice.change or prepared:
        return ""
    changes = ", ".join(f"{name}={_plain(value)!r}" for name, value in notice.change.items())
    return f"{notice.remedy}: prepare_{'image' if notice.about == 'picture' else 'video'}=dict({changes})"


def _names(media: Sequence[Picture | Video]) -> str:
    names = [medium.name for medium in media]
    rest = len(names) - _NAMED
    return ", ".join(names) if rest <= 0 else f"{', '.join(names[:_NAMED])} and {rest:,} more"


def _bullet(text: str) -> list[str]:
    return textwrap.wrap(text, _COLUMNS, initial_indent="  •   ", subsequent_indent="      ")


def _plain(value: object) -> object:
    """Return a value without the digits of which nobody needs to see more than three."""
    if isinstance(value, float):
        return round(value, 3)
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value
