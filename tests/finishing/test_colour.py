"""Slow drift of colours: measured where nothing moves, undone, and nothing else taken for it."""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from wan_notebook.finishing.colour import NO_DRIFT, Drift, measure_difference, measure_drift
from wan_notebook.finishing.curve import BLOCK, smooth_curve
from wan_notebook.model.family import WINDOW_FRAMES

Picture = NDArray[np.uint8]
COUNT = 235
"""Frames of three windows and a little."""
BORDERS = (77, 153, 229)
"""Frames with which the model's second, third and fourth window begin."""


def scene(count: int = COUNT, *, pan: float = 0.0) -> Sequence[Picture]:
    """A patterned wall, before which somebody in red walks to and fro; the camera pans by so many pixels a frame."""
    return whole_scene(pan)[:count]


@functools.cache
def whole_scene(pan: float) -> tuple[Picture, ...]:
    return tuple(scene_frames(pan))


def scene_frames(pan: float) -> Iterator[Picture]:
    columns = np.arange(160)
    rows = np.arange(96)[:, None]
    for number in range(COUNT):
        wall = 128 + 60 * np.sin((columns + pan * number) / 9) * np.cos(rows / 11)
        frame = np.repeat(wall[..., None], 3, 2).clip(0, 255).astype(np.uint8)
        cv2.circle(frame, (round(80 + 50 * np.sin(number / 12)), 55), 22, (190, 40, 50), -1)
        yield frame


def changed(frames: Iterable[Picture], amount: Callable[[int], float]) -> Iterator[Picture]:
    """Frames whose channels change as the model's do, at the amount 1 by 12 levels, and in contrast."""
    for number, frame in enumerate(frames):
        share = amount(number)
        levels = (frame.astype(float) - 128) * (1 + share * np.array([0.08, -0.05, 0.1])) + 128
        yield np.rint(levels + share * np.array([12, -6, -12])).clip(0, 255).astype(np.uint8)


def growing(number: int) -> float:
    return max(0, number - WINDOW_FRAMES) / (COUNT - WINDOW_FRAMES)


def stepping(number: int) -> float:
    return sum(number >= border for border in BORDERS) / len(BORDERS)


def distances(drift: Drift, frames: Iterable[Picture], truth: Iterable[Picture]) -> NDArray[np.float64]:
    """The mean distance of each corrected frame from the true one, in levels."""
    pairs = enumerate(zip(frames, truth, strict=True))
    return np.array([np.abs(drift.correct(one, number).astype(int) - other).mean() for number, (one, other) in pairs])


@pytest.mark.parametrize("amount", [growing, stepping])
def test_drift_is_undone(amount: Callable[[int], float]) -> None:
    """Of a drift that grows, or that steps where windows begin, more than nine tenths are gone."""
    drift = measure_drift(changed(scene(), amount))
    before, after = (distances(one, changed(scene(), amount), scene()) for one in (NO_DRIFT, drift))
    assert after[-5:].mean() < 0.1 * before[-5:].mean()
    assert after.sum() < 0.1 * before.sum()


@pytest.mark.parametrize("amount", [growing, stepping])
def test_last_frames_follow_the_curve(amount: Callable[[int], float]) -> None:
    """Of a clip of any length, also one that ends just where a window begins, each frame has its own correction."""
    for count in range(WINDOW_FRAMES + 1, BORDERS[-1] + 20):
        blocks = [range(begin, min(begin + BLOCK, count)) for begin in range(WINDOW_FRAMES, count, BLOCK)]
        values = np.array([[np.mean([12 * amount(frame) for frame in block])] for block in blocks])
        curve = smooth_curve([float(np.mean(block)) for block in blocks], values, count)
        truth = np.array([12 * amount(frame) for frame in range(count)])
        assert np.abs(curve[:, 0] - truth).max() < 0.6, count


@pytest.mark.parametrize("count", [border + 1 for border in BORDERS])
def test_one_frame_of_a_window_is_steadied(count: int) -> None:
    """Where only the last frame of a clip is of another window, the step of its colours is undone as well."""
    clip = list(changed(scene(count), stepping))
    after = distances(measure_drift(clip), clip, scene(count))
    assert after.max() < 1


def test_steady_clip_stays() -> None:
    """A clip without a drift stays bit by bit, and so does the first window of any."""
    assert measure_drift(scene()) is NO_DRIFT
    assert measure_drift(scene(50)) is NO_DRIFT
    drift = measure_drift(changed(scene(), growing))
    assert all(drift.correct(frame, number) is frame for number, frame in enumerate(scene(WINDOW_FRAMES)))


def test_correction_does_not_flicker() -> None:
    """From frame to frame the correction changes by less than a quarter of a level, where the drift takes no step."""
    noise = np.random.default_rng(1)
    flickering = changed(scene(), lambda number: growing(number) + (number > WINDOW_FRAMES) * noise.normal(0, 0.08))
    steps = np.abs(np.diff(measure_drift(flickering).shifts, axis=0)).max((1, 2))
    assert steps.max() < 0.25


def test_somebody_who_stays_is_no_drift() -> None:
    """Where somebody comes and stands still before a third of the wall, the colours have not drifted."""
    visited = [frame.copy() for frame in scene()]
    for number, frame in enumerate(visited):
        frame[:, : min(55, max(0, 2 * (number - 90)))] = (60, 90, 40)
    assert measure_drift(visited) is NO_DRIFT


