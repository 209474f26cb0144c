"""Which points of the mesh make up which part of a face, and the triangles between them.

Left and right as seen in the picture. The numbers are those of the canonical face model that MediaPipe publishes.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LEFT_CORNER, RIGHT_CORNER = 33, 263
"""The outer corners of the eyes."""
EYE_CORNERS = (33, 133, 362, 263)
"""All corners of the eyes, from left to right."""
FOREHEAD, NOSE_TIP, CHIN = 10, 1, 152
"""The upmost point of the face, the one that stands out most, and the lowest."""
UPPER_LIP, LOWER_LIP = 13, 14
"""The middle of each lip, where they meet."""
LEFT_MOUTH, RIGHT_MOUTH = 61, 291
"""The corners of the mouth."""

INNER_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""Where the lips meet, from the left corner to the right one."""
UPPER_LIP_ROWS = (
    INNER_UPPER_LIP,
    (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292),
    (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306),
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
)
LOWER_LIP_ROWS = (
    INNER_LOWER_LIP,
    (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292),
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306),
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
)
"""Each lip from where they meet to its outer edge, row by row from the left corner to the right one."""
MOUTH_CORNERS = (
    *(61, 78, 76, 62, 185, 146, 184, 77, 183, 96, 191, 95),
    *(291, 308, 306, 292, 409, 375, 408, 307, 407, 325, 415, 324),
)
"""The lips' points at the left corner of the mouth, and at the right one."""
LEFT_UPPER_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)
LEFT_LOWER_LID = (33, 7, 163, 144, 145, 153, 154, 155, 133)
RIGHT_UPPER_LID = (362, 398, 384, 385, 386, 387, 388, 466, 263)
RIGHT_LOWER_LID = (362, 382, 381, 380, 374, 373, 390, 249, 263)
"""The lids' rims, from corner to corner."""
LEFT_LID_ROWS = ((247, 30, 29, 27, 28, 56, 190), (113, 225, 224, 223, 222, 221, 189))
RIGHT_LID_ROWS = ((414, 286, 258, 257, 259, 260, 467), (413, 441, 442, 443, 444, 445, 342))
"""The crease above each point of the upper lid's rim, the corners left out, and the row above that."""
LIDS = ((LEFT_UPPER_LID, LEFT_LOWER_LID), (RIGHT_UPPER_LID, RIGHT_LOWER_LID))
LEFT_BROW = (70, 63, 105, 66, 107, 46, 53, 52, 65, 55)
RIGHT_BROW = (336, 296, 334, 293, 300, 285, 295, 282, 283, 276)
"""The brows' upper edge, then their lower one."""
LEFT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173)
RIGHT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398)
"""An eye's rim: its lower lid from the outer corner to the inner one, then the upper lid without the corners."""
# fmt: off
NOSE = (
    1, 2, 4, 5, 6, 168, 195, 197, 19, 94, 97, 326, 98, 327, 44, 274, 45, 275, 125, 354, 220, 440, 115, 344, 48, 278,
    49, 279, 64, 294, 129, 358, 131, 360, 198, 420, 219, 439, 218, 438, 59, 289, 166, 392, 79, 309, 239, 459, 238, 458,
    237, 457, 241, 461, 242, 462, 141, 370, 20, 250, 60, 290, 75, 305, 99, 328, 240, 460, 235, 455, 102, 331,
)
"""The nose from its bridge to its wings and its base."""
JAW = (
    18, 32, 43, 57, 83, 92, 106, 135, 138, 140, 147, 164, 165, 167, 169, 170, 171, 175, 177, 182, 186, 187, 192, 194,
    199, 200, 201, 202, 203, 204, 205, 206, 207, 208, 210, 211, 212, 213, 214, 215, 216, 262, 273, 287, 313, 322, 335,
    364, 367, 369, 376, 391, 393, 394, 395, 396, 401, 406, 410, 411, 416, 418, 421, 422, 423, 424, 425, 426, 427, 428,
    430, 431, 432, 433, 434, 435, 436,
)
"""Chin and cheeks below the nose, without the lips."""
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)
"""The outline of the face, from the forehead clockwise."""
RIGID = (33, 133, 362, 263, 6, 168, 197, 195, 5, 10, 151, 9, 8, 127, 356, 234, 454, 93, 323, 54, 284)
"""Points that no expression moves: eye corners, the bridge of the nose, forehead, temples and cheekbones."""
# fmt: on


@cache
def skin() -> NDArray[np.int32]:
    """Return the triangles of the face, N×3 numbers of points, without the eyes and the inside of the mouth.

    They are the Delaunay triangles over the mean mesh of the drawn people with their mouths wide open, seen from within
    the head; so no triangle spans the lips, whatever the face at hand does.
    """
    stored = json.loads(Path(__file__).with_name("triangles.json").read_text(encoding="utf-8"))
    return np.array(stored, np.int32)


def between(upper: tuple[int, ...], lower: tuple[int, ...]) -> NDArray[np.int32]:
    """Return the triangles between two lines from corner to corner: what shows between lips, or between lids."""
    pairs = [(a, b, c) for a, b, c in zip(upper, upper[1:], lower[1:], strict=False) if len({a, b, c}) == 3]
    pairs += [(a, c, d) for a, c, d in zip(upper, lower[1:], lower, strict=False) if len({a, c, d}) == 3]
    return np.array(pairs, np.int32)
