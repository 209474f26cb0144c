"""A long reference shot by shot: a job for each, and one film of exactly its length.

plan.py     what a film is made of, and costs       summary.py    the same in words
orders.py   each shot as it is to be made           shots.py      the shots of a reference
film.py     a film on its way                       split.py      where a long take is divided
join.py     clips as one film, with its sound       clip.py       what becomes of it, with its settings
seams.py    hidden where a take was divided         colours.py    that stay the same from shot to shot
progress.py  how far a film is
"""
