"""A long reference shot by shot: a job for each, and one film of exactly its length.

plan.py     what a film is made of, and costs       summary.py    the same in words
orders.py   each shot as it is to be made           shots.py      the shots of a reference
cuts.py     cuts and dissolves, to the frame        split.py      where a long take is divided
film.py     a film on its way                       clip.py       what becomes of it, with its settings
join.py     clips as one film, with its sound       colours.py    that stay the same from shot to shot
seams.py    hidden where a take was divided
"""
