"""Bytes on their way to the browser."""

from pathlib import Path

import av
import pytest

from wan_notebook.errors import MediaError
from wan_notebook.video.probe import probe
from wan_notebook.widgets.delivery import Delivery
from wan_notebook.widgets.frontend import CHUNK_SIZE

from support.media import reference


def test_files_arrive_in_pieces(tmp_path: Path) -> None:
    """The pieces at the offsets of a label's size are the file."""
    content = bytes(range(251)) * 10_000
    (tmp_path / "clip.mp4").write_bytes(content)
    delivery = Delivery()
    label = delivery.offer(tmp_path / "clip.mp4")
    answers = [delivery.answer({"id": label.id, "offset": o}) for o in range(0, label.size, label.chunk)]
    assert b"".join(buffers[0] for _message, buffers in answers) == content
    assert (label.type, label.name, label.chunk) == ("video/mp4", "clip.mp4", CHUNK_SIZE)


def test_equal_content_shares_an_id(tmp_path: Path) -> None:
    """An id tells the content, whatever its file is called."""
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"moving")
    delivery = Delivery()
    assert delivery.offer(tmp_path / "a.mp4").id == delivery.offer(tmp_path / "b.mp4").id


def test_only_offers_are_read(tmp_path: Path) -> None:
    """A browser gets nothing by a path, nor by an id which is withdrawn."""
    (tmp_path / "secret.mp4").write_bytes(b"secret")
    delivery = Delivery()
    label = delivery.offer(tmp_path / "secret.mp4")
    delivery.withdraw()
    for wanted in (label.id, str(tmp_path / "secret.mp4")):
        assert delivery.answer({"id": wanted, "offset": 0}) == ({"type": "gone", "id": wanted, "offset": 0}, [])


def test_a_vanished_file_is_gone(tmp_path: Path) -> None:
    """A file removed after it was offered is reported as gone, and breaks nothing."""
    (tmp_path / "clip.mp4").write_bytes(b"moving")
    delivery = Delivery()
    label = delivery.offer(tmp_path / "clip.mp4")
    (tmp_path / "clip.mp4").unlink()
    assert delivery.answer({"id": label.id, "offset": 0})[0]["type"] == "gone"
    with pytest.raises(MediaError, match="cannot be read"):
        delivery.offer(tmp_path / "clip.mp4")


def test_svg_is_no_picture(tmp_path: Path) -> None:
    """An SVG is never given the type by which a browser would run it."""
    (tmp_path / "drawing.svg").write_text("<svg onload='alert(1)'/>")
    assert Delivery().offer(tmp_path / "drawing.svg").type == "application/octet-stream"


def test_unplayable_videos_are_copied(tmp_path: Path) -> None:
    """Of a video that browsers do not play, as a camera's HEVC, a copy that they do is made when one asks for it."""
    video = tmp_path / "camera.mp4"
    with av.open(str(video), "w") as container:
        stream = container.add_stream("libx265", rate=25, width=64, height=48)
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    delivery = Delivery()
    label = delivery.offer_video(video)
    assert (label.type, delivery.is_slow(label.id)) == ("video/mp4", True)
    answer, (piece,) = delivery.answer({"id": label.id, "offset": 0})
    assert answer["size"] == len(piece)
    assert probe(piece).codec == "h264"
    reference(tmp_path)
    assert not delivery.is_slow(delivery.offer_video(tmp_path / "small.mp4").id)
    assert delivery.is_slow(delivery.offer_video(tmp_path / "small.mp4", largest=100).id)
