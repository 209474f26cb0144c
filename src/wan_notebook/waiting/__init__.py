"""Waiting for jobs: the one loop that asks after a job until it ends, when it asks, and how long that may still take.

`watch` is the loop, `Durations` what is known of how long jobs take, `Pace` how eagerly to ask, `time_left` and
`rounded` the words.
"""

from .durations import Durations
from .pace import Pace
from .watching import watch
from .words import left_in_words, rounded, time_left

__all__ = ["Durations", "Pace", "left_in_words", "rounded", "time_left", "watch"]
