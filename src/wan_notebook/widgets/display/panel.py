"""A panel in a saved notebook, where no widget lives: the inputs, the settings, and the first frame of the clip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import WanError
from ...media.picture import Picture
from ...media.thumbnail import video_thumbnail
from ...media.video import Video
from ...model.formatting import settings_text
from ..frontend import Widget
from ..panel.studio import Studio
from ..picker.picker import MediaCard
from .saved import SavedOutput
from .static import pictures_html


class PanelSnapshot:
    """Displays a panel, and below it what a saved notebook shows instead, which follows the choices and the clips.

    Args:
        panel: the panel's widget.
        studio: the session that the panel draws.
    """

    def __init__(self, panel: Widget, studio: Studio) -> None:
        self._studio = studio
        self._saved = SavedOutput(panel, self._draw)
        self._drawn: object = None

    def show(self) -> None:
        """Display the panel and its snapshot."""
        self._drawn = self._state()
        self._saved.show()

    def render(self) -> None:
        """Replace the displayed snapshot, when something was chosen or a run has ended since."""
        if self._drawn is None or self._studio.progress.phase.active or self._drawn == self._state():
            return
        self._drawn = self._state()
        self._saved.update()

    def _state(self) -> object:
        studio = self._studio
        chosen = studio.image, studio.video, studio.prepare_image, studio.prepare_video, studio.points
        return studio.progress.phase, studio.clip, *chosen, *studio.settings.values()

    def _draw(self) -> tuple[str, str]:
        lines = self._lines()
        return pictures_html(self._pictures(), lines), "\n".join(lines)

    def _pictures(self) -> dict[str, bytes]:
        studio = self._studio
        chosen = {"Character image": studio.image, "Reference video": studio.video}
        pictures = {name: _poster(media) for name, media in chosen.items() if media is not None}
        if studio.clip is not None:
            pictures["First frame of the clip"] = _poster(studio.clip.path)
        return {name: jpeg for name, jpeg in pictures.items() if jpeg}

    def _lines(self) -> list[str]:
        studio, progress = self._studio, self._studio.progress
        names = [media.name for media in (studio.image, studio.video) if media is not None]
        settings = studio.clip.settings if studio.clip is not None else self._chosen()
        outcome = f"{progress.phase.value}. {progress.message}" if progress.message else ""
        lines = [" · ".join([*names, *settings_text(settings)]), outcome, "Run the cell to use the panel."]
        return [line for line in lines if line]

    def _chosen(self) -> dict[str, Any]:
        studio = self._studio
        prepared = {"prepare_video": studio.prepare_video.changes, "prepare_image": studio.prepare_image.changes}
        return {**studio.settings, **prepared, "points": studio.points}


def _poster(media: Picture | Video | Path) -> bytes:
    try:
        return video_thumbnail(media) if isinstance(media, Path) else MediaCard.of(media).poster
    except WanError:
        return b""  # a file that is gone meanwhile is reported where it is chosen or played
