"""What is worth knowing before money is spent: limits, length, rate, framing, cuts, light, sharpness, faces.

`check` says it in sentences, each with what helps against it. It works on what is known of the files and of their
preparation, at once; `look_at_picture` and `look_at_video` add what only their pixels tell, which takes some
seconds. `told` reads what the preview noticed on its own way through the inputs, which it examines more closely, and
`besides` puts both together. Nothing here refuses anything.
"""

from .analysis import Faces, PictureAnalysis, VideoAnalysis, analyze_picture, analyze_video
from .check import check
from .notice import Notice, merge_notices, service_notices

__all__ = [
    "Faces",
    "Notice",
    "PictureAnalysis",
    "VideoAnalysis",
    "analyze_picture",
    "analyze_video",
    "check",
    "merge_notices",
    "service_notices",
]
