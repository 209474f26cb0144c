"""A long reference shot by shot: a job for each, and one film of exactly its length.

plan.py     what a film is made of, and costs    summary.py    the same in words
shots.py    the shots of a reference             cuts.py       cuts and dissolves, to the frame
split.py    where a long take is divided         film.py       a film on its way
join.py     the clips as one film, with its sound    colours.py    that stay the same from shot to shot
"""
