"""What a notebook shows and is clicked on: the parts which stock widgets cannot do, each complete in itself.

A widget here holds no state of a session. It draws what it is told, and hands back what a person asks for;
two views of one widget, in one page or in two, therefore show the same.
"""

from .picker.picker import MediaPicker
from .picker.preview import Preview
from .player.player import Player
from .status.status import StatusBar

__all__ = ["MediaPicker", "Player", "Preview", "StatusBar"]
