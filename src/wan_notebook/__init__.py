"""Animate a character in a notebook: a picture and a reference video in, a moving character out.

    import wan_notebook as wan

    wan.Panel()                                    # everything by hand
    clip = wan.animate("hero.png", "dance.mp4")    # a cell that waits, and shows the clip

Each name is loaded when it is first used, so that importing the package takes next to no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import Service
    from .client.login import login, logout
    from .jobs.animate import animate
    from .jobs.clip import Clip
    from .jobs.history import history
    from .jobs.run import resume, submit
    from .media import samples
    from .model.job import Request
    from .panel import Panel
    from .runtime.nested_asyncio import allow_nested_asyncio
    from .studio import Studio
    from .sweeps.sweep import sweep

__all__ = [
    "Clip",
    "Panel",
    "Request",
    "Service",
    "Studio",
    "allow_nested_asyncio",
    "animate",
    "history",
    "login",
    "logout",
    "resume",
    "samples",
    "submit",
    "sweep",
]

_HOMES = {
    "Clip": "jobs.clip",
    "Panel": "panel",
    "Request": "model.job",
    "Service": "client",
    "Studio": "studio",
    "allow_nested_asyncio": "runtime.nested_asyncio",
    "animate": "jobs.animate",
    "history": "jobs.history",
    "login": "client.login",
    "logout": "client.login",
    "resume": "jobs.run",
    "submit": "jobs.run",
    "sweep": "sweeps.sweep",
}
"""Where each name lives; what is not listed is a module."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"wan_notebook has no {name}; it has {', '.join(__all__)}.")
    home = import_module(f".{_HOMES.get(name, name)}", __name__)
    value = getattr(home, name) if name in _HOMES else home
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
