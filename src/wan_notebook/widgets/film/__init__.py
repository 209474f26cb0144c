"""A film on screen: the strip of its shots, and the player of the film or of one shot.

film.py       the shots, each with its state     film_view.py  both parts, and what a person does with them
"""
