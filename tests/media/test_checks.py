"""Notices before money is spent."""

import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import PIL.ImageFilter
import pytest
from skimage import data

from wan_notebook import media
from wan_notebook.errors import MediaError
from wan_notebook.faces.find import face_reader
from wan_notebook.media import Picture, Video, checks, samples
from wan_notebook.media.checks import CheckInput, FaceSummary, Notice, PictureAnalysis, VideoAnalysis
from wan_notebook.media.checks.analysis import VideoAnalyzer
from wan_notebook.media.checks.faces import FaceTimeline, nose_aside
from wan_notebook.media.checks.scene import Scene
from wan_notebook.media.preparation import Preparation
from wan_notebook.media.prepare import prepared_video
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer

from support.hands import hold_hand, speaking
from support.media import filmed, with_broken_end

NO_FACE, ONE_FACE = FaceSummary(0), FaceSummary(1, 0.1)
TWO_FACES = FaceSummary(2, 0.1, boxes=((0.1, 0.2, 0.2, 0.3), (0.7, 0.2, 0.2, 0.3)))

COVERED = {"covered mouth", "covered eyes"}
MASK = np.array([(224, 116), (250, 126), (259, 150), (250, 176), (226, 190), (202, 178), (190, 152), (196, 126)])
"""The lower half of the astronaut's face, in pixels."""


def astronaut() -> np.ndarray:
    """scikit-image's photograph, 512 × 512 pixels."""
    return np.array(data.astronaut())


def picture(**changes: Any) -> Picture:
    """A picture with nothing to say about."""
    known = {"size": 400_000, "sha256": "0", "width": 800, "height": 800, "format": "PNG"}
    return Picture(**{"url": "file:///hero.png", "name": "hero.png", **known, **changes})


def video(**changes: Any) -> Video:
    """Likewise a reference."""
    known: dict[str, Any] = {"size": 900_000, "sha256": "1", "width": 480, "height": 480, "fps": 16.0}
    known |= {"duration": 4.0, "format": "mov,mp4,m4a,3gp,3g2,mj2", "has_audio": False, **changes}
    known.setdefault("frames", round(known["duration"] * known["fps"]))
    return Video(**{"url": "file:///dance.mp4", "name": "dance.mp4", **known})


def check(
    image: Picture | None = None,
    video: Video | None = None,
    *,
    image_analysis: PictureAnalysis | None = None,
    video_analysis: VideoAnalysis | None = None,
    **chosen: Any,
) -> tuple[Notice, ...]:
    return checks.check(CheckInput(image, video, **chosen), image_analysis, video_analysis)


def only(notices: tuple[Notice, ...]) -> Notice:
    assert len(notices) == 1, [str(notice) for notice in notices]
    return notices[0]


def test_good_inputs_pass_in_silence() -> None:
    """Good inputs get no notice."""
    clear = PictureAnalysis(0.5, 100, ONE_FACE), VideoAnalysis(0.5, 50, (), ((1.0, ONE_FACE),))
    assert check(picture(), video(), image_analysis=clear[0], video_analysis=clear[1]) == ()
    assert check() == ()


def test_web_addresses_are_not_judged() -> None:
    """Nothing is known of what only the service reads."""
    there = Picture("https://example.org/hero.png", "hero.png"), Video("https://example.org/a.mp4", "a.mp4")
    assert check(*there) == ()
    assert checks.analyze_picture(there[0]) is None
    assert checks.analyze_video(there[1]) is None


@pytest.mark.parametrize("host", ["localhost:8888", "127.0.0.1", "192.168.1.7", "[::1]", "nas.local", "intranet"])
def test_a_private_address_is_noticed(host: str) -> None:
    """A service elsewhere cannot fetch it."""
    notice = only(check(video=Video(f"http://{host}/a.mp4", "a.mp4")))
    assert "cannot reach" in notice.text
    assert not notice.remedy


# Measures, and what helps


@pytest.mark.parametrize(
    ("changes", "topic", "words", "change"),
    [
        ({"width": 150, "height": 400}, "small", "150×400 pixels", {}),
        ({"width": 8000, "height": 4000}, "large", "sides up to 4096", {"short_side": 2048}),
        ({"width": 2000, "height": 500}, "ratio", "very wide", {"aspect": 3.0, "fit": "crop"}),
        ({"width": 500, "height": 2000}, "ratio", "very tall", {"aspect": 1 / 3, "fit": "crop"}),
        ({"size": 7_200_000}, "size", "has 7.2 MB", {"short_side": 1080}),
    ],
)
def test_picture_limits_are_noticed(changes: Any, topic: str, words: str, change: Any) -> None:
    """The sentence has the measure and the limit, the remedy a preparation."""
    notice = only(check(picture(**changes)))
    assert (notice.topic, notice.about, notice.serious, dict(notice.change)) == (topic, "picture", True, change)
    assert words in notice.text


@pytest.mark.parametrize(
    ("changes", "topic", "words", "change"),
    [
        ({"duration": 1.5}, "short", "lasts 1.5 s", {}),
        ({"duration": 45.0}, "length", "30 s at most", {"start": 0.0, "end": 10}),
        ({"width": 3840, "height": 2160}, "large", "sides up to 2048", {"short_side": 1152}),
        ({"size": 250_000_000}, "size", "250 MB", {"short_side": 480}),
        ({"format": "matroska,webm"}, "format", "of the format matroska", {"mp4": True}),
        ({"rotation": 90}, "rotation", "taken with the phone turned", {"mp4": True}),
        ({"rotation": 180, "mirrored": True}, "rotation", "stored mirrored", {"mp4": True}),
        ({"hdr": True}, "hdr", "in HDR", {"mp4": True}),
    ],
)
def test_video_limits_are_noticed(changes: Any, topic: str, words: str, change: Any) -> None:
    """So it is for a video."""
    notice = next(notice for notice in check(video=video(**changes)) if notice.topic == topic)
    assert (notice.about, notice.serious, dict(notice.change)) == ("video", True, change)
    assert words in notice.text


