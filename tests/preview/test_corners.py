"""Where a mouth's corners are."""

import cv2
import numpy as np
import pytest
from skimage import data

from wan_notebook.faces.find import face_reader
from wan_notebook.faces.topology import LEFT_MOUTH, RIGHT_MOUTH
from wan_notebook.media import samples
from wan_notebook.preview.engine.corners import corner_courses, line_ends
from wan_notebook.preview.engine.performance import PerformanceReader
from wan_notebook.video.read import frames

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("performance", ["nod", "wonder"])
def test_drawn_smiles_are_read(performance: str) -> None:
    """As a drawn performer smiles with closed lips, the mouth's corners rise by a third of the way or more."""
    reading = PerformanceReader(face_reader(), 20, 25.0)
    for _ in reading.read(frame.pixels for frame in frames(samples.reference(performance, 3.0))):
        pass
    shapes = reading.result(1.0, [])
    assert shapes is not None
    drawn = samples.curves(performance, 3.0)
    closed = drawn.mouth < 0.05
    rise = -shapes.shapes[closed][:, [LEFT_MOUTH, RIGHT_MOUTH], 1].astype(float).mean(1)
    smile = 0.13 * drawn.smile[closed]
    assert np.corrcoef(rise, smile)[0, 1] > 0.8
    assert 0.33 < np.polyfit(smile, rise, 1)[0] < 1.25


def test_line_between_lips_ends_at_corners() -> None:
    """Where the mesh has a drawn mouth's corners too low by a known way, they go back by it, the lips' middle not."""
    pixels = np.array(samples.draw(samples.PEOPLE["noor"], samples.Pose(), (480, 624)))
    mesh = face_reader().find(pixels)[0].mesh
    low = mesh.points.copy()
    low[[LEFT_MOUTH, RIGHT_MOUTH], 1] += 0.06 * mesh.unit
    lines = np.array([line_ends(pixels, mesh.points), line_ends(pixels, low)])
    assert lines[1, :2] - lines[0, :2] == pytest.approx([-0.06, -0.06], abs=0.015)
    assert (lines[:, 2] > 0.25).all()


def test_faint_lines_move_nothing() -> None:
    """Where the line between the lips is faint, as a photograph's is, the mesh stays as it was read."""
    pixels = data.astronaut()
    mesh = face_reader().find(pixels)[0].mesh
    lines = [line_ends(cv2.GaussianBlur(pixels, (0, 0), sigma), mesh.points) for sigma in (0.1, 1, 2)]
    assert not corner_courses(np.array(lines), np.zeros(3)).any()
