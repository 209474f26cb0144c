"""Running a face model: OpenCV's own `dnn`, which needs no runtime beside it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import MediaError


class Network:
    """One model, loaded; for one thread at a time.

    Args:
        path: the TFLite file.

    Raises:
        MediaError: OpenCV cannot load it.
    """

    def __init__(self, path: Path) -> None:
        try:
            # OpenCV 5's default engine returns only a model's last output; before 5 there is this one alone.
            engine = [cv2.dnn.ENGINE_CLASSIC] if hasattr(cv2.dnn, "ENGINE_CLASSIC") else []
            self._net = cv2.dnn.readNetFromTFLite(str(path), *engine)
        except cv2.error as error:
            raise MediaError(f"OpenCV {cv2.__version__} cannot load the face model {path.name}.") from error
        self._outputs = self._net.getUnconnectedOutLayersNames()

    def run(self, pixels: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Return the model's outputs for one picture, H×W×3 in the range that it was trained on."""
        self._net.setInput(pixels.transpose(2, 0, 1)[None])
        return [np.asarray(values, np.float32) for values in self._net.forward(self._outputs)]
