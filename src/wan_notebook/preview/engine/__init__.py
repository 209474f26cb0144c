"""The motion preview: a real clip from both inputs on two processor cores, without learned weights.

It measures the performer's head, mouth and eyes, and moves the character's picture accordingly. It is no diffusion
model and says so in the picture, in the file and in the service's answer; docs/engine.md tells how it works and where
it fails.

render.py       run: from the inputs to frames      modes.py        move, replace, and pictures without a face
reference.py    the video, and its frame at rest    performer.py    its performer's motion, frame by frame
tracker.py      following a part of a body          head.py         the head, followed and cut out
expression.py   measuring a face                    lips.py         measuring the lips
smoothing.py    from measurements to curves         report.py       findings about the inputs
character.py    the picture, its face and outline   warp.py         moves its head and body
face.py         animates it, or cuts it out         eyes.py mouth.py  lids and lips
"""

from .render import RenderedClip, run

__all__ = ["RenderedClip", "run"]
