"""Hair of the drawn people: what lies behind the head, and what falls over the face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from ..looks import Look
from ..paint import Layer
from . import curls, long, short, tousled


class Cut(NamedTuple):
    """A shape of hair."""

    back: Callable[[Layer, Look], None]
    """Paints what lies behind head and neck."""
    front: Callable[[Layer, Look], None]
    """Paints what falls over the face."""


CUTS: Mapping[str, Cut] = MappingProxyType(
    {
        "long": Cut(long.back, long.front),
        "curls": Cut(curls.back, curls.front),
        "tousled": Cut(tousled.back, tousled.front),
        "short": Cut(short.back, short.front),
    }
)
"""How each shape of hair is painted."""