def test_no_more_than_measured() -> None:
    """Where the clip soon shows nothing still any more, the correction goes no further than what was measured."""
    lost = itertools.chain(
        itertools.islice(changed(scene(), growing), 120),
        (np.random.default_rng(number).integers(0, 255, (96, 160, 3), np.uint8) for number in range(120, COUNT)),
    )
    drift = measure_drift(lost)
    assert 2 < drift.largest < 20 * growing(120)
    assert np.allclose(drift.shifts[-1], drift.shifts[150], atol=0.1)


def test_light_of_reference_stays() -> None:
    """In Move, what the light of the reference does as well is no drift; the rest of the change is."""
    sunset = list(changed(scene(), lambda number: 0.6 * growing(number)))
    assert measure_drift(sunset, reference=sunset) is NO_DRIFT
    both = list(changed(sunset, growing))
    drift = measure_drift(both, reference=sunset)
    after = distances(drift, both, sunset)
    assert after[-5:].mean() < 0.35 * distances(NO_DRIFT, both, sunset)[-5:].mean()


def sunset() -> Iterator[Picture]:
    """A reference whose camera pans and whose light changes."""
    return changed(scene(pan=1.5), lambda number: -0.8 * growing(number))


def replaced() -> Iterator[Picture]:
    """The same with somebody else in it."""
    for number, frame in enumerate(sunset()):
        cv2.circle(frame, (round(80 + 50 * np.sin(number / 12)), 55), 24, (40, 160, 90), -1)
        yield frame


def test_replace_keeps_the_references_background() -> None:
    """In Replace the reference is the measure, frame by frame: also where its camera pans and its light changes."""
    assert measure_drift(replaced(), reference=sunset(), replaces=True) is NO_DRIFT
    drift = measure_drift(changed(replaced(), growing), reference=sunset(), replaces=True)
    after = distances(drift, changed(replaced(), growing), replaced())
    assert after[-5:].mean() < 0.1 * distances(NO_DRIFT, changed(replaced(), growing), replaced())[-5:].mean()


def letterboxed(frames: Iterable[Picture], level: int) -> Iterator[Picture]:
    """The frames with bars of one level above and below."""
    for frame in frames:
        barred = frame.copy()
        barred[:16] = barred[-16:] = level
        yield barred


def drift_of_move(drifted: Iterable[Picture], _true: Iterable[Picture]) -> Drift:
    return measure_drift(drifted)


def drift_of_replace(drifted: Iterable[Picture], true: Iterable[Picture]) -> Drift:
    return measure_drift(drifted, reference=true, replaces=True)


@pytest.mark.parametrize("measure", [drift_of_move, drift_of_replace, measure_difference])
@pytest.mark.parametrize(("level", "share"), [(0, 1.0), (0, -1.0), (255, 1.0), (255, -1.0)])
def test_bars_stay_black_or_white(measure: Callable[..., Drift], level: int, share: float) -> None:
    """Bars of black or of white, in which a drift beyond the end of the range was cut off, are none the greyer for it
    once it is undone, and the rest of the picture is as it was.
    """
    late = 0 if measure is measure_difference else WINDOW_FRAMES
    true = list(letterboxed(scene(160), level))
    drifted = list(changed(true, lambda number: share * (number >= late)))
    drift = measure(drifted, true)
    assert drift.largest > 10
    for corrected, frame in ((drift.correct(drifted[number], number), true[number]) for number in (80, 159)):
        assert np.abs(corrected.astype(int) - frame).max() <= 3


def test_correction_keeps_the_order_of_levels() -> None:
    """Whatever the drift, no level becomes darker than one below it, and black and white stay."""
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, 2)
    for dark, bright in itertools.product((-55, -12, 0, 12, 55), repeat=2):
        corrected = Drift(np.array([[[dark, bright]] * 3])).correct(ramp, 0).astype(int)
        assert (np.diff(corrected, axis=1) >= 0).all()
        assert (corrected[0, 0] == 0).all()
        assert (corrected[0, 255] == 255).all()


def test_shot_takes_other_shots_colours() -> None:
    """The constant difference of two shots before the same background is undone in every frame alike."""
    drift = measure_difference(changed(scene(90), lambda _number: 0.7), scene(90))
    assert distances(drift, changed(scene(90), lambda _number: 0.7), scene(90)).max() < 1
    assert measure_difference(scene(90), scene(90)) is NO_DRIFT
    elsewhere = (np.roll(frame, 30, axis=1) for frame in scene(90))
    assert measure_difference(elsewhere, scene(90)) is NO_DRIFT


def test_replace_is_brought_to_the_references_colours() -> None:
    """A whole shot in Replace that is off by one amount is brought to the reference's own background, and only then."""
    off = list(itertools.islice(changed(replaced(), lambda _number: 0.9), 60))
    truth = list(itertools.islice(replaced(), 60))
    assert distances(NO_DRIFT, off, truth).min() > 5
    assert distances(measure_difference(off, sunset(), replaces=True), off, truth).max() < 1
    assert measure_difference(truth, sunset(), replaces=True) is NO_DRIFT
    smaller = (frame[::2, ::2] for frame in sunset())
    assert distances(measure_difference(off, smaller, replaces=True), off, truth).max() < 1.5


def test_somebody_large_is_no_difference() -> None:
    """Where somebody else fills most of the picture in Replace, and sits still, the colours are left as they are."""
    taken = list(scene(40))
    seated = [frame.copy() for frame in taken]
    for frame in seated:
        frame[20:, 30:] = frame[20:, 30:] // 3 + np.array([90, 60, 30], np.uint8)
    assert measure_difference(seated, taken, replaces=True) is NO_DRIFT
