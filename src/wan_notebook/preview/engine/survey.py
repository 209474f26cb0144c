"""What moves in a reference: read once, and remembered for the next job that has the same one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...faces.find import FaceReader
from ...media.checks.scene import Scene
from ...runtime.digest import digest_of
from .modes import CellMeter
from .performance import READ_HEIGHT, Performance, PerformanceReader
from .reference import Footage

MOST_FRAMES = 1500
"""Frames of all references together that are remembered: some twenty kilobytes each."""

FrameCallback = Callable[[int], None]


@dataclass(frozen=True)
class Motion:
    """What moves in a reference."""

    performance: Performance | None
    """The performer's motion; None where nobody is seen."""
    cells: NDArray[np.float64]
    """The motion of each cell of the picture, as CellMeter gives it; empty where a face tells all."""


@dataclass(frozen=True)
class Survey:
    """A reference that was read: all that its motion is made of, whatever smooths it."""

    scene: Scene
    reading: PerformanceReader | None
    """None where faces could not be looked for."""
    cells: CellMeter
    faceless: bool
    """Whether the whole picture's motion is needed though somebody may be seen."""

    def motion(self, shift: float, fps: float) -> Motion:
        """Return what moves.

        Args:
            shift: the request's setting; the larger, the smoother.
            fps: frames per second.
        """
        sigma = (shift - 1) / 8 * fps / 25
        cuts = [round(second * fps) for second in self.scene.cuts(fps)]
        # A hand that comes before the face changes the picture as quickly as a cut does; the scene goes on behind it.
        cuts = [cut for cut in cuts if not (self.reading and self.reading.hides(cut) and self.scene.stays(cut))]
        performance = self.reading.result(sigma, cuts) if self.reading else None
        whole = self.faceless or performance is None
        return Motion(performance, self.cells.result(sigma) if whole else np.empty(0))


class Surveys:
    """Remembers the references that were read last, in memory alone: faces are nothing to leave in a file."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Survey] = OrderedDict()

    def of(
        self,
        reader: FaceReader | None,
        footage: Footage,
        settings: Mapping[str, Any],
        on_frame: FrameCallback,
        *,
        faceless: bool,
    ) -> Survey:
        """Return what was read of a reference, or read it; see read_reference()."""
        style = PerformanceReader.style(int(settings["num_inference_steps"]), footage.fps)
        key = digest_of(footage.path), style, faceless, reader is None
        survey = self._kept.pop(key, None) or read_reference(reader, footage, settings, on_frame, faceless=faceless)
        self._kept[key] = survey
        while sum(one.scene.frames for one in self._kept.values()) > MOST_FRAMES:
            self._kept.popitem(last=False)
        return survey


def read_reference(
    reader: FaceReader | None,
    footage: Footage,
    settings: Mapping[str, Any],
    on_frame: FrameCallback,
    *,
    faceless: bool,
) -> Survey:
    """Read a reference, decoding it once.

    Args:
        reader: reads faces; none is seen without.
        footage: the reference.
        settings: the request's settings by their wire names.
        on_frame: is called with the number of frames read so far.
        faceless: whether the character has no face, so that the whole picture's motion is needed in any case.
    """
    reading = PerformanceReader(reader, int(settings["num_inference_steps"]), footage.fps) if reader else None
    decoded = footage.frames(min(footage.info.height, READ_HEIGHT))
    scene, cells = Scene(), CellMeter()
    for number, pixels in enumerate(reading.read(decoded) if reading else decoded, start=1):
        # A face may yet come; as long as there is none, this may be all that there is.
        if faceless or reading is None or not reading.found:
            cells.update(pixels)
        scene.update(pixels)
        on_frame(number)
    return Survey(scene, reading, cells, faceless)
