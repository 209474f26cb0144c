"""What the lessons in notebooks/lessons draw and check; it comes with the package, so that a notebook alone is enough.

One module for each lesson, and what several need: exercises whose answers are judged in a sentence, charts that are
legible in light and dark, and flow matching with a known field. Needs the extras "preview" and "sweeps".
"""
