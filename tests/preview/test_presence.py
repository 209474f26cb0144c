"""When the performer is in the picture: hidden, in another scene, or gone beyond the edge."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from wan_notebook.media import samples
from wan_notebook.media.checks.cuts import transitions_in
from wan_notebook.model.family import REPLACE
from wan_notebook.preview.engine.presence import Presence

from support.engines import rendered
from support.media import Drawn, filmed

SIZE, FPS = (400, 200), 10.0
FACE = np.stack(np.meshgrid(np.linspace(-20, 20, 5), np.linspace(-30, 30, 5)), -1).reshape(-1, 2)
"""A face of 40 × 60 pixels about its middle."""


def presence(middles: list[tuple[float, float] | None], cuts: list[int] | None = None) -> Presence:
    """Of a face whose middle is in these places, and which is not seen where there is none."""
    meshes = [np.column_stack([FACE + middle, np.zeros(len(FACE))]) for middle in middles if middle]
    seen = np.array([middle is not None for middle in middles])
    return Presence(seen, np.array(meshes, np.float32), SIZE, cuts or [], FPS)


def course(middles: list[tuple[float, float] | None]) -> np.ndarray:
    """The middles, and where there is none the last one."""
    rows = [next(one for one in middles if one)]
    for middle in middles:
        rows.append(middle or rows[-1])
    return np.array(rows[1:])


def leaving(away: int) -> list[tuple[float, float] | None]:
    """Somebody who walks out to the right, stays away for so many frames, and comes back."""
    out: list[tuple[float, float] | None] = [(200.0 + 40 * step, 100.0) for step in range(6)]
    return [*out, *[None] * away, *out[::-1]]


def test_hidden_faces_stay_replaced() -> None:
    """Who is hidden for a while is there before and after, and a moment longer within the scene; no scene lends any."""
    here: tuple[float, float] = (200.0, 100.0)
    middles = [here, *[None] * 9, here, *[None] * 9, here]
    _, present = presence(middles, [19]).gone_on(course(middles), 40.0)
    assert present.astype(int).tolist() == [1] * 16 + [0] * 3 + [1] * 2


def test_a_covered_face_has_not_left() -> None:
    """A face that is lost in the middle of the picture, or only for a moment at its edge, has not left it."""
    assert presence([(200.0, 100.0), *[None] * 20, (200.0, 100.0)]).absences == []
    assert presence(leaving(3)).absences == []
    (absence,) = presence(leaving(20)).absences
    assert (absence.start, absence.end) == (6, 26)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_head_goes_on_beyond_the_edge(mirrored: bool) -> None:
    """A head that walks out goes on at its pace, is then nobody's, and comes back in the way in which it returns."""
    middles = [m and ((400 - m[0], m[1]) if mirrored else m) for m in leaving(20)]
    moved, present = presence(middles).gone_on(course(middles), 40.0)
    across = 400 - moved[:, 0] if mirrored else moved[:, 0]
    assert across[4:8].tolist() == pytest.approx([360, 400, 440, 480])
    assert across[24:28].tolist() == pytest.approx([480, 440, 400, 360])
    assert present[:7].all()
    assert not present[9:23].any()
    assert present[25:].all()


def test_a_head_that_is_lost_at_the_edge_leaves() -> None:
    """Who stands half beyond the edge and is seen no more does not hang there: the head leaves within a second."""
    middles: list[tuple[float, float] | None] = [(395.0, 100.0)] * 5 + [None] * 20
    moved, present = presence(middles).gone_on(course(middles), 40.0)
    assert present[5]
    assert not present[15:].any()
    assert (np.diff(moved[4:15, 0]) > 0).all()


def test_faces_rest_while_they_are_away() -> None:
    """A face comes to rest in half a second, and goes to where it is seen again in the last half."""
    middles = leaving(20)
    curve = np.where(np.arange(len(middles)) < 16, 1.0, 3.0)[:, None]
    rested = presence(middles).rested(curve, 0.0)[:, 0]
    assert rested[:6].tolist() == [1.0] * 6
    assert rested[11:21].tolist() == [0.0] * 10
    assert rested[26:].tolist() == [3.0] * 6
    assert (np.diff(rested[5:11]) <= 0).all()


def test_no_head_hangs_at_the_edge(drawn: Drawn, tmp_path: Path) -> None:
    """Where the performer has walked out, and will come back, Replace leaves the wall as it is."""
    person = Image.fromarray(np.asarray(samples.draw(samples.PEOPLE["theo"], samples.Pose(), (240, 312))))
    shown = []
    for left in [*range(200, 640, 55), *[640] * 16, *range(585, 200, -55)]:
        wall = Image.new("RGB", (640, 320), (96, 120, 112))
        wall.paste(person, (left, 8))
        shown.append(np.asarray(wall))
    made = list(rendered(drawn.ada, filmed(shown, tmp_path / "leaving.mp4", 12.5), model=REPLACE.id))
    right = made[0].shape[1] - 120
    away = [np.ptp(frame[60:380, right:].astype(int), axis=(0, 1)).max() for frame in made]
    assert min(away[5:7]) > 100
    assert max(away[12:21]) < 30


@pytest.mark.parametrize(("rising", "changes"), [((), 2), ((40,), 0)], ids=["at once", "within two frames"])
def test_a_quick_hand_is_no_cut(drawn: Drawn, tmp_path: Path, rising: tuple[int, ...], changes: int) -> None:
    """Before a face that a hand covers at once, which changes the picture as a cut does, the head stays, for the scene
    goes on behind the hand; likewise where the hand is seen to come.
    """
    person = np.asarray(samples.draw(samples.PEOPLE["theo"], samples.Pose(), (240, 312)))
    shown = []
    for number, high in enumerate([*[0] * 10, *rising, *[86] * 14, *rising, *[0] * 10]):
        covered = person.copy()
        cv2.ellipse(covered, (120 + number % 3, 212 - high), (48, 62), 0, 0, 360, (214, 160, 130), -1)
        shown.append(covered if high else person)
    video = filmed(shown, tmp_path / "hand.mp4", 12.5)
    assert len(transitions_in(video)) == changes
    made = list(rendered(drawn.ada, video, model=REPLACE.id))
    height, width = made[0].shape[:2]
    face = slice(round(0.35 * height), round(0.5 * height)), slice(round(0.4 * width), round(0.6 * width))
    assert max(np.abs(one[face].astype(int) - made[0][face]).mean() for one in made) < 15
