"""Seams inside a take: what the overlap costs, and a later shot that is blended over the end of the earlier one."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.errors import InvalidRequest
from wan_notebook.faces.find import face_reader
from wan_notebook.films.join import Part, join
from wan_notebook.films.plan import FilmPlan
from wan_notebook.films.seams import blended, measure_shift
from wan_notebook.films.shots import Footage, Shot
from wan_notebook.media import samples
from wan_notebook.media.preparation import Preparation
from wan_notebook.media.prepare import prepared_video
from wan_notebook.media.video import video
from wan_notebook.video.probe import probe
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer

from support.media import filmed, meadow
from support.services import PAID

Picture = NDArray[np.uint8]
SIZE = (240, 312)
FPS, COUNT = 25, 60
SEAM, LEAD = 30, 8


def drawn(first: int, last: int) -> list[Picture]:
    """Some frames of a drawn take."""
    motion = samples.curves("hello", COUNT / FPS, FPS)
    return [np.asarray(samples.draw(samples.PEOPLE["theo"], motion.pose(at), SIZE)) for at in range(first, last)]


def elsewhere(pixels: Picture) -> Picture:
    """The picture as a job that began anew has it: turned by two degrees, 3 % larger, and some pixels aside."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 2, 1.03)
    matrix[:, 2] += (6, -4)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE))


def before(pixels: Picture, wall: Picture) -> Picture:
    """The person of a picture before a wall that stands still."""
    height, width = pixels.shape[:2]
    rows, columns = np.indices((height, width))
    near = np.clip(2.4 - np.hypot((columns - width / 2) / 60, (rows - height / 2) / 85), 0, 1)[..., None]
    return np.uint8(np.rint(near * pixels + (1 - near) * wall))


def places(shown: Sequence[Picture]) -> NDArray[np.float64]:
    """Where the middle of the face is in each picture, in pixels."""
    reader = face_reader()
    meshes = [max((face.mesh for face in reader.find(one)), key=lambda mesh: mesh.unit) for one in shown]
    return np.array([mesh.points[:, :2].mean(0) for mesh in meshes])


@pytest.fixture(scope="module")
def take() -> list[Picture]:
    return drawn(SEAM - LEAD, COUNT)


@pytest.mark.parametrize("of_person", [False, True])
def test_offset_shot_joins_smoothly(take: list[Picture], of_person: bool) -> None:
    """A later shot whose picture, or whose person alone, stands elsewhere meets the earlier one without a jump."""
    wall = meadow(SIZE)
    later = [before(elsewhere(one), wall) if of_person else elsewhere(one) for one in take]
    take = [before(one, wall) for one in take] if of_person else take
    shift, shown = blended(take[:LEAD], iter(later), fade=20)
    assert shift is not None
    assert shift.distance == pytest.approx(np.hypot(6, 4), abs=2)
    joined = list(shown)
    assert len(joined) == len(later)
    unmoved, after = (places(some[: LEAD + 4]) - places(take[: LEAD + 4]) for some in (later, joined))
    assert np.linalg.norm(unmoved, axis=1).min() > 5
    assert np.linalg.norm(after, axis=1).max() < 1.5
    steps = np.diff(places(joined[LEAD - 1 :]) - places(take[LEAD - 1 :]), axis=0)
    assert np.linalg.norm(steps, axis=1).max() < 1.2
    assert np.array_equal(joined[-1], later[-1])


def test_equal_shots_stay(take: list[Picture]) -> None:
    """Where both shots stand at the same place, or show no face, nothing is moved."""
    assert measure_shift(take[:LEAD], take[:LEAD]) is None
    wall = [meadow(SIZE)] * LEAD
    assert measure_shift(wall, [np.roll(one, 5, 1) for one in wall]) is None
    shift, shown = blended(wall, iter([*wall, *wall]), fade=5)
    assert shift is None
    assert all(np.array_equal(one, wall[0]) for one in shown)


def test_background_stays_where_person_moves(take: list[Picture]) -> None:
    """Where the person alone stands elsewhere, a picture is moved about the face and nowhere else."""
    wall = meadow(SIZE)
    shift = measure_shift(
        [before(one, wall) for one in take[:LEAD]],
        [before(elsewhere(one), wall) for one in take[:LEAD]],
    )
    assert shift is not None
    assert shift.reach is not None
    moved = shift.applied(wall)
    change = np.abs(moved.astype(int) - wall).mean(2)
    assert change[:20, :20].max() <= 1
    assert change[-20:, :20].max() <= 1
    assert change[110:170, 90:150].mean() > 5


def of_two_shots(folder: Path, later: Callable[[Picture], Picture]) -> tuple[Path, Footage, list[Part]]:
    """A drawn take of two shots, at 16 of 25 frames per second, the second of which came back as `later` makes it."""
    whole = drawn(0, COUNT)
    path = filmed(whole, folder / "take.mp4", fps=FPS)
    chosen, times = video(path), tuple(number / FPS for number in range(COUNT))
    shots = Shot(0, SEAM, 0.0, times[SEAM], "beginning"), Shot(SEAM, COUNT, times[SEAM], COUNT / FPS, "split")
    found, parts = Footage(times, COUNT / FPS, shots), []
    for shot, lead in zip(shots, (0, LEAD), strict=True):
        end = None if shot.end == COUNT else shot.stop
        sent = prepared_video(chosen, Preparation(start=times[shot.begin - lead], end=end, fps=16, sound=False))
        assert sent.path is not None
        clip = folder / f"clip-{shot.begin}.mp4"
        with Writer(clip, width=SIZE[0], height=SIZE[1], fps=16, crf=12) as writer:
            for frame in frames(sent.path):
                writer.write(later(frame.pixels) if lead else frame.pixels)
        parts.append(Part(shot, sent, clip, lead=lead, blended=bool(lead)))
    return path, found, parts


