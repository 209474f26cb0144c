"""The character: its picture, upright and at the final size, its face and its outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...errors import MediaError
from ...faces.eyes import Eyes
from ...faces.find import FaceReader
from ...faces.geometry import FacePoints, apply
from ...faces.mesh import Mesh, Region
from ...faces.topology import CHIN, FOREHEAD, LEFT_EYE, LIDS, OVAL, RIGHT_EYE
from ...media.srgb import open_image, to_srgb
from .drawn_mouth import with_drawn_chin, with_drawn_mouth
from .flatness import is_flat, with_flat_cheeks
from .lids import DrawnEye, widened


@dataclass(frozen=True)
class Character:
    """A picture at the size of the final frames."""

    pixels: NDArray[np.uint8]
    """H×W×3 RGB, both sides multiples of 16."""
    mesh: Mesh | None
    """The face; None where none was found."""
    eyes: Eyes | None
    """Its lids and irises."""
    confidence: float
    """How surely the face is one, 0 to 1; 0 where none was found."""
    faces: int
    """How many faces the picture seems to hold."""
    flat: bool = False
    """Whether the face is drawn flatly."""


def frame_size(width: int, height: int, resolution: str) -> tuple[int, int]:
    """Return the final width and height in pixels: the short side given, the aspect kept, both rounded to 16."""
    factor = int(resolution.removesuffix("p")) / min(width, height)
    return max(16, round(width * factor / 16) * 16), max(16, round(height * factor / 16) * 16)


def open_picture(path: Path) -> NDArray[np.uint8]:
    """Return the pixels of a picture, H×W×3 RGB, turned upright; transparent places become white.

    Raises:
        MediaError: it is no picture, is damaged, or is too large.
    """
    with open_image(path) as opened:
        _refuse_odd_size(opened, path.name)
        opened.draft("RGB", (2048, 2048))
        return np.asarray(to_srgb(opened, path.name))


def _refuse_odd_size(opened: Image.Image, name: str) -> None:
    width, height = opened.size
    if min(width, height) < 32:
        raise MediaError(f"{name} has only {width} × {height} pixels. Take a larger one.")
    if max(width, height) > 8 * min(width, height):
        raise MediaError(f"{name} is {width} × {height} pixels, too narrow for a clip. Crop it.")


def find_character(
    full: NDArray[np.uint8],
    resolution: str,
    reader: FaceReader | None,
    points: Sequence[Sequence[float]] | None = None,
) -> Character:
    """Bring a picture to its final size and find its face.

    Args:
        full: H×W×3 RGB, upright.
        resolution: the short side, as "480p".
        reader: reads faces; no face is found without.
        points: left eye, right eye and mouth given by the user, as (x, y) in pixels of the upright picture.

    Raises:
        MediaError: the points given are no face.
    """
    width, height = frame_size(full.shape[1], full.shape[0], resolution)
    shrinking = width < full.shape[1]
    pixels = cv2.resize(full, (width, height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)
    if reader is None:
        return Character(pixels, None, None, confidence=0.0, faces=0)
    if points is not None:
        mesh = mesh_at(reader, pixels, given_points(points, (width / full.shape[1], height / full.shape[0])))
        flat, eyes = is_flat(pixels, mesh), reader.eyes(pixels, mesh)
        return Character(pixels, with_flat_cheeks(mesh) if flat else mesh, eyes, 1.0, faces=1, flat=flat)
    faces = reader.find_in_still(pixels)
    if not faces:
        return Character(pixels, None, None, confidence=0.0, faces=0)
    face = max(faces, key=lambda face: face.box.size * face.confidence)
    read = face.mesh
    chin = with_drawn_chin(pixels, read.points.astype(float)) if face.confidence < _SURE else None
    if chin is not None:
        read = replace(read, points=chin.astype(np.float32))
    mesh, eyes = _with_features(reader, pixels, read)
    flat = chin is not None or is_flat(pixels, mesh)
    return Character(pixels, with_flat_cheeks(mesh) if flat else mesh, eyes, face.confidence, len(faces), flat)


def given_points(points: Sequence[Sequence[float]], factors: tuple[float, float]) -> FacePoints:
    """Return the face at three points that the user gave.

    Args:
        points: left eye, right eye and mouth as (x, y) in pixels of the upright picture.
        factors: from those pixels to the final frame's, across and down.

    Raises:
        MediaError: the points given are no face.
    """
    left, right, mouth = ((float(x) * factors[0], float(y) * factors[1]) for x, y in points)
    face = FacePoints(min(left, right), max(left, right), mouth)
    if face.eye_distance < 4 or face.mouth_units[1] < 0.3:
        raise MediaError("The three points are no face: give the two eyes, apart, and the mouth below them.")
    return face


def mesh_at(reader: FaceReader, pixels: NDArray[np.uint8], points: FacePoints) -> Mesh:
    """Return the mesh of a face whose eyes and mouth are given, laid upon them exactly.

    What reads meshes gives something of a face's shape whatever it is shown, so that even a drawing of two dots and a
    line gets lids and lips.
    """
    x, y = apply(points.to_pixels, np.array([[0.0, 0.45]]))[0]
    region = Region(float(x), float(y), 4.2 * points.eye_distance, points.roll)
    mesh = reader.fit(pixels, region)
    seen, given = (
        np.array([face.left_eye, face.right_eye, face.mouth], np.float32) for face in (mesh.face_points, points)
    )
    upon = np.asarray(cv2.getAffineTransform(seen, given), float)
    scale = float(np.sqrt(abs(np.linalg.det(upon[:, :2]))))
    flat = apply(upon, mesh.points[:, :2].astype(float))
    return Mesh(np.column_stack([flat, scale * mesh.points[:, 2]]).astype(np.float32), mesh.presence)


def _with_features(reader: FaceReader, pixels: NDArray[np.uint8], mesh: Mesh) -> tuple[Mesh, Eyes]:
    """Return a mesh whose lids lie where the model of the eyes sees them, or where they are drawn, and the eyes.

    So do its lips where a mouth is drawn on flat skin.
    """
    eyes = reader.eyes(pixels, mesh)
    points = mesh.points.copy()
    for ring, rim in zip((LEFT_EYE, RIGHT_EYE), eyes.rims, strict=True):
        off = np.linalg.norm(rim - points[list(ring), :2], axis=-1)
        if off.max() < _LID_STRAY * mesh.unit:
            points[list(ring), :2] = rim
    picture = cv2.GaussianBlur(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), (0, 0), 0.8)
    for upper, lower in LIDS:
        lids = DrawnEye(picture, points[list(upper), :2].astype(float), points[list(lower), :2].astype(float)).lids()
        if lids is not None:
            rim, places = (*upper, *lower[-2:0:-1]), np.concatenate([lids[0], lids[1][-2:0:-1]])
            points[:, :2] = widened(points[:, :2].astype(float), rim, places)
    points = with_drawn_mouth(pixels, points.astype(float)).astype(np.float32)
    return replace(mesh, points=outlined(points)), eyes


def outlined(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a mesh whose outline encloses it: at a cheek that is turned away the outline lies hidden behind the cheek.

    Where it would stay there, a head that turns back would show the cheek's skin twice.
    """
    outline = np.setdiff1d(OVAL, (FOREHEAD, CHIN))
    middle = points[list(OVAL), :2].mean(0)
    away = points[:, :2] - middle
    angles, radii = np.arctan2(away[:, 1], away[:, 0]), np.hypot(*away.T)
    around = sorted(OVAL, key=lambda point: angles[point])
    beyond = radii / np.interp(angles, angles[around], radii[around], period=2 * np.pi)
    apart = np.abs((angles[outline][:, None] - angles + np.pi) % (2 * np.pi) - np.pi)
    farther = np.where(apart < _NEAR, beyond, 1.0).max(1)
    # The folded outline of a profile has near and far points side by side: not so far that it grows a spike.
    most = np.where(apart < _NEAR, _SPIKE * radii, 0.0).max(1) / (radii[outline] + 1e-6)
    moved = points.copy()
    moved[outline, :2] = middle + np.minimum(farther, most)[:, None] * away[outline]
    return moved


