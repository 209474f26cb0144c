"""A reader of faces which knows nothing of the engine, and reads its clips as anybody with the models would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from wan_notebook.faces.expression import Reading, curves
from wan_notebook.faces.find import FaceReader
from wan_notebook.faces.mesh import Mesh, MeshReader
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
                faces = self._finder.find(pixels)
                mesh = faces[0].mesh if faces else mesh
            usual = usual if mesh is None else max(0.95 * usual, mesh.presence)
            whole.append(mesh and Reading.of(mesh, self._finder.eyes(pixels, mesh)))
            by_mesh.append(mesh and Reading.of(mesh))
            sure.append(mesh is not None and mesh.presence >= 0.5)
        seen, mesh_only = curves(whole), curves(by_mesh)
        seen |= {"mesh_left": mesh_only["eye_left"], "mesh_right": mesh_only["eye_right"]}
        return seen, float(np.mean(sure or [False]))


def mean_of(seen: Mapping[str, Curve], measures: Mapping[str, Sequence[str]] = MEASURES) -> dict[str, Curve]:
    """Return each measure as the mean of its fields."""
    return {name: np.mean([seen[part] for part in parts], axis=0) for name, parts in measures.items()}
