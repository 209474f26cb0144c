"""Reading and writing video: the one door to PyAV.

open.py      a container from a path, bytes or a file     probe.py     its properties
read.py      its frames, upright, one at a time           write.py     an MP4 that browsers play
upright.py   turning frames, and their pixels square      sound.py     the sound of a stretch of a file
playback.py  whether it plays to its end                  metadata.py  its description and comment
decode.py    one time line, past jumps and damage         truncation.py    whether the end of a file is missing
tone_mapping.py    HDR to the range of a screen
prefetch.py  reading and writing side by side
"""
