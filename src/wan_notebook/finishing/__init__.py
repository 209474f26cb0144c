"""What is done to the frames of a finished clip: frames in, frames out; the clip itself stays as it is.

interpolate.py  pictures between frames, for a higher rate    motion.py       by the motion between two of them
moments.py      where frames lie in a clip                    finish.py       from one file to another
colour.py       slow drift of colours, undone                 curve.py        smooth curves, stepping between windows
label.py        a mark that says it was generated             background.py   all of it in the background, by a worker
"""

import importlib.util


def missing_library() -> str:
    """Return a sentence on what to install where OpenCV, which all of this needs, is not; empty where it is."""
    found = importlib.util.find_spec("cv2") is not None
    return "" if found else "OpenCV is not installed; pip install 'wan-notebook[preview]' adds it."
