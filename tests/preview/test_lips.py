"""Whether the performer's lips touch."""

import cv2
import numpy as np
import pytest

from wan_notebook.faces.find import face_reader
from wan_notebook.faces.topology import LOWER_LIP, UPPER_LIP
from wan_notebook.media import samples
from wan_notebook.preview.engine.lips import dark_gap, shut_lips

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
