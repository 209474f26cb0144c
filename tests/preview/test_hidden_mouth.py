"""A performer's mouth behind a hand: its lips are taken to be shut."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from wan_notebook.faces.find import face_reader
from wan_notebook.faces.topology import LEFT_BROW, LOWER_LIP, NOSE, RIGHT_BROW, UPPER_LIP
from wan_notebook.preview.engine.hidden_mouth import Bridge
from wan_notebook.preview.engine.performance import Performance
from wan_notebook.preview.engine.pose import euler

from support.engines import notice_texts, rendered
from support.hands import SPEAKING_FPS, speaking
from support.media import Drawn, filmed
from support.performances import performed

pytestmark = pytest.mark.slow

HAND = (1.5, 2.5)
BEHIND = slice(round(1.5 * SPEAKING_FPS), round(2.5 * SPEAKING_FPS))
"""The frames that show the hand."""


@cache
def spoken(*, hand: bool) -> Performance:
    return performed(speaking("ada", HAND if hand else (0, 0)), fps=SPEAKING_FPS)


def test_hidden_frames_are_known() -> None:
    """A mouth is hidden while a hand is before it and up to a quarter of a second about that, and at no other time."""
    hidden = np.flatnonzero(spoken(hand=True).hidden)
    assert hidden.tolist() == list(range(hidden[0], hidden[-1] + 1))
    assert BEHIND.start - 3 <= hidden[0] <= BEHIND.start
    assert BEHIND.stop - 1 <= hidden[-1] < BEHIND.stop + 3
    assert not spoken(hand=False).hidden.any()


def test_a_lost_face_has_no_hidden_mouth() -> None:
    """While a face is out of sight, between a free mouth and one behind a hand, none is called hidden."""
    frames = list(speaking("ada", HAND))
    for number in range(10, BEHIND.start + 1):
        frames[number] = np.full_like(frames[number], 120)
    lost = performed(frames, fps=SPEAKING_FPS)
    assert not lost.seen[10 : BEHIND.start + 1].any()
    assert lost.hidden.any()
    assert not lost.hidden[~lost.seen].any()


def test_lips_shut_behind_a_hand() -> None:
    """Behind the hand the lips shut within a third of a second and stay so; nothing is kept that lies between them."""
    free, behind = spoken(hand=False), spoken(hand=True)
    held = slice(BEHIND.start + 3, BEHIND.stop - 3)
    assert free.mouth[held].max() > 0.15
    assert behind.mouth[held].max() < 0.04
    assert behind.shut[behind.hidden].min() > 0.9
    assert [mouth is None for mouth in behind.mouths] == behind.hidden.tolist()
    assert np.allclose(behind.mouth[~behind.hidden], free.mouth[~behind.hidden], atol=0.05)


def test_a_bridge_shuts_and_parts_lips_softly() -> None:
    """Over a few frames lips shut from where they were seen last, and part to where they are seen next.

    Before the first mouth that is seen, and after the last, they are shut.
    """
    (face, *_) = face_reader().find(data.astronaut())
    shut, parted = face.mesh.points.copy(), face.mesh.points.copy()
    shut[[UPPER_LIP, LOWER_LIP]] = shut[[UPPER_LIP, LOWER_LIP]].mean(0)
    parted[LOWER_LIP, 1] = parted[UPPER_LIP, 1] + 0.3 * face.mesh.unit
    meshes = np.array([parted] * 8 + [shut] * 4 + [parted] * 20)
    hidden = np.zeros(32, bool)
    hidden[:4] = hidden[14:26] = hidden[28:] = True
    made = Bridge(meshes, hidden, 3.0).meshes(meshes)
    gaps = np.linalg.norm(made[:, UPPER_LIP] - made[:, LOWER_LIP], axis=1) / face.mesh.unit
    assert np.abs(gaps[[0, 1, 17, 18, 22, 31]]).max() < 0.01
    for ramp in (gaps[13:18], gaps[26:21:-1], gaps[4::-1], gaps[27:]):
        assert (np.diff(ramp) < 0).any()
        assert np.abs(np.diff(ramp)).max() < 0.25
    assert np.array_equal(made[~hidden], meshes[~hidden])


def test_a_bridge_leaves_nose_and_brows() -> None:
    """Only the lower face is made up: nose and upper face of a hidden frame stay as they are read in it."""
    (face, *_) = face_reader().find(data.astronaut())
    meshes = np.repeat(face.mesh.points[None], 12, axis=0)
    upper = [*NOSE, *LEFT_BROW, *RIGHT_BROW]
    meshes[8:10] += 0.05 * face.mesh.unit
    meshes[8:10, upper] += 0.02 * face.mesh.unit
    made = Bridge(meshes, np.arange(12) // 2 == 4, 3.0).meshes(meshes)
    np.testing.assert_allclose(made[:, upper], meshes[:, upper], atol=1e-3)


def test_the_head_moves_on_behind_a_hand() -> None:
    """Meanwhile the head turns and the eyes move as they do without the hand."""
    free, behind = spoken(hand=False), spoken(hand=True)
    turns = [np.degrees([euler(axes)[0] for axes in one.axes[BEHIND]]) for one in (free, behind)]
    assert np.ptp(turns[0]) > 10
    assert np.abs(turns[0] - turns[1]).max() < 6
    assert np.abs(free.lids - behind.lids)[BEHIND].max() < 0.25


def test_a_hidden_mouth_is_reported(drawn: Drawn, tmp_path: Path) -> None:
    """The preview tells from when to when the mouth is hidden, and what it shows there."""
    reference = filmed(speaking("ada", HAND), tmp_path / "hand.mp4", fps=SPEAKING_FPS)
    (told,) = [text for text in notice_texts(rendered(drawn.ada, reference)) if "mouth" in text]
    assert told.startswith("The mouth is covered from 1."), told
    assert told.endswith("The preview shuts the lips."), told
