"""Where a head ends in a picture: about as far as heads do, where its colours end, and at an edge.

GrabCut alone takes walls and flags along that have the head's colours, and leaves black hair behind before a black
wall. So each place gets two odds, those of its distance from the bare head that the mesh lets expect, and those of its
colour; and of all outlines that are seen whole from the middle of the face (Veksler's star shapes, 2008) the one is
taken that holds most of them along the strongest edges.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.mesh import Mesh, head_centre
from ...faces.topology import CHIN, FOREHEAD, OVAL
from .area import HEAD, Area, Floats

_SKULL_CENTRE, _SKULL_RADII = (0.0, -0.45, 1.2), (1.2, 1.3, 1.5)
"""Of an ellipsoid in the face's axes, from the point between the eyes: a skull is 15.5 cm wide, 19.5 cm long, and its
crown 11.5 cm above the eyes, which are 6.3 cm apart."""
_FACE_SIZE = 5.0
"""Width and height of such a person's face together: eyes that are drawn large make no smaller skull."""
_TEMPLES = (234, 454)
"""The points where a face is widest."""
_INSIDE = 6.0
"""Odds (the logarithm) per eye distance within the bare head."""
_HAIR = 1.1
"""Eye distances by which hair mostly reaches beyond the bare head."""
_LEAST = 3.5
"""By how much the odds fall there and beyond."""
_SURE = 1.25
"""Odds at the bare head's own outline: some hair there mostly is."""
_AROUND = Area(left=-5.2, right=5.2, top=-4.5, bottom=4.5)
"""Where colours are counted, at _COARSE pixels per eye distance."""
_COARSE = 20
_BINS, _BLURS = 64, (1.0, 2.0)
"""Cells of the counts of colours in each direction of CIELAB, and by how many of them the counts are blurred: little
for drawings and plain walls, more for paintings."""
_HAIR_SHARE = 0.7
"""Of the head's colours: hair is a small part of the bare head, and most of what is asked for."""
_RAREST = 1e-5
"""Share below which a colour counts as not seen."""
_STRONGEST = 3.0
"""The highest odds that a colour gives."""
_RAYS = 256
"""Rays from the middle of the face."""
_STEPS = 128
"""Places on each ray."""
_LEAP = 6
"""Places by which an outline may leap from ray to ray."""
_REACH = 3.0
"""Eye distances from the middle of the face to the last place."""
_EDGE = 30.0
"""What a pixel of outline costs where there is no edge, in odds of a pixel."""
_TOLL = 6.0
"""What a pixel costs by which the outline leaps, likewise."""


def head_outline(pixels: NDArray[np.uint8], mesh: Mesh, detail: int) -> tuple[NDArray[np.bool_], Floats]:
    """Return where a head seems to be within HEAD, and how far each place lies beyond the bare one.

    Args:
        pixels: H×W×3 RGB.
        mesh: the face.
        detail: pixels per eye distance.
    """
    part, beyond = HEAD.of(pixels, mesh, detail), beyond_bare_head(mesh, HEAD, detail)
    colour = _colour_odds(pixels, mesh)[_cells(_lab(part))]
    odds = cv2.GaussianBlur(colour, (0, 0), 0.03 * detail) + _shape_odds(beyond)
    return _best_star(_lab(part), odds, detail), beyond


def beyond_bare_head(mesh: Mesh, area: Area, detail: float) -> Floats:
    """Return how far each place of an area lies beyond the face and the skull, in eye distances; within, below 0."""
    own, (x, y) = area.mesh(mesh, detail), area.grid(detail)
    points = own.points.astype(float)
    size = sum(np.linalg.norm(points[a] - points[b]) for a, b in (_TEMPLES, (FOREHEAD, CHIN))) / _FACE_SIZE
    middle = head_centre(points) + size * own.axes @ _SKULL_CENTRE
    # An ellipsoid's outline is an ellipse, of the same spread.
    spread = (own.axes * (size * np.array(_SKULL_RADII)) ** 2 @ own.axes.T)[:2, :2]
    away = np.stack([(x - area.left) * detail - middle[0], (y - area.top) * detail - middle[1]], -1)
    head = (np.einsum("hwi,ij,hwj->hw", away, np.linalg.inv(spread), away) < 1).astype(np.uint8)
    cv2.fillPoly(head, [np.round(points[list(OVAL), :2]).astype(np.int32)], 1)
    head = cv2.morphologyEx(head, cv2.MORPH_CLOSE, _disc(0.8 * detail))
    outside, inside = (cv2.distanceTransform(mask, cv2.DIST_L2, 5) for mask in (1 - head, head))
    return np.asarray((outside - inside) / detail, np.float32)


def _disc(width: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(width) | 1, round(width) | 1)), np.uint8)


def _shape_odds(beyond: Floats) -> Floats:
    """Return the odds that a place belongs to a head, by how far it lies beyond the bare one."""
    fall = np.where(beyond < 0, _INSIDE * beyond, _LEAST * np.tanh(beyond / _HAIR))
    return np.asarray(_SURE - fall, np.float32)


