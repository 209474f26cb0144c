"""Copies of videos for looking at them: browsers play few formats, and cameras write many others."""

from __future__ import annotations

import threading
from pathlib import Path

from ..runtime.data_dir import atomic_write
from .fitting import fit_frame
from .preparation import Preparation
from .store import made_path, sha256_of

_PLAYED = {"h264": ("mov", "matroska"), "vp8": ("matroska",), "vp9": ("mov", "matroska"), "av1": ("mov", "matroska")}
"""The codecs that every browser plays, and the containers in which it does."""
_PLAYED_PIXELS = ("yuv420p", "yuvj420p")
_COPY = Preparation(short_side=480, fps=30, mp4=True)
_CRF, _PRESET = 24, "ultrafast"
_making = threading.Lock()


def plays_in_browsers(path: Path) -> bool:
    """Whether every browser plays a video; the file's header is read, and no frame.

    Raises:
        MediaError: it cannot be read.
    """
    from ..video.open import open_video

    with open_video(path) as (container, stream):
        context = stream.codec_context
        played_in = _PLAYED.get(context.codec.canonical_name, ())
        return container.format.name.split(",")[0] in played_in and context.pix_fmt in _PLAYED_PIXELS


def viewing_copy(path: Path) -> Path:
    """Return a small MP4 of a video, which every browser plays; made once.

    Raises:
        MediaError: the video cannot be read.
        StorageError: the data directory cannot be written.
    """
    from ..video.prefetch import prefetch
    from ..video.probe import probe
    from ..video.read import frames
    from ..video.write import Writer

    with _making:
        target = made_path(f"{sha256_of(path)} {_COPY}", ".mp4")
        if target.exists():
            return target
        info = probe(path)
        width, height = fit_frame(info.width, info.height, _COPY).final
        fps = min(info.fps, _COPY.fps or info.fps)
        sound = path if info.has_audio else None
        source = frames(path, end=info.duration, fps=fps, width=width, height=height)
        with (
            atomic_write(target) as partial,
            Writer(partial, width=width, height=height, fps=fps, crf=_CRF, preset=_PRESET, sound_from=sound) as writer,
        ):
            for frame in prefetch(source):
                writer.write(frame.pixels)
        return target
