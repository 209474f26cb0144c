"""Where the frames of a reference lie in a clip that was made of it: also where its pace varies."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from films.test_join import filmed as with_clicks
from films.test_join import heard
from wan_notebook.finishing.finish import Finish, finish
from wan_notebook.finishing.moments import Sampling, is_steady
from wan_notebook.media.preparation import Preparation
from wan_notebook.media.prepare import prepared_video
from wan_notebook.video.read import frame_times, frames
from wan_notebook.video.write import Writer

from support.media import filmed

COUNT = 40


def paces(fps: float, varies: bool) -> list[float]:
    steps = np.full(COUNT, 1 / fps)
    if varies:
        steps *= np.random.default_rng(5).choice([0.6, 1.0, 1.9], COUNT)
    return [0.0, *np.cumsum(steps)[:-1].tolist()]


def stepping(path: Path, times: Sequence[float] | None, fps: float) -> Path:
    """Frames each of which is a little brighter than the one before."""
    with Writer(path, width=32, height=32, fps=fps, times=times, crf=4) as writer:
        for number in range(COUNT):
            writer.write(np.full((32, 32, 3), 20 + 5 * number, np.uint8))
    return path


def numbers(path: Path, **how: float) -> list[int]:
    """The numbers that frames carry."""
    return [round((float(frame.pixels.mean()) - 20) / 5) for frame in frames(path, **how)]


@pytest.mark.parametrize("start", [0.0, 0.51])
@pytest.mark.parametrize("varies", [False, True])
@pytest.mark.parametrize(("fps", "sampled"), [(30, 16), (25, 12.5), (24, 16), (29.97, 16), (16, 16)])
def test_sampled_frames_keep_their_moments(
    tmp_path: Path, fps: float, sampled: float, start: float, varies: bool
) -> None:
    """A frame that re-timing took out of a video has a whole position, which is its number among those taken."""
    path = stepping(tmp_path / "steps.mp4", paces(fps, varies) if varies else None, fps)
    times = [time - start for time in frame_times(path, start=start)]
    first = COUNT - len(times)
    taken = [number - first for number in numbers(path, start=start, fps=sampled)]
    at = Sampling(times, len(taken), sampled, len(taken), sampled).positions()
    last = {shown: place for place, shown in enumerate(taken)}
    assert [at[shown] for shown in last] == pytest.approx(list(last.values()))
    assert at.tolist() == sorted(at)


@pytest.mark.parametrize(
    ("came", "fps", "at"),
    [(16, 16, range(16)), (16, 24, range(16)), (24, 24, np.arange(16) * 1.5), (8, 16, [*range(8), *[7] * 8])],
)
def test_frames_stand_for_their_times(came: int, fps: float, at: Sequence[float]) -> None:
    """As many frames as were sent are in their order at any rate; fewer or more are where they are played."""
    sampling = Sampling([number / 16 for number in range(16)], 16, 16, came, fps)
    assert sampling.positions() == pytest.approx(list(at))
    assert sampling.first_of(8) == (12 if came == 24 else 8)


@pytest.mark.parametrize("sampled", [16, 8])
def test_varying_pace_is_kept(tmp_path: Path, sampled: float) -> None:
    """A clip of a reference whose pace varies gets its frames at its times, each showing its moment."""
    times = paces(25, varies=True)
    reference = stepping(tmp_path / "reference.mp4", times, 25)
    sent = filmed((frame.pixels for frame in frames(reference, fps=sampled)), tmp_path / "clip.mp4", fps=sampled)
    count = len(frame_times(sent))
    wanted = Finish(25, tuple(frame_times(reference)), count, sampled)
    report = finish(sent, tmp_path / "finished.mp4", wanted)
    assert report.frames == COUNT
    assert frame_times(tmp_path / "finished.mp4") == pytest.approx(times, abs=0.002)
    last = numbers(reference, fps=sampled)[-1]
    shown = [(float(frame.pixels.mean()) - 20) / 5 for frame in frames(tmp_path / "finished.mp4")]
    away = [abs(one - number) for number, one in enumerate(shown[: last + 1])]
    assert max(away) < 1
    # Brighter or darker alone is no motion, so that pictures between are mixed: whatever else is done keeps the times.
    finish(tmp_path / "finished.mp4", tmp_path / "again.mp4", Finish())
    assert frame_times(tmp_path / "again.mp4") == pytest.approx(times, abs=0.002)


@pytest.mark.parametrize(("fps", "varies"), [(24000 / 1001, False), (60000 / 1001, False), (25, True)])
def test_sound_stays_in_step(tmp_path: Path, fps: float, varies: bool) -> None:
    """At the reference's rate and with its sound, a clip is less than half a frame off at start, middle and end."""
    reference = with_clicks(tmp_path / "film.mp4", fps, varies=varies)
    assert reference.path is not None
    sent = prepared_video(reference, Preparation(fps=16, sound=False))
    assert sent.path is not None
    times = frame_times(reference.path)
    finish(sent.path, tmp_path / "made.mp4", Finish(fps, times, sent.frames, 16, sound=str(reference.path)))
    assert frame_times(tmp_path / "made.mp4") == pytest.approx(times, abs=0.003)
    assert len(heard(tmp_path / "made.mp4")) == 3
    assert heard(tmp_path / "made.mp4") == pytest.approx(heard(reference.path), abs=0.5 / fps)


def test_steady_pace() -> None:
    """Times that miss a constant pace by less than two milliseconds are steady, wherever they begin."""
    assert is_steady([0.5 + round(number / 30, 3) for number in range(9)], 30)
    assert not is_steady([0, 0.04, 0.09], 25)
