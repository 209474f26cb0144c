"""What is done to the frames of a finished clip: frames in, frames out; the clip itself stays as it is.

interpolate.py  pictures between frames, for a higher rate    colour.py       slow drift of colours, undone
finish.py       from one file to another                      curve.py        smooth curves, stepping between windows
process.py      in the background                             worker_main.py  the program of that process
"""
