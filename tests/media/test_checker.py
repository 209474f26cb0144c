"""Notices that follow a person's choices, analysed in the background."""

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from wan_notebook import media
from wan_notebook.media import Picture
from wan_notebook.media.checks import CheckInput, Notice
from wan_notebook.media.checks.analysis import Cached, analyze_picture
from wan_notebook.media.checks.checker import Checker
from wan_notebook.media.preparation import Preparation

PATIENCE = 60
"""Seconds after which a notice that does not come is a failure."""
PREFLIGHT = {"notices": [{"about": "video", "topic": "camera", "text": "The camera seems to move."}]}


class Reports:
    """Everything that a checker calls back with."""

    def __init__(self) -> None:
        self.notices: queue.Queue[tuple[Notice, ...]] = queue.Queue()
        self.errors: queue.Queue[str] = queue.Queue()
        self.checker = Checker(self.notices.put, self.errors.put)

    def topics(self) -> set[str]:
        return {notice.topic for notice in self.notices.get(timeout=PATIENCE)}


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def dark(tmp_path: Path) -> Picture:
    """A picture of which only the pixels tell that it is dark."""
    path = tmp_path / "night.png"
    PIL.Image.fromarray(np.random.default_rng(5).integers(0, 20, (400, 400, 3), np.uint8)).save(path)
    return media.picture(path)


def test_pixels_add_their_notices(reports: Reports, dark: Picture) -> None:
    """The first notices are those of the measures; those of the pixels follow by themselves."""
    reports.checker.check(CheckInput(dark))
    assert "dark" not in reports.topics()
    assert "dark" in reports.topics()


def test_an_analysis_is_shared(reports: Reports, dark: Picture) -> None:
    """A file that was analysed once is known at once to everybody who chooses it."""
    reports.checker.check(CheckInput(dark))
    reports.topics()
    reports.topics()
    other = Reports()
    other.checker.check(CheckInput(dark))
    assert "dark" in other.topics()


def test_a_failed_analysis_is_repeated(reports: Reports, dark: Picture) -> None:
    """A file that is missing is an error each time; once it is there again, it is analysed."""
    assert dark.path is not None
    content = dark.path.read_bytes()
    dark.path.unlink()
    for _ in range(2):
        reports.checker.check(CheckInput(dark))
        assert "night.png cannot be read any more" in reports.errors.get(timeout=PATIENCE)
        assert "dark" not in reports.topics() | reports.topics()
    dark.path.write_bytes(content)
    reports.checker.check(CheckInput(dark))
    reports.topics()
    assert "dark" in reports.topics()


def test_the_cache_is_bounded() -> None:
    """The latest analyses are kept, and the oldest is dropped for a new one."""
    double = Cached(lambda number: 2 * number)
    assert [double(number) for number in range(40)] == list(range(0, 80, 2))
    assert double.cached(39) == 78
    assert double.cached(0) is None


def test_overtaken_notices_are_repeated(dark: Picture) -> None:
    """A report that was overtaken by a newer one is followed by the newest."""
    reported: list[tuple[Notice, ...]] = []

    def report(notices: tuple[Notice, ...]) -> None:
        if not reported:
            analyze_picture(dark)
        reported.append(notices)

    Checker(report, print).check(CheckInput(dark))
    assert ["dark" in {notice.topic for notice in notices} for notices in reported] == [False, True]


def test_web_address_is_left_alone(reports: Reports) -> None:
    """There is nothing to analyse in a file that only the service fetches."""
    reports.checker.check(CheckInput(Picture("https://example.org/hero.png", "hero.png")))
    assert reports.topics() == set()
    assert reports.notices.empty()


def test_an_impossible_preparation_is_noticed(reports: Reports) -> None:
    """A stretch beyond the video's end is a notice, not an exception."""
    video = media.Video("file:///a.mp4", "a.mp4", 1, "0", 480, 480, 16.0, 64, 4.0, "mp4", False, 0)
    reports.checker.check(CheckInput(video=video, prepare_video=Preparation(start=9)))
    assert reports.topics() == {"preparation"}


@pytest.mark.parametrize(
    ("submitted", "shown"),
    [(lambda chosen: chosen, True), (lambda _: CheckInput(resolution="720p"), False), (lambda _: None, False)],
    ids=["the same", "another", "unknown"],
)
def test_service_notices_follow_the_choice(
    reports: Reports, submitted: Callable[[CheckInput], Any], shown: bool
) -> None:
    """A service's notices join as long as exactly the inputs of its job are chosen."""
    chosen = CheckInput()
    reports.checker.add_service_notices(PREFLIGHT, submitted(chosen))
    assert ("camera" in reports.topics()) == shown
    reports.checker.check(CheckInput(model="replace"))
    assert "camera" not in reports.topics()


def test_repeated_service_notices_are_ignored(reports: Reports) -> None:
    """Each poll brings the same notices again, and nothing is drawn anew for them."""
    reports.checker.add_service_notices(PREFLIGHT, CheckInput())
    reports.topics()
    reports.checker.add_service_notices(PREFLIGHT, CheckInput())
    assert reports.notices.empty()
