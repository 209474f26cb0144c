"""Numbers read off a finished clip: what it cost, and how well it turned out.

`measure` reads a clip once, frame by frame, and can run in any thread; MEANINGS tells of each number what it is, its
unit, which direction is better, and where it comes from. `measurer` does the same in a process in the background, and
measures the same files once.
"""

from .definitions import DEFINITIONS, Definition, Metrics
from .measure import measure, of_the_job
from .motion import motion_fidelity
from .process import measurer

__all__ = ["DEFINITIONS", "Definition", "Metrics", "measure", "measurer", "motion_fidelity", "of_the_job"]
