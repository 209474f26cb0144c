"""A long reference shot by shot: a job for each, and one film of exactly its length.

shots.py    the shots of a reference         cuts.py     cuts and dissolves, to the frame
split.py    where a long take is divided     join.py     the clips as one film, with its sound
"""
