"""Whether the end of a file is missing, by the sizes of its parts: what a header says of its length may be wrong."""

from __future__ import annotations

import io
from typing import BinaryIO

_BOXES = (b"ftyp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"uuid", b"sidx", b"styp", b"meta", b"mfra")
"""The top-level boxes of MP4; anything else behind them is not of the video."""
_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067
_UNKNOWN_RIFF_SIZES = (0, 0xFFFFFFFF)
"""The sizes in the header of a recording that was never finished."""


def is_truncated(file: BinaryIO, format_name: str) -> bool:
    """Whether a file ends before its parts do; False of a format which does not tell. The file's position is kept.

    Args:
        file: open, able to seek.
        format_name: the container's names, as FFmpeg has them.
    """
    find_end = _END_BY_FORMAT.get(format_name.split(",")[0])
    if find_end is None:
        return False
    position = file.tell()
    size = file.seek(0, io.SEEK_END)
    end = find_end(file, size)
    file.seek(position)
    return end > size


def mp4_end(file: BinaryIO, size: int) -> int:
    """Return the byte at which the last box of an MP4 or QuickTime file ends."""
    end = 0
    while end + 8 <= size:
        head = _read(file, end, 16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if head[4:8] not in _BOXES or length < 8:
            break
        end += length
    return end


def riff_end(file: BinaryIO, size: int) -> int:
    """Return the byte at which the last RIFF list of an AVI file ends."""
    end = 0
    while end + 8 <= size:
        head = _read(file, end, 8)
        length = int.from_bytes(head[4:8], "little")
        if head[:4] != b"RIFF" or length in _UNKNOWN_RIFF_SIZES:
            break
        # Some programs leave out the byte that makes a list even.
        end += 8 + length + (length % 2 if end + 8 + length < size else 0)
    return end


def matroska_end(file: BinaryIO, size: int) -> int:
    """Return the byte at which the segment of a Matroska or WebM file ends; 0 where it does not say."""
    end = 0
    while end < size:
        head = _read(file, end, 12)
        id_size = _vint_size(head[0])
        length_size = _vint_size(head[id_size]) if id_size < len(head) else 9
        if id_size > 4 or id_size + length_size > len(head):
            break
        element = int.from_bytes(head[:id_size], "big")
        bits = 7 * length_size
        length = int.from_bytes(head[id_size : id_size + length_size], "big") & (1 << bits) - 1
        if element not in (_EBML, _SEGMENT) or length == (1 << bits) - 1:
            break
        end += id_size + length_size + length
    return end


_END_BY_FORMAT = {"mov": mp4_end, "avi": riff_end, "matroska": matroska_end}


def _vint_size(first: int) -> int:
    """Return the number of bytes of EBML's variable integer by its first one."""
    return 9 - first.bit_length()


def _read(file: BinaryIO, position: int, size: int) -> bytes:
    file.seek(position)
    return file.read(size)