def _colour_odds(pixels: NDArray[np.uint8], mesh: Mesh) -> Floats:
    """Return the odds that a colour is the head's rather than of what lies around, for each cell of colours."""
    around, own, (x, y) = _AROUND.of(pixels, mesh, _COARSE), _AROUND.mesh(mesh, _COARSE), _AROUND.grid(_COARSE)
    cells, beyond = _cells(_lab(around)), beyond_bare_head(mesh, _AROUND, _COARSE)
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    shown = cv2.warpAffine(
        np.ones(pixels.shape[:2], np.uint8), _AROUND.to_pixels(mesh, _COARSE), x.shape[::-1], flags=flags
    )
    body = (y > 1.5) & (np.abs(x) < 1.2 + 1.6 * np.clip(y - 1.5, 0, 1.2))
    face = np.zeros(x.shape, np.uint8)
    cv2.fillPoly(face, [np.round(own.points[list(OVAL), :2]).astype(np.int32)], 1)
    told = (shown > 0) & ~body
    bare = told & (beyond < 0)
    # Long hair is no background: what lies beside the head counts the less for it the nearer it lies.
    behind = told / (1 + np.exp(np.clip((1.0 - beyond) / 0.075, -50, 50)))
    skin, hair = (_counts(cells, bare & where) for where in (face > 0, (face == 0) & (y < 0.5)))
    head = (1 - _HAIR_SHARE) * skin + _HAIR_SHARE * hair
    odds = np.log((head + _RAREST) / (_counts(cells, behind) + _RAREST))
    return np.asarray(np.clip(odds, -_STRONGEST, _STRONGEST).ravel(), np.float32)


def _lab(part: NDArray[np.uint8]) -> Floats:
    """Return a picture in CIELAB, each value about 0 to 1."""
    lab = cv2.cvtColor(part.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(lab / np.array([100, 160, 160], np.float32) + np.array([0, 0.5, 0.5], np.float32), np.float32)


def _cells(lab: Floats) -> NDArray[np.int64]:
    """Return the number of each pixel's cell of colours."""
    light, green, blue = np.moveaxis(np.clip(_BINS * lab, 0, _BINS - 1).astype(np.int64), -1, 0)
    return np.asarray((light * _BINS + green) * _BINS + blue, np.int64)


def _counts(cells: NDArray[np.int64], weights: NDArray[np.generic]) -> Floats:
    """Return how often each colour is seen, and ones like it, as shares of all."""
    counts = np.bincount(cells.ravel(), weights.ravel(), _BINS**3).astype(np.float32)
    counts = (counts / max(float(counts.sum()), 1e-6)).reshape(_BINS, _BINS, _BINS)
    blurred = np.zeros_like(counts)
    for sigma in _BLURS:
        two = cv2.GaussianBlur(counts, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
        rows = two.reshape(-1, _BINS)
        three = cv2.GaussianBlur(rows, (0, 0), sigmaX=sigma, sigmaY=1e-3, borderType=cv2.BORDER_CONSTANT)
        blurred += three.reshape(counts.shape) / len(_BLURS)
    return blurred


def _best_star(lab: Floats, odds: Floats, detail: float) -> NDArray[np.bool_]:
    """Return the inside of the outline about the middle of the face whose odds and edges are best."""
    angles = 2 * np.pi * np.arange(_RAYS) / _RAYS
    step = _REACH * detail / _STEPS
    radii = (np.arange(_STEPS) + 0.5) * step
    middle = np.array([-HEAD.left, 0.1 - HEAD.top]) * detail
    rays = np.stack([np.cos(angles), np.sin(angles)], -1)
    places = (middle + radii[:, None] * rays[:, None]).astype(np.float32)
    held = cv2.remap(odds, places, None, cv2.INTER_LINEAR, borderValue=-2 * _STRONGEST)
    colours = cv2.remap(
        cv2.GaussianBlur(lab, (0, 0), 1), places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    change = np.zeros_like(held)
    change[:, 1:-1] = ((colours[:, 2:] - colours[:, :-2]) ** 2).sum(-1)
    width = (angles[1] * radii).astype(np.float32)
    edges = np.exp(-change / (2 * change.mean() + 1e-9))
    costs = _EDGE * edges * width - np.cumsum(held * width * np.float32(step), axis=1)
    outline = middle + radii[_closed_path(costs, step)][:, None] * rays
    inside = np.zeros(odds.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(outline).astype(np.int32)], 1)
    return inside > 0


def _closed_path(costs: Floats, step: float) -> NDArray[np.int64]:
    """Return the place on each ray at which the cheapest path around passes, leaps being paid by their pixels."""
    # Twice around, of which the middle is kept, so that the end meets the beginning.
    twice = np.concatenate([costs, costs])
    leaps = np.arange(-_LEAP, _LEAP + 1)
    tolls = (_TOLL * step * np.abs(leaps))[:, None]
    padded = np.full(_STEPS + 2 * _LEAP, np.inf)
    before = _LEAP + np.arange(_STEPS) - leaps[:, None]
    total, came = twice[0].astype(float), np.zeros(twice.shape, np.int64)
    for number in range(1, len(twice)):
        padded[_LEAP:-_LEAP] = total
        choices = padded[before] + tolls
        best = choices.argmin(0)
        came[number] = np.arange(_STEPS) - leaps[best]
        total = choices.min(0) + twice[number]
    path = np.zeros(len(twice), np.int64)
    path[-1] = total.argmin()
    for number in range(len(twice) - 1, 0, -1):
        path[number - 1] = came[number, path[number]]
    start = _RAYS // 2
    return np.asarray(np.roll(path[start : start + _RAYS], start))
