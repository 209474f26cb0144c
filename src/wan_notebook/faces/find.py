"""Finding the faces of a picture and reading their meshes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .covered import Covered, find_covered
from .detect import FaceBox, FaceDetector
from .doubtful import read_doubtful
from .eyes import EyeReader, Eyes, SeenEyes
from .mesh import Mesh, MeshReader, Region
from .network import Network
from .weights import get_models

_PRESENT = 0.5
"""Presence from which a mesh is believed: the model's authors' own threshold."""
_SURE = 0.9
"""Presence of a mesh below which a still picture is looked at more closely: of 55 people, painted, modelled and
photographed, none had less than 0.99, and a cat on whose cheek it lay had 0.65. In a mirror it is one still: of 160
people none then had less than 0.9, and a toy between whose brow and mouth the mesh lay had 0.97 straight, 0.13
mirrored."""
_SAME = 0.3
"""Distance between the places of two faces, in distances of the eyes, up to which they are one."""
_DOUBTFUL = 3
"""Of what was detected in a picture without any person's face, so many are looked at more closely, the largest."""


@dataclass(frozen=True)
class Face:
    """A face that was found."""

    box: FaceBox
    mesh: Mesh
    confidence: float
    """How surely this is a face, 0 to 1: the detector's score of a person's, half of it of an animal's."""


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
        """Return the faces of people in a picture, the largest first.

        Args:
            pixels: H×W×3 RGB.
            closely: search parts of it where the whole shows none surely, as FaceDetector.find() does.
            known: faces of this very picture that need not be read again; they are left out.
        """
        boxes = self._detector.find(pixels, closely=closely)
        new = [box for box in boxes if not any(mesh.distance(box) < _SAME for mesh in known)]
        return self._people(pixels, new, _PRESENT)

    def find_in_still(self, pixels: NDArray[np.uint8]) -> list[Face]:
        """Return the faces of a still picture, H×W×3 RGB, the largest first; an animal's where it shows no person's."""
        boxes = self._detector.find(pixels, closely=True)
        people = self._people(pixels, boxes, _SURE)
        mirrored = np.ascontiguousarray(pixels[:, ::-1])
        # Some who are small in a crowd are not.
        if any(self._is_mirrored(mirrored, face.mesh) for face in people):
            return people
        for box in boxes[:_DOUBTFUL]:
            mesh = read_doubtful(self._mesh.read, pixels, box)
            if mesh is not None:
                return [Face(box, mesh, box.score / 2)]
        return []

    def _is_mirrored(self, mirrored: NDArray[np.uint8], mesh: Mesh) -> bool:
        """Whether a person is seen in a mirror image of the picture, H×W×3 RGB, where the picture showed one."""
        return self._mesh.read(mirrored, mesh.region.mirrored(mirrored.shape[1])).presence >= _PRESENT

    def _people(self, pixels: NDArray[np.uint8], boxes: Sequence[FaceBox], presence: float) -> list[Face]:
        """Return those of the faces detected of which the mesh says so surely that they are a person's."""
        faces = []
        for box in boxes:
            mesh = self._mesh.read(pixels, Region.of(box))
            # What the detector frames is not quite what the mesh was trained on: its own frame is better.
            read = self._read_either_way if box.is_sure else self._mesh.read
            mesh = read(pixels, mesh.region)
            if mesh.presence >= presence:
                faces.append(Face(box, mesh, box.score))
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

    def covered(self, pixels: NDArray[np.uint8], mesh: Mesh, eyes: Eyes) -> Covered:
        """Return what of a person's face, seen in a picture of H×W×3 RGB from the front, is covered."""
        return find_covered(self._mesh.read, pixels, mesh, eyes)


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
