"""What the lessons in notebooks/lessons draw and check; it comes with the package, so that a notebook alone is enough.

exercise.py          answers are judged in a sentence, never by a traceback
figures.py           charts that are legible in light and dark
steps_and_shift.py   flow.py: flow matching with a known field; flow_figure.py: the figure that is dragged
good_reference.py    three references that are to be repaired
experiment.py        paired comparisons and their interval
waiting.py           polling over simulated durations
face_reading.py      what a mesh reads, against what is known

Needs the extras "preview" and "sweeps".
"""
