"""Following faces from frame to frame: through loss, cuts, and other people who come and go."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from wan_notebook.faces.find import FaceReader, face_reader
from wan_notebook.faces.mesh import Mesh
from wan_notebook.faces.track import FaceTracker, TrackedFace
from wan_notebook.media import samples

Pixels = NDArray[np.uint8]
Place = tuple[float, float]


def person(name: str, height: int, **pose: float) -> Pixels:
    """The head of somebody, cut out as a square with a face of about half its height."""
    if name == "astronaut":
        head = Image.fromarray(data.astronaut()[10:210, 125:325])
    else:
        head = samples.draw(samples.PEOPLE[name], samples.Pose(**pose), (480, 624)).crop((80, 90, 400, 410))
    return np.asarray(head.resize((height, height), Image.Resampling.LANCZOS))


def scene(*people: tuple[Pixels, Place], size: tuple[int, int] = (640, 360)) -> Pixels:
    """A picture with people at places (of their squares' centres); later ones stand in front."""
    canvas = np.full((size[1], size[0], 3), (96, 120, 112), np.uint8)
    for head, (x, y) in people:
        half = head.shape[0] // 2
        left, top = round(x) - half, round(y) - half
        part = canvas[max(0, top) : max(0, top + head.shape[0]), max(0, left) : max(0, left + head.shape[1])]
        part[:] = head[max(0, -top) : max(0, -top) + part.shape[0], max(0, -left) : max(0, -left) + part.shape[1]]
    return canvas


def where(tracker: FaceTracker, frames: Iterable[Pixels]) -> list[float | None]:
    """The column of the followed face in each frame, None where it is not seen."""
    meshes = [tracker.follow(frame) for frame in frames]
    return [mesh and round(float(mesh.points[:, 0].mean())) for mesh in meshes]


def columns(faces: list[TrackedFace]) -> dict[int, float]:
    """Each person's column."""
    return {face.id: float(face.mesh.points[:, 0].mean()) for face in faces}


class CountingReader:
    """A reader that counts how often it searches, and how often over parts of the picture."""

    def __init__(self, reader: FaceReader) -> None:
        self.reader, self.searches, self.close_searches = reader, 0, 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.reader, name)

    def find(self, pixels: Pixels, *, closely: bool = True, known: Sequence[Mesh] = ()) -> object:
        """Search, and count it."""
        self.searches, self.close_searches = self.searches + 1, self.close_searches + closely
        return self.reader.find(pixels, closely=closely, known=known)


@pytest.fixture
def tracker() -> FaceTracker:
    """One that has seen nothing yet."""
    return FaceTracker(face_reader())


@pytest.mark.parametrize(("newcomers", "searches"), [(0.5, 4), (1.0, 2)])
def test_following_rarely_searches(newcomers: float, searches: int) -> None:
    """While a face is in view the detector looks but now and then for others, and never part by part."""
    reader = CountingReader(face_reader())
    tracker = FaceTracker(reader, newcomers=newcomers)  # type: ignore[arg-type]
    ada = person("ada", 200)
    found = where(tracker, (scene((ada, (200 + 4 * step, 180))) for step in range(37)))
    assert found == pytest.approx([200 + 4 * step for step in range(37)], abs=12)
    assert (reader.searches, reader.close_searches) == (searches, 1)


def test_the_followed_one_is_kept(tracker: FaceTracker) -> None:
    """Somebody larger who comes later is not followed instead."""
    ada, theo = person("ada", 160), person("theo", 260)
    frames = (scene((ada, (150, 180)), *([(theo, (460, 180))] if step > 4 else [])) for step in range(20))
    assert where(tracker, frames) == pytest.approx([150] * 20, abs=12)


def test_people_are_counted(tracker: FaceTracker) -> None:
    """Of all who are in view at once those are counted who are not far smaller than the largest, also a newcomer."""
    ada, theo, small = person("ada", 200), person("theo", 200), person("pip", 70)
    for step in range(30):
        newcomer = [(theo, (480, 180))] if step > 4 else []
        tracker.follow(scene((ada, (160, 180)), *newcomer, (small, (320, 60))))
        assert step > 4 or tracker.most_people == 1
    assert tracker.most_people == 2


