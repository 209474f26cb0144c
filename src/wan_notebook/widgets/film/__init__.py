"""A film on screen: the strip of its shots, and the player of the film or of one shot.

film.py         the strip                    shot_states.py  what it shows of a plan or a film
film_view.py    strip and player together
"""
