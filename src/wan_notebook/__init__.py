"""Animate a character in a notebook: a picture and a reference video in, a moving character out.

    import wan_notebook as wan

    wan.Panel()                                    # everything by hand
    clip = wan.animate("hero.png", "dance.mp4")    # a cell that waits, and shows the clip

Each name is loaded when it is first used, so that importing the package takes next to no time.
"""

from __future__ import annotations

import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import errors
    from .client.login import login, logout
    from .client.service import Service
    from .films.plan import film
    from .jobs.animate import animate
    from .jobs.clip import Clip
    from .jobs.estimate import estimate
    from .jobs.history import history
    from .jobs.run import resume, submit
    from .media import samples
    from .runtime.nested_asyncio import allow_nested_asyncio
    from .sweeps.sweep import sweep
    from .widgets.panel.panel import Panel
    from .widgets.panel.studio import Studio

__version__ = "0.1.0"

__all__ = [
    "Clip",
    "Panel",
    "Service",
    "Studio",
    "allow_nested_asyncio",
    "animate",
    "errors",
    "estimate",
    "film",
    "history",
    "login",
    "logout",
    "resume",
    "samples",
    "submit",
    "sweep",
]

_MODULES = {
    "Clip": "jobs.clip",
    "Panel": "widgets.panel.panel",
    "Service": "client",
    "Studio": "widgets.panel.studio",
    "allow_nested_asyncio": "runtime.nested_asyncio",
    "animate": "jobs.animate",
    "errors": "errors",
    "estimate": "jobs.estimate",
    "film": "films.plan",
    "history": "jobs.history",
    "login": "client.login",
    "logout": "client.login",
    "resume": "jobs.run",
    "samples": "media.samples",
    "submit": "jobs.run",
    "sweep": "sweeps.sweep",
}
"""The module of each name; samples and errors are modules themselves."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"wan_notebook has no {name}; it has {', '.join(__all__)}.")
    collecting = gc.isenabled()
    # Modules stay: passes of the garbage collector over them find nothing, and took a ninth of the import of a panel.
    gc.disable()
    try:
        module = import_module(f".{_MODULES[name]}", __name__)
    finally:
        if collecting:
            gc.enable()
    value = module if name in ("samples", "errors") else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
