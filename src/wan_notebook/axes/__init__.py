"""The axes of a sweep: from what a person writes to the cells that will be tried.

    product({"num_inference_steps": "10-30 (+10)", "shift": [3, 7]})    every combination: 6 cells
    zipped({"num_inference_steps": [10, 20], "shift": [3, 7]})          side by side: 2 cells
    listed([{"shift": 3}, {"shift": 7, "resolution": "720p"}])          exactly these: 2 cells

Every value is checked here, before anything is sent; nothing is read or written.
"""

from .cells import Axis, Cell, Cells, listed, product, zipped

__all__ = ["Axis", "Cell", "Cells", "listed", "product", "zipped"]
