"""What the preview notices on the way, worth knowing before anything is paid for."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wan_notebook import media
from wan_notebook.media import checks
from wan_notebook.video.read import frames

from support.engines import notice_texts, rendered
from support.hands import SPEAKING_FPS, speaking
from support.media import Drawn, drifting, filmed, meadow, stored

pytestmark = pytest.mark.slow


def test_the_report_has_the_figures(drawn: Drawn) -> None:
    """Size, length and faces are plain data; two good inputs give hardly any notice."""
    found = dict(rendered(drawn.ada, drawn.speech).report)
    picture, reference = found.pop("picture"), found.pop("reference")
    assert found == {
        "width": 480,
        "height": 624,
        "fps": 12.5,
        "frames": 38,
        "seconds": 3.04,
        "windows": 1,
        "notices": [],
    }
    assert picture["faces"] == 1
    assert picture["confidence"] > 0.6
    assert np.allclose(picture["points"], [[202, 253], [278, 253], [240, 339]], atol=8)
    assert reference["with_face"] == 1.0
    assert (reference["faces"], reference["cuts"], reference["camera_moves"]) == (1, [], False)
    assert 100 < reference["light"] < 220


def test_notices_name_their_subject(drawn: Drawn) -> None:
    """Each notice names the input and a topic, as the panel's own do, so that nothing is repeated."""
    found = checks.service_notices(rendered(drawn.ada, drawn.glimpse).report)
    assert [(notice.about, notice.topic) for notice in found] == [("video", "short")]


def test_a_lost_face_is_told_in_a_quick_preview(tmp_path: Path, drawn: Drawn) -> None:
    """Where every other frame is read it is told as well from when to when the face is out of sight."""
    pictures = [picture for picture in list(speaking("ada"))[:30] for _ in range(2)]
    pictures[24:48] = [np.full_like(pictures[0], 120)] * 24
    clip = rendered(drawn.ada, filmed(pictures, tmp_path / "lost.mp4", fps=2 * SPEAKING_FPS))
    assert any("The face is not seen from 1.0 to 2.0 s" in notice for notice in notice_texts(clip))
    assert clip.report["reference"]["with_face"] == 0.6


def notices(drawn: Drawn, reference: Path) -> str:
    return " ".join(notice_texts(rendered(drawn.ada, reference)))


def test_a_cut_is_found(drawn: Drawn, tmp_path: Path) -> None:
    """Where one scene follows another at once, the report has the second at which."""
    one, other = meadow(), 255 - meadow(seed=3)
    reference = filmed([one] * 6 + [other] * 6, tmp_path / "cut.mp4")
    clip = rendered(drawn.ada, reference)
    assert clip.report["reference"]["cuts"] == [0.6]
    assert any("The video has a cut, at 0.6 s" in notice for notice in notice_texts(clip))


def test_checks_and_preview_say_the_same(drawn: Drawn, tmp_path: Path) -> None:
    """What both see of a reference, they say by the same sentence, so that code and panel read alike."""
    reference = filmed([meadow() // 8] * 4 + [(255 - meadow(seed=3)) // 8] * 8, tmp_path / "cut.mp4")
    chosen = media.video(reference)
    ours = checks.check(checks.CheckInput(video=chosen), video_analysis=checks.analyze_video(chosen))
    theirs = checks.service_notices(rendered(drawn.ada, reference).report)
    texts = {notice.topic: notice.text for notice in ours if notice.about == "video"}
    same = {notice.topic for notice in theirs if notice.about == "video" and notice.text == texts.get(notice.topic)}
    assert same >= {"dark", "short"}


def test_a_moving_camera_is_noticed(drawn: Drawn, tmp_path: Path) -> None:
    """A scene whose very edges wander was filmed by hand."""
    assert "The camera seems to move" in notices(drawn, filmed(drifting(16), tmp_path / "pan.mp4"))


def test_darkness_is_noticed(drawn: Drawn, tmp_path: Path) -> None:
    """A reference in which there is little to see says so."""
    dark = [frame.pixels // 8 for frame in frames(drawn.glimpse)]
    assert "The video is very dark;" in notices(drawn, filmed(dark, tmp_path / "dark.mp4"))


def test_several_people_are_noticed(drawn: Drawn, tmp_path: Path) -> None:
    """The model performs one person; two give a notice."""
    pairs = [np.hstack([frame.pixels, frame.pixels[:, ::-1]]) for frame in frames(drawn.glimpse)]
    assert "2 people are seen in the video." in notices(drawn, filmed(pairs, tmp_path / "pair.mp4"))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ((0, 380, 832, 1088), "cropped at the forehead"),
        ((0, 0, 832, 600), "cropped at the chin"),
        ((0, 0, 520, 1088), "cropped at the side of the face"),
    ],
)
def test_cropped_pictures_are_noticed(
    part: tuple[int, int, int, int], words: str, drawn: Drawn, tmp_path: Path
) -> None:
    """A head that moves needs room; a picture that gives none says where."""
    Image.open(drawn.ada).crop(part).save(tmp_path / "cropped.png")
    across, down = part[:2]
    marks = [(x - across, y - down) for x, y in ((350, 441), (482, 441), (416, 590))]
    assert words in " ".join(notice_texts(rendered(tmp_path / "cropped.png", drawn.glimpse, marks)))


def test_different_shapes_are_noticed(drawn: Drawn, tmp_path: Path) -> None:
    """A wide picture and an upright video give a notice."""
    wide = stored(np.hstack([np.asarray(Image.open(drawn.ada))] * 2), tmp_path / "wide.png")
    assert "different shapes" in " ".join(notice_texts(rendered(wide, drawn.glimpse)))


def test_a_short_reference_is_noticed(drawn: Drawn) -> None:
    """A reference shorter than the model may want gives a notice with its length."""
    assert "The video lasts 0.6 s; below 2 s there is little motion to take." in notices(drawn, drawn.glimpse)