def test_a_hand_before_the_face(tracker: FaceTracker) -> None:
    """A face that is covered for a second is not seen then, and is the same again afterwards, at once."""
    ada = person("ada", 200)
    frame = scene((ada, (300, 180)))
    covered = frame.copy()
    covered[90:290, 210:390] = (205, 150, 120)
    seen = [tracker.follow_all(picture) for picture in [frame] * 3 + [covered] * 25 + [frame] * 2]
    assert [len(faces) for faces in seen] == [1] * 3 + [0] * 25 + [1] * 2
    assert seen[-1][0].id == seen[0][0].id


def test_cuts_are_followed(tracker: FaceTracker) -> None:
    """After a cut that shows the face elsewhere and twice as large, its mesh is there in the first frame."""
    near, far = person("ada", 300), person("ada", 150)
    shots = [(near, (180, 180)), (far, (500, 120)), (near, (400, 180))]
    frames = (scene(shot) for shot in shots for _ in range(4))
    assert where(tracker, frames) == pytest.approx([180] * 4 + [500] * 4 + [400] * 4, abs=20)


def test_a_cut_to_somebody_else(tracker: FaceTracker) -> None:
    """In a shot of another person the one who is followed is missing; back in the first shot, she is found at once."""
    ada, other = scene((person("ada", 220), (300, 180))), scene((person("astronaut", 220), (310, 180)))
    found = where(tracker, [ada] * 4 + [other] * 12 + [ada] * 3)
    assert found[:4] + found[-3:] == pytest.approx([300] * 7, abs=12)
    assert found[4:-3] == [None] * 12


def test_whoever_stays_is_followed(tracker: FaceTracker) -> None:
    """Where somebody else alone is seen for two seconds after a cut, that one is followed, until she is back."""
    ada, other = scene((person("ada", 220), (200, 180))), scene((person("astronaut", 220), (400, 180)))
    found = where(tracker, [ada] * 4 + [other] * 60 + [ada] * 2)
    assert found[63] == pytest.approx(400, abs=20)
    assert found[30] is None
    assert found[-1] == pytest.approx(200, abs=12)


def test_companions_are_not_followed(tracker: FaceTracker) -> None:
    """Who stood beside her is not followed while she is away, however long; when she returns she is found again."""
    ada, other = (person("ada", 220), (180, 180)), (person("astronaut", 200), (460, 180))
    returned = (person("ada", 220), (150, 170))
    found = where(tracker, [scene(ada, other)] * 4 + [scene(other)] * 56 + [scene(returned, other)] * 4)
    assert found[:4] == pytest.approx([180] * 4, abs=12)
    assert found[4:60] == [None] * 56
    assert found[-1] == pytest.approx(150, abs=12)


def crossing(steps: int) -> Iterator[tuple[Pixels, float, float]]:
    """Two people who pass each other, one hiding the other for a while: frames, and the column of each."""
    behind, front = person("ada", 180), person("astronaut", 200)
    for step in range(steps):
        left, right = 120 + 400 * step / (steps - 1), 520 - 400 * step / (steps - 1)
        yield scene((behind, (left, 170)), (front, (right, 190))), left, right


def test_crossing_people_are_told_apart(tracker: FaceTracker) -> None:
    """Of two people who pass each other, each keeps the number, and the one behind is found again."""
    seen = [(columns(tracker.follow_all(frame)), left, right) for frame, left, right in crossing(34)]
    first, last = seen[0][0], seen[-1][0]
    ada = min(first, key=lambda number: first[number])
    assert last[ada] == pytest.approx(seen[-1][1], abs=20)
    assert last[1 - ada] == pytest.approx(seen[-1][2], abs=20)
    assert sorted(last) == [0, 1]
    apart = [(found[ada], left, right) for found, left, right in seen if ada in found and abs(left - right) > 60]
    assert len(apart) > 15
    assert all(abs(column - left) < abs(column - right) for column, left, right in apart)


def twins(one: list[float], other: list[float], hidden: range = range(0)) -> Iterator[Pixels]:
    """Two people who look alike, at these columns in each frame; the first stands in front.

    In the frames of `hidden` something covers both.
    """
    head = person("ada", 180)
    for step, (near, far) in enumerate(zip(one, other, strict=True)):
        frame = scene((head, (far, 165)), (head, (near, 190)))
        if step in hidden:
            frame[60:] = (80, 90, 70)
        yield frame


