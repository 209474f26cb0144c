"""The motion preview: how truly it repeats known motion, how fast it is, how much memory it takes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from wan_notebook.faces.find import face_reader
from wan_notebook.media import samples
from wan_notebook.media.samples.drawing import painted_figure
from wan_notebook.model.family import MOVE, REPLACE
from wan_notebook.preview.engine import run
from wan_notebook.preview.engine.character import find_character, open_picture

from .fidelity import Agreement, Points, Ruler

CURVES = ("head_x", "head_y", "roll", "mouth", "blink")
GAPE = 0.42
"""Eye distances between the lips of a drawn mouth that is open by 1."""
_ASTRONAUT: Points = ((203.0, 100.5), (246.5, 102.5), (223.0, 149.5))
"""Eyes and mouth of scikit-image's astronaut, 512 × 512 pixels, marked by hand; her lips part below her teeth."""


def settings(resolution: str = "480p", steps: int = 20, model: str = MOVE.id) -> dict[str, object]:
    """What a request asks of the engine."""
    return {"model": model, "resolution": resolution, "num_inference_steps": steps, "shift": 3.0}


def drawn_points(size: tuple[int, int]) -> Points:
    """Where a drawn person's eyes and mouth are."""
    unit, middle, eyes = samples.unit(size), size[0] / 2, 0.405 * size[1]
    return (middle - unit / 2, eyes), (middle + unit / 2, eyes), (middle, eyes + 1.14 * unit)


def agreements(picture: Path, points: Points, performance: str, steps: int = 20) -> dict[str, Agreement]:
    """Let a character repeat a drawn performance, and compare what is seen with the truth."""
    made = run(picture, samples.reference(performance), settings(steps=steps), lambda *_: None, lambda: False)
    still = Image.open(picture).convert("RGB")
    across, down = made.width / still.width, made.height / still.height
    left, right, mouth = ((x * across, y * down) for x, y in points)
    pixels = cv2.resize(np.asarray(still), (made.width, made.height), interpolation=cv2.INTER_AREA)
    seen, truth = Ruler(pixels, (left, right, mouth)).measure(made), samples.curves(performance)
    true = {name: getattr(truth, name) * (GAPE if name == "mouth" else 1) for name in CURVES}
    return {name: Agreement.of(getattr(seen, name), true[name]) for name in CURVES}


def fidelity(folder: Path) -> None:
    """Print how the output follows known curves: correlation, and gain beside it."""
    astronaut = folder / "astronaut.png"
    Image.fromarray(data.astronaut()).save(astronaut)
    characters = [
        (look, samples.character(look), drawn_points(samples.CHARACTER_SIZE)) for look in ("ada", "noor", "pip")
    ]
    characters.append(("astronaut", astronaut, _ASTRONAUT))
    print("Correlation with the true motion / gain\n" + f"{'':22}" + "".join(f"{name:>14}" for name in CURVES))
    for performance in samples.PERFORMANCES:
        for name, picture, points in characters:
            found = agreements(picture, points, performance)
            cells = "".join(f"{found[curve].correlation:8.3f} /{found[curve].gain:5.2f}" for curve in CURVES)
            print(f"{name:11}{performance:11}{cells}", flush=True)


def identity() -> None:
    """Print how far pixels change that are none of the subject's, the mark left out; before encoding."""
    print("\nLargest change of a pixel more than an eye distance away from the person, in grey levels")
    for look in ("ada", "noor", "pip"):
        picture = samples.character(look)
        made = run(picture, samples.reference("hello"), settings(), lambda *_: None, lambda: False)
        still = find_character(open_picture(picture), "480p", face_reader()).pixels.astype(np.int16)
        outside = farther(look, (made.width, made.height))
        outside[-made.height // 12 :] = False
        worst = max(int(np.abs(frame[outside] - still[outside]).max()) for frame in made)
        print(f"{look:11}{worst:3}   of {outside.mean():.0%} of the picture", flush=True)


def farther(look: str, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where a drawn picture is more than an eye distance away from the person."""
    figure = painted_figure(samples.PEOPLE[look], size)
    inner = (slice(figure.margin, figure.margin + size[1]), slice(figure.margin, figure.margin + size[0]))
    behind = np.asarray(figure.backdrop.convert("RGB"))[inner].astype(int)
    person = np.abs(np.asarray(samples.draw(samples.PEOPLE[look], samples.Pose(), size)) - behind).max(-1) > 6
    away = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(away > samples.unit(size))


def speed() -> None:
    """Print seconds of waiting and of computing per second of video, and when the first word of progress came."""
    print(
        "\nSeconds per second of video (25 per second), encoding left out\n"
        f"{'':26}{'waiting':>10}{'computing':>11}{'first word':>12}"
    )
    picture, reference = samples.character("ada"), samples.reference("hello", 6.0)
    for resolution, steps, model in (("480p", 4, MOVE), ("480p", 20, MOVE), ("720p", 20, MOVE), ("480p", 20, REPLACE)):
        first: list[float] = []
        waited, computed = time.perf_counter(), time.process_time()

        def on_progress(_share: float, _what: str, began: float = waited, first: list[float] = first) -> None:
            first.append(time.perf_counter() - began)

        made = run(picture, reference, settings(resolution, steps, model.id), on_progress, lambda: False)
        seconds = sum(1 for _ in made) / made.fps
        waited, computed = time.perf_counter() - waited, time.process_time() - computed
        case = f"{model.mode}, {resolution}, {steps} steps"
        print(f"{case:26}{waited / seconds:9.2f} s{computed / seconds:9.2f} s{first[0]:10.2f} s", flush=True)


def memory() -> None:
    """Print the most memory that a process of its own takes, for short and long clips."""
    print("\nMost memory of a process that makes and encodes a clip\n" + f"{'':14}{'3 s':>10}{'30 s':>10}")
    for resolution in ("480p", "720p"):
        cells = [f"{_peak(resolution, seconds):7.0f} MB" for seconds in (3.0, 30.0)]
        print(f"{resolution:14}{''.join(cells)}", flush=True)


_ONE_CLIP = """
import resource, sys
from pathlib import Path
from wan_notebook import samples
from wan_notebook.preview.engine import run
from wan_notebook.video.write import Writer
settings = {"model": sys.argv[1], "resolution": sys.argv[2], "num_inference_steps": 20, "shift": 3.0}
made = run(Path(sys.argv[3]), Path(sys.argv[4]), settings, lambda *_: None, lambda: False)
with Writer(Path(sys.argv[5]), width=made.width, height=made.height, fps=made.fps) as writer:
    for frame in made:
        writer.write(frame)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def _peak(resolution: str, seconds: float) -> float:
    """Return the most memory of a process that makes one clip, in megabytes."""
    picture, reference = samples.character("ada"), samples.reference("hello", seconds)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _ONE_CLIP, MOVE.id, resolution, picture, reference, Path(folder) / "clip.mp4"],
            capture_output=True,
            text=True,
            check=True,
        )
    return float(done.stdout)


def main() -> None:
    """Print all four tables."""
    with tempfile.TemporaryDirectory() as folder:
        fidelity(Path(folder))
    identity()
    speed()
    memory()


if __name__ == "__main__":
    main()
