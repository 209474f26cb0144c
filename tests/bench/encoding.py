"""What quality and write mode do to a clip: its size, and the computing that encoding takes."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage import data

from wan_notebook.preview.server.render_job import CRF, WRITE_MODES
from wan_notebook.video.write import Writer

_FRAMES = 75


def photo_in_motion(frames: int = _FRAMES, side: int = 480) -> Iterator[Any]:
    """A photo that sways, nods and breathes a little, as an animated character does; H×W×3 uint8 RGB."""
    photo = cv2.resize(data.astronaut(), (side, side), interpolation=cv2.INTER_AREA)
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    near = np.exp(-((columns - side / 2) ** 2 + (rows - side / 3) ** 2) / (side / 4) ** 2)
    for number in range(frames):
        phase = 2 * np.pi * number / 40
        across, down = 12 * np.sin(phase) * near, 8 * np.sin(2 * phase) * near
        yield cv2.remap(photo, columns + across.astype(np.float32), rows + down.astype(np.float32), cv2.INTER_LINEAR)


def encode(frames: list[Any], quality: str, mode: str, folder: Path) -> tuple[int, float]:
    """Return the bytes of the clip and the seconds of computing that it took."""
    preset, softer = WRITE_MODES[mode]
    path, start = folder / f"{quality}-{mode}.mp4", time.process_time()
    height, width = frames[0].shape[:2]
    with Writer(path, width=width, height=height, fps=25, crf=CRF[quality] + softer, preset=preset) as writer:
        for frame in frames:
            writer.write(frame)
    return path.stat().st_size, time.process_time() - start


def main() -> None:
    """Print a table of every quality by every write mode."""
    frames = list(photo_in_motion())
    print(
        f"Encoding {_FRAMES} frames of 480 × 480: size, seconds of computing\n{'':10}"
        + "".join(f"{mode:>22}" for mode in WRITE_MODES)
    )
    with tempfile.TemporaryDirectory() as folder:
        for quality in CRF:
            cells = [encode(frames, quality, mode, Path(folder)) for mode in WRITE_MODES]
            print(f"{quality:10}" + "".join(f"{size / 1000:10.0f} kB {seconds:7.2f} s" for size, seconds in cells))


if __name__ == "__main__":
    main()
