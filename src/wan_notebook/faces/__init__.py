"""Reading faces in pictures: where they are, and where their eyes, mouths and lips.

weights.py     the models, fetched once
detect.py      where faces are
landmarks.py   their eyes and mouths
lip_line.py    the mouth of a face whose eyes are known, and the line in which its lips meet
geometry.py    face units, in which a character and a reference can be compared

Needs OpenCV and scikit-image (the extra "preview").
"""
