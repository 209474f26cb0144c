"""Pictures and videos from anything that a user has."""

import base64
import gzip
import io
import mmap
import os
import struct
import urllib.request
import zlib
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
import PIL.Image
import pytest

from wan_notebook import media
from wan_notebook.errors import MediaError
from wan_notebook.media.store import unchanging
from wan_notebook.runtime.data_dir import data_dir
from wan_notebook.video.write import Writer

RED = (200, 30, 40)
ORIENTATION, QUARTER_TURN = 0x0112, 6
"""The EXIF field in which a camera says how it was held, and its value for a quarter turn clockwise."""


def png(width: int = 320, height: int = 240) -> bytes:
    return saved(PIL.Image.new("RGB", (width, height), RED), "PNG")


def saved(image: PIL.Image.Image, form: str, **options: Any) -> bytes:
    memory = io.BytesIO()
    image.save(memory, form, **options)
    return memory.getvalue()


@pytest.fixture
def picture_file(tmp_path: Path) -> Path:
    path = tmp_path / "hero.png"
    path.write_bytes(png())
    return path


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "dance.mp4"
    with Writer(path, width=64, height=48, fps=10) as writer:
        for number in range(12):
            writer.write(np.full((48, 64, 3), 20 * number, np.uint8))
    return path


PICTURE_FORMS = {
    "a path": lambda path: str(path),
    "a Path": lambda path: path,
    "a file URL": lambda path: path.as_uri(),
    "a data URI": lambda path: f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}",
    "bytes": lambda path: path.read_bytes(),
    "a bytearray": lambda path: bytearray(path.read_bytes()),
    "a memoryview": lambda path: memoryview(path.read_bytes()),
    "an open file": lambda path: path.open("rb"),
    "a file in memory, read before": lambda path: read_before(path.read_bytes()),
    "an upload of ipywidgets 7": lambda path: {
        path.name: {"metadata": {"name": path.name}, "content": path.read_bytes()}
    },
    "an upload of ipywidgets 8": lambda path: ({"name": path.name, "content": memoryview(path.read_bytes())},),
    "an upload of Colab": lambda path: {path.name: path.read_bytes()},
    "an upload in views of bytes": lambda path: {path.name: {"content": memoryview(bytearray(path.read_bytes()))}},
    "a text of NumPy": lambda path: np.str_(path),
    "an object with a path": lambda path: WithPath(str(path)),
    "an object with a path in bytes": lambda path: WithPath(bytes(path)),
    "a path in quotes": lambda path: f'"{path}"',
    "a Path in quotes": lambda path: Path(f'"{path}"\n'),
    "a path in single quotes and blanks": lambda path: f" ' {path} ' ",
    "a path in a word processor's quotes": lambda path: f"“{path}”",
    "a path with a line end": lambda path: f"{path}\r\n",
    "a path from a terminal": lambda path: str(path).replace(path.name, "\\" + path.name),
    "a file URL in quotes": lambda path: f"'{path.as_uri()}'\n",
    "one uploaded file": lambda path: {"name": path.name, "content": memoryview(path.read_bytes())},
    "a PIL image": lambda path: PIL.Image.open(path),
    "an array": lambda path: np.asarray(PIL.Image.open(path)),
    "a tensor of another library": lambda path: Tensor(np.asarray(PIL.Image.open(path))),
    "a map of memory": lambda path: mmap.mmap(os.open(path, os.O_RDONLY), 0, access=mmap.ACCESS_READ),
    "a response": lambda path: urllib.request.urlopen(path.as_uri()),
    "a path from a file manager": lambda path: f"\u202a{path}\u200b ",
}


class Tensor:
    """An array of another library, which NumPy can read, unless it lies on a graphics card."""

    def __init__(self, pixels: Any, readable: bool = True) -> None:
        self.pixels, self.readable = pixels, readable
        self.dtype, self.ndim, self.shape = object(), pixels.ndim, pixels.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if not self.readable:
            raise TypeError("use Tensor.cpu() first")
        return self.pixels


class WithPath:
    """Anything of another library that has a path, and could be read as well."""

    def __init__(self, path: str | bytes) -> None:
        self.path = path

    def __fspath__(self) -> str | bytes:
        return self.path

    def read(self) -> None:
        raise AssertionError("the path is enough")


