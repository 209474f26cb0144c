"""Reading and writing video: the one door to PyAV.

`probe` says what a file holds, `frames` streams its pictures upright, `Writer` makes an MP4 that browsers play.
"""

from .probing import VideoInfo, probe
from .reading import Frame, frames
from .writing import Writer

__all__ = ["Frame", "VideoInfo", "Writer", "frames", "probe"]
