"""What a picker shows of a choice."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wan_notebook.errors import MediaError
from wan_notebook.media import picture, video
from wan_notebook.model.formatting import file_size
from wan_notebook.video.write import Writer
from wan_notebook.widgets.picker import MediaCard


def test_pictures_have_thumbnail_and_facts(tmp_path: Path) -> None:
    """A large picture is sent as a small JPEG; what lets the ground through lies on white."""
    Image.new("RGBA", (1600, 800), (0, 0, 0, 0)).save(tmp_path / "hero.png")
    preview = MediaCard.of(picture(tmp_path / "hero.png"))
    poster = Image.open(io.BytesIO(preview.poster))
    assert (preview.name, preview.facts[0]) == ("hero.png", "1600 × 800")
    assert (poster.format, poster.size, poster.getpixel((0, 0))) == ("JPEG", (640, 320), (255, 255, 255))


def test_videos_have_frame_and_clip(tmp_path: Path) -> None:
    """Facts are size, duration, rate and bytes; the video itself may be looped."""
    with Writer(tmp_path / "dance.mp4", width=320, height=240, fps=10) as writer:
        for _ in range(20):
            writer.write(np.full((240, 320, 3), 200, np.uint8))
    preview = MediaCard.of(video(tmp_path / "dance.mp4"))
    assert preview.facts[:3] == ("320 × 240", "2.0 s", "10 fps")
    assert preview.clip == tmp_path / "dance.mp4"
    assert Image.open(io.BytesIO(preview.poster)).size == (320, 240)


def test_web_media_is_not_fetched() -> None:
    """Nothing is fetched to show what lies on the web."""
    preview = MediaCard.of(video("https://host.example/clips/dance%20one.mp4?token=1"))
    assert (preview.url, preview.poster) == ("https://host.example/clips/dance%20one.mp4?token=1", b"")


def test_a_vanished_file_is_reported(tmp_path: Path) -> None:
    """A choice whose file was removed gives an error of ours."""
    Image.new("RGB", (64, 64)).save(tmp_path / "hero.png")
    chosen = picture(tmp_path / "hero.png")
    (tmp_path / "hero.png").unlink()
    with pytest.raises(MediaError, match=r"hero\.png cannot be read any more"):
        MediaCard.of(chosen)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        *((0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (133_517, "134 kB"), (2_958_395, "3.0 MB")),
        *((9_960, "10 kB"), (999_600, "1.0 MB"), (2e15, "2,000 TB")),
    ],
)
def test_sizes_have_three_figures(size: float, words: str) -> None:
    """Three figures at most, in decimal units, as long as there are units."""
    assert file_size(size) == words
