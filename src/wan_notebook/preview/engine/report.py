"""Findings about the inputs, made on the way: worth knowing before anything is paid for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import cropped_at_chin, cropped_at_forehead, cropped_at_side
from ...media.checks.scene import Scene
from ...model import family, notice_texts
from ...model.protocol import MODELS_MISSING
from .character import Character
from .performance import Performance
from .reference import Footage

_LASTING = 0.5
"""Seconds for which a face, or its mouth, may be hidden before it is told."""


def report_inputs(
    character: Character,
    footage: Footage,
    performance: Performance | None,
    scene: Scene,
    size: tuple[int, int],
    missing: str,
) -> dict[str, Any]:
    """Return the findings as plain data: figures, and under "notices" sentences with their subjects.

    Args:
        character: the picture.
        footage: the reference.
        performance: what was read of it; None where no face was seen.
        scene: one that has seen every frame.
        size: width and height of the clip.
        missing: why faces could not be looked for; empty where they were.
    """
    frames = footage.count
    return {
        "width": size[0],
        "height": size[1],
        "fps": round(footage.fps, 3),
        "frames": frames,
        "seconds": round(frames / footage.fps, 2),
        "windows": family.windows(frames),
        "picture": {
            "faces": character.faces,
            "confidence": round(character.confidence, 2),
            "points": point_list(character),
        },
        "reference": {
            "with_face": round(float(performance.seen.mean()), 2) if performance else 0.0,
            "faces": performance.people if performance else 0,
            "cuts": scene.cuts(footage.fps),
            "camera_moves": scene.camera_moves,
            "light": round(scene.light),
        },
        "notices": [
            {"about": about, "topic": topic, "text": text}
            for about, found in (
                ("picture", _about_models(missing) if missing else _about_picture(character)),
                ("video", () if missing else _about_faces(footage, performance)),
                ("video", _about_scene(footage, scene)),
                ("video", _about_both(character, footage)),
            )
            for topic, text in found
        ],
    }


def point_list(character: Character) -> list[list[float]] | None:
    """Return the left eye, the right eye and the mouth, (x, y) in pixels of the clip."""
    if character.mesh is None:
        return None
    face = character.mesh.face_points
    return [[round(x, 1), round(y, 1)] for x, y in (face.left_eye, face.right_eye, face.mouth)]


def _about_models(missing: str) -> Iterator[tuple[str, str]]:
    yield MODELS_MISSING, f"Faces could not be looked for, so the picture moves as a whole. {missing}"


def _about_picture(character: Character) -> Iterator[tuple[str, str]]:
    if character.mesh is None:
        text = "No face was found in the picture, so it moves as a whole. "
        yield "faces", text + "Mark the two eyes and the mouth to bring the face to life."
        return
    face, size = character.mesh.face_points, (character.pixels.shape[1], character.pixels.shape[0])
    if character.faces > 1:
        yield "faces", f"{notice_texts.several_faces(character.faces)} The preview took the largest."
    if face.eye_distance < notice_texts.SMALLEST_EYES:
        text = notice_texts.small_face("picture", face.eye_distance, min(size))
        yield "small face", f"{text} It moves, but neither speaks nor blinks."
    cropped = {
        "forehead": cropped_at_forehead(face, size),
        "chin": cropped_at_chin(face, size),
        "side": cropped_at_side(face, size),
    }
    yield from ((edge, notice_texts.CROPPED[edge]) for edge in cropped if cropped[edge])


def _about_faces(footage: Footage, performance: Performance | None) -> Iterator[tuple[str, str]]:
    if performance is None:
        yield "faces", "No face was found in the video, so only its coarse motion is shown."
        return
    if gaps := _lasting(~performance.seen, footage.fps):
        yield "faces", notice_texts.face_not_seen(gaps, "covered, turned away, small or out of the picture")
    if covers := _lasting(performance.hidden, footage.fps):
        text = notice_texts.mouth_covered(covers)
        yield "covered mouth", f"{text} The preview shuts the lips."
    if performance.people > 1:
        yield "people", f"{notice_texts.several_people(str(performance.people))} The preview took the largest face."
    if (eyes := native_eyes(footage, performance)) < notice_texts.SMALLEST_EYES:
        yield "small face", notice_texts.small_face("video", eyes, min(footage.info.width, footage.info.height))


def _lasting(frames: NDArray[np.bool_], fps: float) -> list[tuple[float, float]]:
    """Return from when to when frames are as they should not be for half a second or longer."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], frames, [False]]).astype(int)))
    spans = [(start / fps, end / fps) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return [(start, end) for start, end in spans if end - start >= _LASTING]


def _about_scene(footage: Footage, scene: Scene) -> Iterator[tuple[str, str]]:
    if cuts := scene.cuts(footage.fps):
        yield "cuts", notice_texts.cuts(cuts)
    if scene.camera_moves:
        yield "camera", notice_texts.CAMERA_MOVES
    if scene.light < 255 * notice_texts.DARK:
        yield "dark", notice_texts.dark("video")
    if found := notice_texts.length(footage.count / footage.fps, footage.count):
        yield found


def _about_both(character: Character, footage: Footage) -> Iterator[tuple[str, str]]:
    own = character.pixels.shape[1] / character.pixels.shape[0]
    other = footage.info.width / footage.info.height
    if not 0.75 < own / other < 1.33:
        yield "aspect", "The picture and the video are of different shapes; the same shape turns out best."


def expression_shows(character: Character, footage: Footage, performance: Performance) -> bool:
    """Whether both faces are large enough for an expression."""
    own = character.mesh.face_points.eye_distance if character.mesh else 0.0
    return min(own, native_eyes(footage, performance)) >= notice_texts.SMALLEST_EYES


def native_eyes(footage: Footage, performance: Performance) -> float:
    """Return the pixels between the performer's eyes in the video as it is stored."""
    return performance.rest.face_points.eye_distance * footage.info.height / performance.height
