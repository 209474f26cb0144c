"""Faces that look far aside."""

import numpy as np

from wan_notebook.preview.engine.aside import without_faults_aside


def test_each_side_has_faults_of_its_own() -> None:
    """Who looks to the right for long, with a crooked mouth, is put straight there, and keeps a grin to the left."""
    yaws = np.zeros(150)
    yaws[30:70], yaws[100:105] = 0.85, -0.85
    shapes = np.zeros((150, 468, 3), np.float32)
    shapes[30:70, 13], shapes[100:105, 13] = 0.1, 0.05
    kept = without_faults_aside(shapes, yaws, np.zeros(150), np.arange(20), 25.0)
    assert np.abs(kept[30:70]).max() < 0.01
    assert np.allclose(kept[100:105, 13], 0.05)
