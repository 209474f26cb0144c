"""Pictures and videos from anything that a user has."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from wan_notebook import media
from wan_notebook.video import Writer

RED = (200, 30, 40)


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
    "one uploaded file": lambda path: {"name": path.name, "content": memoryview(path.read_bytes())},
    "a PIL image": lambda path: PIL.Image.open(path),
    "an array": lambda path: np.asarray(PIL.Image.open(path)),
}


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


def test_a_data_uri_is_streamed_with_its_length_known(picture_file: Path) -> None:
    """The pieces of a file's data URI join to the URI of the whole, whose length is known beforehand."""
    expected = f"data:image/png;base64,{base64.b64encode(picture_file.read_bytes()).decode()}".encode()
    assert expected == b"".join(media.data_uri_chunks(picture_file))
    assert len(expected) == media.data_uri_length(picture_file)


def test_a_video_comes_from_a_path(clip: Path) -> None:
    """A video's value says what it holds."""
    video = media.video(clip)
    assert (
        video.name, video.width, video.height, video.fps, video.frames, video.duration, video.has_audio
    ) == ("dance.mp4", 64, 48, 10.0, 12, 1.2, False)  # fmt: skip
