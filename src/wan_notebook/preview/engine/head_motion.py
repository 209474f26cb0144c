"""How a head turns, grows and goes, and how its face moves against it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...faces.mesh import Mesh, head_centre
from ...faces.topology import RIGID
from .smoothing import Curves


def poses(meshes: NDArray[np.float32], rest: Mesh) -> tuple[Curves, Curves, Curves]:
    """Return how the head has turned (N×3×3), grown (N) and where its centre is (N×2), in the picture.

    Source: Umeyama (1991), least-squares estimation of transformation parameters between two point patterns.
    """
    firm, still = meshes[:, RIGID].astype(float), rest.points[list(RIGID)].astype(float)
    centres = firm.mean(1)
    a, b = still - still.mean(0), firm - centres[:, None]
    u, values, vt = np.linalg.svd(np.einsum("nki,kj->nij", b, a))
    flip = np.sign(np.linalg.det(u @ vt))
    signs = np.stack([np.ones_like(flip), np.ones_like(flip), flip], -1)
    rotations = (u * signs[:, None, :]) @ vt
    scales = (values * signs).sum(-1) / (a**2).sum()
    to_centre = head_centre(rest.points) - still.mean(0)
    return rotations, scales, (centres + scales[:, None] * (rotations @ to_centre))[:, :2]


def own_motion(meshes: NDArray[np.float32], rest: Mesh, rotations: Curves, scales: Curves) -> NDArray[np.float32]:
    """Return how far each point has moved against the head, N×468×3 in the face's own axes and units."""
    to_rest = (rotations / scales[:, None, None]).astype(np.float32)
    carried = np.einsum("nkj,nji->nki", meshes - meshes[:, RIGID].mean(1, keepdims=True), to_rest)
    still = rest.points - rest.points[list(RIGID)].mean(0)
    return np.asarray((carried - still) @ (rest.axes / rest.unit).astype(np.float32), np.float32)
