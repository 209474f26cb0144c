"""Whether the performer's lips touch, and where they end."""

import cv2
import numpy as np
import pytest

from wan_notebook.faces.find import face_reader
from wan_notebook.faces.topology import LOWER_LIP, UPPER_LIP
from wan_notebook.media import samples
from wan_notebook.preview.engine.lips import dark_gap, lowered, raised_lip, shut_lips
from wan_notebook.preview.engine.performance import skin_colour

pytestmark = pytest.mark.slow
USUAL = 0.6
"""The mouth's width at rest, in units."""


@pytest.mark.parametrize(
    ("mouth_open", "narrower", "dark", "least", "most"),
    [
        (0.02, 0.0, 0.0, 1.0, 1.0),
        (0.07, 0.06, 0.01, 0.9, 1.0),  # pursed lips, which the mesh sees apart
        (0.07, 0.06, 0.04, 0.0, 0.0),  # a small round mouth
        (0.07, -0.05, 0.0, 0.0, 0.0),  # teeth, which are not dark
        (0.03, 0.0, 0.05, 0.0, 0.0),
    ],
)
def test_pursed_lips_are_shut(mouth_open: float, narrower: float, dark: float, least: float, most: float) -> None:
    """Lips are shut where hardly any gap is read but for what pursed ones have, and where it is not dark between."""
    curves = (np.array([0.02, mouth_open]), np.array([USUAL, USUAL - narrower]), np.array([0.0, dark]))
    assert least <= shut_lips(*curves, np.array([0]))[1] <= most


@pytest.mark.parametrize("size", [(480, 624), (960, 1248)])
@pytest.mark.parametrize("name", list(samples.PEOPLE))
def test_holes_are_dark(name: str, size: tuple[int, int]) -> None:
    """Between lips that touch there is no dark gap, and in a small round mouth there is, however large the picture."""
    pixels = np.array(samples.draw(samples.PEOPLE[name], samples.Pose(), size))
    (face,) = face_reader().find(pixels)
    assert dark_gap(pixels, face.mesh.points) < 0.015
    middle = face.mesh.points[[UPPER_LIP, LOWER_LIP], :2].mean(0).round().astype(int).tolist()
    half = round(0.15 * face.mesh.unit), round(0.03 * face.mesh.unit)
    cv2.ellipse(pixels, middle, half, 0, 0, 360, (25, 10, 10), -1)
    assert dark_gap(pixels, face.mesh.points) > 0.027


@pytest.mark.parametrize("name", ["noor", "pip"])
def test_the_upper_lip_ends_where_it_is_seen(name: str) -> None:
    """Where a mesh has the edge of the upper lip too high, as of a laugh, it is told by how much; else nothing is."""
    pixels = np.array(samples.draw(samples.PEOPLE[name], samples.Pose(mouth=0.7), (480, 624)))
    mesh = face_reader().find(pixels)[0].mesh
    skin, unit = skin_colour(pixels, mesh.points), np.array([mesh.unit])
    assert raised_lip(pixels, mesh.points, skin) < 0.01
    high = lowered(mesh.points[None], np.array([-0.05]), unit)
    told = raised_lip(pixels, high[0], skin)
    assert told == pytest.approx(0.05, abs=0.01)
    again = lowered(high, np.array([told]), unit)[0]
    assert np.abs(again - mesh.points).max() < 0.012 * mesh.unit


@pytest.mark.parametrize("name", list(samples.PEOPLE))
def test_teeth_are_no_lip(name: str) -> None:
    """Where a mesh has the edge of the upper lip on the teeth, their own edge is not taken for the lip's."""
    pixels = np.array(samples.draw(samples.PEOPLE[name], samples.Pose(mouth=1.0), (480, 624)))
    points = face_reader().find(pixels)[0].mesh.points
    assert raised_lip(pixels, points, skin_colour(pixels, points)) < 0.01