def read_before(content: bytes) -> io.BytesIO:
    memory = io.BytesIO(content)
    memory.read()
    return memory


@pytest.mark.parametrize("form", PICTURE_FORMS.values(), ids=PICTURE_FORMS.keys())
def test_a_picture_comes_from_anything(form: Any, picture_file: Path) -> None:
    """Whatever form a picture comes in, the value has its size and names a file with its pixels."""
    picture = media.picture(form(picture_file))
    assert (picture.width, picture.height, picture.format) == (320, 240, "PNG")
    assert picture.path is not None
    assert PIL.Image.open(picture.path).getpixel((0, 0)) == RED
    assert picture.size == picture.path.stat().st_size


def test_a_data_uri_is_streamed(picture_file: Path) -> None:
    """The pieces of a file's data URI join to the URI of the whole, whose length is known beforehand."""
    expected = f"data:image/png;base64,{base64.b64encode(picture_file.read_bytes()).decode()}".encode()
    assert expected == b"".join(media.data_uri_chunks(picture_file))
    assert len(expected) == media.data_uri_length(picture_file)


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
        (b"\0\0\0\x18ftypisom", "video/mp4"),
        (b"\0\0\0\x18ftyphevc", "image/heic"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f\x42\x82\x84webm", "video/webm"),
        (b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo"),
        (b"\1\2\3", "application/octet-stream"),
    ],
)
def test_data_uris_have_a_type(head: bytes, mime: str, tmp_path: Path) -> None:
    """Whatever a file is called, its data URI says what it holds."""
    path = tmp_path / "file.txt"
    path.write_bytes(head)
    assert next(media.data_uri_chunks(path)) == f"data:{mime};base64,".encode()


# Pictures


def test_a_path_is_not_copied(picture_file: Path) -> None:
    """A file on disk is not copied."""
    assert media.picture(picture_file).path == picture_file
    assert not data_dir().exists()


def test_equal_bytes_are_stored_once(picture_file: Path) -> None:
    """Content without a file is stored once, named by its digest."""
    first, second = media.picture(picture_file.read_bytes()), media.picture(io.BytesIO(picture_file.read_bytes()))
    assert first == second
    assert [first.path] == list((data_dir() / "inputs").iterdir())


def test_an_upload_keeps_its_name(picture_file: Path) -> None:
    """A person recognises the file that was chosen."""
    for form in (*(name for name in PICTURE_FORMS if name.startswith("an upload")), "one uploaded file"):
        assert media.picture(PICTURE_FORMS[form](picture_file)).name == "hero.png"


def test_a_response_has_no_name(picture_file: Path) -> None:
    """A description that stands in place of a file's name is not shown as one."""
    assert "response" not in media.picture(urllib.request.urlopen(picture_file.as_uri())).name


def test_a_widget_itself_is_read() -> None:
    """The upload widget is as good as its value, here before anything was chosen."""
    with pytest.raises(MediaError, match="No file was chosen"):
        media.picture(ipywidgets.FileUpload())


