"""Any picture as true sRGB."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from PIL import ImageCms

from wan_notebook import media
from wan_notebook.errors import MediaError
from wan_notebook.media.checks import analyze_picture
from wan_notebook.media.preparation import Preparation
from wan_notebook.media.prepare import prepared_picture
from wan_notebook.media.srgb import MAX_DECODED_PIXELS, open_image, to_srgb
from wan_notebook.media.thumbnail import picture_thumbnail

RED, GREY = (220, 40, 50), (130, 130, 130)
HALVED = Preparation(short_side=100)


def plain(color: tuple[int, ...] = RED, mode: str = "RGB") -> PIL.Image.Image:
    return PIL.Image.new(mode, (300, 200), color if len(color) > 1 else color[0])


def deep(dtype: type, value: float) -> PIL.Image.Image:
    return PIL.Image.fromarray(np.full((200, 300), value, dtype))


def see_through(mode: str) -> PIL.Image.Image:
    """Nothing but transparency, black beneath."""
    return PIL.Image.new("RGBA", (300, 200), (0, 0, 0, 0)).convert("LA" if mode in ("LA", "La", "PA") else "RGBA")


MODES = {
    "1": (lambda: plain((255,), "1"), (255, 255, 255)),
    "L": (lambda: plain((130,), "L"), GREY),
    "P": (lambda: plain().convert("P", palette=PIL.Image.Palette.ADAPTIVE), RED),
    "LA": (lambda: plain((130, 255), "LA"), GREY),
    "La": (lambda: plain((130, 255), "LA").convert("La"), GREY),
    "PA": (lambda: plain((130, 255), "LA").convert("PA"), GREY),
    "RGBA": (lambda: plain((*RED, 255), "RGBA"), RED),
    "RGBa": (lambda: plain((*RED, 255), "RGBA").convert("RGBa"), RED),
    "RGBX": (lambda: plain().convert("RGBX"), RED),
    "CMYK": (lambda: plain().convert("CMYK"), RED),
    "YCbCr": (lambda: plain().convert("YCbCr"), RED),
    "HSV": (lambda: plain().convert("HSV"), RED),
    "LAB": (lambda: lab(plain()), RED),
    "I;16": (lambda: deep(np.uint16, 130 * 257), GREY),
    "I": (lambda: deep(np.int32, 130 * 257), GREY),
    "I up to 255": (lambda: deep(np.int32, 130), GREY),
    "F up to 1": (lambda: deep(np.float32, 130 / 255), GREY),
    "F up to 255": (lambda: deep(np.float32, 130), GREY),
    "a clear P": (lambda: see_through("P").convert("P"), (255, 255, 255)),
    "a clear LA": (lambda: see_through("LA"), (255, 255, 255)),
    "a clear La": (lambda: see_through("La").convert("La"), (255, 255, 255)),
    "a clear RGBA": (lambda: see_through("RGBA"), (255, 255, 255)),
    "a clear RGBa": (lambda: see_through("RGBa").convert("RGBa"), (255, 255, 255)),
}


def lab(image: PIL.Image.Image) -> PIL.Image.Image:
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    converted = ImageCms.profileToProfile(image, *profiles, outputMode="LAB")
    assert converted is not None
    return converted


def stored_color(picture: media.Picture) -> tuple[int, ...]:
    """The colour that a reader sees which knows neither profiles nor depths."""
    assert picture.path is not None
    with PIL.Image.open(picture.path) as image:
        return image.convert("RGB").getpixel((image.width // 2, image.height // 2))


@pytest.mark.parametrize(("image", "color"), MODES.values(), ids=MODES.keys())
def test_every_mode_keeps_colors(image: Any, color: tuple[int, ...]) -> None:
    """A picture in any mode of Pillow is sent and prepared in its true colour, on white."""
    picture = media.picture(image())
    assert stored_color(picture) == pytest.approx(color, abs=3)
    assert stored_color(prepared_picture(picture, HALVED)) == pytest.approx(color, abs=3)


def test_cut_outs_are_not_dark() -> None:
    """A character on transparency is looked at on white."""
    analysis = analyze_picture(media.picture(see_through("RGBA")))
    assert analysis is not None
    assert analysis.brightness == pytest.approx(1)


def swapped_profile() -> bytes:
    """A profile in which red means green, made of the one of sRGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    at = {bytes(profile[132 + 12 * tag : 136 + 12 * tag]): 136 + 12 * tag for tag in range(count)}
    red, green = at[b"rXYZ"], at[b"gXYZ"]
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile)


