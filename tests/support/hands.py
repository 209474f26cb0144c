"""A drawn person who speaks, with a hand before the mouth for a while."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from wan_notebook.media import samples

SPEAKING_FPS, SPEAKING_SECONDS = 12, 4


def speaking(
    name: str, hand: tuple[float, float] = (0, 0), *, dark_from: float = SPEAKING_SECONDS
) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of a person who speaks, looks about and blinks.

    Args:
        name: of one of the sample people.
        hand: from which second to which a hand is held before the mouth.
        dark_from: the second from which on there is half of the light.
    """
    for number in range(SPEAKING_FPS * SPEAKING_SECONDS):
        second = number / SPEAKING_FPS
        pose = samples.Pose(mouth=0.5 + 0.5 * np.sin(9 * second), yaw=20 * np.sin(2 * second), blink=number % 30 == 7)
        frame = np.array(samples.draw(samples.PEOPLE[name], pose, (270, 360)))
        if hand[0] <= second < hand[1]:
            hold_hand(frame, (135 + round(3 * np.sin(7 * second)), 205))
        yield (frame * (0.5 if dark_from <= second else 1.0)).astype(np.uint8)


def hold_hand(frame: NDArray[np.uint8], at: tuple[int, int]) -> None:
    """Draw a hand with four fingers into a picture, its middle at (x, y)."""
    (x, y), skin, shadow = at, (205, 150, 120), (125, 90, 72)
    cv2.ellipse(frame, (x, y + 18), (34, 26), 0, 0, 360, skin, -1, cv2.LINE_AA)
    for finger in range(4):
        ends = (x - 26 + 17 * finger, y + 10), (x - 30 + 20 * finger, y - 26)
        cv2.line(frame, *ends, shadow, 17, cv2.LINE_AA)
        cv2.line(frame, *ends, skin, 13, cv2.LINE_AA)
