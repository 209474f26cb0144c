"""How truly a character repeats a performance: both clips read by the face mesh, frame by frame.

Without arguments drawn people and a photograph repeat drawn performances whose motion is known; beside it stands how
well the performer itself is read, since the mesh knows people, and drawn ones less.
`python -m tests.bench expression FOLDER` lets each picture of a folder repeat each of its videos, and prints how the
readings agree; `--pairs 4` takes some pairs only, spread over both.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from wan_notebook.errors import WanError
from wan_notebook.faces.expression import Reading, curves
from wan_notebook.faces.find import FaceReader
from wan_notebook.faces.mesh import Mesh, MeshReader
from wan_notebook.faces.network import Network
from wan_notebook.faces.weights import get_models
from wan_notebook.media import samples
from wan_notebook.model.family import MOVE
from wan_notebook.preview.engine import run
from wan_notebook.video.read import frames

from .fidelity import Agreement

PICTURES, VIDEOS = {".jpg", ".jpeg", ".png", ".webp"}, {".mp4", ".mov", ".webm", ".mkv"}
MEASURES = {
    "mouth": ("mouth_open",),
    "width": ("mouth_width",),
    "lids": ("mesh_left", "mesh_right"),
    "blink": ("eye_left", "eye_right"),
    "brows": ("brow_left", "brow_right"),
    "yaw": ("yaw",),
    "pitch": ("pitch",),
    "roll": ("roll",),
}
"""The readings that are compared, each the mean of some fields of Reading: the lids as the mesh alone sees them, and as
the model of the eyes does (blink)."""
DRAWN = {
    "head_x": ("x",),
    "head_y": ("y",),
    "roll": ("roll",),
    "mouth": ("mouth_open",),
    "blink": ("eye_left", "eye_right"),
    "yaw": ("yaw",),
    "pitch": ("pitch",),
    "smile": ("corner_left", "corner_right"),
    "brows": ("brow_left", "brow_right"),
}
"""The curves of drawn performances, and the readings that show them."""
Curve = NDArray[np.float64]


class Witness:
    """Reads faces frame by frame, as anybody with the models would: by nothing that the engine remembers."""

    def __init__(self) -> None:
        self._finder, self._meshes = FaceReader(), MeshReader(Network(get_models().mesh))

    def read(self, clip: Iterable[NDArray[np.uint8]]) -> tuple[dict[str, Curve], float]:
        """Return each field of Reading over the frames, NaN without a face, and the share that surely shows one.

        "mesh_left" and "mesh_right" are the lids as the mesh alone sees them.
        """
        whole: list[Reading | None] = []
        by_mesh: list[Reading | None] = []
        sure: list[bool] = []
        mesh: Mesh | None = None
        usual = 0.0
        for number, pixels in enumerate(clip):
            mesh = mesh and self._meshes.read(pixels, mesh.region)
            # A figurine's mesh is never sure; a person's is, until it is lost.
            if mesh is None or (mesh.presence < usual / 2 and number % 5 == 0):
                faces = self._finder.find(pixels)
                mesh = faces[0].mesh if faces else mesh
            usual = usual if mesh is None else max(0.95 * usual, mesh.presence)
            whole.append(mesh and Reading.of(mesh, self._finder.eyes(pixels, mesh)))
            by_mesh.append(mesh and Reading.of(mesh))
            sure.append(mesh is not None and mesh.presence >= 0.5)
        seen, mesh_only = curves(whole), curves(by_mesh)
        seen |= {"mesh_left": mesh_only["eye_left"], "mesh_right": mesh_only["eye_right"]}
        return seen, float(np.mean(sure or [False]))


def mean_of(seen: dict[str, Curve], measures: Mapping[str, Sequence[str]]) -> dict[str, Curve]:
    """Return each measure as the mean of its fields."""
    return {name: np.mean([seen[part] for part in parts], axis=0) for name, parts in measures.items()}


def compare(picture: Path, video: Path, settings: dict[str, object]) -> tuple[dict[str, Agreement], float, float]:
    """Let a picture repeat a video.

    Returns:
        The agreement of each of MEASURES, the share of the clip's frames in which a face is surely seen, and the
        seconds of computing per second of the clip, reading left out.
    """
    began = time.process_time()
    made = run(picture, video, settings, lambda *_: None, lambda: False)
    pictures = list(made)
    computing = time.process_time() - began
    wanted, _ = Witness().read(frame.pixels for frame in frames(video, fps=made.fps, height=480))
    seen, sure = Witness().read(pictures)
    reference, result = mean_of(wanted, MEASURES), mean_of(seen, MEASURES)
    count = min(len(result["roll"]), len(reference["roll"]))
    found = {name: Agreement.of(result[name][:count], reference[name][:count]) for name in MEASURES}
    return found, sure, computing / max(1e-9, len(pictures) / made.fps)


def drawn(home: Path, steps: int) -> None:
    """Print how drawn people and a photograph follow what is drawn.

    The correlation is with the truth; the gain, which needs one unit for both, with the performer as it is read.
    """
    photograph = home / "astronaut.png"
    Image.fromarray(data.astronaut()).save(photograph)
    characters = {name: samples.character(name) for name in ("ada", "noor", "pip")} | {"astronaut": photograph}
    settings = {"model": MOVE.id, "resolution": "480p", "num_inference_steps": steps, "shift": 3.0}
    print("Correlation with the true motion / gain against the performer as read\n" + f"{'':22}" + _heads(DRAWN))
    for performance in samples.PERFORMANCES:
        video = samples.reference(performance)
        performer = mean_of(in_units(Witness().read(frame.pixels for frame in frames(video))[0]), DRAWN)
        curves_ = samples.curves(performance)
        truth = {name: (-1 if name == "blink" else 1) * getattr(curves_, name) for name in DRAWN}
        _line(
            f"{performance:11}as drawn",
            [(Agreement.of(performer[n], truth[n]).correlation, 1.0) for n in DRAWN],
            "",
            22,
        )
        for name, picture in characters.items():
            made = mean_of(
                in_units(Witness().read(run(picture, video, settings, lambda *_: None, lambda: False))[0]), DRAWN
            )
            row = [
                (Agreement.of(made[one], truth[one]).correlation, Agreement.of(made[one], performer[one]).gain)
                for one in DRAWN
            ]
            _line(f"{performance:11}{name}", row, "", 22)


def in_units(seen: dict[str, Curve]) -> dict[str, Curve]:
    """Return readings with the place in distances of the eyes' corners."""
    unit = np.nanmedian(seen["unit"])
    return seen | {"x": seen["x"] / unit, "y": seen["y"] / unit}


