"""Numbers read off a finished clip: what it cost, and how well it turned out.

`measure` reads a clip once, frame by frame, and can run in any thread; MEANINGS tells of each number what it is, its
unit, which direction is better, and where it comes from. `measurer` does the same in a process in the background, and
measures the same files once.
"""

from .apart import measurer
from .meanings import MEANINGS, Meaning, Metrics
from .measuring import measure, of_the_job
from .motion import motion_fidelity

__all__ = ["MEANINGS", "Meaning", "Metrics", "measure", "measurer", "motion_fidelity", "of_the_job"]
