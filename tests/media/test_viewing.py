"""Copies and filmstrips for looking at."""

import io
from pathlib import Path

import av
import numpy as np
import PIL.Image
import pytest

from wan_notebook.media import thumbnail
from wan_notebook.media.thumbnail import filmstrip
from wan_notebook.media.viewing import plays_in_browsers, viewing_copy
from wan_notebook.video.probe import probe

from support import media


def filmed(path: Path, codec: str, pixels: str = "yuv420p") -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=60, width=640, height=960)
        stream.pix_fmt = pixels
        for number in range(12):
            frame = av.VideoFrame.from_ndarray(np.full((960, 640, 3), 20 * number, np.uint8), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [("a.mp4", "libx265", "yuv420p"), ("b.avi", "mpeg4", "yuv420p"), ("c.mov", "libx264", "yuv422p10le")],
)
def test_every_video_can_be_seen(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    """Of a video that browsers do not play there is a small copy which they do, as long as the video, made once."""
    video = filmed(tmp_path / name, codec, pixels)
    assert not plays_in_browsers(video)
    copy = viewing_copy(video)
    info = probe(copy)
    assert plays_in_browsers(copy)
    assert (info.width, info.height, info.fps, info.duration) == (480, 720, 30, pytest.approx(0.2, abs=0.02))
    made_at = copy.stat().st_mtime_ns
    assert viewing_copy(video) == copy
    assert copy.stat().st_mtime_ns == made_at


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("b.webm", "libvpx")])
def test_common_videos_need_none(tmp_path: Path, name: str, codec: str) -> None:
    """What every browser plays is shown as it is."""
    assert plays_in_browsers(filmed(tmp_path / name, codec))


@pytest.mark.parametrize("whole", [True, False], ids=["decoded", "looked up"])
def test_filmstrip_shows_it_all(tmp_path: Path, whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames from the beginning to the end stand side by side, in a short video and in a long one."""
    if not whole:
        monkeypatch.setattr(thumbnail, "_DECODED_WHOLE", 1)
    video = media.filmed(
        (np.full((48, 64, 3), 10 * number, np.uint8) for number in range(24)), tmp_path / f"{whole}.mp4"
    )
    with PIL.Image.open(io.BytesIO(filmstrip(video)), formats=["JPEG"]) as picture:
        assert picture.size == (12 * 96, 72)
        row = np.asarray(picture.convert("L"))[36, 48::96].astype(int)
    assert list(row) == pytest.approx([20 * number for number in range(12)], abs=14)
