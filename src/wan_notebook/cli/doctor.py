"""The report of `wan-notebook doctor`: the installed versions, the missing packages, and their remedies.

`wan-notebook doctor --report` is meant for others, as in an issue. It has states, counts and versions alone: whatever a
person named, or a computer is called, is in no line of it.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from ..client.service import BASE_URL_VARIABLE, Service
from ..errors import WanError
from ..faces.weights import FOLDER_VARIABLE, find_models, why_missing
from ..jobs.history import summary
from ..jobs.journal import Journal
from ..model.cost import CAP_VARIABLE
from ..model.formatting import count, file_size
from ..preview.server.serve import TOKEN_VARIABLE
from ..runtime.data_dir import data_dir
from ..runtime.keys import VARIABLES, find_key
from ..runtime.machine import memory, processors
from ..runtime.worker_pool import SIZE_VARIABLE, WORKER_BYTES, usual_size

_REQUIRED = ("ipywidgets", "anywidget", "httpx", "ipython", "av")
_PREVIEW = ("opencv-python-headless", "pip", "starlette", "uvicorn")
_OPTIONAL = ("distributed",)
"""Told where they are installed: a cluster's workers want the same version."""
_RELATED = (
    *("aiohttp", "anyio", "anywidget", "av", "distributed", "httpx", "ipykernel", "ipython", "ipywidgets"),
    *("jupyterlab", "jupyterlab_widgets", "marimo", "matplotlib", "nest-asyncio", "notebook", "numpy"),
    *("opencv-python-headless", "pandas", "pillow", "pip", "starlette", "tornado", "traitlets", "uvicorn", "voila"),
)
"""Packages whose versions explain what goes wrong."""
_VARIABLES = (BASE_URL_VARIABLE, CAP_VARIABLE, "WAN_NOTEBOOK_HOME", FOLDER_VARIABLE, TOKEN_VARIABLE, SIZE_VARIABLE)
"""Whose being set explains something; what they hold is told to nobody."""


def installed_version(package: str) -> str | None:
    """Return the version of an installed package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def report(version: Callable[[str], str | None] = installed_version) -> str:
    """Return one line for each subject, with its remedy where something is missing.

    Args:
        version: returns the installed version of a package, or None.
    """
    lines = {"Python": f"{platform.python_version()} on {platform.system()}"}
    lines |= {name: version(name) or f"missing: pip install {name}" for name in _REQUIRED}
    lines |= {name: known for name in _OPTIONAL if (known := version(name))}
    missing = [name for name in _PREVIEW if version(name) is None]
    ready = f"missing {', '.join(missing)}: pip install 'wan-notebook[preview]'" if missing else "ready"
    lines |= {
        "Widgets": widgets(version),
        "Free preview": ready,
        "Workers": or_error(workers),
        "Face models": or_error(face_models),
        "Service": or_error(lambda: Service.choose().label),
        "Key": key(),
        "Kept under": folder(),
        "Journal": or_error(lambda: summary(Journal().entries()) if data_dir().is_dir() else "no jobs yet"),
    }
    return "\n".join(f"{subject:<16} {finding}" for subject, finding in lines.items())


def public_report(version: Callable[[str], str | None] = installed_version) -> str:
    """Return what others may read: no key, folder, file, address, name of a person or computer, and no spending.

    Args:
        version: returns the installed version of a package, or None.
    """
    missing = [name for name in _PREVIEW if version(name) is None]
    lines = {
        "wan-notebook": version("wan-notebook") or "not installed",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "System": f"{platform.system()} {platform.machine()}",
        "Workers": or_error(workers),
        "Widgets": widgets(version),
        "Free preview": f"missing {', '.join(missing)}" if missing else "ready",
        "Face models": or_kind(lambda: "not here" if find_models() is None else "ready"),
        "Service": or_kind(lambda: {"hosted": "hosted", "embedded": "preview"}.get(Service.choose().name, "another")),
        "Key": or_kind(lambda: "none" if (key := find_key()) is None else "unusable" if key.problem else "found"),
        "Kept under": or_kind(lambda: "cannot be written" if writable_folder() is None else "can be written"),
        "Journal": or_kind(lambda: count(len(Journal().entries()), "job") if data_dir().is_dir() else "no jobs yet"),
        "Variables set": ", ".join(name for name in (*VARIABLES, *_VARIABLES) if os.environ.get(name)) or "none",
    }
    lines |= {name: version(name) or "missing" for name in _RELATED}
    return "\n".join(f"{subject:<24} {finding}" for subject, finding in lines.items())


def or_kind(finding: Callable[[], str]) -> str:
    """Return a finding, or the class of the error that it raises, whose message may name a folder."""
    try:
        return finding()
    except WanError as error:
        return type(error).__name__


def or_error(finding: Callable[[], str]) -> str:
    """Return a finding, or the message of the error that it raises."""
    try:
        return finding()
    except WanError as error:
        return str(error)


def workers() -> str:
    """Return how many processes make previews and measure clips side by side, and the memory that they take."""
    room = memory()
    of = f" and {file_size(room)} of memory" if room else ""
    each = f"each takes up to {file_size(WORKER_BYTES)} while it works, and ends when idle"
    return f"{usual_size()} at once on {count(processors(), 'processor')}{of}; {each}"


def widgets(version: Callable[[str], str | None]) -> str:
    """Return whether the installed versions of ipywidgets and of JupyterLab's manager fit together."""
    kernel, lab = version("ipywidgets") or "", version("jupyterlab_widgets") or ""
    # Colab has both as well, and a manager of its own that takes them.
    if kernel.startswith("7.") and lab.startswith("3.") and version("jupyterlab"):
        return f"ipywidgets {kernel} and jupyterlab_widgets {lab} show nothing together: pip install 'ipywidgets>=8'"
    return "ready"


def key() -> str:
    """Return the source of the key, or the reason why it cannot be one; never the key itself."""
    found = find_key()
    if found is None:
        return f"none, and the preview needs none; for the hosted service wan.login(), or set {VARIABLES[0]}"
    return found.problem or f"from {found.source}"


def face_models() -> str:
    """Return the folder of the face models, or the reason why they are not here and how they come."""
    found = find_models()
    return f"not here. {why_missing()}" if found is None else f"ready, in {found.mesh.parent}"


def folder() -> str:
    """Return the path of the data directory, and whether it can be written."""
    writable = writable_folder()
    return f"{writable}" if writable else f"{data_dir()}, which cannot be written: set WAN_NOTEBOOK_HOME"


def writable_folder() -> Path | None:
    """Return the path of the data directory, made or not; None where it cannot be written."""
    path = data_dir()
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    try:
        # Permissions do not tell: an administrator has all of them, on a drive that takes nothing as well.
        with tempfile.TemporaryFile(dir=existing):
            return path
    except OSError:
        return None
