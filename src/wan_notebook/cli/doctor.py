"""What is installed here, what is missing, and what to do about it."""

from __future__ import annotations

import os
import platform
from importlib import metadata

from ..client import Service
from ..errors import WanError
from ..jobs.history import summary
from ..jobs.journal import Journal
from ..runtime.data_dir import data_dir
from ..runtime.keys import VARIABLES, find_key

_NEEDED = ("ipywidgets", "anywidget", "httpx", "ipython", "av", "pydantic")
_PREVIEW = ("opencv-python-headless", "scikit-image", "starlette", "uvicorn")


def report() -> str:
    """Return one line for each thing that matters, each with its remedy where something is missing."""
    lines = [f"Python           {platform.python_version()} on {platform.system()}", *map(_version, _NEEDED)]
    missing = [name for name in _PREVIEW if _installed(name) is None]
    preview = f"missing {', '.join(missing)}: pip install 'wan-notebook[preview]'" if missing else "ready"
    told = {
        "Widgets": _widgets(),
        "Free preview": preview,
        "Service": _service(),
        "Key": _key(),
        "Kept under": _home(),
        "Journal": _journal(),
    }
    return "\n".join([*lines, *(f"{name:<16} {words}" for name, words in told.items())])


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _version(name: str) -> str:
    return f"{name:<16} {_installed(name) or f'missing: pip install {name}'}"


def _widgets() -> str:
    kernel, lab = _installed("ipywidgets") or "", _installed("jupyterlab_widgets") or ""
    # Colab has both as well, and a manager of its own that takes them.
    if kernel.startswith("7.") and lab.startswith("3.") and _installed("jupyterlab"):
        return f"ipywidgets {kernel} and jupyterlab_widgets {lab} show nothing together: pip install 'ipywidgets>=8'"
    return "ready"


def _key() -> str:
    key = find_key()
    if key is None:
        return f"none, and the preview needs none; for the hosted service wan.login(), or set {VARIABLES[0]}"
    return key.problem or f"from {key.source}"


def _journal() -> str:
    try:
        return summary(Journal().entries()) if data_dir().is_dir() else "no jobs yet"
    except WanError as error:
        return str(error)


def _service() -> str:
    try:
        return Service.choose().label
    except WanError as error:
        return str(error)


def _home() -> str:
    place = data_dir()
    existing = next(folder for folder in (place, *place.parents) if folder.exists())
    return f"{place}" if os.access(existing, os.W_OK) else f"{place}, which cannot be written: set WAN_NOTEBOOK_HOME"
