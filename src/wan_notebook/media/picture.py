"""The character image, made from anything that a user has."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MediaError
from ..model import family
from ..model.job import local_path
from .file_type import file_type, read_head
from .resolve import Resolved, check_pixels, resolve
from .store import sha256_of, short_name, store_bytes

if TYPE_CHECKING:
    from PIL.Image import Image


MAX_SIDE = 8192
"""Pixels of a side beyond which a picture is refused unread: decoded, it would fill the memory."""
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Picture:
    """A picture that can be sent; of a web address, nothing but the address is known."""

    url: str
    """As it goes into a request: https, http or file."""
    name: str
    """Of the file, as a person knows it."""
    size: int | None = None
    """Bytes."""
    sha256: str | None = None
    width: int | None = None
    """Pixels, of the upright picture."""
    height: int | None = None
    """Pixels, likewise."""
    format: str | None = None
    """As Pillow calls it: "JPEG", "PNG"."""

    @property
    def path(self) -> Path | None:
        """The file, where it is on this machine."""
        return local_path(self.url)


def picture(source: Any) -> Picture:
    """Return a picture that can be sent, decoded once to see that it is whole.

    A web address is passed on unread. An upright copy is stored where the camera's orientation says that the picture
    lies, and a PNG where the format is not one that services take.

    Args:
        source: a path, an http(s) URL, a data URI, bytes, a binary file, an ipywidgets upload, a PIL image,
            or an array of H×W×3 uint8 RGB.

    Raises:
        MediaError: it is missing, empty, no picture, damaged, or larger than MAX_SIDE; says what is accepted.
        StorageError: a copy was needed and the data directory cannot be written.
    """
    from PIL.Image import Image

    if isinstance(source, Picture):
        return source
    if isinstance(source, Image):
        return store_image(decoded(source, "The picture"), "PNG", "")
    if hasattr(source, "__array_interface__"):
        return picture_from_array(source)
    resolved = resolve(source, "picture")
    return picture_from_file(resolved, resolved.path) if resolved.path else Picture(resolved.url, resolved.name)


def picture_from_file(resolved: Resolved, path: Path) -> Picture:
    """Decode a file, and store an upright copy, or one in a format that services take, where it needs one."""
    import PIL.Image

    label = resolved.name or "The picture"
    try:
        with PIL.Image.open(path) as image:
            form = image.format or ""
            upright = decoded(image, label)
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning):
        raise MediaError(
            f"{label} has too many pixels; sides up to {MAX_SIDE} are read. Scale it down first."
        ) from None
    except PIL.UnidentifiedImageError:
        found = file_type(read_head(path)).label
        raise MediaError(f"{label} is {found} that cannot be read here. Export it as JPEG or PNG.") from None
    except OSError as error:
        raise MediaError(f"{label} is damaged or cut short ({error}). Copy or export it again.") from None
    if upright is image and form in family.IMAGE_LIMITS.formats:
        return describe_picture(path, resolved.name or short_name(path), image, form)
    return store_image(upright, "JPEG" if form == "JPEG" else "PNG", resolved.name)


def decoded(image: Image, label: str) -> Image:
    """Return the picture decoded and upright; the very same object where it needs no turning."""
    import PIL.ImageOps

    width, height = image.size
    if max(width, height) > MAX_SIDE:
        raise MediaError(f"{label} has {width}×{height} pixels; sides up to {MAX_SIDE} are read. Scale it down first.")
    try:
        image.load()
        turned = image.getexif().get(_ORIENTATION, 1) != 1
        return PIL.ImageOps.exif_transpose(image) if turned else image
    except Exception as error:  # noqa: BLE001 - a decoder meets a damaged file with any exception at all
        raise MediaError(f"{label} is damaged or cut short ({error}). Copy or export it again.") from None


def picture_from_array(array: Any) -> Picture:
    """Store an array of H×W×3 uint8 RGB as a PNG."""
    import numpy as np
    import PIL.Image

    pixels = np.asarray(array)
    check_pixels(pixels, "a picture is H×W×3 uint8 in RGB", 3)
    return store_image(decoded(PIL.Image.fromarray(pixels), "The array"), "PNG", "")


def store_image(image: Image, form: str, name: str) -> Picture:
    """Store an image among the inputs.

    Args:
        image: of any mode; one that services do not take becomes RGB or RGBA.
        form: "JPEG" or "PNG".
        name: of the picture, as a person knows it; the beginning of its digest when empty.

    Raises:
        StorageError: the data directory cannot be written.
    """
    if image.mode not in ("RGB", "RGBA", "L"):
        transparent = image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info
        image = image.convert("RGBA" if transparent else "RGB")
    memory = io.BytesIO()
    image.save(memory, form, **({"quality": 95} if form == "JPEG" else {}))
    path = store_bytes([memory.getvalue()])
    return describe_picture(path, name or short_name(path), image, form)


def describe_picture(path: Path, name: str, image: Image, form: str) -> Picture:
    """Return the value of a picture file with its size and digest."""
    return Picture(
        url=path.as_uri(),
        name=name,
        size=path.stat().st_size,
        sha256=sha256_of(path),
        width=image.width,
        height=image.height,
        format=form,
    )