def folder(path: Path, pairs: int | None, steps: int) -> None:
    """Print the agreement of all pictures of a folder with all its videos, and the medians."""
    pictures, videos = (sorted(p for p in path.iterdir() if p.suffix.lower() in kinds) for kinds in (PICTURES, VIDEOS))
    chosen = list(itertools.product(pictures, videos))
    if pairs is not None and pairs < len(chosen):
        # Each picture and each video once, before any of them again.
        chosen.sort(key=lambda pair: (pictures.index(pair[0]) - videos.index(pair[1])) % len(pictures))
        chosen = chosen[:pairs]
    settings = {"model": MOVE.id, "resolution": "480p", "num_inference_steps": steps, "shift": 3.0}
    print("Correlation of result and reference / gain; share of frames with a face; computing per second of clip")
    print(f"{'':44}" + _heads(MEASURES) + f"{'face':>8}{'s/s':>6}")
    rows = []
    for picture, video in chosen:
        try:
            found, sure, computing = compare(picture, video, settings)
        except WanError as error:
            print(f"{picture.stem[:20]:21} {video.stem[:21]:22}{type(error).__name__}: {error}", flush=True)
            continue
        rows.append([[found[name].correlation, found[name].gain] for name in MEASURES])
        _line(f"{picture.stem[:20]:21} {video.stem[:21]:22}", rows[-1], f"{sure:8.0%}{computing:6.2f}")
    if rows:
        _line(f"median of {len(rows)}", np.nanmedian(np.array(rows), axis=0).tolist(), "")


def _heads(measures: Iterable[str]) -> str:
    return "".join(f"{name:>12}" for name in measures)


def _line(name: str, row: Sequence[Sequence[float]], rest: str, width: int = 44) -> None:
    print(f"{name:{width}}" + "".join(f"{r:6.2f} /{gain:4.2f}" for r, gain in row) + rest, flush=True)


def main(arguments: Sequence[str] = ()) -> None:
    """Print the agreement for a folder, or for what is drawn."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench expression")
    parser.add_argument("folder", type=Path, nargs="?", help="of pictures and videos")
    parser.add_argument("--pairs", type=int, help="how many pairs at most")
    parser.add_argument("--steps", type=int, default=20, help="num_inference_steps")
    chosen = parser.parse_args(arguments)
    if chosen.folder is not None:
        folder(chosen.folder, chosen.pairs, chosen.steps)
        return
    with tempfile.TemporaryDirectory() as home:
        drawn(Path(home), chosen.steps)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
