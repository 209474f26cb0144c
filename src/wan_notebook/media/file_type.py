"""The type of a file, read from its first bytes and never from its name."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Characters that no text has."""
_PAGE = re.compile(
    r"(?:\s|<\?xml[^>]*>|<!--.*?-->)*"
    r"(?:<(?:!doctype\s+html|html|head|body|title|meta|script|link)\b|<!--(?!.*-->)|MIME-Version:|From: <Saved by)",
    re.IGNORECASE | re.DOTALL,
)
"""The beginning of a web page, whatever comes before its first tag, or of one saved as a single file."""
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
HEAD_SIZE = 512
"""Number of bytes, from the first, that are read."""


@dataclass(frozen=True)
class FileType:
    """A file format, and the medium that it may hold."""

    label: str
    """Its name in messages, with the article."""
    medium: Literal["picture", "video", "either", "other"]
    """The medium that it may hold."""
    mime: str
    suffix: str
    """Of a file name, with the dot."""
    remedy: str = ""
    """The way to the picture or video that was meant, in a sentence."""


_LFS_POINTER = FileType(
    "a Git LFS pointer, not the file itself", "other", "text/plain", ".txt", "Run git lfs pull where it came from."
)
_PICTURES = (
    (b"\xff\xd8\xff", FileType("a JPEG picture", "picture", "image/jpeg", ".jpg")),
    (b"\x89PNG\r\n\x1a\n", FileType("a PNG picture", "picture", "image/png", ".png")),
    (b"BM", FileType("a BMP picture", "picture", "image/bmp", ".bmp")),
    (b"II*\0", FileType("a TIFF picture", "picture", "image/tiff", ".tif")),
    (b"MM\0*", FileType("a TIFF picture", "picture", "image/tiff", ".tif")),
    (b"GIF8", FileType("a GIF", "either", "image/gif", ".gif")),
)
_OTHERS = (
    (b"FLV", FileType("an FLV video", "video", "video/x-flv", ".flv")),
    (b"\x30\x26\xb2\x75", FileType("a WMV video", "video", "video/x-ms-wmv", ".wmv")),
    (b"\0\0\x01\xba", FileType("an MPEG video", "video", "video/mpeg", ".mpg")),
    (b"OggS", FileType("an Ogg file", "video", "video/ogg", ".ogv")),
    (b"bplist", FileType("a link or a page saved by Safari", "other", "application/x-plist", ".plist")),
    (b"%PDF", FileType("a PDF document", "other", "application/pdf", ".pdf")),
    (b"PK\x03\x04", FileType("a ZIP archive", "other", "application/zip", ".zip")),
    (b"version https://git-lfs", _LFS_POINTER),
)
_ANIMATED_PNG = FileType("an animated PNG", "either", "image/png", ".png")
_ANIMATED_WEBP = FileType("an animated WebP", "either", "image/webp", ".webp")
ANIMATED = (_ANIMATED_PNG, _ANIMATED_WEBP)
"""Pictures that move, which video decoders do not read."""
_WEBP_ANIMATION = 2
"""The flag of an animation in the extended head of a WebP."""
_RIFF = {
    b"WEBP": FileType("a WebP picture", "picture", "image/webp", ".webp"),
    b"AVI ": FileType("an AVI video", "video", "video/x-msvideo", ".avi"),
    b"WAVE": FileType("a sound", "other", "audio/wav", ".wav"),
}
_MP4 = FileType("an MP4 video", "video", "video/mp4", ".mp4")
_MOV = FileType("a QuickTime video", "video", "video/quicktime", ".mov")
_HEIC = FileType("a HEIC picture", "picture", "image/heic", ".heic")
_AVIF = FileType("an AVIF picture", "picture", "image/avif", ".avif")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_BRANDS = {b"qt  ": _MOV, **dict.fromkeys(_HEIC_BRANDS, _HEIC), b"avif": _AVIF, b"avis": _AVIF}
_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip")
_WEBM = FileType("a WebM video", "video", "video/webm", ".webm")
_MATROSKA = FileType("a Matroska video", "video", "video/x-matroska", ".mkv")
_MPEG_TS = FileType("an MPEG transport stream", "video", "video/mp2t", ".ts")
_WEB_PAGE = FileType(
    "a web page", "other", "text/html", ".html", "Open the page in a browser, save the file it shows, and use that."
)
_TEXT = FileType("a text file", "other", "text/plain", ".txt")
UNKNOWN = FileType("of an unknown kind", "either", "application/octet-stream", ".bin")


def file_type(head: bytes) -> FileType:
    """Return the type of a file by its first HEAD_SIZE bytes."""
    if b"acTL" in head and head.startswith(b"\x89PNG"):
        return _ANIMATED_PNG
    if head[8:16] == b"WEBPVP8X" and head[20:21] > b"" and head[20] & _WEBP_ANIMATION:
        return _ANIMATED_WEBP
    for signature, of_signature in (*_PICTURES, *_OTHERS):
        if head.startswith(signature):
            return of_signature
    return container_type(head) or text_type(head)


def read_head(path: Path) -> bytes:
    """Return the first HEAD_SIZE bytes of a file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(HEAD_SIZE)


def container_type(head: bytes) -> FileType | None:
    """Return the type of a RIFF, MP4, QuickTime, Matroska or MPEG-TS file; None of any other."""
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], _MP4)
    if head[4:8] in _ATOMS:
        return _MOV
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _WEBM if b"webm" in head[:64] else _MATROSKA
    return _MPEG_TS if head[:1] == head[188:189] == b"G" else None


def text_type(head: bytes) -> FileType:
    """Return the type of a text or a web page, or UNKNOWN."""
    if _PAGE.match(decoded_text(head)):
        return _WEB_PAGE
    # A character cut in two at the end of the head is no reason to doubt the text before it.
    text = head.decode("utf-8", errors="ignore")
    if not head or _CONTROL.search(text) or len(text.encode()) < len(head) - 3:
        return UNKNOWN
    return _TEXT


def decoded_text(head: bytes) -> str:
    """Return bytes as text by their byte order mark; without one, each byte as a character."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, errors="ignore")
    return head.decode("latin-1")
