"""Numbers measured on a finished clip: its cost, and how well it turned out.

`measure` reads a clip once, frame by frame, and can run in any thread; DEFINITIONS has each number's unit, formula,
source and better direction. `measurer` measures in a process in the background, and the same files once.

definitions.py  the numbers and their meaning      measure.py      all numbers of one clip, kept on disk
faces.py        expression fidelity, likeness      appearance.py   sharpness, colour drift
motion.py       motion fidelity, stability
process.py      the process in the background      worker_main.py  its program
"""

from .definitions import DEFINITIONS, Definition, Metrics
from .measure import job_metrics, measure
from .motion import motion_fidelity
from .process import measurer

__all__ = ["DEFINITIONS", "Definition", "Metrics", "job_metrics", "measure", "measurer", "motion_fidelity"]
