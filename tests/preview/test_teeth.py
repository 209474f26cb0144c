"""What shows between the lips of a character that smiles in its own picture, its teeth bared."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from skimage import data

from wan_notebook.faces.find import face_reader
from wan_notebook.faces.topology import INNER_LOWER_LIP, INNER_UPPER_LIP, LEFT_MOUTH, NOSE, RIGHT_MOUTH
from wan_notebook.media import samples
from wan_notebook.preview.engine.character import Character, find_character, open_picture
from wan_notebook.preview.engine.head import AnimatedHead
from wan_notebook.preview.engine.kept_picture import KeptPicture
from wan_notebook.preview.engine.mouth import Mouth
from wan_notebook.preview.engine.parted import inside_lips
from wan_notebook.preview.engine.performance import MOUTH_RING, Performance
from wan_notebook.preview.engine.pose import Pose
from wan_notebook.preview.engine.surroundings import Surroundings
from wan_notebook.preview.engine.transfer import FaceFrame, Transfer

from support.media import PERFORMANCE
from support.performances import performed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def smiling() -> Character:
    return find_character(data.astronaut(), "480p", face_reader())


@pytest.fixture(scope="module")
def speech() -> Performance:
    """Somebody who talks and keeps the head still."""
    read = performed(samples.reference(PERFORMANCE, 2.0, 25), sigma=0.6)
    still = np.repeat(read.rest.axes[None], len(read.seen), axis=0)
    return replace(read, axes=still, moves=np.zeros_like(read.moves))


def lumas(character: Character, performance: Performance) -> np.ndarray:
    """How bright, 0 to 255, each frame is between the character's lips."""
    assert character.mesh is not None
    transfer = Transfer(character.mesh, performance)
    head = AnimatedHead(character, performance, Surroundings(character.mesh, character.pixels.shape[1::-1]))
    found = []
    for number in range(len(performance.mouth)):
        face = transfer.frame(number)
        pixels, _ = head.render(number, face)
        found.append(luma(pixels, face.mesh))
    return np.array(found)


def luma(pixels: np.ndarray, mesh: np.ndarray) -> float:
    """How bright it is between a mesh's lips."""
    within = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(within, [np.round(mesh[list(MOUTH_RING), :2]).astype(np.int32)], 1)
    return float(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[within > 0].mean())


def test_teeth_do_not_flicker(smiling: Character, speech: Performance) -> None:
    """While somebody talks, what shows between a smile's lips grows neither dark nor bright from frame to frame."""
    steps = np.abs(np.diff(lumas(smiling, speech)))
    apart = np.array([gap(smiling, speech, number) for number in range(len(speech.mouth))]) > 0.5
    assert np.ptp(speech.mouth) > 0.1
    assert steps[apart[1:] & apart[:-1]].max() < 50


def test_slight_motion_keeps_teeth(smiling: Character, speech: Performance) -> None:
    """Where the performer's lips hardly part, however they are pressed, a smile's teeth stay, and no hole is seen."""
    assert smiling.mesh is not None
    shut = int(speech.mouth.argmin())
    shapes = np.repeat(np.zeros_like(speech.shapes[:1]), 4, axis=0)
    shapes[:, list(INNER_LOWER_LIP[1:-1]), 1] += np.linspace(-0.03, 0.03, 4)[:, None]
    sulking = replace(
        speech,
        shapes=shapes,
        mouth=np.full(4, 0.02),
        shut=np.zeros(4),
        lids=np.ones((4, 2)),
        rings=np.repeat(speech.rings[shut : shut + 1], 4, axis=0),
        mouths=(speech.mouths[shut],) * 4,
    )
    assert lumas(smiling, sulking).min() > 0.8 * luma(smiling.pixels, smiling.mesh.points)


def gap(character: Character, performance: Performance, number: int) -> float:
    """How far the character's lips are apart in a frame, over the gap in its picture."""
    assert character.mesh is not None
    still, own = Transfer(character.mesh, performance).frame(number).still, character.mesh.points
    apart, before = (np.linalg.norm(p[list(INNER_LOWER_LIP)] - p[list(INNER_UPPER_LIP)], axis=1) for p in (still, own))
    return float(apart.mean() / before.mean())


def test_smiles_shut_with_the_performer(smiling: Character, speech: Performance) -> None:
    """Lips between which a picture shows teeth meet where the performer's do, and part with them."""
    shut, opened = int(speech.mouth.argmin()), int(speech.mouth.argmax())
    assert speech.shut[shut] > 0.95
    assert gap(smiling, speech, shut) < 0.1
    assert speech.shut[opened] == 0
    assert gap(smiling, speech, opened) > 1


def test_no_gap_is_made_up(smiling: Character, speech: Performance) -> None:
    """A face of which no expression is taken over, as it is too small, keeps the lips of its picture."""
    assert gap(smiling, speech.without_expression(), 0) == pytest.approx(1)


def mouth_widened(character: Character, speech: Performance, opened: float) -> float:
    """By how much a mouth is wider, over its width in the picture, of a performer whose mouth widens by 0.2 units."""
    assert character.mesh is not None
    own = speech.rest.points @ speech.rest.axes / speech.rest.unit
    across = own[:, 0] - own[[LEFT_MOUTH, RIGHT_MOUTH], 0].mean()
    wider = 0.2 / np.ptp(own[[LEFT_MOUTH, RIGHT_MOUTH], 0])
    shapes = np.zeros_like(speech.shapes[:1])
    shapes[0, :, 0] = wider * across * (own[:, 1] > own[list(NOSE), 1].max())
    laugh = replace(speech, shapes=shapes, mouth=np.full(1, opened), shut=np.zeros(1), lids=np.ones((1, 2)))
    meshes = Transfer(character.mesh, laugh).frame(0).still, character.mesh.points
    now, before = (np.linalg.norm(points[LEFT_MOUTH] - points[RIGHT_MOUTH]) for points in meshes)
    return float(now / before - 1)


