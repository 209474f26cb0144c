"""A reader of faces which knows nothing of the engine, and reads its clips as anybody with the models would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from wan_notebook.faces.expression import Reading, curves
from wan_notebook.faces.find import FaceReader
from wan_notebook.faces.mesh import Mesh, MeshReader, Region
from wan_notebook.faces.network import Network
from wan_notebook.faces.weights import get_models

Curve = NDArray[np.float64]
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
VIEWS = (
    (1.0, 0.0, 0.0, 0.0),
    (0.94, 0.02, 0.0, 0.03),
    (1.06, -0.02, 0.01, -0.03),
    (1.0, 0.0, 0.03, 0.05),
    (1.03, 0.01, -0.03, -0.05),
)
"""Squares from which a face is read to be compared, as Region.varied() takes them.

How a small mouth is read hangs on the square: of drawn performances one reading a frame agrees with the mouth as it was
drawn at .85 to .94, the mean of these five at .965 to .979.
"""


class Witness:
    """Reads faces frame by frame, by nothing that the engine remembers."""

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
                faces = self._finder.find(pixels) if mesh else self._finder.find_in_still(pixels)
                mesh = faces[0].mesh if faces else mesh
            usual = usual if mesh is None else max(0.95 * usual, mesh.presence)
            whole.append(mesh and Reading.of(mesh, self._finder.eyes(pixels, mesh)))
            by_mesh.append(mesh and Reading.of(mesh))
            sure.append(mesh is not None and mesh.presence >= 0.5)
        seen, mesh_only = curves(whole), curves(by_mesh)
        seen |= {"mesh_left": mesh_only["eye_left"], "mesh_right": mesh_only["eye_right"]}
        return seen, float(np.mean(sure or [False]))

    def read_alike(
        self, truth: Iterable[NDArray[np.uint8]], made: Iterable[NDArray[np.uint8]]
    ) -> tuple[dict[str, Curve], dict[str, Curve]]:
        """Return each measure of true frames and of those made in their place, both read in the same squares.

        So a picture that is the true one reads the same, and what differs is in the pictures.
        """
        mesh: Mesh | None = None
        both: tuple[list[dict[str, float]], list[dict[str, float]]] = ([], [])
        for true, ours in zip(truth, made, strict=True):
            mesh = mesh or self._finder.find(true)[0].mesh
            mesh = self._meshes.read(true, mesh.region)
            for rows, pixels in zip(both, (true, ours), strict=True):
                rows.append(self._viewed(pixels, mesh.region))
        true_curves, made_curves = ({name: np.array([row[name] for row in rows]) for name in rows[0]} for rows in both)
        return true_curves, made_curves

    def _viewed(self, pixels: NDArray[np.uint8], region: Region) -> dict[str, float]:
        readings = []
        for view in VIEWS:
            mesh = self._meshes.read(pixels, region.varied(*view))
            readings.append(Reading.of(mesh, self._finder.eyes(pixels, mesh)))
        return {
            name: float(np.mean([getattr(reading, part) for reading in readings for part in MEASURES[name]]))
            for name in ("mouth", "blink")
        }


def mean_of(seen: Mapping[str, Curve], measures: Mapping[str, Sequence[str]] = MEASURES) -> dict[str, Curve]:
    """Return each measure as the mean of its fields."""
    return {name: np.mean([seen[part] for part in parts], axis=0) for name, parts in measures.items()}
