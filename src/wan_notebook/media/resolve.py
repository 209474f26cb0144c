"""Finding the file behind whatever a user hands over."""

from __future__ import annotations

import itertools
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from ..errors import MediaError
from ..model.job import local_path, shorten
from .data_uri import data_uri_bytes
from .file_type import HEAD, file_type, head_of
from .store import blocks_of, keep

Wanted = Literal["picture", "video"]

ACCEPTED = {
    "picture": "A picture may be a path, an http(s) URL, a data URI, bytes, a binary file, an upload, a PIL image or "
    "an array of H×W×3 uint8.",
    "video": "A video may be a path, an http(s) URL, a data URI, bytes, a binary file, an upload or, with fps=, "
    "an array of T×H×W×3 uint8.",
}
_SEVERAL = "wan_notebook.sweep() takes several, and makes a clip of each."
_FORMATS = {"picture": "a picture (JPEG, PNG, WebP or BMP)", "video": "a video (MP4, MOV, WebM or AVI)"}


@dataclass(frozen=True)
class Found:
    """Where a picture or a video is."""

    name: str
    """What a person calls it; empty where it came without one."""
    path: Path | None = None
    url: str = ""
    """The web address, where there is no path."""


def find(source: Any, wanted: Wanted) -> Found:
    """Return where the picture or video is; what is on no disk yet is written to the folder of inputs.

    Raises:
        MediaError: it is missing, empty, unreadable, or nothing that could hold a picture or a video.
        StorageError: the data directory cannot be written.
    """
    if isinstance(source, str):
        return _find_text(source, wanted)
    if isinstance(source, Path):
        return _find_file(source, wanted)
    if isinstance(source, bytes | bytearray | memoryview):
        return _find_bytes(iter([bytes(source)]), "", wanted)
    if hasattr(source, "read"):
        return _find_bytes(_blocks_of_file(source, wanted), _file_name(source), wanted)
    return _find_upload(source, wanted)


def _find_text(text: str, wanted: Wanted) -> Found:
    scheme = urllib.parse.urlsplit(text.strip()).scheme.lower() if ":" in text[:16] else ""
    if scheme in ("http", "https"):
        return _find_address(text.strip(), wanted)
    if scheme == "data":
        return _find_bytes(iter([data_uri_bytes(text.strip())]), "", wanted)
    if scheme == "file":
        return _find_file(local_path(text.strip()) or Path(), wanted)
    if "://" in text[:16]:
        raise MediaError(f"{shorten(text)!r} begins with {scheme}:, which cannot be read.", ACCEPTED[wanted])
    if not text.strip():
        raise MediaError(f"No {wanted} was named.", ACCEPTED[wanted])
    return _find_file(Path(text), wanted)


def _find_address(url: str, wanted: Wanted) -> Found:
    parts = urllib.parse.urlsplit(url)
    if not parts.hostname or any(character.isspace() for character in url):
        raise MediaError(f"{shorten(url)!r} is no complete web address.", ACCEPTED[wanted])
    return Found(urllib.parse.unquote(Path(parts.path).name) or parts.hostname, url=url)


def _find_file(path: Path, wanted: Wanted) -> Found:
    shown = shorten(str(path))
    try:
        path = path.expanduser()
        size = path.stat().st_size
        # A pipe or a device has no end, and reading it could hang.
        head = head_of(path) if path.is_file() else b""
    except FileNotFoundError:
        raise MediaError(f"There is no file {shown}. The current folder is {Path.cwd()}.") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise MediaError(f"{shown} cannot be opened ({getattr(error, 'strerror', None) or error}).") from None
    if path.is_dir():
        raise MediaError(f"{shown} is a folder, not a {wanted}. Name a file in it.")
    if not path.is_file():
        raise MediaError(f"{shown} is a pipe or a device, not a file.", ACCEPTED[wanted])
    if size == 0:
        raise MediaError(f"{shown} is empty. Was it copied whole?")
    _refuse_other_kind(head, path.name, wanted)
    return Found(path.name, path.absolute())


def _find_bytes(blocks: Iterator[bytes], name: str, wanted: Wanted) -> Found:
    first = next(blocks, b"")
    if not first:
        raise MediaError(f"The {wanted} is empty: no bytes came.")
    _refuse_other_kind(first[:HEAD], name or "What came", wanted)
    return Found(name, keep(itertools.chain([first], blocks)))


def _refuse_other_kind(head: bytes, name: str, wanted: Wanted) -> None:
    kind = file_type(head)
    if kind.family not in (wanted, "either"):
        raise MediaError(f"{name} is {kind.words}, and {_FORMATS[wanted]} is wanted.", ACCEPTED[wanted])


def _find_upload(source: Any, wanted: Wanted) -> Found:
    uploads = _uploads(source)
    if uploads is None and isinstance(source, list | tuple):
        raise MediaError(f"One {wanted} is wanted, and a {type(source).__name__} came.", _SEVERAL)
    if uploads is None:
        raise MediaError(f"{type(source).__name__} is nothing that holds a {wanted}.", ACCEPTED[wanted])
    if len(uploads) != 1:
        chosen = f"{len(uploads)} files were chosen, and one" if uploads else "No file was chosen, and one"
        raise MediaError(f"{chosen} {wanted} is wanted.")
    name, content = uploads[0]
    return _find_bytes(iter([bytes(content)]), Path(name).name, wanted)


def _uploads(source: Any) -> list[tuple[str, Any]] | None:
    """Return the names and contents of an upload: the widget itself, its value under ipywidgets 7 or 8, or one file."""
    if hasattr(source, "value") and hasattr(source, "accept"):
        source = source.value
    if isinstance(source, Mapping) and "content" in source:
        source = [source]
    if isinstance(source, Mapping):
        source = [{"name": name, **file} for name, file in source.items() if isinstance(file, Mapping)]
    if not isinstance(source, tuple | list):
        return None
    if not all(isinstance(file, Mapping) and "content" in file for file in source):
        return None
    return [(str(file.get("name") or _metadata_name(file)), file["content"]) for file in source]


def _metadata_name(file: Mapping[str, Any]) -> str:
    metadata = file.get("metadata")
    return str(metadata.get("name", "")) if isinstance(metadata, Mapping) else ""


def _file_name(file: Any) -> str:
    name = getattr(file, "name", "")
    return Path(name).name if isinstance(name, str) else ""


def _blocks_of_file(file: BinaryIO, wanted: Wanted) -> Iterator[bytes]:
    try:
        if file.seekable():
            file.seek(0)
        for block in blocks_of(file):
            if not isinstance(block, bytes | bytearray):
                raise MediaError("The file gives text, not bytes. Open it with mode 'rb'.", ACCEPTED[wanted])
            yield bytes(block)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise MediaError(f"The file cannot be read ({error}).", ACCEPTED[wanted]) from None
