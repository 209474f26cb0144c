"""The shots of a reference: cuts to the frame, long takes divided where the person is calm, short shots joined."""

import json
from pathlib import Path

import pytest

from wan_notebook.errors import InvalidRequest, MediaError
from wan_notebook.films.shots import Shot, apart, find_shots, join_short, longest_shot, shots_between
from wan_notebook.films.split import parts_of
from wan_notebook.media import samples
from wan_notebook.media.video import Video, video
from wan_notebook.runtime.data_dir import subfolder

from support import films


def test_long_take_parts_in_calm() -> None:
    """A take of twelve seconds is divided where eyes are open and the mouth is all but closed, by its truth."""
    path = samples.reference("hello", 12, 12.5)
    found = find_shots(video(path), longest=longest_shot(16))
    truth = samples.curves("hello", 12, 12.5)
    begins = [shot.begin for shot in found.shots[1:]]
    assert {shot.opening for shot in found.shots[1:]} == {"split"}
    assert max(truth.blink[begins]) < 0.1
    assert max(truth.mouth[begins]) < 0.2
    assert all(2 <= shot.seconds <= longest_shot(16) + 1e-3 for shot in found.shots)


def test_shots_cover_all_frames(tmp_path: Path) -> None:
    """Shots follow each other without a gap from the first frame to the last, and are the same when asked again."""
    scenes = (films.Scene("theo", "hello", 40), films.Scene("ada", "nod", 50))
    chosen = video(films.film(tmp_path / "film.mp4", scenes, fps=10, size=(96, 128)))
    found = find_shots(chosen, longest=4.81)
    assert found.shots[0].begin == 0
    assert [shot.end for shot in found.shots] == [*[shot.begin for shot in found.shots[1:]], 90]
    assert 40 in [shot.begin for shot in found.shots]
    (kept,) = subfolder("films").glob("shots-*.json")
    marked = json.loads(kept.read_text()) | {"stop": 77.0}
    kept.write_text(json.dumps(marked))
    assert find_shots(chosen, longest=4.81).stop == 77.0
    kept.write_text("{")
    assert find_shots(chosen, longest=4.81) == found


def test_short_shots_join_neighbours() -> None:
    """A shot too short for the service is joined to the shorter neighbour where both fit one job, else it is marked."""
    times = [number / 10 for number in range(130)]
    shots = shots_between(times, 13.0, {20: "cut", 25: "cut", 60: "cut", 100: "cut", 110: "cut"})
    joined = join_short(shots, longest=4.8, shortest=2.0)
    assert [(shot.begin, shot.end) for shot in joined] == [(0, 25), (25, 60), (60, 100), (100, 130)]
    assert [shot.cuts for shot in joined] == [(20,), (), (), (110,)]
    assert joined[0].notes(None) == ("Joined of 2 shots.",)
    alone = join_short(shots_between(times, 13.0, {10: "cut", 58: "cut"}), longest=4.8, shortest=2.0)
    assert (alone[0].begin, alone[0].end) == (0, 10)
    glimpse = join_short(shots_between(times, 13.0, {48: "cut", 49: "cut", 97: "cut"}), longest=4.8, shortest=2.0)
    assert [(shot.begin, shot.end) for shot in glimpse] == [(0, 48), (48, 97), (97, 130)]


@pytest.mark.parametrize(("length", "parts"), [(4.8, 1), (4.9, 2), (9.6, 3), (60.0, 15), (2.5, 1), (1.0, 1)])
def test_parts_leave_room(length: float, parts: int) -> None:
    """A take has as many parts as leave some room to choose where they meet."""
    assert parts_of(length, 4.8125, 2.0) == parts


def test_high_rate_keeps_least_length() -> None:
    """At 60 frames per second a window is over in 1.3 s, which no service takes: shots are two seconds long then."""
    assert longest_shot(16) == 77 / 16
    assert longest_shot(60) == 2.0


def test_no_part_is_too_short(tmp_path: Path) -> None:
    """At 30 frames per second, where a window is over in 2.6 s, no take becomes parts that a service refuses."""
    lengths = (100, 119, 190, 130)
    people = ("theo", "ada", "noor", "pip")
    scenes = [films.Scene(person, "hello", length) for person, length in zip(people, lengths, strict=True)]
    assert parts_of(100 / 30, longest_shot(30), 2.0) == 1
    chosen = video(films.film(tmp_path / "fast.mp4", scenes, fps=30, size=(48, 64)))
    found = find_shots(chosen, longest=longest_shot(30))
    assert {0, *films.cuts(scenes)} <= {shot.begin for shot in found.shots}
    assert [shot.frames for shot in found.shots[:2]] == [100, 119]
    assert len(found.shots) == 7
    assert all(shot.seconds >= 2 - 1e-3 for shot in found.shots)


@pytest.mark.parametrize(
    ("frames", "seconds", "said"),
    [(77, 7.4, ""), (78, 2.6, "may drift"), (100, 1.67, "may refuse drift"), (30, 1.9, "may refuse"), (32, 2.0, "")],
)
def test_marks_count_what_is_sent(frames: int, seconds: float, said: str) -> None:
    """A shot may drift by the frames that are sent of it, and be refused by their seconds, whatever its own time."""
    sent = Video("file:///piece.mp4", "piece", frames=frames, duration=seconds)
    told = " ".join(Shot(0, 200, 0.0, 5.0).notes(sent))
    assert [word in told for word in ("refuse", "drift")] == [word in said for word in ("refuse", "drift")]
    assert Shot(0, 200, 0.0, 5.0).notes(None) == ()


def test_shot_is_divided_within() -> None:
    """A shot is divided at a frame within it and nowhere else, and a cut within goes to the part that has it."""
    shot = Shot(10, 50, 1.0, 5.0, "cut", (20, 40))
    first, second = apart(shot, 30, 3.0, "cut")
    assert (first.end, first.stop, first.cuts) == (30, 3.0, (20,))
    assert (second.begin, second.end, second.cuts) == (30, 50, (40,))
    with pytest.raises(InvalidRequest):
        apart(shot, 10, 1.0, "cut")


def test_address_has_no_shots() -> None:
    """A web address is refused with what to do instead."""
    with pytest.raises(MediaError, match="Download it"):
        find_shots(video("https://example.com/dance.mp4"), longest=4.8)
