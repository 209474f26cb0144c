"""What is done to the frames of a finished clip: frames in, frames out.

interpolate.py  pictures between frames, for a higher rate
"""
