"""Resolving a path, an address, bytes, an upload or an open file to one file or web address."""

from __future__ import annotations

import itertools
import os
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

from ..errors import MediaError
from ..model.formatting import printable
from ..model.job import local_path, shorten
from .data_uri import data_uri_bytes
from .file_type import HEAD_SIZE, file_type, read_head
from .store import read_blocks, store_bytes

Medium = Literal["picture", "video"]

ACCEPTED = {
    "picture": "A picture may be a path, an http(s) URL, a data URI, bytes, a binary file, an upload, a PIL image or "
    "an array of H×W×3 uint8.",
    "video": "A video may be a path, an http(s) URL, a data URI, bytes, a binary file, an upload or, with fps=, "
    "an array of T×H×W×3 uint8 or a list of pictures.",
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
        return resolve_text(str(source), medium)
    if isinstance(source, os.PathLike):
        return resolve_file(Path(existing_path(str(path_of(source)))), medium)
    if isinstance(source, bytes | bytearray | memoryview):
        return resolve_bytes(iter([bytes(source)]), "", medium)
    if hasattr(source, "read"):
        name = getattr(source, "name", "")
        # Responses and pipes have descriptions in place of names, as "<urllib response>".
        named = isinstance(name, str) and not (name.startswith("<") and name.endswith(">"))
        return resolve_bytes(file_blocks(source, medium), file_name(name) if named else "", medium)
    return resolve_upload(source, medium)


def path_of(source: os.PathLike[Any]) -> Path:
    """Return the path of anything that has one.

    Raises:
        MediaError: it says so and has none.
    """
    try:
        return Path(os.fsdecode(source))
    except (TypeError, ValueError, OSError) as error:
        raise MediaError(f"{type(source).__name__} gives no path ({error}).") from None


def file_name(path: str) -> str:
    """Return the name at the end of a path of any system, so that it can be shown."""
    return printable(re.split(r"[/\\]", path)[-1])


def resolve_text(text: str, medium: Medium) -> Resolved:
    """Resolve a path, a web address, a file URL or a data URI."""
    url = unquoted(text)
    try:
        parts = urllib.parse.urlsplit(url if ":" in text[:16] else "")
    except ValueError:
        raise MediaError(f"{shorten(url)!r} is no complete web address.", ACCEPTED[medium]) from None
    scheme = parts.scheme.lower()
    if scheme in ("http", "https"):
        if not is_complete(parts) or any(character.isspace() for character in url) or url != printable(url):
            raise MediaError(f"{shorten(url)!r} is no complete web address.", ACCEPTED[medium])
        check_share_page(url, medium)
        return Resolved(printable(urllib.parse.unquote(Path(parts.path).name)) or str(parts.hostname), url=url)
    if scheme == "data":
        return resolve_bytes(iter([data_uri_bytes(url)]), "", medium)
    if scheme == "file":
        return resolve_file(local_path(url) or Path(), medium)
    if "://" in text[:16]:
        raise MediaError(f"{shorten(text)!r} begins with {scheme}:, which cannot be read.", ACCEPTED[medium])
    if not url:
        raise MediaError(f"No {medium} was named.", ACCEPTED[medium])
    return resolve_file(Path(existing_path(text)), medium)


def is_complete(address: urllib.parse.SplitResult) -> bool:
    """Whether a web address names a host, and a port that there can be."""
    try:
        return bool(address.hostname) and address.port != 0
    except ValueError:
        return False


_INVISIBLE = "\ufeff\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069"
"""Marks that are copied along with a path, from a file manager or a chat, and are not seen."""
_QUOTES = {'"': '"', "'": "'", "`": "`", "“": "”", "„": "“", "‘": "’", "«": "»", "<": ">"}


def unquoted(text: str) -> str:
    """Return a text without the white space, the invisible marks and the pairs of quotation marks around it."""
    text = text.strip().strip(_INVISIBLE).strip()
    while len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    return text


def existing_path(text: str) -> str:
    """Return the path that a text means: as it stands, without quotation marks, or without a shell's backslashes.

    A file whose name really has those wins; where there is none, the text without quotation marks is returned.
    """
    plain = unquoted(text)
    candidates = [text, text.strip(), plain, *([re.sub(r"\\(.)", r"\1", plain)] if os.sep == "/" else [])]
    return next((path for path in candidates if os.path.lexists(os.path.expanduser(path))), plain)


def check_share_page(url: str, medium: Medium) -> None:
    """Raise MediaError where an address leads to a page that shows a picture or a video, and not to the file."""
    from .share_page import find_share_page

    page = find_share_page(url)
    if page is not None:
        other = f"Use {page.direct} in its place, or download" if page.direct else "Download"
        raise MediaError(
            f"This address leads to a page of {page.site}, not to the {medium} itself, which no service could get "
            f"from it. {other} the {medium} there and give the file."
        )


def resolve_file(path: Path, medium: Medium) -> Resolved:
    """Check that a path leads to a readable file of this medium."""
    shown, name = printable(str(shorten(str(path)))), printable(path.name)
    try:
        path = path if os.path.lexists(path) else path.expanduser()
        size = path.stat().st_size
        # A pipe or a device has no end, and reading it could hang.
        head = read_head(path) if path.is_file() else b""
    except FileNotFoundError:
        here = printable(str(Path.cwd()))
        raise MediaError(f"There is no file {shown}. The current folder is {here}.{near_name(path)}") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise MediaError(f"{shown} cannot be opened ({getattr(error, 'strerror', None) or error}).") from None
    if path.is_dir():
        raise MediaError(f"{shown} is a folder, not a {medium}. Name a file in it.")
    if not path.is_file():
        raise MediaError(f"{shown} is a pipe or a device, not a file.", ACCEPTED[medium])
    if size == 0:
        raise MediaError(f"{shown} is empty. Was it copied whole?")
    check_type(head, name, medium)
    return Resolved(name, path.absolute())


_CANDIDATES = 2_000
"""Files of a folder that are looked at for a similar name."""


def near_name(path: Path) -> str:
    """Return a sentence that names the file whose name is nearest to one that is missing; empty where none is near."""
    import difflib
    import itertools

    folder = path.parent
    try:
        names = {entry.name.casefold(): entry.name for entry in itertools.islice(folder.iterdir(), _CANDIDATES)}
    except (OSError, ValueError):
        return near_name(folder) if folder.name and not folder.is_dir() and folder.parent != folder else ""
    wanted = path.name.casefold()
    stem = wanted.rpartition(".")[0] or wanted
    near = [name for name in names if name.rpartition(".")[0] == stem][:1] or difflib.get_close_matches(
        wanted, names, 1, 0.75
    )
    if not near:
        return ""
    where = "in this folder" if folder == Path() else f"in {printable(str(folder))}"
    return f" There is {printable(names[near[0]])} {where}."


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
        said = f"{name} is {found.label}, and {_FORMATS[medium]} is wanted. {found.remedy}".rstrip()
        raise MediaError(said, ACCEPTED[medium])


def resolve_upload(source: Any, medium: Medium) -> Resolved:
    """Store the one file of an upload, and refuse everything that is none."""
    uploads = uploads_in(source)
    if uploads is None and isinstance(source, list | tuple):
        raise MediaError(f"One {medium} is wanted, and a {type(source).__name__} came.", _SEVERAL)
    if uploads is None:
        raise MediaError(f"{type(source).__name__} is nothing that holds a {medium}.", ACCEPTED[medium])
    if not uploads:
        raise MediaError(f"No file was chosen, and one {medium} is wanted.")
    if len(uploads) > 1:
        raise MediaError(f"{len(uploads)} files were chosen, and one {medium} is wanted.", _SEVERAL)
    return resolve_bytes(iter([uploads[0].content]), uploads[0].name, medium)


@dataclass(frozen=True)
class Upload:
    """One uploaded file, by name and content."""

    name: str
    content: bytes = field(repr=False)


def uploads_in(source: Any) -> list[Upload] | None:
    """Return the files of an upload; None where it is none.

    Args:
        source: an upload widget or its value, under ipywidgets 7 (a mapping of names to mappings) or 8 (a tuple of
            mappings); a mapping of names to bytes, as Colab's `files.upload()` returns; a single file of one of these.
    """
    if isinstance(source, Upload):
        return [source]
    if hasattr(source, "accept") and hasattr(source, "value"):
        source = source.value
    if isinstance(source, Mapping):
        single = upload_of(source)
        files = [single] if single else [upload_of(file, name) for name, file in source.items()]
    elif isinstance(source, tuple | list):
        files = [upload_of(file) for file in source]
    else:
        return None
    found = [file for file in files if file is not None]
    return found if len(found) == len(files) else None


def upload_of(file: Any, name: Any = "") -> Upload | None:
    """Return one file of an upload, from its bytes or from a mapping that holds them; None where it is none.

    Args:
        file: the bytes, if they come with a name; or a mapping of them, as "content" or by another word, and of a name.
        name: of the file, unless the mapping has one.
    """
    if isinstance(file, Upload):
        return file
    if isinstance(file, bytes | bytearray | memoryview):
        return Upload(file_name(str(name)), bytes(file)) if name else None
    if not isinstance(file, Mapping):
        return None
    content = next((file[word] for word in ("content", "data", "contents", "bytes", "body") if word in file), None)
    if not isinstance(content, bytes | bytearray | memoryview):
        return None
    metadata = file.get("metadata")
    inner = metadata.get("name") if isinstance(metadata, Mapping) else None
    return Upload(file_name(str(file.get("name") or file.get("filename") or inner or name)), bytes(content))


def file_blocks(file: BinaryIO, medium: Medium) -> Iterator[bytes]:
    """Yield the blocks of an open file from its beginning; a MediaError says why it cannot be read."""
    try:
        if file.seekable() if hasattr(file, "seekable") else hasattr(file, "seek"):
            file.seek(0)
        for block in read_blocks(file):
            if not isinstance(block, bytes | bytearray):
                raise MediaError("The file gives text, not bytes. Open it with mode 'rb'.", ACCEPTED[medium])
            yield bytes(block)
    except MediaError:
        raise
    except Exception as error:  # noqa: BLE001 - another library's file breaks off with any exception at all
        raise MediaError(f"The file cannot be read ({error or type(error).__name__}).", ACCEPTED[medium]) from None


def is_array(source: Any) -> bool:
    """Whether something is an array of numbers; NumPy's texts, which also say that they are arrays, are texts.

    A tensor of another library is one too; a column or a table of paths is not.
    """
    tensor = hasattr(source, "__array__") and hasattr(source, "dtype") and getattr(source, "ndim", 0) > 1
    return (hasattr(source, "__array_interface__") or tensor) and not isinstance(source, str | bytes)


def pixels_in(array: Any) -> Any:
    """Return an array or a tensor as one of NumPy.

    Raises:
        MediaError: it cannot be read, such as a tensor in the memory of a graphics card.
    """
    import numpy as np

    try:
        return np.asarray(array)
    except Exception as error:  # noqa: BLE001 - each library refuses with an exception of its own
        raise MediaError(f"The {type(array).__name__} cannot be read as an array ({error}).") from None


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
    """Return the calls that would make an array right, in sentences; empty where none are known."""
    numbers = pixels.dtype.kind in "fiub"
    return depth_hint(pixels) + layout_hint(pixels.shape, dimensions) if numbers else ""


def depth_hint(pixels: Any) -> str:
    """Return the call that brings values to 8 bits; empty where they have them."""
    if str(pixels.dtype) == "uint8" or not pixels.size:
        return ""
    darkest, brightest = pixels.min(), pixels.max()
    if pixels.dtype.kind in "iu" and darkest >= 0 and 255 < brightest <= 65535:
        return " Divide by 257 and use .astype('uint8')."
    if not 0 <= darkest <= brightest <= 255:
        return f" Its values go from {darkest:g} to {brightest:g}: bring them to 0–255 and use .astype('uint8')."
    return " Multiply by 255 and use .astype('uint8')." if brightest <= 1 else " Use .round().astype('uint8')."


def layout_hint(shape: tuple[int, ...], dimensions: int) -> str:
    """Return the call that makes the last axis of an array the three colours."""
    if len(shape) == dimensions - 1 and shape[-1] not in (3, 4):
        return " numpy.stack([grey] * 3, axis=-1) makes grey pixels RGB."
    if len(shape) == dimensions and shape[-1] not in (1, 3, 4) and shape[-3] in (1, 3, 4):
        return " numpy.moveaxis(array, -3, -1) puts the colours last."
    hints = {1: " array.repeat(3, axis=-1) makes grey pixels RGB.", 4: " array[..., :3] leaves out the transparency."}
    return hints.get(shape[-1], "") if len(shape) == dimensions else ""
