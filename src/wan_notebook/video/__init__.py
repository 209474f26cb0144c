"""Reading and writing video: the one door to PyAV.

`probe` returns a file's properties, `frames` streams its pictures upright, `Writer` makes an MP4 that browsers play;
`prefetch` lets reading and writing go on side by side.
"""

from .prefetch import prefetch
from .probe import VideoInfo, probe
from .read import Frame, frames
from .write import Writer

__all__ = ["Frame", "VideoInfo", "Writer", "frames", "prefetch", "probe"]