@pytest.mark.parametrize(
    ("changes", "topic", "words", "change"),
    [
        ({"duration": 15.0}, "length", "240 frames in 4 windows", {"start": 0.0, "end": 10}),
        ({"fps": 59.94}, "rate", "59.9 frames per second, and each of them takes time", {"fps": 16}),
        ({"width": 1920, "height": 1080}, "pixels", "scaled here, it is sent faster", {"short_side": 480}),
    ],
)
def test_savings_are_no_warning(changes: Any, topic: str, words: str, change: Any) -> None:
    """It is no warning, but an offer."""
    notice = only(check(video=video(**changes)))
    assert (notice.topic, notice.serious, dict(notice.change)) == (topic, False, change)
    assert words in notice.text


def test_a_remedy_ends_its_notice() -> None:
    """Every remedy, once it is part of the preparation, leaves nothing to notice."""
    long = video(duration=45.0, fps=60.0, width=3840, height=2160, size=300_000_000, format="matroska,webm")
    preparation = Preparation()
    for _ in range(5):
        notices = check(video=long, prepare_video=preparation)
        for notice in notices:
            preparation = notice.apply_to(preparation)
    assert notices == ()
    assert preparation == Preparation(end=10, fps=16, short_side=480, mp4=True)
    large = picture(width=8000, height=2000, size=9_000_000)
    preparation = Preparation()
    for notice in check(large):
        preparation = notice.apply_to(preparation)
    assert check(large, prepare_image=preparation) == ()


def test_crowds_are_not_counted_exactly() -> None:
    """Where as many people are seen as are followed at once, the notice says that there may be more; of fewer none."""
    head = np.asarray(samples.draw(samples.PEOPLE["ada"], samples.Pose(), (180, 240)))[30:170, 20:160]
    told = []
    for rows in (3, 2):
        frame = np.full((rows * 160, 4 * 160, 3), (96, 120, 112), np.uint8)
        for row, column in np.ndindex(rows, 4):
            if (row, column) != (1, 3) or rows == 3:
                frame[160 * row + 10 : 160 * row + 150, 160 * column + 10 : 160 * column + 150] = head
        crowd = media.video([frame] * 24, fps=12)
        notices = check(video=crowd, video_analysis=checks.analyze_video(crowd))
        told += [notice.text for notice in notices if notice.topic == "people"]
    assert told[0].startswith("8 or more people are seen in the video, from 0.0 to 2.0 s. The model")
    assert told[1].startswith("7 people are seen in the video, from 0.0 to 2.0 s: two at the left")


def test_too_many_pixels_are_noticed() -> None:
    """A video of 1080 lines is nearly right for 720p and more than twice too large for 480p."""
    wide = video(width=1920, height=1080)
    assert check(video=wide, resolution="720p") == ()
    assert only(check(video=wide, resolution="480p")).topic == "pixels"


def test_different_shapes_are_noticed() -> None:
    """In mode move the video is cropped to the picture's shape, in mode replace the picture to the video's."""
    tall, wide = picture(width=600, height=800), video(width=854, height=480)
    move = only(check(tall, wide, model="move"))
    assert (move.about, dict(move.change)) == ("video", {"aspect": 0.75, "fit": "crop"})
    assert "The picture is tall (600×800) and the video wide (854×480)" in move.text
    swap = only(check(tall, wide, model="replace"))
    assert (swap.about, swap.change["aspect"]) == ("picture", 854 / 480)
    assert check(tall, wide, model="move", prepare_video=move.apply_to(Preparation())) == ()
    assert check(tall, wide, model="replace", prepare_image=swap.apply_to(Preparation())) == ()


@pytest.mark.parametrize(
    ("image", "clip", "words"),
    [
        ((1024, 512), (1000, 720), "The picture (1024×512) is wider for its height than the video (1000×720). "),
        ((1000, 720), (1280, 640), "The video (1280×640) is wider for its height than the picture (1000×720). "),
        ((600, 800), (540, 960), "The video (540×960) is taller for its width than the picture (600×800). "),
        ((540, 960), (600, 800), "The picture (540×960) is taller for its width than the video (600×800). "),
        ((951, 1000), (1048, 1000), "The video (1048×1000) is wider for its height than the picture (951×1000). "),
    ],
)
def test_alike_shapes_are_compared(image: tuple[int, int], clip: tuple[int, int], words: str) -> None:
    """Of two that are both wide, or both tall, the notice says which one is more so."""
    shapes = [{"width": width, "height": height} for width, height in (image, clip)]
    notices = check(picture(**shapes[0]), video(**shapes[1]), resolution="720p")
    assert next(notice.text for notice in notices if notice.topic == "aspect").startswith(words)


def test_a_crop_keeps_the_face() -> None:
    """Where faces were found, the remedy crops about them; an odd one out does not count."""
    found_faces = tuple(
        (1.2 * number, FaceSummary(1, 0.1, (x, 0.25))) for number, x in enumerate((0.7, 0.72, 0.71, 0.1))
    )
    analysis = VideoAnalysis(0.5, 50, (), (*found_faces, (3.9, NO_FACE)))
    notice = only(check(picture(), video(width=854), video_analysis=analysis))
    assert notice.change["focus"] == pytest.approx((0.705, 0.25))


