"""What is installed here, what is missing, and what to do about it."""

from __future__ import annotations

import os
import platform
from importlib import metadata

from .client import Service
from .errors import WanError
from .home import home

_NEEDED = ("ipywidgets", "anywidget", "httpx", "ipython", "av", "pydantic")
_PREVIEW = ("opencv-python-headless", "scikit-image", "starlette", "uvicorn")


def report() -> str:
    """Return one line for each thing that matters, each with its remedy where something is missing."""
    lines = [f"Python           {platform.python_version()} on {platform.system()}", *map(_version, _NEEDED)]
    missing = [name for name in _PREVIEW if _installed(name) is None]
    preview = f"missing {', '.join(missing)}: pip install 'wan-notebook[preview]'" if missing else "ready"
    return "\n".join(
        [*lines, f"Free preview     {preview}", f"Service          {_service()}", f"Kept under       {_home()}"]
    )


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _version(name: str) -> str:
    return f"{name:<16} {_installed(name) or f'missing: pip install {name}'}"


def _service() -> str:
    try:
        return Service.choose().label
    except WanError as error:
        return str(error)


def _home() -> str:
    place = home()
    existing = next(folder for folder in (place, *place.parents) if folder.exists())
    return f"{place}" if os.access(existing, os.W_OK) else f"{place}, which cannot be written: set WAN_NOTEBOOK_HOME"
