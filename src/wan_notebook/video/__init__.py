"""Reading and writing video: the one door to PyAV.

`probe` says what a file holds, `frames` streams its pictures upright, `Writer` makes an MP4 that browsers play;
`prefetch` lets reading and writing go on side by side.
"""

from .prefetching import prefetch
from .probing import VideoInfo, probe
from .reading import Frame, frames
from .writing import Writer

__all__ = ["Frame", "VideoInfo", "Writer", "frames", "prefetch", "probe"]
