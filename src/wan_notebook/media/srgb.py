"""Any picture as true sRGB: upright, opaque, 8 bits deep, with the colours that its mode and its profile mean."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MediaError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageCms import ImageCmsTransform

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "JPEG2000", "AVIF", "TGA", "ICO")
"""The formats that are opened, as Pillow calls them; every other one, such as EPS, would run a stranger's program."""
MAX_SIDE = 8192
"""Pixels of a side beyond which a picture is refused unread: decoded, it would fill the memory."""
MAX_DECODED_PIXELS = 2_000_000_000
"""Scans of a JPEG times its pixels, about ten seconds; a progressive picture of 12 megapixels has 10 scans."""
_START_OF_SCAN = b"\xff\xda"
_ORIENTATION = 0x0112
_SAME_COLOR = 3
"""Levels by which a profile may move a colour and still mean sRGB: its curve is stored rounded."""
_PROFILE_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""The mode of the pictures to which a profile of a colour space applies."""
_REMEDY = f"sides up to {MAX_SIDE} are read. Scale it down first."


def open_image(path: Path, name: str = "") -> Image:
    """Open a picture in one of FORMATS without decoding it; to be used as a context manager.

    Args:
        path: the file.
        name: its name in messages; the file's own when empty.

    Raises:
        MediaError: it is missing, no picture, in another format, damaged, or would take too long or too much memory.
    """
    import PIL.Image

    label = name or path.name
    PIL.Image.init()
    try:
        # The formats that are read depend on how Pillow was built.
        image = PIL.Image.open(path, formats=[form for form in FORMATS if form in PIL.Image.OPEN])
        scans = path.read_bytes().count(_START_OF_SCAN) if image.format in ("JPEG", "MPO") else 1
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning):
        raise MediaError(f"{label} has too many pixels; {_REMEDY}") from None
    except PIL.UnidentifiedImageError:
        from .file_type import file_type, read_head

        found = file_type(read_head(path)).label
        raise MediaError(f"{label} is {found} that cannot be read here. Export it as JPEG or PNG.") from None
    except FileNotFoundError:
        raise MediaError(f"{label} cannot be read any more: it is gone. Choose it again.") from None
    except Exception as error:  # noqa: BLE001 - a decoder meets a damaged file with any exception at all
        raise damaged(label, error) from None
    check_size(image, label)
    if scans * image.width * image.height > MAX_DECODED_PIXELS:
        raise MediaError(f"{label} is stored in {scans:,} layers, which take minutes to read. Export it again.")
    return image


def check_size(image: Image, name: str) -> None:
    """Raise MediaError where a side of a picture exceeds MAX_SIDE, or is nothing."""
    if 0 in image.size:
        raise MediaError(f"{name} has no pixels.")
    if max(image.size) > MAX_SIDE:
        raise MediaError(f"{name} has {image.width}×{image.height} pixels; {_REMEDY}")


def damaged(name: str, error: Exception) -> MediaError:
    """Return the error of a picture whose decoder failed."""
    return MediaError(f"{name} is damaged or cut short ({error}). Copy or export it again.")


def to_srgb(image: Image, name: str = "The picture") -> Image:
    """Return a picture of any mode as RGB: decoded, upright, transparent places on white, its profile applied.

    Args:
        image: of any mode of Pillow.
        name: its name in messages.

    Raises:
        MediaError: it is damaged, or its values have no meaning as brightness or colour.
    """
    import PIL.Image
    import PIL.ImageOps

    try:
        image.load()
        upright = PIL.ImageOps.exif_transpose(image)
        colors, alpha = split_alpha(in_eight_bits(upright, name))
        srgb = apply_profile(colors, image.info.get("icc_profile") or b"")
        if alpha is None:
            return srgb
        ground = PIL.Image.new("RGB", srgb.size, "white")
        ground.paste(srgb, mask=alpha)
    except MediaError:
        raise
    except Exception as error:  # noqa: BLE001 - a decoder meets a damaged file with any exception at all
        raise damaged(name, error) from None
    return ground


def is_plain(image: Image) -> bool:
    """Whether a picture looks the same to a reader which knows no profile, orientation, transparency or depth."""
    if image.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA") or image.getexif().get(_ORIENTATION, 1) != 1:
        return False
    colors, alpha = split_alpha(image)
    opaque = alpha is None or alpha.getextrema()[0] == 255
    profile = image.info.get("icc_profile") or b""
    return opaque and all(profile_transform(mode, profile) is None for mode in (colors.mode, "RGB"))


def in_eight_bits(image: Image, name: str) -> Image:
    """Return a picture of one deep channel as grey of 8 bits, and every other as it is.

    Raises:
        MediaError: its values are of no known range.
    """
    import numpy as np
    import PIL.Image

    if image.mode not in ("I", "F") and not image.mode.startswith("I;"):
        return image
    values = np.asarray(image).astype(np.float64)
    darkest, brightest = float(values.min()), float(values.max())
    # Older versions of Pillow open a PNG of 16 bits in 32.
    if image.mode.startswith("I;16") or image.format == "PNG":
        values /= 257
    elif image.mode == "F" and 0 <= darkest <= brightest <= 1:
        values *= 255
    elif image.mode == "I" and darkest >= 0 and 255 < brightest <= 65535:
        values /= 257
    elif not 0 <= darkest <= brightest <= 255:
        raise MediaError(
            f"{name} has values from {darkest:g} to {brightest:g}, and nothing says which of them is white. "
            "Export it with 8 or 16 bits."
        )
    return PIL.Image.fromarray(values.round().astype(np.uint8))


def split_alpha(image: Image) -> tuple[Image, Image | None]:
    """Return the colours of a picture in a mode without a palette, and its opacity; None where it is opaque."""
    if image.mode in ("LA", "La"):
        grey = image.convert("LA")
        return grey.getchannel("L"), grey.getchannel("A")
    if image.mode == "PA" or image.has_transparency_data:
        rgba = image.convert("RGBA")
        return rgba.convert("RGB"), rgba.getchannel("A")
    if image.mode in ("1", "L"):
        return image.convert("L"), None
    return (image if image.mode in ("CMYK", "LAB") else image.convert("RGB")), None


def apply_profile(image: Image, profile: bytes) -> Image:
    """Return a picture as RGB in sRGB.

    Args:
        image: of mode L, RGB, CMYK or LAB.
        profile: the ICC profile that it carries; without one, or with a broken one, its mode's usual meaning holds.
    """
    from PIL import ImageCms

    rgb = image.convert("RGB") if image.mode != "LAB" else image
    for candidate in (image, rgb):
        if (transform := profile_transform(candidate.mode, profile)) is not None:
            return ImageCms.applyTransform(candidate, transform) or rgb
    return rgb


def profile_transform(mode: str, profile: bytes) -> ImageCmsTransform | None:
    """Return the way from a profile to sRGB.

    Args:
        mode: of the picture that carries the profile.
        profile: an ICC profile.

    Returns:
        None where the profile means sRGB, is broken, or belongs to pictures of another mode.
    """
    import numpy as np
    import PIL.Image
    from PIL import ImageCms

    srgb = ImageCms.createProfile("sRGB")
    if mode == "LAB":
        return ImageCms.buildTransform(ImageCms.createProfile("LAB"), srgb, mode, "RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile)) if profile else None
        if source is None or _PROFILE_MODES.get(source.profile.xcolor_space) != mode:
            return None
        transform = ImageCms.buildTransform(source, srgb, mode, "RGB")
    except (ImageCms.PyCMSError, OSError):
        return None
    bands = len(PIL.Image.new(mode, (1, 1)).getbands())
    cube = 51 * np.indices((6,) * bands, np.uint8).reshape(bands, -1).T
    samples = PIL.Image.frombytes(mode, (1, len(cube)), cube.tobytes())
    converted = np.asarray(ImageCms.applyTransform(samples, transform)).astype(int)
    moved = np.abs(converted - np.asarray(samples.convert("RGB"))).max()
    return transform if moved > _SAME_COLOR else None
