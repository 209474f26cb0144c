"""What a preparation saves, in words."""

from __future__ import annotations

from typing import Protocol

from ..model import cost
from ..model.job import Request


class Measured(Protocol):
    """What the words need to know of a reference: a Video has it, an ExpectedVideo as well."""

    @property
    def duration(self) -> float | None:
        """Seconds."""

    @property
    def fps(self) -> float | None:
        """Frames per second."""

    @property
    def frames(self) -> int | None:
        """How many there are."""

    @property
    def width(self) -> int | None:
        """Pixels."""

    @property
    def height(self) -> int | None:
        """Pixels."""

    @property
    def size(self) -> int | None:
        """Bytes."""


def saving(
    before: Measured, after: Measured, request: Request, *, paid: bool = True, price: cost.Price | None = None
) -> str:
    """Return what a preparation saves, as "12 s at 60 fps, 1080p, 48 MB, about $2.70 → 5 s at 16 fps, 480p, …".

    Args:
        before: the reference as it is.
        after: the reference as prepared, or as it is expected.
        request: whose model and resolution make the price.
        paid: whether the service takes money; if not, no price is named.
        price: the service's own price, where it could be read.
    """
    return " → ".join(_words(reference, request, paid, price) for reference in (before, after))


def _words(reference: Measured, request: Request, paid: bool, price: cost.Price | None) -> str:
    parts = []
    if reference.duration is not None and reference.fps is not None:
        parts.append(f"{_short(reference.duration)} s at {_short(reference.fps)} fps")
    if reference.width and reference.height:
        parts.append(f"{min(reference.width, reference.height)}p")
    if reference.size is not None:
        parts.append(_megabytes(reference.size))
    if paid:
        parts.append(cost.about(cost.estimate(request, reference, price=price).usd))
    return ", ".join(parts)


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _megabytes(size: int) -> str:
    megabytes = size / 1_000_000
    return f"{megabytes:.0f} MB" if megabytes >= 10 else f"{max(megabytes, 0.1):.1f} MB"
