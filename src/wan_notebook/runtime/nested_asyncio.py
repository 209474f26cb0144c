"""Nested event loops by nest-asyncio, for notebooks that call `asyncio.run` in a cell; nothing of ours needs them."""

from __future__ import annotations

import sys

from ..errors import NestingRefused

_REMEDY = "Write `await …` at the top of a cell instead: notebooks allow it. Nothing of wan_notebook needs nesting."


def allow_nested_asyncio() -> None:
    """Let `asyncio.run(…)` and `loop.run_until_complete(…)` work inside a cell, where that does no harm.

    Raises:
        NestingRefused: on ipykernel 7.1 and later (the next queued cell would silently never run) and on
            Python 3.14 and later (httpx would break).
    """
    version = getattr(sys.modules.get("ipykernel"), "__version__", "0.0")
    kernel = tuple(map(int, version.split(".")[:2]))
    if kernel >= (7, 1):
        raise NestingRefused(
            f"With ipykernel {kernel[0]}.{kernel[1]}, nest-asyncio silently drops the next queued cell. {_REMEDY}"
        )
    if sys.version_info >= (3, 14):
        raise NestingRefused(f"With Python 3.14 and later, nest-asyncio breaks httpx. {_REMEDY}")
    import nest_asyncio

    nest_asyncio.apply()