WAYS = {
    "cross": (np.linspace(120, 520, 40), np.linspace(520, 120, 40), range(0)),
    "turn back": (120 + 170 * np.hanning(40), 520 - 170 * np.hanning(40), range(0)),
    "stay": (np.full(30, 180.0), np.full(30, 460.0), range(8, 20)),
    "are passed by": (np.linspace(60, 580, 40), np.full(40, 330.0), range(0)),
    "go on unseen": (np.linspace(80, 380, 30), np.linspace(260, 560, 30), range(8, 20)),
}


@pytest.mark.parametrize(("one", "other", "hidden"), WAYS.values(), ids=WAYS)
def test_twins_are_told_apart(tracker: FaceTracker, one: list[float], other: list[float], hidden: range) -> None:
    """Two who look alike keep their numbers while they cross, meet, stay, or are hidden: each goes its own way."""
    seen = [columns(tracker.follow_all(frame)) for frame in twins(list(one), list(other), hidden)]
    assert sorted(seen[0]) == sorted(seen[-1]) == [0, 1]
    front = min(seen[0], key=lambda number: abs(seen[0][number] - one[0]))
    for found, near, far in zip(seen, one, other, strict=True):
        if abs(near - far) > 100:
            assert all(found[n] == pytest.approx(near if n == front else far, abs=25) for n in found)


def test_the_one_behind_is_followed(tracker: FaceTracker) -> None:
    """Somebody who is followed, and hidden by a passer-by, is followed afterwards, and not the passer-by."""
    ada = scene((person("ada", 260), (320, 180)))
    frames = [ada] * 3
    for step in range(28):
        canvas = ada.copy()
        passing = scene((person("astronaut", 240), (-140 + 34 * step, 180)))
        shown = (passing != (96, 120, 112)).any(-1)
        canvas[shown] = passing[shown]
        frames.append(canvas)
    found = where(tracker, frames)
    assert found[:3] + found[-3:] == pytest.approx([320] * 6, abs=12)
    assert all(column is None or abs(column - 320) < 90 for column in found)


def test_forty_faces_are_too_many(tracker: FaceTracker) -> None:
    """Of forty people the tracker follows eight, the same ones in each frame."""
    heads = [person(name, 90) for name in ("ada", "noor", "pip", "theo")]
    crowd = [(heads[n % 4], (50 + 90 * (n % 8), 50 + 90 * (n // 8))) for n in range(40)]
    frame = scene(*crowd, size=(740, 460))
    numbers = [[face.id for face in tracker.follow_all(frame)] for _ in range(3)]
    assert len(numbers[0]) == 8
    assert sorted(numbers[0]) == sorted(numbers[1]) == sorted(numbers[2])


def test_faces_at_the_edge(tracker: FaceTracker) -> None:
    """A face that leaves the picture is followed as long as half of it is seen, and never outside."""
    ada = person("ada", 220)
    seen = [tracker.follow(scene((ada, (400 + 10 * step, 180)))) for step in range(40)]
    assert all(mesh is not None for mesh in seen[:18])
    assert seen[-1] is None
    assert all(mesh is None or mesh.points[:, 0].mean() < 660 for mesh in seen)


def test_tiny_faces_are_found(tracker: FaceTracker) -> None:
    """A face of twelve pixels in a picture of nothing else is found and followed."""
    pip = person("pip", 26)
    found = where(tracker, (scene((pip, (200 + step, 100)), size=(320, 180)) for step in range(6)))
    assert found == pytest.approx([200 + step for step in range(6)], abs=6)


def test_nobody_is_nobody() -> None:
    """In pictures without anybody no face is seen, and the close search, which takes long, is rare."""
    reader = CountingReader(face_reader())
    tracker = FaceTracker(reader)  # type: ignore[arg-type]
    noise = np.random.default_rng(2).integers(0, 255, (180, 320, 3), dtype=np.uint8)
    assert where(tracker, [noise, scene(size=(320, 180))] * 30) == [None] * 60
    assert reader.close_searches <= 2


@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (400, 2), (16, 16)])
def test_odd_pictures_have_nobody(tracker: FaceTracker, shape: tuple[int, int]) -> None:
    """Pictures of one pixel, or as thin as a line, show nobody, and nothing fails."""
    assert tracker.follow(np.zeros((*shape, 3), np.uint8)) is None