def test_a_smile_is_not_added_to_a_smile(smiling: Character, speech: Performance) -> None:
    """A face that smiles in its picture laughs by a little more, and gapes and smiles from shut lips as others do."""
    serious = find_character(np.asarray(open_picture(samples.character("ada"))), "480p", face_reader())
    assert mouth_widened(smiling, speech, 0.15) < 0.25
    assert mouth_widened(serious, speech, 0.15) > 0.5
    assert mouth_widened(smiling, speech, 0.6) > 0.2


def test_a_dark_clip_leaves_no_mouth_dark(speech: Performance) -> None:
    """Whoever is filmed in dim light lends a character a mouth that is as light as in a bright clip."""
    ada = find_character(np.asarray(open_picture(samples.character("ada"))), "480p", face_reader())
    opened = int(speech.mouth.argmax())
    mouth, skin = speech.mouths[opened], np.float32(speech.skins[opened])
    assert mouth is not None
    dim = (0.5 * mouth.pixels).astype(np.uint8)
    kept = replace(
        KeptPicture.of(dim, (slice(0, dim.shape[0]), slice(0, dim.shape[1]))), left=mouth.left, top=mouth.top
    )
    halved = cv2.cvtColor(0.5 * cv2.cvtColor(skin[None, None], cv2.COLOR_LAB2RGB), cv2.COLOR_RGB2LAB)[0, 0]
    count = len(speech.mouths)
    dark = replace(speech, mouths=(kept,) * count, skins=np.repeat(halved[None], count, axis=0))
    assert lumas(ada, dark)[opened] > 0.8 * lumas(ada, speech)[opened]


def test_teeth_in_a_lamps_light_are_teeth(speech: Performance) -> None:
    """Of somebody who is filmed in a lamp's warm light a character has white teeth, and a tongue that is red."""
    ada = find_character(np.asarray(open_picture(samples.character("ada"))), "480p", face_reader())
    warm = np.float32([57, 25, 20])
    teeth, tongue = np.float32([55, 18, 16]), np.float32([40, 34, 20])  # as coloured as the lamp, and redder
    lab = np.concatenate([np.tile(teeth, (40, 40, 1)), np.tile(tongue, (40, 40, 1))])
    pixels = (255 * cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)).astype(np.uint8)
    lamp = replace(speech, skins=np.repeat(warm[None], len(speech.mouths), axis=0))
    lit, _ = Mouth(ada, lamp)._in_own_light(pixels, 0)
    seen = cv2.cvtColor(lit / 255, cv2.COLOR_RGB2LAB)[[10, 70], 20]
    chroma = np.hypot(seen[:, 1], seen[:, 2])
    assert chroma[0] < 15 < chroma[1]
    assert seen[0, 0] > 55


def test_no_second_lip_is_seen(speech: Performance) -> None:
    """What is taken from between the performer's lips leaves out a rim that may be lip, and little of a narrow gap."""
    ring = speech.rings[int(speech.mouth.argmax())]
    inner = inside_lips(ring, 2.0, 0.15)
    upper, lower = slice(1, 10), slice(11, 20)
    assert np.all(inner[upper, 1] > ring[upper, 1])
    assert np.all(inner[lower, 1] < ring[lower, 1])
    assert inner[0, 0] > ring[0, 0]
    assert np.linalg.norm(inner - ring, axis=1).max() == pytest.approx(2.0, abs=0.01)
    flat = ring.copy()
    flat[lower] = flat[upper][::-1] + np.float32([0, 1])
    assert np.allclose(inside_lips(flat, 2.0, 0.15)[5, 1] - flat[5, 1], 0.15, atol=0.05)


def test_one_row_of_upper_teeth(smiling: Character, speech: Performance) -> None:
    """Of lips that part far wider than in the picture their own teeth go where the performer's show, and there only."""
    assert smiling.mesh is not None
    own = smiling.mesh.points.astype(float)
    lower, upper = list(INNER_LOWER_LIP), list(INNER_UPPER_LIP)
    mesh = own.copy()
    mesh[lower] = own[upper] + 5 * (own[lower] - own[upper])
    face = FaceFrame(Pose(np.eye(3), 1.0, (0.0, 0.0)), mesh, mesh, gap=0.2, gaze=(0.0, 0.0))
    opened = int(speech.mouth.argmax())
    mouth = speech.mouths[opened]
    assert mouth is not None
    shown = {}
    for name, colour in (("teeth", (160, 170, 160)), ("dark", (20, 5, 5))):
        filled = np.full_like(mouth.pixels, colour)
        whole = slice(0, filled.shape[0]), slice(0, filled.shape[1])
        kept = replace(KeptPicture.of(filled, whole), left=mouth.left, top=mouth.top)
        performance = replace(speech, mouths=(kept,) * len(speech.mouths))
        pixels = smiling.pixels.copy()
        Mouth(smiling, performance).draw(pixels, face, opened)
        x, y = own[upper[5], :2].astype(int)
        shown[name] = pixels[y + 3 : y + 9, x - 10 : x + 10].std()
    assert shown["teeth"] < 0.5 * shown["dark"]
