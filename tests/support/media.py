"""Small inputs: pictures, videos, data URIs, and samples that are drawn once for all tests."""

import base64
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wan_notebook.media import samples
from wan_notebook.model.family import MOVE
from wan_notebook.video.write import Writer

PERFORMANCE, FPS = "hello", 12.5
"""Which of the drawn performances is measured, and at how many frames per second."""


class Source(NamedTuple):
    """What the journal reads off a picture or a video."""

    url: str
    name: str
    size: int | None = 1
    sha256: str | None = "aa"


def picture() -> bytes:
    """A small PNG."""
    content = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 120, 40)).save(content, "PNG")
    return content.getvalue()


def reference(folder: Path, frames: int = 10) -> bytes:
    """A small MP4 whose brightness rises, left in the folder as small.mp4."""
    brightness = (np.full((48, 64, 3), 20 * number % 256, np.uint8) for number in range(frames))
    return filmed(brightness, folder / "small.mp4").read_bytes()


@cache
def clip() -> bytes:
    """A small MP4 that plays."""
    with TemporaryDirectory() as folder:
        return reference(Path(folder))


def data_uri(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def order(folder: Path, **fields: Any) -> dict[str, Any]:
    """A valid body of a submit."""
    inputs = {"image_url": data_uri(picture(), "image/png"), "video_url": data_uri(reference(folder), "video/mp4")}
    return {"model": MOVE.id, **inputs, **fields}


def stored(pixels: NDArray[np.uint8], path: Path) -> Path:
    """A picture as a file."""
    Image.fromarray(pixels).save(path)
    return path


def filmed(frames: Iterable[NDArray[np.uint8]], path: Path, fps: float = 10) -> Path:
    """Frames as a file."""
    first, *others = frames
    with Writer(path, width=first.shape[1], height=first.shape[0], fps=fps) as writer:
        for frame in (first, *others):
            writer.write(frame)
    return path


def noisy(content: bytes) -> bytes:
    """An MP4 whose pictures are noise from the middle on; its index is whole."""
    with av.open(io.BytesIO(content)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.pos is not None]
    middle, end = places[len(places) // 2][0], max(begin + size for begin, size in places)
    return content[:middle] + np.random.default_rng(1).bytes(end - middle) + content[end:]


def meadow(size: tuple[int, int] = (320, 240), *, seed: int = 1) -> NDArray[np.uint8]:
    """A picture without anybody in it: soft blots of green."""
    coarse = np.random.default_rng(seed).integers(40, 200, (size[1] // 20, size[0] // 20, 3), dtype=np.uint8)
    blots = np.asarray(Image.fromarray(coarse // np.array([3, 1, 3], np.uint8)).resize(size, Image.Resampling.BICUBIC))
    return np.ascontiguousarray(blots)


def drifting(frames: int = 8) -> Iterator[NDArray[np.uint8]]:
    """A meadow that slides to the right, three pixels in each frame."""
    wide = meadow((400, 240))
    for number in range(frames):
        left = 60 - 3 * number
        yield np.ascontiguousarray(wide[:, left : left + 320])


@dataclass(frozen=True)
class Drawn:
    """Files that are drawn once for all tests."""

    ada: Path
    pip: Path
    glimpse: Path
    """Six frames of somebody who begins to talk."""
    speech: Path
    """All of PERFORMANCE."""

    @classmethod
    def make(cls) -> "Drawn":
        return cls(
            ada=samples.character("ada"),
            pip=samples.character("pip"),
            glimpse=samples.reference(PERFORMANCE, 0.6, 10),
            speech=samples.reference(PERFORMANCE, 3.0, FPS),
        )


def sounding(silent: Path, path: Path) -> Path:
    """The video of a file with noise under it, as another file."""
    with av.open(str(silent)) as source, av.open(str(path), "w") as target:
        pictures, sound = target.add_stream_from_template(source.streams.video[0]), target.add_stream("aac", rate=48000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                target.mux(packet)
        samples = round(48000 * float((source.duration or 0) / 1_000_000))
        noise = np.random.default_rng(0).integers(-3000, 3000, (1, 2 * samples), dtype=np.int16)
        tone = av.AudioFrame.from_ndarray(noise, format="s16", layout="stereo")
        tone.rate, tone.pts = 48000, 0
        target.mux(sound.encode(tone))
        target.mux(sound.encode(None))
    return path


def with_broken_end(path: Path, target: Path) -> Path:
    """A copy of a video whose last packet is damaged."""
    content = path.read_bytes()
    with av.open(str(path)) as container:
        last = bytes([packet for packet in container.demux(video=0) if packet.size][-1])
    target.write_bytes(content.replace(last, last[:5] + b"\xff" * (len(last) - 5)))
    return target
