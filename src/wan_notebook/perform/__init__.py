"""The way of one job through the house: journal, submit, wait, save.

way.py        from an order, or from a job of before, to a saved clip
sending.py    the submit: written down, sent once, written down again
settling.py   what became of a submit whose answer was lost
telling.py    what is said on the way
"""

from .sending import send, write_down
from .settling import look_up
from .telling import Tell
from .way import adopt, follow, offer, perform, pursue

__all__ = ["Tell", "adopt", "follow", "look_up", "offer", "perform", "pursue", "send", "write_down"]
