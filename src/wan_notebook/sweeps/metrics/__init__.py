"""Numbers measured on a finished clip: its cost, and how well it turned out.

`measure` reads a clip once, frame by frame, and can run in any thread; DEFINITIONS has each number's unit, formula,
source and better direction. `measure_in_background` leaves it to workers, and measures the same files once.

definitions.py  the numbers and their meaning      measure.py      all numbers of one clip
faces.py        expression fidelity, likeness      appearance.py   sharpness, colour drift
motion.py       motion fidelity, stability
background.py   by workers                         kept.py         numbers kept on disk
"""

from .background import measure_in_background
from .definitions import DEFINITIONS, Definition, Metrics
from .measure import job_metrics, measure
from .motion import motion_fidelity

__all__ = ["DEFINITIONS", "Definition", "Metrics", "job_metrics", "measure", "measure_in_background", "motion_fidelity"]