def test_a_tilde_is_expanded(picture_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde is the user's own folder."""
    monkeypatch.setenv("HOME", str(picture_file.parent))
    assert media.picture("~/hero.png").path == picture_file


@pytest.mark.parametrize(
    "name", ['"hero.png"', " hero.png", "hero.png\n", "'hero.png'", "he\\ro.png", "hero [1].png", "~hero.png"]
)
def test_a_real_name_wins(name: str, picture_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose very name has quotes, blanks or a line end is found, also beside one without them."""
    real = picture_file.with_name(name)
    real.write_bytes(png(300, 200))
    monkeypatch.chdir(real.parent)
    for source in (name, str(real), real):
        assert media.picture(source).width == 300


def test_a_name_need_not_be_utf8(picture_file: Path, clip: Path) -> None:
    """A file from an old archive works like any other, and its name is shown with a sign for what cannot be."""
    for source, read in ((picture_file, media.picture), (clip, media.video)):
        odd = source.rename(os.fsdecode(bytes(source.parent) + b"/h\xe9ro" + os.fsencode(source.suffix)))
        for form in (odd, str(odd), odd.as_uri()):
            found: Any = read(form)
            assert (found.name, found.path) == (f"h\ufffdro{source.suffix}", odd)
            assert b"".join(media.data_uri_chunks(found.path))
            found.name.encode()


@pytest.mark.parametrize("end", [".png", "/hero.png"])
def test_messages_can_be_shown(end: str, tmp_path: Path) -> None:
    """So is a name in a message, which has to reach the browser."""
    with pytest.raises(MediaError, match="h\ufffdro") as refused:
        media.picture(tmp_path / (os.fsdecode(b"h\xe9ro") + end))
    str(refused.value).encode()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_phone_picture_becomes_upright(form: str, tmp_path: Path) -> None:
    """A picture that only says that it lies is kept as an upright copy, and the original stays as it is."""
    image = PIL.Image.new("RGB", (400, 300), RED)
    image.paste((0, 0, 255), (0, 0, 400, 100))
    exif = PIL.Image.Exif()
    exif[ORIENTATION] = QUARTER_TURN
    original = tmp_path / "phone"
    original.write_bytes(saved(image, form, exif=exif))
    before = original.read_bytes()
    picture = media.picture(original)
    upright = PIL.Image.open(picture.path)
    assert (picture.width, picture.height) == upright.size == (300, 400)
    assert upright.getexif().get(ORIENTATION, 1) == 1
    assert upright.convert("RGB").getpixel((290, 200))[2] > 200
    assert original.read_bytes() == before


@pytest.mark.parametrize("mode", ["P", "L", "LA", "CMYK", "1", "I;16"])
def test_every_colour_mode_is_stored(mode: str) -> None:
    """A PIL image of any mode becomes a file that services take."""
    assert media.picture(PIL.Image.new(mode, (300, 200))).format == "PNG"


@pytest.mark.parametrize("form", ["GIF", "TIFF", "PPM"])
def test_other_formats_become_png(form: str) -> None:
    """A format that services do not take is kept as one that they do."""
    assert media.picture(saved(PIL.Image.new("RGB", (300, 200), RED), form)).format == "PNG"


def test_a_web_address_stays_unread() -> None:
    """The service fetches it; here nothing is known but its name."""
    picture = media.picture(" https://example.org/faces/the%20hero.png?size=2 ")
    assert (picture.url, picture.name) == ("https://example.org/faces/the%20hero.png?size=2", "the hero.png")
    assert (picture.path, picture.size, picture.sha256, picture.width) == (None, None, None, None)
    assert media.video("http://example.org").name == "example.org"


def test_a_picture_is_returned_unchanged(picture_file: Path) -> None:
    """A picture that was read once is not read again."""
    picture = media.picture(picture_file)
    assert media.picture(picture) is picture


# Videos


VIDEO_FORMS = {
    name: form for name, form in PICTURE_FORMS.items() if not name.startswith(("a PIL", "an array", "a tensor"))
}


@pytest.mark.parametrize("form", VIDEO_FORMS.values(), ids=VIDEO_FORMS.keys())
def test_a_video_comes_from_anything(form: Any, clip: Path) -> None:
    """Whatever form a video comes in, the value says what it holds and names a file with its bytes."""
    video = media.video(form(clip))
    assert (video.width, video.height, video.fps, video.frames, video.duration) == (64, 48, 10, 12, 1.2)
    assert video.has_audio is False
    assert video.path is not None
    assert video.path.read_bytes() == clip.read_bytes()


# Refusals


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


ENDLESS = "nul" if os.name == "nt" else "/dev/zero"
NO_PICTURE = {
    "a missing file": (lambda _: "nowhere.png", "There is no file nowhere.png"),
    "a folder": (lambda clip: clip.parent, "is a folder, not a picture"),
    "an empty file": (lambda clip: touched(clip.parent / "empty.png"), "empty.png is empty"),
    "no bytes": (lambda _: b"", "is empty"),
    "no name": (lambda _: "  ", "No picture was named"),
    "nothing": (lambda _: None, "NoneType is nothing that holds a picture"),
    "a number": (lambda _: 3, "int is nothing that holds a picture"),
    "an odd object": (lambda _: object(), "object is nothing that holds a picture"),
    "several": (lambda _: ["a.png", "b.png"], r"One picture is wanted, and a list came. wan_notebook.sweep\(\) takes"),
    "an upload of nothing": (lambda _: (), "No file was chosen"),
    "an upload of two": (lambda _: ({"name": "a", "content": png()},) * 2, r"2 files were chosen.*sweep\(\) takes"),
    "an upload of two on Colab": (lambda _: {"a.png": png(), "b.png": png()}, "2 files were chosen"),
    "an upload of nothing on Colab": (lambda _: {}, "No file was chosen"),
    "a mapping of something else": (lambda _: {"a.png": 7}, "dict is nothing that holds a picture"),
    "an object without its path": (lambda _: WithPath(7), "WithPath gives no path"),
    "a text": (lambda _: b"hello " * 50, "is a text file"),
    "a web page": (lambda _: b"<!DOCTYPE html><html>not found", "is a web page"),
    "a saved page": (lambda _: b"\xef\xbb\xbf <!-- saved from url=(0014)about:internet -->\n<html>", "is a web page"),
    "a page in Latin-1": (
        lambda _: b"<?xml version='1.0'?>\n<HTML><p>\xe9\xe8\xe0",
        "is a web page.* save the file it shows",
    ),
    "a page in UTF-16": (lambda _: "\ufeff<html>".encode("utf-16-le"), "is a web page"),
    "a page in one file": (lambda _: b"From: <Saved by Blink>\nSnapshot-Content-Location:", "is a web page"),
    "a link of Safari": (lambda _: b"bplist00\xd1\x01\x02SURL", "saved by Safari"),
    "a pointer": (lambda _: b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS pointer.*git lfs pull"),
    "a video": (lambda clip: clip, "dance.mp4 is an MP4 video, and a picture"),
    "half a PNG": (lambda _: halved(png()), "damaged or cut short"),
    "half a JPEG": (lambda _: halved(saved(PIL.Image.effect_noise((300, 200), 50), "JPEG")), "damaged or cut short"),
    "random bytes": (lambda _: bytes(range(256)) * 4, "cannot be read here. Export it as JPEG or PNG"),
    "20,000 pixels": (lambda _: announcing(20_000, 20_000), "too many pixels"),
    "10,000 pixels": (lambda _: announcing(10_000, 200), "10000×200 pixels"),
    "floats": (lambda _: np.zeros((200, 300, 3)), "Multiply by 255"),
    "floats up to 255": (lambda _: np.full((200, 300, 3), 254.7), r"Use .round\(\).astype\('uint8'\)"),
    "floats beyond": (lambda _: np.full((200, 300, 3), -3.0), "go from -3 to -3: bring them to 0–255"),
    "no numbers": (lambda _: np.full((200, 300, 3), np.nan), "go from nan to nan"),
    "a grey array": (lambda _: np.zeros((200, 300), np.uint8), r"H×W×3 uint8.* numpy.stack\(\[grey\] \* 3"),
    "colours first": (lambda _: np.zeros((3, 200, 300)), r"Multiply by 255.* numpy.moveaxis\(array, -3, -1\)"),
    "colours and transparency": (lambda _: np.zeros((200, 300, 4), np.uint8), r"array\[..., :3\]"),
    "one channel": (lambda _: np.zeros((200, 300, 1), np.uint8), r"array.repeat\(3, axis=-1\)"),
    "16 bits": (lambda _: np.full((200, 300, 3), 65535, np.uint16), "Divide by 257"),
    "truth values": (lambda _: np.ones((200, 300), bool), r"Multiply by 255.* numpy.stack"),
    "a tensor on a card": (lambda _: Tensor(np.zeros((2, 3, 3)), readable=False), r"Tensor cannot .*Tensor.cpu\(\)"),
    "an image without pixels": (lambda _: PIL.Image.new("RGB", (0, 4)), "has no pixels"),
    "a damaged archive": (lambda _: damaged_gzip(), "The file cannot be read"),
    "no pixels": (lambda _: np.zeros((0, 300, 3), np.uint8), "H×W×3 uint8"),
    "an open text": (lambda _: io.StringIO("hello"), "mode 'rb'"),
    "a closed file": (lambda clip: closed(clip), "cannot be read"),
    "an unknown scheme": (lambda _: "ftp://example.org/hero.png", "begins with ftp:"),
    "half an address": (lambda _: "https:///hero.png", "no complete web address"),
    "a port that cannot be": (lambda _: "https://example.org:99999/hero.png", "no complete web address"),
    "a port of letters": (lambda _: "https://example.org:x/hero.png", "no complete web address"),
    "an address with a null": (lambda _: "https://example.org/\0.png", "no complete web address"),
    "an address that is no text": (lambda _: "https://example.org/\ud800.png", "no complete web address"),
    "half a host": (lambda _: "https://[::1/hero.png", "no complete web address"),
    "a data URI without a comma": (lambda _: "data:image/png;base64", "has no comma"),
    "a broken data URI": (lambda _: "data:image/png;base64,iVBO!", "Base64 is broken"),
    "a device": (lambda _: ENDLESS, "a pipe or a device"),
    "a name with a null": (lambda _: "hero\0.png", "cannot be opened"),
    "an endless name": (lambda _: "x" * 5000, "cannot be opened"),
}


def damaged_gzip() -> Any:
    """An open archive whose reading ends in an error of its own library."""
    content = bytearray(gzip.compress(png()))
    content[12:20] = b"\xff" * 8
    return gzip.open(io.BytesIO(content))


def announcing(width: int, height: int) -> bytes:
    """A small PNG whose header announces many pixels."""
    small = png()
    header = b"IHDR" + struct.pack(">II", width, height) + small[24:29]
    return small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]


def touched(path: Path) -> Path:
    path.touch()
    return path


def closed(path: Path) -> io.BufferedReader:
    with path.open("rb") as file:
        return file


@pytest.mark.parametrize(("form", "message"), NO_PICTURE.values(), ids=NO_PICTURE.keys())
def test_bad_pictures_are_refused(form: Any, message: str, clip: Path) -> None:
    """Bad input is named for what it is, in one message, before anything is sent."""
    with pytest.raises(MediaError, match=message):
        media.picture(form(clip))


NO_VIDEO = {
    "a text by the name of a video": (lambda clip: written(clip, b"hello " * 50), "is a text file, and a video"),
    "a picture by the name of a video": (lambda clip: written(clip, png()), "dance.mp4 is a PNG picture, and a video"),
    "half a video": (lambda clip: halved(clip.read_bytes()), "The video is cut short"),
    "the head of a video": (lambda clip: clip.read_bytes()[:100], "The video holds no pictures"),
    "a still GIF": (lambda _: saved(PIL.Image.new("P", (300, 200)), "GIF"), "a single frame"),
    "a playlist": (lambda _: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "is a text file"),
    "an array without its rate": (lambda _: np.zeros((4, 48, 64, 3), np.uint8), r"fps=25"),
    "a picture's array": (lambda _: np.zeros((48, 64, 3), np.uint8), "T×H×W×3 uint8"),
    "frames without their rate": (lambda _: [PIL.Image.new("RGB", (64, 48))] * 3, r"fps=25"),
    "several arrays": (lambda _: [np.zeros((4, 48, 64, 3), np.uint8)] * 2, "Frame 0: An array of uint8"),
    "a PIL image": (lambda _: PIL.Image.new("RGB", (64, 48)), "Image is nothing that holds a video"),
}


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("form", "message"), NO_VIDEO.values(), ids=NO_VIDEO.keys())
def test_bad_videos_are_refused(form: Any, message: str, clip: Path) -> None:
    """So is what cannot be a reference."""
    with pytest.raises(MediaError, match=message):
        media.video(form(clip))


def test_refused_content_is_not_stored() -> None:
    """A text or a web page leaves nothing in the data directory."""
    with pytest.raises(MediaError):
        media.video(b"hello " * 50)
    assert not (data_dir() / "inputs").exists()


def test_a_broken_read_leaves_nothing() -> None:
    """A transfer that fails half-way is an error, and what had come is not kept."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError("connection lost")
            return super().read(min(size or 100, 100))

    with pytest.raises(MediaError, match="connection lost"):
        media.picture(Broken(png()))
    assert list((data_dir() / "inputs").iterdir()) == []


def test_a_deleted_file_is_refused(picture_file: Path) -> None:
    """A file deleted between choosing and sending is a clear error."""
    picture_file.unlink()
    with pytest.raises(MediaError, match="Choose it again"):
        media.data_uri_length(picture_file)
    with pytest.raises(MediaError, match="Choose it again"):
        list(media.data_uri_chunks(picture_file))


def test_file_changing_while_read(picture_file: Path) -> None:
    """Measures of one file never go with the digest of another."""
    said = "hero.png changed while it was being read"
    with pytest.raises(MediaError, match=said), unchanging(picture_file, "hero.png"):
        picture_file.write_bytes(picture_file.read_bytes())
