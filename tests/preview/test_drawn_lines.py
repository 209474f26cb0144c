"""What the lines of a drawn face tell."""

import cv2
import numpy as np
import pytest
from skimage import data

from wan_notebook.faces.find import face_reader
from wan_notebook.faces.topology import LEFT_BROW, LEFT_MOUTH, RIGHT_BROW, RIGHT_MOUTH
from wan_notebook.media import samples
from wan_notebook.preview.engine.drawn_lines import find_lines, line_courses

from support.fidelity import Agreement
from support.performances import performed
from support.ruler import CLOSED, RAISED, SMILE

pytestmark = pytest.mark.slow
CORNERS, BROWS = [LEFT_MOUTH, RIGHT_MOUTH], [*LEFT_BROW[1:4], *RIGHT_BROW[1:4]]


@pytest.mark.parametrize(("performance", "curve"), [("nod", "smile"), ("wonder", "smile"), ("wonder", "brows")])
def test_drawn_smiles_and_brows_are_read(performance: str, curve: str) -> None:
    """Of a drawn performer's smile with closed lips, and of its brows, a quarter of the way is read or more."""
    read, truth = performed(samples.reference(performance, 3.0), sigma=1.0), samples.curves(performance, 3.0)
    points, unit = (CORNERS, SMILE) if curve == "smile" else (BROWS, RAISED)
    closed = truth.mouth < CLOSED
    rise = -read.shapes[closed][:, points, 1].astype(float).mean(1)
    found = Agreement.of(rise, unit * getattr(truth, curve)[closed])
    assert found.correlation > 0.7
    assert 0.25 < found.gain < 1.25


@pytest.mark.parametrize(("points", "columns"), [(CORNERS, slice(0, 2)), (BROWS, slice(2, 4))])
def test_lines_are_found_where_they_are(points: list[int], columns: slice) -> None:
    """Where the mesh has a drawn face's corners of the mouth, or brows, too low, it is told by how much."""
    pixels = np.array(samples.draw(samples.PEOPLE["noor"], samples.Pose(), (480, 624)))
    mesh = face_reader().find(pixels)[0].mesh
    low = mesh.points.copy()
    low[points, 1] += 0.06 * mesh.unit
    before, after = find_lines(pixels, mesh.points), find_lines(pixels, low)
    assert np.subtract(after, before)[columns] == pytest.approx([-0.06, -0.06], abs=0.02)
    assert before[4] > 0.27


def test_faint_lines_move_nothing() -> None:
    """Where the line between the lips is faint, as a photograph's is, the mesh stays as it was read."""
    pixels = data.astronaut()
    mesh = face_reader().find(pixels)[0].mesh
    lines = [find_lines(cv2.GaussianBlur(pixels, (0, 0), sigma), mesh.points) for sigma in (0.1, 1, 2)]
    assert not line_courses(np.array(lines), np.zeros(3)).any()
