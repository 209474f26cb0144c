"""The character image, made from anything that a user has."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model import family
from ..model.job import local_path
from ..runtime.data_dir import atomic_write
from .resolve import Resolved, check_pixels, is_array, pixels_in, resolve
from .srgb import check_size, is_plain, open_image, to_srgb
from .store import Original, converted, made_path, sha256_of, short_name, unchanging

if TYPE_CHECKING:
    from PIL.Image import Image


_SAME_FORMAT = {"MPO": "JPEG"}
"""A JPEG that holds further pictures, such as the brighter one of an HDR display, is a JPEG to every reader."""
_PHOTOGRAPHS = ("JPEG", "JPEG2000", "AVIF", "WEBP")
"""Formats whose pictures would be many times larger as a PNG."""


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
    original: Original | None = None
    """The file that was chosen, where this is a converted copy of it."""

    @property
    def path(self) -> Path | None:
        """The file, where it is on this machine."""
        return local_path(self.url)

    @property
    def aspect(self) -> float | None:
        """Width over height, where they are known."""
        return self.width / self.height if self.width and self.height else None


def picture(source: Any) -> Picture:
    """Return a picture that can be sent, decoded once to see that it is whole.

    A web address is passed on unread. A copy in sRGB is stored, upright and on white, where the picture lies, has
    transparent places, a profile of other colours or a depth of its own, or where services do not take its format.

    Args:
        source: a path, an http(s) URL, a data URI, bytes, a binary file, an upload of ipywidgets or Colab, a PIL image,
            or an array of H×W×3 uint8 RGB.

    Raises:
        MediaError: it is missing, empty, no picture, damaged, or too large to be read; says what is accepted.
        StorageError: a copy was needed and the data directory cannot be written.
    """
    from PIL.Image import Image

    if isinstance(source, Picture):
        return source
    if isinstance(source, Image):
        check_size(source, "The picture")
        return store_pixels(to_srgb(source))
    if is_array(source):
        return picture_from_array(source)
    resolved = resolve(source, "picture")
    if resolved.path is None:
        return Picture(resolved.url, resolved.name)
    with unchanging(resolved.path, resolved.name or "The picture"):
        return picture_from_file(resolved, resolved.path)


def picture_from_file(resolved: Resolved, path: Path) -> Picture:
    """Decode a file, and store a copy where another reader could see other colours or another side up."""
    label = resolved.name or "The picture"
    with open_image(path, label) as image:
        form = _SAME_FORMAT.get(image.format or "", image.format or "")
        srgb = to_srgb(image, label)
        if form in family.IMAGE_LIMITS.formats and is_plain(image):
            return describe_picture(path, resolved.name or short_name(path), image, form)
    original = Original.at(path)
    stored_form = "JPEG" if form in _PHOTOGRAPHS else "PNG"
    copy = store_image(srgb, stored_form, resolved.name or short_name(path), converted(original.sha256))
    return replace(copy, original=original)


def picture_from_array(array: Any) -> Picture:
    """Store an array of H×W×3 uint8 RGB as a PNG."""
    import PIL.Image

    pixels = pixels_in(array)
    check_pixels(pixels, "a picture is H×W×3 uint8 in RGB", 3)
    image = PIL.Image.fromarray(pixels)
    check_size(image, "The array")
    return store_pixels(image)


def store_pixels(image: Image) -> Picture:
    """Store an image in RGB that came without a file among the inputs, as a PNG."""
    digest = hashlib.sha256(f"{image.size}".encode() + image.tobytes())
    return store_image(image, "PNG", "", f"pixels {digest.hexdigest()}")


def store_image(image: Image, form: str, name: str, made_of: str) -> Picture:
    """Store an image among the inputs, at most once.

    Args:
        image: in RGB.
        form: "JPEG" or "PNG".
        name: of the picture, as a person knows it; the beginning of its digest when empty.
        made_of: all that it follows from, by which it is known whatever bytes the encoder writes.

    Raises:
        StorageError: the data directory cannot be written.
    """
    path = made_path(made_of, ".jpg" if form == "JPEG" else ".png")
    if not path.exists():
        with atomic_write(path, keep=True) as partial:
            image.save(partial, form, **({"quality": 95} if form == "JPEG" else {}))
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
