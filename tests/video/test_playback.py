"""Whether a video plays to its end."""

from pathlib import Path

import av
import numpy as np
import pytest

from wan_notebook.runtime.machine import threads
from wan_notebook.video.open import open_video
from wan_notebook.video.playback import play

from support.media import clip, filmed, noisy


def encoded(path: Path, codec: str) -> bytes:
    """Two seconds of moving noise in one codec."""
    pictures = np.random.default_rng(1).integers(0, 255, (96, 128 + 32, 3), np.uint8)
    with av.open(str(path), "w") as target:
        stream = target.add_stream(codec, rate=16)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for number in range(32):
            shown = np.ascontiguousarray(pictures[:, number : number + 128])
            target.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        target.mux(stream.encode(None))
    return path.read_bytes()


@pytest.mark.parametrize("name", ["libx264.mp4", "mpeg4.mp4", "libx264.mkv", "libvpx.webm", "mpeg4.avi"])
def test_second_half_is_played(name: str, tmp_path: Path) -> None:
    """A whole file plays; one whose second half is noise, or empty, does not, whatever its format."""
    codec, _, _ = name.partition(".")
    whole = encoded(tmp_path / name, codec)
    assert (play(whole, "It").frames, play(whole, "It").damage) == (32, "")
    middle = len(whole) // 2
    broken = noisy(whole) if name.endswith(".mp4") else whole[:middle] + np.random.default_rng(1).bytes(middle)
    for content in (broken, whole[:middle] + bytes(len(whole) - middle)):
        assert play(content, "It").damage.startswith("It ")


@pytest.mark.parametrize(("frames", "alone"), [(2, True), (200, False)])
def test_small_video_is_one_threads_work(frames: int, alone: bool, tmp_path: Path) -> None:
    """A video of few pixels is decoded by one thread, and a long or large one by as many as there are processors."""
    path = filmed([np.zeros((480, 640, 3), np.uint8)] * frames, tmp_path / "video.mp4")
    with open_video(path) as (_, stream):
        assert (stream.codec_context.thread_count == 1) is (alone or threads() == 1)


def test_few_bytes_are_half_a_clip(tmp_path: Path) -> None:
    """A clip whose first picture is large and whose others are small is not whole without those others."""
    still = np.random.default_rng(1).integers(0, 255, (96, 128, 3), np.uint8)
    path = tmp_path / "still.webm"
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libvpx", rate=16)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for number in range(48):
            still[:, number] = 255 - still[:, number]
            target.mux(stream.encode(av.VideoFrame.from_ndarray(still, format="rgb24")))
        target.mux(stream.encode(None))
    with av.open(str(path)) as container:
        middle = [packet.pos for packet in container.demux(video=0) if packet.pos is not None][24]
    whole = path.read_bytes()
    assert play(whole, "It").damage == ""
    assert play(whole[:middle] + bytes(len(whole) - middle), "It").damage.startswith("It ends after 1.4 of 3.0 s")


def test_no_frames_are_no_clip(tmp_path: Path) -> None:
    """A file that announces pictures and holds none is no clip that plays."""
    path = tmp_path / "empty.mp4"
    with av.open(str(path), "w", options={"movflags": "empty_moov+frag_keyframe"}) as target:
        stream = target.add_stream("libx264", rate=16)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        target.start_encoding()
    assert (play(path, "It").frames, play(path, "It").damage) == (0, "It holds no frames")


def test_longer_sound_harms_nothing(tmp_path: Path) -> None:
    """A clip whose sound goes on behind its last picture is a whole one."""
    path = tmp_path / "loud.mp4"
    path.write_bytes(clip())
    with av.open(str(path)) as source, av.open(str(tmp_path / "longer.mp4"), "w") as target:
        pictures, sound = target.add_stream_from_template(source.streams.video[0]), target.add_stream("aac", rate=48000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                target.mux(packet)
        noise = np.random.default_rng(1).integers(-999, 999, (1, 960_000), np.int16)
        tone = av.AudioFrame.from_ndarray(noise, format="s16", layout="stereo")
        tone.sample_rate = 48000
        target.mux(sound.encode(tone))
        target.mux(sound.encode(None))
    assert play(tmp_path / "longer.mp4", "It").damage == ""
