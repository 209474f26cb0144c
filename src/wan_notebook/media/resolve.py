"""Resolving a path, an address, bytes, an upload or an open file to one file or web address."""

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
from .file_type import HEAD_SIZE, file_type, read_head
from .store import read_blocks, store_bytes

Medium = Literal["picture", "video"]

ACCEPTED = {
    "picture": "A picture may be a path, an http(s) URL, a data URI, bytes, a binary file, an upload, a PIL image or "
    "an array of H×W×3 uint8.",
    "video": "A video may be a path, an http(s) URL, a data URI, bytes, a binary file, an upload or, with fps=, "
    "an array of T×H×W×3 uint8.",
}
_SEVERAL = "wan_notebook.sweep() takes several, and makes a clip of each."
_FORMATS = {"picture": "a picture (JPEG, PNG, WebP or BMP)", "video": "a video (MP4, MOV, WebM or AVI)"}


@dataclass(frozen=True)
class Resolved:
    """The file or the web address of a picture or a video."""

    name: str
    """Of the file, as a person knows it; empty where it came without one."""
    path: Path | None = None
    url: str = ""
    """The web address, where there is no path."""


def resolve(source: Any, medium: Medium) -> Resolved:
    """Return the file or web address of a picture or video; content without a file is stored among the inputs.

    Args:
        source: anything that `media.picture` or `media.video` takes, but for PIL images and arrays.
        medium: the one that is wanted.

    Raises:
        MediaError: it is missing, empty, unreadable, or nothing that could hold a picture or a video.
        StorageError: the data directory cannot be written.
    """
    if isinstance(source, str):
        return resolve_text(source, medium)
    if isinstance(source, Path):
        return resolve_file(source, medium)
    if isinstance(source, bytes | bytearray | memoryview):
        return resolve_bytes(iter([bytes(source)]), "", medium)
    if hasattr(source, "read"):
        name = getattr(source, "name", "")
        return resolve_bytes(file_blocks(source, medium), Path(name).name if isinstance(name, str) else "", medium)
    return resolve_upload(source, medium)


def resolve_text(text: str, medium: Medium) -> Resolved:
    """Resolve a path, a web address, a file URL or a data URI."""
    url = text.strip()
    try:
        parts = urllib.parse.urlsplit(url if ":" in text[:16] else "")
    except ValueError:
        raise MediaError(f"{shorten(url)!r} is no complete web address.", ACCEPTED[medium]) from None
    scheme = parts.scheme.lower()
    if scheme in ("http", "https"):
        if not parts.hostname or any(character.isspace() for character in url):
            raise MediaError(f"{shorten(url)!r} is no complete web address.", ACCEPTED[medium])
        return Resolved(urllib.parse.unquote(Path(parts.path).name) or parts.hostname, url=url)
    if scheme == "data":
        return resolve_bytes(iter([data_uri_bytes(url)]), "", medium)
    if scheme == "file":
        return resolve_file(local_path(url) or Path(), medium)
    if "://" in text[:16]:
        raise MediaError(f"{shorten(text)!r} begins with {scheme}:, which cannot be read.", ACCEPTED[medium])
    if not url:
        raise MediaError(f"No {medium} was named.", ACCEPTED[medium])
    return resolve_file(Path(text), medium)


def resolve_file(path: Path, medium: Medium) -> Resolved:
    """Check that a path leads to a readable file of this medium."""
    shown = shorten(str(path))
    try:
        path = path.expanduser()
        size = path.stat().st_size
        # A pipe or a device has no end, and reading it could hang.
        head = read_head(path) if path.is_file() else b""
    except FileNotFoundError:
        raise MediaError(f"There is no file {shown}. The current folder is {Path.cwd()}.") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise MediaError(f"{shown} cannot be opened ({getattr(error, 'strerror', None) or error}).") from None
    if path.is_dir():
        raise MediaError(f"{shown} is a folder, not a {medium}. Name a file in it.")
    if not path.is_file():
        raise MediaError(f"{shown} is a pipe or a device, not a file.", ACCEPTED[medium])
    if size == 0:
        raise MediaError(f"{shown} is empty. Was it copied whole?")
    check_type(head, path.name, medium)
    return Resolved(path.name, path.absolute())