def test_serious_notices_come_first() -> None:
    """Notices about the result come before those about the price."""
    faceless = PictureAnalysis(0.5, 100, NO_FACE)
    notices = check(picture(), video(duration=1.5), image_analysis=faceless)
    assert [notice.topic for notice in notices] == ["short", "faces"]


# What the pixels tell


def drawn(seed: int) -> np.ndarray:
    """A scene of its own: coarse random shapes."""
    shapes = PIL.Image.fromarray(np.random.default_rng(seed).integers(20, 235, (8, 12, 3), np.uint8))
    return np.asarray(shapes.resize((144, 96)))


@pytest.fixture
def no_finder(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the preview's libraries are not installed."""
    monkeypatch.setitem(sys.modules, "wan_notebook.faces.find", None)


@pytest.fixture
def shots(tmp_path: Path) -> Video:
    """One second of one scene that pans, two seconds of another, one of a third."""
    path = tmp_path / "shots.mp4"
    with Writer(path, width=144, height=96, fps=24) as writer:
        for scene, count in ((1, 24), (2, 48), (3, 24)):
            for number in range(count):
                writer.write(np.roll(drawn(scene), number, axis=1))
    return media.video(path)


@pytest.mark.usefixtures("no_finder")
def test_cuts_are_found_exactly(shots: Video) -> None:
    """Each cut is named by its second, and the remedy keeps the longest shot."""
    analysis = checks.analyze_video(shots)
    assert analysis is not None
    assert analysis.cuts == pytest.approx((1.0, 3.0), abs=0.1)
    cut = next(notice for notice in check(video=shots, video_analysis=analysis) if notice.topic == "cuts")
    assert cut.text.startswith("The video has 2 cuts, at 1, 3 s")
    assert (cut.change["start"], cut.change["end"]) == pytest.approx((1.0, 3.0), abs=0.1)
    kept = check(video=shots, prepare_video=cut.apply_to(Preparation()), video_analysis=analysis)
    assert "cuts" not in {notice.topic for notice in kept}


def test_a_long_shot_is_trimmed(shots: Video) -> None:
    """Of a shot that is longer than services take, the best length is kept, so that one click is enough."""
    long = replace(shots, duration=480.0, frames=480 * 24)
    analysis = VideoAnalysis(brightness=0.5, sharpness=30.0, cuts=(22.0,), face_samples=())
    cut = next(notice for notice in check(video=long, video_analysis=analysis) if notice.topic == "cuts")
    assert cut.remedy == "Keep 22 to 32 s of the longest shot"
    kept = check(video=long, prepare_video=cut.apply_to(Preparation()), video_analysis=analysis)
    assert {"cuts", "length"} & {notice.topic for notice in kept} == set()


def test_short_shots_are_not_kept(shots: Video) -> None:
    """Where no shot is as long as a video has to be, no remedy makes one that is too short."""
    analysis = VideoAnalysis(brightness=0.5, sharpness=30.0, cuts=(1.0, 2.9, 3.5), face_samples=())
    cut = next(notice for notice in check(video=shots, video_analysis=analysis) if notice.topic == "cuts")
    assert (cut.remedy, dict(cut.change)) == ("", {})
    assert cut.text.endswith("No shot is as long as 2 s, so choose a video with a longer one.")


@pytest.mark.usefixtures("no_finder")
def test_a_kept_shot_is_whole(shots: Video) -> None:
    """What the remedy makes has a single scene from its first frame to its last."""
    analysis = checks.analyze_video(shots)
    cut = next(notice for notice in check(video=shots, video_analysis=analysis) if notice.topic == "cuts")
    made = checks.analyze_video(prepared_video(shots, cut.apply_to(Preparation())))
    assert made is not None
    assert made.cuts == ()


@pytest.mark.usefixtures("no_finder")
def test_a_flash_is_no_cut(tmp_path: Path) -> None:
    """The same scene in another light is the same scene."""
    path = tmp_path / "flash.mp4"
    with Writer(path, width=144, height=96, fps=24) as writer:
        for number in range(24):
            writer.write(drawn(1) // (3 if number % 12 < 6 else 1))
    analysis = checks.analyze_video(media.video(path))
    assert analysis is not None
    assert analysis.cuts == ()


@pytest.mark.usefixtures("no_finder")
def test_a_pan_is_no_cut(tmp_path: Path) -> None:
    """Where every frame differs much from the one before, none of them is a cut."""
    path = tmp_path / "pan.mp4"
    with Writer(path, width=144, height=96, fps=12) as writer:
        for number in range(24):
            writer.write(np.roll(drawn(1), 50 * number, axis=1))
    analysis = checks.analyze_video(media.video(path))
    assert analysis is not None
    assert analysis.cuts == ()


def blended(frames: list[np.ndarray], step: float) -> list[np.ndarray]:
    """Frames at another rate, each mixed of the two that are nearest to its time, as editors re-time."""
    times = np.arange(0, len(frames) - 1, step)
    pairs = ((frames[int(time)], frames[int(time) + 1], time % 1) for time in times)
    return [np.uint8((1 - part) * one + part * other) for one, other, part in pairs]


def cuts_in(frames: list[np.ndarray]) -> tuple[float, ...]:
    analysis = checks.analyze_video(media.video(frames, fps=12))
    assert analysis is not None
    scene = Scene()
    for frame in frames:
        scene.update(frame)
    assert scene.cuts(12) == pytest.approx(analysis.cuts, abs=0.01)  # the preview's own finding is the same
    return analysis.cuts


def gesturing(numbers: Iterable[int]) -> list[np.ndarray]:
    """One take: a still scene, before which something large goes to and fro."""
    taken = []
    for number in numbers:
        frame = drawn(1).copy()
        left = round(52 + 50 * np.sin(number / 2))
        frame[20:76, left : left + 40] = drawn(2)[20:76, :40]
        taken.append(frame)
    return taken


@pytest.mark.usefixtures("no_finder")
@pytest.mark.parametrize("step", [0.6, 1.5, 2.3])
def test_blended_take_has_no_cut(step: float) -> None:
    """A take that was re-timed by blending its frames goes on, also where a piece was left out and faded over."""
    take = gesturing(range(72))
    assert cuts_in(blended(take, step)) == ()
    left_out = [*take[:20], *blended([take[20], take[47]], 0.34), *take[48:]]
    assert cuts_in(left_out) == ()
    ghost = np.uint8(0.25 * take[20] + 0.75 * (255 - drawn(3)))
    assert cuts_in([*take[:20], ghost, *take[20:40]]) == ()


@pytest.mark.usefixtures("no_finder")
@pytest.mark.parametrize("step", [1.0, 0.6, 1.5, 2.3])
def test_cut_between_blended_frames_is_found(step: float) -> None:
    """Where two takes meet, one frame that was blended of both hides nothing, and the cut is found once."""
    frames = blended([*gesturing(range(36)), *(255 - frame for frame in gesturing(range(36)))], step)
    assert cuts_in(frames) == pytest.approx((36 / step / 12,), abs=0.1)


@pytest.mark.usefixtures("no_finder")
def test_darkness_and_blur_are_noticed() -> None:
    """A picture is judged as it is, and the same dark or blurred is noticed; a light head on a dark stage is not."""
    clear = PIL.Image.fromarray(np.random.default_rng(1).integers(20, 235, (60, 80, 3), np.uint8)).resize((800, 600), 0)
    stage = PIL.Image.new("RGB", clear.size)
    stage.paste(clear.crop((0, 0, 160, 200)), (300, 50))
    topics = [
        {notice.topic for notice in check(chosen, image_analysis=checks.analyze_picture(chosen))}
        for chosen in map(
            media.picture,
            (clear, stage, clear.point(lambda value: value // 6), clear.filter(PIL.ImageFilter.GaussianBlur(9))),
        )
    ]
    assert [found & {"dark", "blur"} for found in topics] == [set(), set(), {"dark"}, {"blur"}]


def test_picture_faces_are_counted() -> None:
    """One drawn face is silently right, none and two are noticed."""
    face = PIL.Image.open(samples.character("ada")).convert("RGB")
    two = PIL.Image.new("RGB", (face.width * 2, face.height))
    two.paste(face)
    two.paste(face, (face.width, 0))
    none = PIL.Image.fromarray(drawn(1).repeat(6, 0).repeat(6, 1))
    texts = [face_texts(media.picture(image)) for image in (face, two, none)]
    assert texts == [
        [],
        [
            (
                "2 faces were found in the picture: one at the left and one at the right. "
                "The model takes a single character. Crop it to one."
            )
        ],
        ["No face was found in the picture; one clear face, seen from the front, turns out best."],
    ]


def face_texts(chosen: Picture) -> list[str]:
    notices = check(chosen, image_analysis=checks.analyze_picture(chosen))
    return [notice.text for notice in notices if notice.topic == "faces"]


@pytest.mark.parametrize(
    ("faces", "words"),
    [
        ([NO_FACE] * 6, "No face was found in 6 frames"),
        (
            [TWO_FACES] * 4 + [ONE_FACE] * 2,
            "2 people are seen in the video, from 0.0 to 2.1 s: one at the left and one",
        ),
        ([ONE_FACE] * 2 + [NO_FACE] * 4, "The face is not seen from 0.9 to 4.0 s: covered or turned away."),
        ([replace(ONE_FACE, yaw=40.0)] * 2 + [NO_FACE] * 4, "The face is not seen from 0.9 to 4.0 s: turned away."),
        (
            [ONE_FACE, NO_FACE, ONE_FACE, ONE_FACE, replace(ONE_FACE, yaw=40.0), NO_FACE],
            "covered or turned away. Its",
        ),
        ([ONE_FACE, NO_FACE, ONE_FACE, FaceSummary(1)], "covered, turned away or somebody else is seen there. Its"),
        ([ONE_FACE] * 2 + [FaceSummary(1)] * 4, "not seen from 0.9 to 4.0 s: somebody else is seen there."),
        ([NO_FACE] * 3 + [replace(ONE_FACE, middle=(0.96, 0.4))] * 3, "from 0.0 to 1.5 s: out of the picture."),
        (
            [ONE_FACE] * 2 + [replace(ONE_FACE, yaw=-60.0)] * 4,
            "The face is turned aside by 45° or more from 0.9 to 4.0 s",
        ),
        ([replace(ONE_FACE, cropped_at_forehead=True)] * 5, "cropped at the forehead in most of the video"),
        ([replace(ONE_FACE, roll=-91.0)] * 5, "The face in the video lies on its side."),
        ([FaceSummary(1, 0.02)] * 6, "10 pixels between the eyes at 480p"),
    ],
)
def test_video_faces_are_followed(faces: list[FaceSummary], words: str) -> None:
    """None, several, a hidden, a turned, a cropped and a small one are each noticed, and nothing else is."""
    found_faces = tuple((number * 0.6, found) for number, found in enumerate(faces))
    assert words in only(check(video=video(), video_analysis=VideoAnalysis(0.5, 50, (), found_faces))).text


def test_turned_pictures_are_noticed() -> None:
    """Of a picture that is upside down this is said, and that there is no room below its chin, wherever that is."""
    person = PIL.Image.open(samples.character("ada")).convert("RGB")
    cropped = person.crop((0, 0, person.width, round(0.6 * person.height)))
    found = [
        {notice.topic for notice in check(chosen, image_analysis=checks.analyze_picture(chosen))}
        for chosen in map(media.picture, (cropped, cropped.rotate(180)))
    ]
    assert found == [{"chin"}, {"chin", "turned frame"}]


def test_doubtful_faces_are_not_called_turned() -> None:
    """Of what may be no person's face, nobody is told to turn the picture."""
    doubtful = PictureAnalysis(0.5, 100, replace(ONE_FACE, roll=-178.0, confidence=0.2))
    found = [notice.topic for notice in check(picture(), image_analysis=doubtful)]
    assert found == ["doubtful face"]


def test_many_losses_are_summed_up() -> None:
    """Of a face that comes and goes, three times are named, and one sentence tells of all."""
    found_faces = tuple((0.5 * number, NO_FACE if number % 2 else ONE_FACE) for number in range(17))
    notice = only(check(video=video(duration=8.0), video_analysis=VideoAnalysis(0.5, 50, (), found_faces)))
    assert "from 0.2 to 0.8 s, from 1.2 to 1.8 s, from 2.2 to 2.8 s and at other times: covered" in notice.text


def performed(seconds: float, *, friend: bool = False, covered: tuple[float, float] = (0, 0)) -> Video:
    """A wide video of a drawn person, covered for a while; a friend comes after the first third."""
    heads = [
        np.asarray(samples.draw(samples.PEOPLE[name], samples.Pose(), (270, 360)))[40:240, 35:235]
        for name in ("ada", "theo")
    ]
    shown = []
    for number in range(round(12 * seconds)):
        frame = np.full((240, 640, 3), (96, 120, 112), np.uint8)
        frame[20:220, 60:260] = heads[0]
        if friend and number >= 4 * seconds:
            frame[20:220, 400:600] = heads[1]
        if covered[0] <= number / 12 < covered[1]:
            frame[40:220, 80:240] = (205, 150, 120)
        shown.append(frame)
    return media.video(shown, fps=12)


def test_covered_faces_are_timed() -> None:
    """A hand before the face for a second is named from its second on to its end."""
    chosen = performed(4, covered=(1.5, 2.5))
    texts = [str(notice) for notice in check(video=chosen, video_analysis=checks.analyze_video(chosen))]
    assert any("not seen from 1.4 to 2.4 s: covered or turned away" in text for text in texts), texts


def covers_told(frames: Iterable[np.ndarray]) -> list[str]:
    """The sentences about a covered mouth, and what helps."""
    chosen = media.video(list(frames), fps=12)
    found = check(video=chosen, video_analysis=checks.analyze_video(chosen))
    return [f"{one} {one.remedy}" for one in found if one.topic == "covered mouth"]


@pytest.mark.parametrize("name", ["ada", "pip", "theo"])
def test_covered_mouths_are_timed(name: str) -> None:
    """A hand before the mouth for a second, with the eyes in sight, is named from its second on to its end."""
    (told,) = covers_told(speaking(name, hand=(0.75, 1.75)))
    assert told.startswith("The mouth is covered from 0.6 to 1.6 s, as by a hand or a mask."), told
    assert told.endswith("Keep 1.6 to 4.0 s, where it is seen"), told


@pytest.mark.parametrize("name", list(samples.PEOPLE))
def test_speaking_mouths_are_free(name: str) -> None:
    """Of a drawn person who speaks, turns and blinks, also while the light goes down, no mouth is called covered."""
    assert not covers_told(speaking(name))
    assert not covers_told(speaking(name, dark_from=2.5))


@pytest.mark.parametrize(("name", "hand"), [("ada", (0.0, 2.6)), ("theo", (0.0, 2.6)), ("pip", (1.0, 3.2))])
def test_free_mouths_are_not_told_for_a_long_hand(name: str, hand: tuple[float, float]) -> None:
    """Where a hand is there for longer than the mouth is free, nothing is told of the free mouth."""
    for told in covers_told(speaking(name, hand=hand)):
        begin, end = map(float, re.findall(r"from ([\d.]+) to ([\d.]+) s", told)[0])
        assert hand[0] - 0.3 < begin < end < hand[1] + 0.3, told


def test_a_wave_past_the_mouth_is_no_cover() -> None:
    """A hand that is before the mouth for a quarter of a second is not told."""
    assert not covers_told(speaking("ada", hand=(1.5, 1.75)))


@pytest.mark.parametrize("worn", ["", "mask", "glasses"])
def test_what_is_worn_in_a_video_is_told(worn: str) -> None:
    """Of a photograph that wobbles for two seconds a mask is told, and dark glasses; of the free face nothing is."""
    person = astronaut()
    if worn == "mask":
        cv2.fillPoly(person, [MASK], (120, 170, 210), cv2.LINE_AA)
    for x in (203, 247) if worn == "glasses" else ():
        cv2.ellipse(person, (x, 104), (17, 13), 0, 0, 360, (18, 16, 20), -1, cv2.LINE_AA)
    chosen = media.video([np.roll(person, round(3 * np.sin(number)), axis=1) for number in range(24)], fps=12)
    found = [one for one in check(video=chosen, video_analysis=checks.analyze_video(chosen)) if one.topic in COVERED]
    assert [one.topic for one in found] == {"": [], "mask": ["covered mouth"], "glasses": ["covered eyes"]}[worn]
    assert worn != "mask" or "from 0.0 to 2.0 s, as by a hand or a mask" in found[0].text


def test_what_one_of_two_wears_is_told() -> None:
    """A mask is told of the performer also where somebody nearer is there for a while, whose face is free."""
    person = astronaut()
    cv2.fillPoly(person, [MASK], (120, 170, 210), cv2.LINE_AA)
    beside = np.asarray(samples.draw(samples.PEOPLE["theo"], samples.Pose(), (360, 512)))
    timeline = FaceTimeline(face_reader(), 4)
    for number in range(8):
        other = beside if number < 5 else np.full_like(beside, 200)
        timeline.add(number / 4, np.hstack([np.roll(person, number % 3, axis=1), other]))
    faces = [faces for _, faces in timeline.samples()]
    assert [one.count for one in faces] == [2] * 5 + [1] * 3
    assert all(one.mouth_covered for one in faces)


def test_shots_are_compared_with_themselves() -> None:
    """A mouth that is covered in the whole of a shot is not told from how it looked before the cut."""
    timeline = FaceTimeline(face_reader(), 4)
    for number, frame in enumerate(speaking("ada", hand=(3.0, 4.0))):
        if number % 3 == 0:
            timeline.add(number / 12, frame)
    covered = [[time for time, faces in timeline.samples(cuts) if faces.mouth_covered] for cuts in ((), (3.0,))]
    assert covered == [[3.0, 3.25, 3.5, 3.75], []]


def test_still_videos_are_noticed(tmp_path: Path) -> None:
    """A video in which nothing moves is told of, also with a sensor's noise; one in which somebody blinks is not."""
    head = np.asarray(samples.draw(samples.PEOPLE["ada"], samples.Pose(), (240, 312)))
    blink = np.asarray(samples.draw(samples.PEOPLE["ada"], samples.Pose(blink=1), (240, 312)))
    noise = np.random.default_rng(0).normal(0, 3, (36, *head.shape))
    shown = {
        "still": [head] * 36,
        "noisy": list((head + noise).clip(0, 255).astype(np.uint8)),
        "blinking": [blink if number == 18 else head for number in range(36)],
    }
    told = {}
    for name, pictures in shown.items():
        chosen = media.video(filmed(pictures, tmp_path / f"{name}.mp4", fps=12))
        found = check(video=chosen, video_analysis=checks.analyze_video(chosen))
        told[name] = "still" in {notice.topic for notice in found}
    assert told == {"still": True, "noisy": True, "blinking": False}


def test_cuts_between_people_are_told() -> None:
    """Where a video cuts to somebody else, the performer is who is seen for longer, and the other is told as such."""
    shots = [
        np.asarray(samples.draw(samples.PEOPLE[name], samples.Pose(), (240, 312))) for name in ("noor", "pip", "noor")
    ]
    chosen = media.video([shot for shot, count in zip(shots, (24, 12, 12), strict=True) for _ in range(count)], fps=12)
    texts = [str(notice) for notice in check(video=chosen, video_analysis=checks.analyze_video(chosen))]
    assert any("not seen from 1.9 to 2.9 s: somebody else is seen there" in text for text in texts), texts


def test_people_in_videos_are_counted() -> None:
    """Of two people it is told when and where they are seen, and a frame of that moment has a box around each."""
    chosen = performed(4, friend=True)
    notices = check(video=chosen, video_analysis=checks.analyze_video(chosen))
    (people,) = (notice for notice in notices if notice.topic == "people")
    assert "2 people are seen in the video, from 1.4 to 4.0 s: one at the left and one at the right." in people.text
    (left, *_), (right, *_) = sorted(people.boxes)
    assert (640 * left, 640 * right) == pytest.approx((110, 450), abs=40)
    assert 1.3 < people.moments[0] < 4


@pytest.mark.parametrize(
    ("pose", "topics"),
    [({}, set()), ({"mouth": 1.0}, {"open mouth"}), ({"blink": 1.0}, {"closed eyes"})],
)
def test_restless_pictures_are_noticed(pose: dict[str, float], topics: set[str]) -> None:
    """A drawn face at rest passes; an open mouth and closed eyes are each noticed."""
    face = samples.draw(samples.PEOPLE["pip"], samples.Pose(**pose), (480, 624))
    chosen = media.picture(face)
    found = {one.topic for one in check(chosen, image_analysis=checks.analyze_picture(chosen))}
    assert found & {"open mouth", "closed eyes", "profile", "faces", "doubtful face"} == topics


def topics_of(pixels: np.ndarray) -> set[str]:
    chosen = media.picture(PIL.Image.fromarray(pixels))
    return {one.topic for one in check(chosen, image_analysis=checks.analyze_picture(chosen))}


@pytest.mark.parametrize("colour", [(120, 170, 210), (30, 32, 38), (235, 235, 235), (190, 60, 60)])
def test_a_covered_mouth_is_noticed(colour: tuple[int, int, int]) -> None:
    """A photograph passes; with a mask over nose, mouth and chin it is told that the mouth is covered."""
    masked = astronaut()
    cv2.fillPoly(masked, [MASK], colour, cv2.LINE_AA)
    assert [topics_of(pixels) & COVERED for pixels in (astronaut(), masked)] == [set(), {"covered mouth"}]


@pytest.mark.parametrize("at", [(206, 160), (234, 160), (250, 160)])
def test_a_hand_before_the_mouth_is_noticed(at: tuple[int, int]) -> None:
    """With a hand before it, whose hue is about a face's, it is told as well."""
    hidden = astronaut()
    hold_hand(hidden, at)
    assert topics_of(hidden) & COVERED == {"covered mouth"}


def test_dark_glasses_are_noticed() -> None:
    """With dark glasses it is told that the eyes are covered, and not that they are closed."""
    worn = astronaut()
    for x in (203, 247):
        cv2.ellipse(worn, (x, 104), (17, 13), 0, 0, 360, (18, 16, 20), -1, cv2.LINE_AA)
    assert topics_of(worn) & (COVERED | {"closed eyes"}) == {"covered eyes"}


@pytest.mark.parametrize("name", list(samples.PEOPLE))
@pytest.mark.parametrize("pose", [{}, {"mouth": 1.0}, {"blink": 1.0}, {"yaw": 25.0}])
def test_free_faces_are_not_called_covered(name: str, pose: dict[str, float]) -> None:
    """Of a drawn person who rests, speaks, blinks or turns, nothing is called covered."""
    face = samples.draw(samples.PEOPLE[name], samples.Pose(**pose), (480, 624))
    assert topics_of(np.asarray(face)) & COVERED == set()


def test_profiles_are_noticed() -> None:
    """A face in a picture that is turned by half a right angle and more has a hidden half, and so has one whose nose
    stands out beside its eye, by however little it is read to be turned.
    """
    for turned, degrees in (({"yaw": -62.0}, 62), ({"yaw": -43.0, "nose_aside": 1.1}, 45)):
        aside = PictureAnalysis(0.5, 100, replace(ONE_FACE, **turned))
        assert f"turned aside by {degrees}°" in only(check(picture(), image_analysis=aside)).text


def test_noses_stand_out_of_profiles() -> None:
    """Of a photograph's face the nose is between the eyes, and beside them once its mesh is turned by 65°."""
    mesh = face_reader().find(data.astronaut())[0].mesh
    yaw = np.radians(65)
    turn = mesh.axes @ [[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]] @ mesh.axes.T
    turned = replace(mesh, points=(mesh.points @ turn.T).astype(np.float32))
    assert nose_aside(mesh) < 0.5
    assert nose_aside(turned) > 1


def test_missing_models_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the face models one sentence says so, nothing is fetched, and once they are here faces are found."""
    chosen = media.picture(samples.character("ada"))
    with monkeypatch.context() as patch:
        patch.setenv("WAN_NOTEBOOK_MODELS", str(tmp_path))
        notice = only(check(chosen, image_analysis=checks.analyze_picture(chosen)))
        assert (notice.topic, notice.serious) == ("faces", False)
        assert f"WAN_NOTEBOOK_MODELS is {tmp_path}" in notice.text
        assert check(chosen, image_analysis=checks.analyze_picture.cached(chosen)) == (notice,)
    assert checks.analyze_picture.cached(chosen) is None
    assert check(chosen, image_analysis=checks.analyze_picture(chosen)) == ()


def test_a_remedy_keeps_visible_faces() -> None:
    """Where the face is seen for long enough, the remedy keeps that stretch, and then nothing is missing."""
    found_faces = tuple(
        (time, ONE_FACE if time in (3.0, 4.0, 5.0) else NO_FACE) for time in (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    )
    analysis = VideoAnalysis(0.5, 50, (), found_faces)
    notice = only(check(video=video(duration=7.0), video_analysis=analysis))
    assert "from 0.0 to 2.5 s and from 5.5 to 7.0 s" in notice.text
    assert (notice.remedy, dict(notice.change)) == ("Keep 2.5 to 5.5 s, where it is seen", {"start": 2.5, "end": 5.5})
    assert check(video=video(duration=7.0), prepare_video=notice.apply_to(Preparation()), video_analysis=analysis) == ()


def test_a_cropped_head_is_noticed() -> None:
    """A picture cropped at the forehead, at the chin or at a side is noticed; the whole head passes."""
    whole = PIL.Image.open(samples.character("ada")).convert("RGB")
    left, top, right, bottom = 0.2 * whole.width, 0.0, 0.8 * whole.width, 0.8 * whole.height
    face = checks.analyze_picture(media.picture(whole))
    assert face is not None
    assert face.faces is not None
    eyes, unit = face.faces.middle[1] * whole.height, face.faces.eye_distance * min(whole.size)
    middle = face.faces.middle[0] * whole.width
    low, high = round(eyes - 0.9 * unit), round(eyes + 1.5 * unit)
    cut = {
        "whole": whole,
        "forehead": whole.crop((round(left), low, round(right), round(bottom))),
        "chin": whole.crop((round(left), round(top), round(right), high)),
        "side": whole.crop((round(left), round(top), round(middle + 0.8 * unit), round(bottom))),
    }
    for topic, image in cut.items():
        chosen = media.picture(image)
        topics = {one.topic for one in check(chosen, image_analysis=checks.analyze_picture(chosen))}
        assert topics & {"faces", "forehead", "chin", "side"} == ({topic} - {"whole"})


@pytest.mark.parametrize(("speed", "moves"), [(0, False), (3, True)])
def test_a_moving_camera_is_noticed(tmp_path: Path, speed: int, moves: bool) -> None:
    """Where the whole scene wanders the camera moves; where only somebody in the middle of it does, it stands still."""
    path = tmp_path / "camera.mp4"
    with Writer(path, width=144, height=96, fps=12) as writer:
        for number in range(24):
            scene = np.roll(drawn(1), speed * number, axis=1)
            middle = 60 + 10 * (number % 3)
            scene[40:80, middle : middle + 20] = 240
            writer.write(scene)
    chosen = media.video(path)
    analysis = checks.analyze_video(chosen)
    topics = {notice.topic for notice in check(video=chosen, video_analysis=analysis)}
    assert ("camera" in topics) == moves


def test_passers_by_move_no_camera() -> None:
    """However long people come and go before a camera, it stands still; one that turns moves, slowly or quickly."""
    wall = cv2.resize(np.random.default_rng(3).integers(60, 200, (24, 60, 3), np.uint8), (720, 160))
    still, turning, swung = Scene(), Scene(), Scene()
    for number in range(400):
        scene = wall[:, :256].copy()
        person = (9 * number) % 320 - 40
        scene[10:, max(0, person) : max(0, person + 40)] = 25
        still.update(scene)
        if number < 160:
            turning.update(wall[:, number // 3 :][:, :256])
        if number < 12:
            swung.update(wall[:, 36 * number :][:, :256])
    assert not still.camera_moves
    assert turning.camera_moves
    assert swung.camera_moves


def test_a_cut_moves_no_camera() -> None:
    """Two people before two walls are a cut, and no camera that wanders."""
    scene = Scene()
    for person in ("theo", "noor"):
        pixels = np.asarray(samples.draw(samples.PEOPLE[person], samples.Pose(), (240, 312)))
        for _ in range(8):
            scene.update(pixels)
    assert scene.cuts(fps=8) == [1.0]
    assert not scene.camera_moves


PREFLIGHT = {
    "notices": [
        {"about": "picture", "topic": "faces", "text": "The picture seems to show 2 faces."},
        {"about": "video", "topic": "camera", "text": "The camera seems to move."},
        {"about": "video", "topic": "aspect", "text": "Different shapes."},
        {"about": "sound", "topic": "loud", "text": "Nothing of ours."},
        "The camera seems to move.",
        {"about": "video", "topic": 7, "text": None},
    ]
}


def test_service_notices_are_merged() -> None:
    """Its notices are read as far as they can be; where both speak of the same, ours has the remedy and is kept."""
    from_service = checks.service_notices(PREFLIGHT)
    assert [notice.topic for notice in from_service] == ["faces", "camera", "aspect"]
    own = check(picture(width=600), video(), image_analysis=PictureAnalysis(0.5, 100, FaceSummary(2, 0.1)))
    both = checks.merge_notices(own, from_service)
    assert [(notice.topic, notice in own) for notice in both] == [("faces", True), ("aspect", True), ("camera", False)]
    assert checks.service_notices({}) == checks.service_notices({"notices": "many"}) == ()


def test_only_the_kept_stretch_counts() -> None:
    """Faces and cuts outside of it do not matter."""
    found_faces = ((0.5, ONE_FACE), (2.7, NO_FACE), (3.1, NO_FACE), (3.5, NO_FACE))
    analysis = VideoAnalysis(0.5, 50, (3.0,), found_faces)
    assert check(video=video(), prepare_video=Preparation(end=2.5), video_analysis=analysis) == ()


def test_damaged_frames_are_noticed() -> None:
    """What will be missing is told before it is paid for."""
    analysis = VideoAnalysis(0.5, 50, (), ((1.0, ONE_FACE),), damaged=3)
    assert "damaged at 3 of its frames" in only(check(video=video(), video_analysis=analysis)).text


@pytest.mark.usefixtures("no_finder")
def test_a_broken_end_is_noticed(tmp_path: Path) -> None:
    """Where a file's last packet is damaged, the frames that are lost with it are told, though none comes after."""
    noise = np.random.default_rng(1)
    path = filmed((noise.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(30)), tmp_path / "clip.mp4", fps=30)
    with_broken_end(path, path)
    chosen = media.video(path)
    lost = (chosen.frames or 0) - len(list(frames(path)))
    found = check(video=chosen, video_analysis=checks.analyze_video(chosen))
    assert lost > 0
    assert [notice.text for notice in found if f"damaged at {lost} of its frames" in notice.text] != []


@pytest.mark.usefixtures("no_finder")
def test_a_missing_finder_is_noticed() -> None:
    """Without the preview's libraries, everything else is still checked, and the missing part is named."""
    chosen = media.picture(drawn(4).repeat(6, 0).repeat(6, 1))
    notice = only(check(chosen, image_analysis=checks.analyze_picture(chosen)))
    assert (notice.serious, notice.topic) == (False, "faces")
    assert "pip install 'wan-notebook[preview]'" in notice.text


@pytest.mark.usefixtures("no_finder")
def test_a_file_is_analysed_once(shots: Video) -> None:
    """Asked again, nothing is decoded: the file could even be gone."""
    first = checks.analyze_video(shots)
    assert shots.path is not None
    shots.path.unlink()
    assert checks.analyze_video(shots) is first
    with pytest.raises(MediaError, match="There is no file"):
        checks.analyze_video(media.Video(**{**vars(shots), "sha256": "another"}))


@pytest.mark.parametrize("gesture", [False, True])
def test_moving_body_is_told(gesture: bool) -> None:
    """Where more than the head moves, one line says that a preview does not show it; a talking head has none."""
    analyzer = VideoAnalyzer(2.0)
    for number, frame in enumerate(frames(samples.reference(seconds=2), fps=12, width=240)):
        pixels = frame.pixels.copy()
        if gesture:  # a sleeve that goes up and down beside the chest
            top = 250 + 20 * (number % 3)
            pixels[top : top + 40, 10:90] = 255
        analyzer.add(replace(frame, pixels=pixels))
    analysis = analyzer.result()
    shown = check(video=video(), video_analysis=replace(analysis, brightness=0.5, sharpness=50.0))
    assert [notice.topic for notice in shown] == ["body"] * gesture
