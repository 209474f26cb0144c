"""Writing an MP4 that browsers play: H.264, yuv420p, its index at the front."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..errors import MediaError, StorageError
from ..runtime.machine import threads
from .sound import sound_packets

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from numpy import uint8
    from numpy.typing import NDArray
    from typing_extensions import Self

_BT709 = 1
_TICKS = 90_000
"""Of a second, to which frames that have times of their own are written."""


class Writer:
    """Writes frames to an MP4, as a context manager; when the block fails, no file is left.

    Args:
        path: the file to write; its folder exists.
        width: pixels, even, since H.264 in yuv420p halves the colour's sides.
        height: pixels, even.
        fps: frames per second, from one an hour to 1000.
        times: the second at which each frame is shown, ascending, for a pace that varies; by default the rate says it.
            Of several at one time, as careless recorders write them, each comes a tick after the one before.
        crf: constant rate factor of x264, 0 (lossless) to 51.
        preset: x264's own, from "ultrafast" to "veryslow".
        tuning: what is set otherwise than in the preset, in x264's words, as "mbtree=1:rc-lookahead=10".
        comment: kept in the file's metadata.
        sound_from: a video whose sound goes along, cut where the pictures end.
        sound_start: the second of that video which becomes the beginning.

    Raises:
        MediaError: a side is odd or the rate out of range; a frame of another size or kind; sound that cannot be read.
        StorageError: the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        *,
        width: int,
        height: int,
        fps: float,
        times: Sequence[float] | None = None,
        crf: float = 20,
        preset: str = "medium",
        tuning: str = "",
        comment: str = "",
        sound_from: Path | None = None,
        sound_start: float = 0.0,
    ) -> None:
        if width < 2 or height < 2 or width % 2 or height % 2:
            even = f"{max(2, width // 2 * 2)}×{max(2, height // 2 * 2)}"
            raise MediaError(f"H.264 wants even sides, and {width}×{height} came. Use {even}.")
        if not 1 / 3600 <= fps <= 1000:
            raise MediaError(
                f"A video of {fps:g} frames per second cannot be written; one an hour to 1000 a second can."
            )
        self.path, self.width, self.height = path, width, height
        # A picture that stays for minutes has a rate near 0; its seconds are rounded, not their inverse.
        self.rate = (
            1 / (1 / Fraction(fps)).limit_denominator(1001) if fps < 1 else Fraction(fps).limit_denominator(1001)
        )
        self.frames = 0
        """The number of frames written so far."""
        self._times = None if times is None else _ticks(times)
        self._options = {"crf": str(crf), "preset": preset, "x264-params": tuning}
        self._comment, self._sound_from, self._sound_start = comment, sound_from, sound_start

    def __enter__(self) -> Self:
        import av
        from av.video.reformatter import VideoReformatter

        with self._guarded():
            # The explicit scheme keeps a name with a colon from being read as an address.
            self._container = av.open(f"file:{self.path}", "w", format="mp4", options={"movflags": "+faststart"})
        self._reformatter = VideoReformatter()
        try:
            with self._guarded():
                self._begin()
        except BaseException:
            self._abandon()
            raise
        return self

    def _begin(self) -> None:
        self._container.metadata["comment"] = self._comment
        self._pictures = self._container.add_stream("libx264", rate=self.rate)
        self._pictures.width, self._pictures.height, self._pictures.pix_fmt = self.width, self.height, "yuv420p"
        self._pictures.options = dict(self._options)
        if threads() == 1:
            self._pictures.codec_context.thread_count = 1
        context = self._pictures.codec_context
        if self._times is not None:
            context.time_base = self._pictures.time_base = Fraction(1, _TICKS)
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = _BT709
        if self._sound_from:
            self._sound = sound_packets(self._sound_from, self._container, self._sound_start)
        else:
            self._sound = iter(())
        self._next_sound = next(self._sound, None)

    def write(self, pixels: NDArray[uint8]) -> None:
        """Append one frame.

        Args:
            pixels: H×W×3 uint8 RGB, of the writer's own size.

        Raises:
            MediaError: it is of another size or kind.
            StorageError: the file cannot be written.
        """
        if getattr(pixels, "shape", None) != (self.height, self.width, 3) or pixels.dtype != "uint8":
            came = f"{getattr(pixels, 'dtype', type(pixels).__name__)} {getattr(pixels, 'shape', '')}"
            raise MediaError(f"A frame must be uint8 of shape ({self.height}, {self.width}, 3), and {came} came.")
        with self._guarded():
            self._container.mux(self._pictures.encode(self._frame(pixels)))
            self.frames += 1
            self._mux_sound()

    def _frame(self, pixels: NDArray[uint8]) -> VideoFrame:
        import numpy as np
        from av.video.frame import VideoFrame
        from av.video.reformatter import ColorRange, Colorspace

        rgb = VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        frame = self._reformatter.reformat(
            rgb, format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        if self._times is None:
            frame.pts, frame.time_base = self.frames, 1 / self.rate
        else:
            frame.pts, frame.time_base = self._times[self.frames], Fraction(1, _TICKS)
        return frame

    @property
    def _reached(self) -> Fraction:
        """The second up to which there are pictures."""
        if self._times is None:
            return self.frames / self.rate
        if self.frames < len(self._times):
            return Fraction(self._times[self.frames], _TICKS)
        return Fraction(self._times[-1], _TICKS) + 1 / self.rate

    def _mux_sound(self) -> None:
        while self._next_sound is not None and self._next_sound[0] < self._reached:
            self._container.mux(self._next_sound[1])
            self._next_sound = next(self._sound, None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._abandon()
            return
        try:
            with self._guarded():
                self._finish()
        except BaseException:
            self._abandon()
            raise

    def _finish(self) -> None:
        if self.frames == 0:
            raise MediaError(f"No frame was written to {self.path.name}.")
        self._container.mux(self._pictures.encode(None))
        self._release_sound()
        self._container.close()

    def _abandon(self) -> None:
        import av

        self._release_sound()
        # The trailer of a file that is thrown away may well fail to be written.
        with contextlib.suppress(av.FFmpegError, OSError, ValueError):
            self._container.close()
        self.path.unlink(missing_ok=True)

    def _release_sound(self) -> None:
        close: Any = getattr(getattr(self, "_sound", None), "close", None)
        if close is not None:
            close()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        import av

        try:
            yield
        except av.FFmpegError as error:
            reason = error.strerror or error
            if isinstance(error, OSError):
                raise StorageError(f"{self.path} cannot be written ({reason}).") from None
            raise MediaError(f"{self.path.name} cannot be encoded ({reason}).") from None


def _ticks(times: Sequence[float]) -> list[int]:
    """Return times in ticks, each later than the one before: no encoder takes two pictures at once."""
    ticks: list[int] = []
    for time in times:
        ticks.append(max(round(time * _TICKS), ticks[-1] + 1 if ticks else 0))
    return ticks
