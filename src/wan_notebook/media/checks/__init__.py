"""Notices before money is spent: limits, length, rate, framing, cuts, light, sharpness, faces.

`check` gives them as sentences, each with the preparation that helps. It works on the measures of the files and on
their preparation, at once; `analyze_picture` and `analyze_video` add their pixels, which takes some seconds.
`service_notices` reads the notices of the preview, which examines its inputs more closely, and `merge_notices` joins
both. Nothing here refuses anything.
"""

from .analysis import PictureAnalysis, VideoAnalysis, analyze_picture, analyze_video
from .check import CheckInput, check
from .faces import FaceSummary
from .notice import Notice, merge_notices, service_notices

__all__ = [
    "CheckInput",
    "FaceSummary",
    "Notice",
    "PictureAnalysis",
    "VideoAnalysis",
    "analyze_picture",
    "analyze_video",
    "check",
    "merge_notices",
    "service_notices",
]
