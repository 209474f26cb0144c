"""A character's lids: where the picture has them, and what is left of an eye that shuts."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from skimage import data

from wan_notebook.faces.find import face_reader
from wan_notebook.faces.topology import LIDS
from wan_notebook.media import samples
from wan_notebook.preview.engine.character import find_character, open_picture
from wan_notebook.preview.engine.head import AnimatedHead
from wan_notebook.preview.engine.lids import DrawnEye
from wan_notebook.preview.engine.performance import Performance
from wan_notebook.preview.engine.surroundings import Surroundings
from wan_notebook.preview.engine.transfer import Transfer

from support.media import Drawn
from support.performances import performed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shut(drawn: Drawn) -> Performance:
    """Somebody who keeps still with shut eyes."""
    read = performed(drawn.glimpse, fps=12.5)
    still = np.repeat(read.rest.axes[None], len(read.seen), axis=0)
    read = replace(read.without_expression(), axes=still, moves=np.zeros_like(read.moves))
    return replace(read, lids=np.zeros_like(read.lids))


def whites(pixels: np.ndarray) -> int:
    """How many pixels about a drawn person's eyes are as white as eyeballs alone are."""
    height, width = pixels.shape[:2]
    unit, eyes = samples.unit((width, height)), 0.405 * height
    rows = slice(round(eyes - 0.25 * unit), round(eyes + 0.25 * unit))
    about = pixels[rows, round(width / 2 - unit) : round(width / 2 + unit)]
    return int((about.min(-1) > 215).sum())


@pytest.mark.parametrize("person", ["ada", "noor", "pip"])
def test_shut_eyes_show_no_white(person: str, shut: Performance) -> None:
    """A drawn eye, larger than any that the models know, shuts wholly, and its whites are gone."""
    character = find_character(open_picture(samples.character(person)), "480p", face_reader())
    assert character.mesh is not None
    transfer = Transfer(character.mesh, shut)
    head = AnimatedHead(character, shut, Surroundings(character.mesh, character.pixels.shape[1::-1]))
    pixels, _ = head.render(0, transfer.frame(0))
    assert whites(character.pixels) > 150
    assert whites(pixels) < 0.03 * whites(character.pixels)


@pytest.mark.parametrize(("lid", "found"), [(36.0, True), (55.0, False)])
def test_the_eye_ends_below_a_dark_lid(lid: float, found: bool) -> None:
    """Nothing of an eye that shines below a lid in a deep shadow lies beyond its rim; another one is left as read."""
    rows, columns = np.mgrid[:60, :60].astype(np.float32)
    width, (x, y) = 30.0, (columns - 30, rows - 30)
    bow = 1 - (2 * x / width) ** 2
    eye = np.clip(np.minimum(y + 7 * bow, 6 * bow - y) + 0.5, 0, 1)
    light = eye * 45 + (1 - eye) * np.where(y < 0, lid, 40.0)
    picture = cv2.GaussianBlur(np.stack([light, 0 * light, 25 * eye], -1).astype(np.float32), (0, 0), 1.5)
    along = np.linspace(-width / 2, width / 2, 9)
    read = 1 - (2 * along / width) ** 2
    upper, lower = (np.column_stack([along + 30, 30 + height * read]) for height in (-5.0, 6.0))
    lids = DrawnEye(picture, upper, lower).lids()
    assert (lids is not None) == found
    if lids is not None:
        assert lids[0][4, 1] < 30 - 7
        assert lids[0][4, 1] > 30 - 11


def test_a_crease_is_no_lid() -> None:
    """Of a photograph both eyes are about equally open: neither lid is taken for the crease above it."""
    mesh = find_character(data.astronaut(), "480p", face_reader()).mesh
    assert mesh is not None
    left, right = (
        np.linalg.norm(mesh.points[list(upper), :2] - mesh.points[list(lower), :2], axis=-1).mean()
        for upper, lower in LIDS
    )
    assert 0.7 < right / left < 1.4
