"""The motion preview: a real clip from both inputs on two processor cores.

It reads the mesh of the performer's face in each frame and deforms the character's own mesh accordingly. It is no
diffusion model and says so in the picture, in the file and in the service's answer; docs/engine.md tells how it works
and where it fails.

render.py        run: from the inputs to frames      modes.py         move, and pictures without a face
reference.py     the video                           replace.py       the head on the performer's shoulders
survey.py        what was read of it, remembered     headless.py      the scene without that head
character.py     the picture, its face and outline   cutout.py        a head cut out of its picture
performance.py   the performer's motion              smoothing.py     from measurements to curves
transfer.py      the character's mesh in each frame  pose.py          its head's pose
head.py          the animated head                   surroundings.py  hair, neck, shoulders and background
eyes.py          lids and irises                     mouth.py         what shows between the lips
kept_picture.py  parts of its frames, kept           parted.py        between lips that are parted in its picture
raster.py        triangles drawn as maps             report.py        findings about the inputs
crosstalk.py     expressions that are seen as turns  presence.py      when the performer is there, or has left
lids.py          where a character's lids are        outline.py       where a head ends in a picture
lips.py          whether the performer's lips touch  drawn_lines.py   a drawn mouth's corners, and brows
area.py          a part about a level face           watermark.py     the mark on every frame
rest.py          which frames show the face at rest  drawn_mouth.py   where a drawn character's mouth is
softness.py      how soft a picture is about a face  flatness.py      whether a face is drawn flatly
head_motion.py   how a head turns, and its face      hidden_mouth.py  a mouth behind a hand
eye_motion.py    the performer's lids and glances    aside.py         faults of faces that look aside
"""

import functools

from .render import RenderedClip, run
from .survey import Surveys

run_remembering = functools.partial(run, surveys=Surveys())
"""run, in a process that makes one clip after another: a reference that several of them have is read once."""

__all__ = ["RenderedClip", "run", "run_remembering"]
