"""Opening a video from a path, bytes or a file object, with every refusal in plain words."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

from ..errors import MediaError
from ..runtime.machine import threads

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

VideoSource: TypeAlias = Path | bytes | BinaryIO
"""Where a video is read from; a file object must be able to seek, and is left open."""

# Formats that may point to other files or addresses (playlists, concatenations) stay out:
# opening a stranger's file must not open anything else.
_FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,gif,3gp,mj2"
ACCEPTED = "MP4, MOV, WebM, MKV and AVI are read here."
MAX_SIDE = 8192
"""Pixels of a side, as stored or as seen, beyond which a video is refused unread: a frame would fill the memory."""
MAX_FRAMES = 500_000
"""Frames beyond which a video is refused: two hours at 60 frames per second."""
MAX_PIXELS = 8192 * 4608
"""Pixels of a stored frame, likewise."""
_FEW_PIXELS = 32_000_000
"""Frames times pixels, 80 frames of 480p, that one thread of the codec library decodes as soon as two do: in 30 ms.
A second one takes a seventh more computing, and twice as much for the smallest clips."""
MAX_RATIO = 16
"""Width over height, or height over width, of a pixel or of a frame, beyond which a video is refused as damaged."""


def display_name(source: VideoSource) -> str:
    """Return the name of a source in messages: the file's own, if it has one."""
    if isinstance(source, Path):
        return source.name or str(source)
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) and name else "The video"


@contextlib.contextmanager
def open_video(source: VideoSource, name: str = "") -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open the source and yield its container and picture stream; messages call it by `name`.

    Raises:
        MediaError: it is missing, empty, no video, or in a codec that cannot be read; or it breaks while it is read.
    """
    import av

    name = name or display_name(source)
    options: dict[str, Any] = {"options": {"format_whitelist": _FORMATS}}
    if int(av.__version__.partition(".")[0]) < 19:  # from then on it reads any metadata, and knows no such option
        options["metadata_errors"] = "replace"
    with open_source(source, name) as file:
        try:
            with av.open(file, **options) as container:
                reading = cast("InputContainer", container)
                yield reading, picture_stream(reading, name)
        except av.FFmpegError as error:
            raise MediaError(f"{name} cannot be read ({_reason(error)}). {ACCEPTED}") from None


@contextlib.contextmanager
def open_source(source: VideoSource, name: str) -> Iterator[BinaryIO]:
    """Open a source to read its bytes, from the first; a file object is left open.

    Raises:
        MediaError: it is missing or empty.
    """
    # Handing over a file object rather than its name keeps the codec library from reading names as addresses.
    with contextlib.ExitStack() as stack:
        if isinstance(source, Path):
            file: BinaryIO = stack.enter_context(open_file(source))
        else:
            file = io.BytesIO(source) if isinstance(source, bytes) else source
        if file.seek(0, io.SEEK_END) == 0:
            raise MediaError(f"{name} is empty. Was it copied whole?")
        file.seek(0)
        yield file


def open_file(path: Path) -> BinaryIO:
    """Open a file to read its bytes.

    Raises:
        MediaError: it is a folder, is missing, or cannot be opened.
    """
    if path.is_dir():
        raise MediaError(f"{path} is a folder, not a video. Name a file in it.")
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise MediaError(f"There is no file {path}.") from None
    except (OSError, ValueError) as error:
        raise MediaError(f"{path} cannot be opened ({getattr(error, 'strerror', None) or error}).") from None


def picture_stream(container: InputContainer, name: str) -> VideoStream:
    """Return the stream that holds a video's pictures, ready to be decoded.

    Raises:
        MediaError: there is none, it is in a codec that cannot be read, or its pictures are too large.
    """
    from av.stream import Disposition

    # The cover of a song is a video stream to the container, and no video to us.
    streams = [s for s in container.streams.video if Disposition.attached_pic not in s.disposition]
    if not streams:
        instead = ", only sound." if container.streams.audio else ". Was it copied whole?"
        raise MediaError(f"{name} holds no pictures{instead}")
    # Of several, such as a thumbnail and the film, the one that other readers take too.
    best = container.streams.best("video")
    stream = next((stream for stream in streams if stream == best), streams[0])
    if stream.codec_context is None:
        raise MediaError(f"{name} is in a codec that cannot be read here. Convert it to H.264 in MP4.")
    check_size(stream, name)
    # The size may grow in mid-stream.
    stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    stream.thread_type = "AUTO"
    announced = stream.frames * stream.codec_context.width * stream.codec_context.height
    if threads() == 1 or 0 < announced <= _FEW_PIXELS:
        stream.codec_context.thread_count = 1
    return stream


def check_size(stream: VideoStream, name: str) -> None:
    """Raise MediaError where frames are too large to be decoded, or of a shape that no camera has."""
    width, height = stream.codec_context.width, stream.codec_context.height
    aspect = float(stream.sample_aspect_ratio or 1)
    if max(width, height, width * aspect) > MAX_SIDE or width * height > MAX_PIXELS:
        size = f"{width}×{height}" if aspect == 1 else f"{width * aspect:.0f}×{height}"
        raise MediaError(f"{name} has {size} pixels; sides up to {MAX_SIDE} are read here. Scale it down first.")
    ratios = [aspect, width * aspect / height if height else 1.0]
    if not all(1 / MAX_RATIO <= ratio <= MAX_RATIO for ratio in ratios):
        shape = f"frames of {width}×{height} and pixels of {aspect:.4g}:1"
        raise MediaError(f"{name} has {shape}, as no camera makes them. Export it again.")


def _reason(error: Exception) -> str:
    import av

    # A format outside of the list is an invalid argument to the library.
    if isinstance(error, av.ArgumentError | av.InvalidDataError):
        return "it is damaged, cut short, or no video"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
