"""A picture or a video from anything that a user has, checked before anything is sent.

`picture` and `video` take a path, a web address, a data URI, bytes, a file, an upload, a PIL image or an array, and
return a frozen value whose `url` goes into a request. Content that is not on disk yet is stored under the data
directory, named by its digest; web addresses are passed on as they are.
"""

from .data_uri import data_uri_chunks, data_uri_length
from .picture import Picture, picture
from .preparation import Preparation
from .video import Video, video

__all__ = [
    "Picture",
    "Preparation",
    "Video",
    "data_uri_chunks",
    "data_uri_length",
    "picture",
    "video",
]
