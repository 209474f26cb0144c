"""Real pictures and videos of people for the benches, which no repository holds."""

import os
from pathlib import Path

VARIABLE = "WAN_NOTEBOOK_BENCH_MEDIA"
MISSING = f"needs real material: --media FOLDER, or {VARIABLE}"
PICTURES, VIDEOS = {".jpg", ".jpeg", ".png", ".webp"}, {".mp4", ".mov", ".webm", ".mkv"}


def real_media() -> tuple[list[Path], list[Path]]:
    """Return the pictures and the videos in the folder that the variable names; none where it names none."""
    folder = os.environ.get(VARIABLE)
    files = sorted(Path(folder).iterdir()) if folder else []
    pictures, videos = ([path for path in files if path.suffix.lower() in kinds] for kinds in (PICTURES, VIDEOS))
    return pictures, videos
