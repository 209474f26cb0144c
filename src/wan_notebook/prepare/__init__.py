"""Making a reference smaller before it is paid for and uploaded: trimmed, re-timed, scaled, fitted.

Upstream bills the frames of the reference, so a shorter video at a lower rate costs less for the same motion. What is
made is kept among the inputs, under a name that follows from the original's content and from what was done to it: the
same preparation is made once. The original is only read.
"""

from .how import Prepare
from .making import ExpectedVideo, expected_video, prepared_picture, prepared_points, prepared_video
from .saving import saving

__all__ = [
    "ExpectedVideo",
    "Prepare",
    "expected_video",
    "prepared_picture",
    "prepared_points",
    "prepared_video",
    "saving",
]