def test_film_keeps_its_frames(tmp_path: Path) -> None:
    """A film with a blended seam has the reference's frames, each at its moment, and says what was blended."""
    path, found, parts = of_two_shots(tmp_path, elsewhere)
    joined = join(video(path), found, parts, tmp_path / "joined.mp4")
    assert joined.frames == COUNT
    assert [number for number, _ in joined.notes] == [1]
    assert "its face stood" in joined.notes[0][1]
    shown = [frame.pixels for frame in frames(joined.path)]
    assert len(shown) == COUNT
    around = slice(SEAM - LEAD - 2, SEAM + 6)
    off = places(shown[around]) - places(drawn(around.start, around.stop))
    assert np.linalg.norm(off, axis=1).max() < 3
    assert np.linalg.norm(np.diff(off, axis=0), axis=1).max() < 2


@pytest.mark.parametrize("black", [False, True])
def test_overlap_beside_a_missing_shot(tmp_path: Path, black: bool) -> None:
    """Where the shot before has no clip, what the later one has of it is left out, and no frame is lost."""
    path, found, (first, second) = of_two_shots(tmp_path, lambda pixels: 255 - pixels)
    missing = Part(first.shot, black=black)
    alone = Part(second.shot, second.sent, second.clip, lead=LEAD)
    joined = join(video(path), found, [missing, alone], tmp_path / "joined.mp4")
    shown = [frame.pixels for frame in frames(joined.path)]
    truth = [255 - one for one in drawn(SEAM, COUNT)]
    assert len(shown) == COUNT
    assert np.abs(shown[SEAM].astype(int) - truth[0]).mean() < 4
    assert np.abs(shown[SEAM - 1].astype(int) - truth[0]).mean() > 40


@pytest.fixture
def long_take(tmp_path: Path) -> Path:
    """Twelve seconds without a cut."""
    wide = meadow((364, 60), seed=1)

    def sliding() -> Iterator[Picture]:
        for number in range(300):
            yield np.ascontiguousarray(wide[6:54, number : number + 64])

    return filmed(sliding(), tmp_path / "take.mp4", fps=25)


def bought(plan: FilmPlan) -> int:
    return sum(job.order.estimate.frames or 0 for job in plan.jobs.jobs)


def test_overlap_is_bought_if_asked(character: Path, long_take: Path) -> None:
    """Without an overlap no frame is bought twice, and its price is told; with one, those of each seam are."""
    plain = wan.film(character, long_take, service=PAID)
    assert [one.shot.opening for one in plain.shots] == ["beginning", "split", "split"]
    assert all(one.lead == 0 for one in plain.shots)
    assert bought(plain) == pytest.approx(12 * 16, abs=3)
    assert "With overlap=0.5 the film hides 2 seams inside takes for about $0.04 more." in str(plain)

    plan = wan.film(character, long_take, service=PAID, overlap=0.5)
    seams = sum(one.shot.opening == "split" for one in plan.shots)
    assert [one.lead for one in plan.shots] == [0, *[12] * seams]
    assert bought(plan) - bought(plain) == pytest.approx(8 * seams, abs=3)
    assert f"Overlap: {8 * seams} frames more to hide {seams} seams inside takes, about $" in str(plan)
    assert "Overlaps by 8 frames with the shot before." in str(plan)
    assert all((one.order.video.frames or 0) <= 77 for one in plan.shots if one.order)
    rate = plan.usd / bought(plan)  # type: ignore[operator]
    assert plan.usd - plain.usd == pytest.approx(rate * (bought(plan) - bought(plain)))  # type: ignore[operator]


def test_overlap_follows_its_neighbours(character: Path, long_take: Path) -> None:
    """Beside a shot left out, or in another mode, nothing is bought twice; a seam that is moved stays one."""
    plan = wan.film(character, long_take, service=PAID, overlap=0.5)
    assert plan.leave_out(0).shots[1].lead == 0
    assert plan.leave_out(0).take_in(0).shots[1].lead == 12
    assert [one.lead for one in plan.change(1, model="replace").shots[:3]] == [0, 0, 0]
    seam = plan.shots[1].shot.begin
    moved = plan.move_cut(seam, seam - 3)
    assert (moved.shots[1].shot.opening, moved.shots[1].lead) == ("split", 12)


@pytest.mark.parametrize("overlap", [-0.1, 1.5, True, "0.5", float("nan"), None])
def test_wrong_overlap_is_refused(character: Path, long_take: Path, overlap: object) -> None:
    """An overlap that is no number of seconds up to one is refused with those allowed."""
    with pytest.raises(InvalidRequest, match="from 0 to 1 seconds"):
        wan.film(character, long_take, service=PAID, overlap=overlap)  # type: ignore[arg-type]


@pytest.mark.slow
def test_overlapping_film_is_whole(served: Service, character: Path, long_take: Path) -> None:
    """A film with overlaps is bought once, has all frames, and leaving out a shot buys none of its others anew."""
    plan = wan.film(character, long_take, service=served, num_inference_steps=4, overlap=0.5)
    film = plan.run()
    clip = film.result(60)
    assert probe(clip.path).frames == 300
    assert len([note for note in film.notes if "blended" in note]) == len(film) - 1
    again = plan.leave_out(1)
    assert again.jobs.missing == ()
    assert probe(again.run().result(60).path).frames == 300
    film.remake(1, shift=7)
    assert probe(film.result(60).path).frames == 300
    assert list(itertools.islice((one.lead for one in film.plan.shots), 3)) == [0, 12, 12]