SAVED = {
    "a palette PNG": (lambda: plain().convert("P", palette=PIL.Image.Palette.ADAPTIVE), "PNG", {}, RED),
    "a palette GIF": (lambda: plain().convert("P", palette=PIL.Image.Palette.ADAPTIVE), "GIF", {}, RED),
    "a CMYK JPEG": (lambda: plain().convert("CMYK"), "JPEG", {"quality": 95}, RED),
    "a CMYK TIFF": (lambda: plain().convert("CMYK"), "TIFF", {}, RED),
    "a deep PNG": (lambda: deep(np.uint16, 130 * 257), "PNG", {}, GREY),
    "a deep TIFF": (lambda: deep(np.uint16, 130 * 257), "TIFF", {}, GREY),
    "a floating TIFF": (lambda: deep(np.float32, 130 / 255), "TIFF", {}, GREY),
    "a clear WebP": (lambda: see_through("RGBA"), "WEBP", {"lossless": True}, (255, 255, 255)),
    "a clear colour": (lambda: plain(), "PNG", {"transparency": RED}, (255, 255, 255)),
    "a profile in PNG": (lambda: plain((*RED, 255), "RGBA"), "PNG", {"icc_profile": swapped_profile()}, (40, 220, 50)),
    "a profile in JPEG": (plain, "JPEG", {"icc_profile": swapped_profile(), "quality": 95}, (40, 220, 50)),
    "a broken profile": (plain, "PNG", {"icc_profile": b"nonsense" * 30}, RED),
}


@pytest.mark.parametrize(("image", "form", "options", "color"), SAVED.values(), ids=SAVED.keys())
def test_every_file_keeps_colors(
    image: Any, form: str, options: dict[str, Any], color: tuple[int, ...], tmp_path: Path
) -> None:
    """So is a picture in a file, whatever its palette, inks, depth, transparency and profile."""
    path = tmp_path / "picture"
    image().save(path, form, **options)
    picture = media.picture(path)
    assert stored_color(picture) == pytest.approx(color, abs=5)
    assert stored_color(prepared_picture(picture, HALVED)) == pytest.approx(color, abs=5)
    with PIL.Image.open(io.BytesIO(picture_thumbnail(path))) as thumbnail:
        assert thumbnail.getpixel((9, 9)) == pytest.approx(color, abs=5)


def test_own_srgb_is_not_copied(tmp_path: Path) -> None:
    """A picture that every reader sees right is sent as the file that it is, profile and opaque alpha included."""
    path = tmp_path / "picture.png"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain((*RED, 255), "RGBA").save(path, icc_profile=profile)
    assert media.picture(path).path == path


def test_phone_pictures_stay_jpegs(tmp_path: Path) -> None:
    """A JPEG with a second picture behind it, as phones make them for HDR displays, is sent as the file that it is."""
    path = tmp_path / "phone.jpg"
    plain().save(path, "MPO", save_all=True, append_images=[plain(GREY)])
    picture = media.picture(path)
    assert (picture.path, picture.format) == (path, "JPEG")
    turned = PIL.Image.Exif()
    turned[0x0112] = 6
    plain().save(path, "MPO", save_all=True, append_images=[plain(GREY)], exif=turned)
    upright = media.picture(path)
    assert (upright.width, upright.height, upright.format) == (200, 300, "JPEG")


@pytest.mark.parametrize("value", [-3.0, 1e6, float("nan")])
def test_unknown_ranges_are_refused(value: float) -> None:
    """Numbers of which nothing says how bright they are make no picture."""
    with pytest.raises(MediaError, match="nothing says which of them is white"):
        media.picture(deep(np.float32, value))


def test_endless_scans_are_refused(tmp_path: Path) -> None:
    """A small JPEG that would be decoded for minutes is refused unread."""
    path = tmp_path / "layers.jpg"
    PIL.Image.new("L", (4000, 4000)).save(path, "JPEG", progressive=True)
    content = path.read_bytes()
    scan = content.rindex(b"\xff\xda")
    path.write_bytes(content[:-2] + content[scan:-2] * (MAX_DECODED_PIXELS // 4000**2) + content[-2:])
    with pytest.raises(MediaError, match="layers, which take minutes to read"):
        media.picture(path)


def test_only_named_formats_open(tmp_path: Path) -> None:
    """A picture in a format that starts another program, such as EPS, is refused unread."""
    path = tmp_path / "picture"
    plain().save(path, "EPS")
    with pytest.raises(MediaError, match="cannot be read here"):
        open_image(path)


def test_the_original_image_stays() -> None:
    """A picture of the user's own program is only read."""
    image = plain((*RED, 128), "RGBA")
    to_srgb(image)
    assert (image.mode, image.getpixel((0, 0))) == ("RGBA", (*RED, 128))
