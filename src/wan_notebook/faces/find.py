"""Finding the faces of a picture and reading their meshes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .detect import FaceBox, FaceDetector
from .eyes import EyeReader, Eyes, SeenEyes
from .mesh import Mesh, MeshReader, Region
from .network import Network
from .weights import get_models

_PRESENT = 0.5
"""Presence from which a mesh is believed: the model's authors' own threshold."""
_HARDLY = 0.005
"""Presence of a mesh from which something may still be a face, though none of a person."""
_AGREED = 0.3
"""Distance between the places where the two models see it, in distances of the eyes, up to which that may be."""


@dataclass(frozen=True)
class Face:
    """A face that was found."""

    box: FaceBox
    mesh: Mesh

    @property
    def confidence(self) -> float:
        """How surely this is a face, 0 to 1: the detector's score where the mesh agrees, half of it or 0 elsewhere.

        Of animals and figurines the detector sees eyes and mouth in their places, while the mesh, which was trained on
        people, lies upon the same places and says that hardly anybody is there. Of grass, coins and letters it says
        that nobody is, or it lies elsewhere.
        """
        if self.mesh.presence >= _PRESENT:
            return self.box.score
        agreed = self.mesh.presence >= _HARDLY and _disagreement(self.box, self.mesh) < _AGREED
        return self.box.score / 2 if agreed else 0.0


def _disagreement(box: FaceBox, mesh: Mesh) -> float:
    """Return how far apart the two models see the eyes and the mouth, in distances of the eyes."""
    points = mesh.face_points
    pairs = (points.left_eye, box.eyes[0]), (points.right_eye, box.eyes[1]), (points.mouth, box.mouth)
    return max(float(np.hypot(a[0] - b[0], a[1] - b[1])) for a, b in pairs) / max(1e-6, points.eye_distance)


class FaceReader:
    """Finds faces and reads their meshes; for one thread at a time, and eyes() for another.

    Raises:
        ModelsMissing: the models are neither here nor to be had.
    """

    def __init__(self) -> None:
        models = get_models()
        self._detector = FaceDetector(Network(models.detection))
        self._mesh = MeshReader(Network(models.mesh))
        self._eyes = EyeReader(Network(models.iris))

    def find(self, pixels: NDArray[np.uint8], *, closely: bool = True, known: Sequence[Mesh] = ()) -> list[Face]:
        """Return the faces of a picture, the largest first.

        Args:
            pixels: H×W×3 RGB.
            closely: search parts of it where the whole shows none surely, as FaceDetector.find() does.
            known: faces of this very picture that need not be read again; they are left out.
        """
        faces = []
        for box in self._detector.find(pixels, closely=closely):
            if any(_disagreement(box, mesh) < _AGREED for mesh in known):
                continue
            mesh = self._mesh.read(pixels, Region.of(box))
            # What the detector frames is not quite what the mesh was trained on: its own frame is better.
            read = self._read_either_way if box.is_sure else self._mesh.read
            faces.append(Face(box, read(pixels, mesh.region)))
        return faces

    def _read_either_way(self, pixels: NDArray[np.uint8], region: Region) -> Mesh:
        """Return the face in a region, upright or upside down.

        In one that stands on its head the detector often sees eyes where the mouth is, and the mesh lies there. It is
        less sure of itself then: of 340 readings of 29 faces, turned any way, the surer one was the right one. What is
        hardly a person's face, as a llama's, tells of no way.
        """
        mesh, turned = (self._mesh.read(pixels, way) for way in (region, region.upside_down))
        if turned.presence < _PRESENT or turned.presence <= mesh.presence:
            return mesh
        return self._mesh.read(pixels, turned.region)

    def read(self, pixels: NDArray[np.uint8], region: Region) -> Mesh | None:
        """Return the face that a region of a picture shows; None where it shows none."""
        mesh = self._mesh.read(pixels, region)
        return mesh if mesh.presence >= _PRESENT else None

    def fit(self, pixels: NDArray[np.uint8], region: Region) -> Mesh:
        """Return the mesh that fits a region best, whether or not it shows a face."""
        return self._mesh.read(pixels, region)

    def eyes(self, pixels: NDArray[np.uint8], mesh: Mesh, seen: SeenEyes | None = None) -> Eyes:
        """Return the lids and irises of a face.

        Args:
            pixels: H×W×3 RGB.
            mesh: the face.
            seen: what was seen of them in earlier frames: an eye that looks as it did then is not read again.
        """
        return self._eyes.read(pixels, mesh, seen)


_readers = threading.local()


def face_reader() -> FaceReader:
    """Return this thread's reader: loading the models takes a tenth of a second.

    Raises:
        ModelsMissing: the models are neither here nor to be had.
    """
    if not hasattr(_readers, "reader"):
        _readers.reader = FaceReader()
    reader: FaceReader = _readers.reader
    return reader