Mask = NDArray[np.bool_]
_SURE = 0.5
"""Confidence below which a face is hardly a person's."""
_LID_STRAY = 0.12
"""Units by which the two models may differ about a lid: where they differ more, the eye is none of a person's."""
_NEAR = 0.15
"""Radians about a point of the outline within which the mesh must not lie farther out."""
_SPIKE = 1.05
"""Distances of the farthest point near it beyond which no point of the outline is moved."""

_SIDE = 200
"""Long side of the copy in which the outline is sought; it need not be finer, since motion fades out about it."""


def find_silhouette(pixels: NDArray[np.uint8], mesh: Mesh) -> Mask:
    """Return which pixels belong to the person around a face, H×W.

    GrabCut starts from where a head and shoulders lie below and around three points; what it makes of the rest is
    believed as far as it hangs together with the face.

    Args:
        pixels: H×W×3 RGB.
        mesh: the face.
    """
    factor = _SIDE / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    labels, core = initial_labels(small.shape[:2], mesh.face_points.scaled(factor))
    if (labels == cv2.GC_BGD).any() or (labels == cv2.GC_PR_BGD).any():
        labels = segmented(small, labels, 4)
    person = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD) | core).astype(np.uint8)
    person = cv2.morphologyEx(person, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, parts = cv2.connectedComponents(person)
    whole = (parts == np.bincount(parts[core], minlength=2).argmax()).astype(np.uint8)
    return np.asarray(cv2.resize(whole, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0)


def segmented(pixels: NDArray[np.uint8], labels: NDArray[np.uint8], rounds: int) -> NDArray[np.uint8]:
    """Return the labels that GrabCut comes to, H×W.

    They are remembered: a sweep asks for the same in each of its cells.

    Args:
        pixels: H×W×3 RGB.
        labels: GrabCut's first ones, H×W.
        rounds: of its iteration.
    """
    found = _grab_cut(pixels.tobytes(), labels.tobytes(), labels.shape, rounds)
    return np.frombuffer(found, np.uint8).reshape(labels.shape)


@lru_cache(maxsize=64)
def _grab_cut(pixels: bytes, labels: bytes, shape: tuple[int, ...], rounds: int) -> bytes:
    found = np.frombuffer(labels, np.uint8).reshape(shape).copy()
    picture = np.frombuffer(pixels, np.uint8).reshape(*shape, 3)
    cv2.setRNGSeed(1)
    cv2.grabCut(picture, found, None, np.zeros((1, 65)), np.zeros((1, 65)), rounds, cv2.GC_INIT_WITH_MASK)
    return found.tobytes()


def initial_labels(shape: tuple[int, ...], face: FacePoints) -> tuple[NDArray[np.uint8], Mask]:
    """Return GrabCut's first labels, and what belongs to the head for certain."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(float)
    x, y = apply(face.to_units, np.stack([columns.ravel(), rows.ravel()], -1)).T.reshape(2, *shape)
    core = np.hypot(x / 0.85, (y - 0.2) / 1.5) < 1
    if not core.any():
        core[shape[0] // 2, shape[1] // 2] = True
    # Both colour models start from whatever may be of their side: what is called background beside a head would
    # teach GrabCut that hair is none of the person's.
    labels = np.full(shape, cv2.GC_PR_BGD, np.uint8)
    shoulders = (y > 1.6) & (np.abs(x) < 1.6 + 1.2 * np.clip(y - 1.6, 0, 2.2))
    labels[(np.hypot(x / 2.15, (y - 0.1) / 2.6) < 1) | shoulders] = cv2.GC_PR_FGD
    labels[(y < -2.9) | ((y < 1.6) & (np.abs(x) > 2.6))] = cv2.GC_BGD
    rim = np.minimum.reduce([rows, columns, shape[1] - 1 - columns]) < 0.02 * min(shape)
    labels[rim & (y < 1.2)] = cv2.GC_BGD
    labels[core | ((y > 2.4) & (y < 5) & (np.abs(x) < 0.7))] = cv2.GC_FGD
    return labels, core
