"""The mark that says a clip was generated."""

from pathlib import Path

import numpy as np
import pytest

from wan_notebook.errors import InvalidRequest
from wan_notebook.finishing.label import TEXT, label_mark
from wan_notebook.jobs.clip import described, write_recipe
from wan_notebook.video.metadata import comment
from wan_notebook.video.probe import probe
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer

from support.clips import clip_of
from support.media import drifting, filmed, sounding


def luminance(levels: np.ndarray) -> np.ndarray:
    """Relative luminance of sRGB grey levels, as WCAG 2 defines it."""
    shares = levels / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def grounds() -> dict[str, np.ndarray]:
    """Pictures before which a mark may have to be read."""
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    plain = {str(level): np.full((480, 640, 3), level, np.uint8) for level in (0, 128, 255)}
    return plain | {"noise": noise}


@pytest.mark.parametrize("ground", grounds())
def test_label_is_legible_on_anything(ground: str) -> None:
    """Before black, grey, white and noise, letters and plate differ by the contrast that small text needs, 4.5 to 1,
    in the left lower corner, on less than a fiftieth of the picture.
    """
    before = grounds()[ground]
    after = before.copy()
    mark = label_mark(640, 480)
    mark.draw(after)
    rows, columns, _ = np.nonzero(after != before)
    assert (rows.min() > 0.9 * 480, columns.max() < 0.3 * 640) == (True, True)
    shown = after[mark.part].mean(2)
    assert shown.size < 640 * 480 / 50
    letters, plate = luminance(np.percentile(shown, 99)), luminance(np.percentile(shown, 50))
    assert (letters + 0.05) / (plate + 0.05) > 4.5


@pytest.mark.parametrize("size", [(64, 64), (2, 2), (1920, 40)])
def test_label_fits_any_frame(size: tuple[int, int]) -> None:
    """A frame that is smaller than the mark gets as much of a smaller one as it holds."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    label_mark(*size).draw(pixels)
    assert pixels.shape == (size[1], size[0], 3)
    assert size == (2, 2) or pixels.max() > 150


def test_labelled_copy_keeps_the_clip(tmp_path: Path) -> None:
    """The copy bears the mark on each frame, says so, and has the clip's frames, sound and recipe; the clip stays."""
    clip = clip_of(sounding(filmed(drifting(), tmp_path / "silent.mp4"), tmp_path / "dance.mp4"))
    write_recipe(clip)
    bought = clip.path.read_bytes()
    copy = clip.save(tmp_path / "labelled.mp4", label=True)
    assert clip.path.read_bytes() == bought
    before, after = probe(clip.path), probe(copy)
    assert (after.frames, after.fps, after.has_audio) == (before.frames, before.fps, True)
    assert comment(copy).startswith(TEXT)
    assert described(copy) == described(clip.path)
    part = label_mark(after.width, after.height).part
    for one, other in zip(frames(clip.path), frames(copy), strict=True):
        assert np.abs(other.pixels[part].astype(int) - one.pixels[part]).mean() > 20
        assert np.abs(other.pixels[:100].astype(int) - one.pixels[:100]).mean() < 6


def test_label_keeps_the_pace(tmp_path: Path) -> None:
    """Frames that come at uneven times come at the same times in the labelled copy."""
    uneven = [0.0, 0.1, 0.4, 0.5, 1.1, 1.2, 1.3, 1.6]
    with Writer(tmp_path / "uneven.mp4", width=320, height=240, fps=10, times=uneven) as mp4:
        for pixels in drifting():
            mp4.write(pixels)
    clip = clip_of(filmed(drifting(), tmp_path / "dance.mp4"), tmp_path / "uneven.mp4")
    copy = clip.save(tmp_path / "labelled.mp4", label=True)
    assert [frame.time for frame in frames(copy)] == pytest.approx(uneven, abs=0.001)


def test_label_never_replaces_the_clip(tmp_path: Path) -> None:
    """A labelled copy in the clip's own place is refused."""
    clip = clip_of(filmed(drifting(), tmp_path / "dance.mp4"))
    with pytest.raises(InvalidRequest, match="stays as it is"):
        clip.save(clip.path, label=True)