def resolve_bytes(blocks: Iterator[bytes], name: str, medium: Medium) -> Resolved:
    """Store bytes among the inputs, once the first of them are of this medium."""
    first = next(blocks, b"")
    if not first:
        raise MediaError(f"The {medium} is empty: no bytes came.")
    check_type(first[:HEAD_SIZE], name or "What came", medium)
    return Resolved(name, store_bytes(itertools.chain([first], blocks)))


def check_type(head: bytes, name: str, medium: Medium) -> None:
    """Raise MediaError where the first bytes of a file are surely of something else."""
    found = file_type(head)
    if found.medium not in (medium, "either"):
        raise MediaError(f"{name} is {found.label}, and {_FORMATS[medium]} is wanted.", ACCEPTED[medium])


def resolve_upload(source: Any, medium: Medium) -> Resolved:
    """Store the one file of an ipywidgets upload, and refuse everything that is none."""
    uploads = uploaded_files(source)
    if uploads is None and isinstance(source, list | tuple):
        raise MediaError(f"One {medium} is wanted, and a {type(source).__name__} came.", _SEVERAL)
    if uploads is None:
        raise MediaError(f"{type(source).__name__} is nothing that holds a {medium}.", ACCEPTED[medium])
    if len(uploads) != 1:
        chosen = f"{len(uploads)} files were chosen, and one" if uploads else "No file was chosen, and one"
        raise MediaError(f"{chosen} {medium} is wanted.")
    name, content = uploads[0]
    return resolve_bytes(iter([bytes(content)]), Path(name).name, medium)


def uploaded_files(source: Any) -> list[tuple[str, Any]] | None:
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
    files = []
    for file in source:
        metadata = file.get("metadata")
        name = file.get("name") or (metadata.get("name", "") if isinstance(metadata, Mapping) else "")
        files.append((str(name), file["content"]))
    return files


def file_blocks(file: BinaryIO, medium: Medium) -> Iterator[bytes]:
    """Yield the blocks of an open file from its beginning; a MediaError says why it cannot be read."""
    try:
        if file.seekable():
            file.seek(0)
        for block in read_blocks(file):
            if not isinstance(block, bytes | bytearray):
                raise MediaError("The file gives text, not bytes. Open it with mode 'rb'.", ACCEPTED[medium])
            yield bytes(block)
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise MediaError(f"The file cannot be read ({error}).", ACCEPTED[medium]) from None


def check_pixels(pixels: Any, wanted: str, dimensions: int) -> None:
    """Refuse an array that does not hold RGB pixels.

    Args:
        pixels: a NumPy array.
        wanted: the right form, as "a picture is H×W×3 uint8 in RGB".
        dimensions: the number that it should have.

    Raises:
        MediaError: it has another type or shape; the message says how to convert it.
    """
    shape = pixels.shape
    if str(pixels.dtype) != "uint8" or len(shape) != dimensions or shape[-1] != 3 or 0 in shape:
        hint = conversion_hint(pixels, dimensions)
        raise MediaError(f"An array of {pixels.dtype} and shape {shape} came; {wanted}.{hint}")


def conversion_hint(pixels: Any, dimensions: int) -> str:
    """Return the call that would make an array right, in a sentence; empty where none is known."""
    if pixels.dtype.kind == "f" and pixels.size:
        darkest, brightest = pixels.min(), pixels.max()
        if not 0 <= darkest <= brightest <= 255:
            return f" Its values go from {darkest:g} to {brightest:g}: bring them to 0–255 and use .astype('uint8')."
        return " Multiply by 255 and use .astype('uint8')." if brightest <= 1 else " Use .round().astype('uint8')."
    if pixels.ndim == dimensions - 1 and pixels.dtype.kind == "u":
        return " numpy.stack([grey] * 3, axis=-1) makes grey pixels RGB."
    return ""
