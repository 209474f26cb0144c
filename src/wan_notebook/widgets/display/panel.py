"""What a saved notebook shows of a panel where no widget lives: the inputs, the settings, what became of them."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from ...errors import WanError
from ...media import Picture, Video
from ...media.thumbnail import video_thumbnail
from ...model.formatting import settings_text
from ..panel.studio import Studio
from ..picker.preview import Preview
from .static import pictures_html


class Still:
    """Stands in the notebook beside the panel, unseen where the panel is alive, and is changed when a run has ended.

    Args:
        studio: which the panel draws.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._place = f"wan-{uuid.uuid4().hex}"
        self._drawn: object = None

    def show(self) -> None:
        """Put it below what the cell shows."""
        from IPython.display import display

        self._drawn = self._state()
        display(self._bundle(), raw=True, display_id=self._place)

    def render(self) -> None:
        """Change it where it was put, when there is something else to tell."""
        from IPython.display import update_display

        if self._drawn is None or self._studio.progress.phase.active or self._drawn == self._state():
            return
        self._drawn = self._state()
        update_display(self._bundle(), raw=True, display_id=self._place)

    def _state(self) -> object:
        return self._studio.progress.phase, self._studio.clip

    def _bundle(self) -> dict[str, Any]:
        lines = list(self._lines())
        html = pictures_html(self._pictures(), lines)
        return {"text/html": f'<div class="wan-still">{html}</div>', "text/plain": "\n".join(lines)}

    def _pictures(self) -> dict[str, bytes]:
        studio = self._studio
        chosen = {"Character image": studio.image, "Reference video": studio.video}
        pictures = {name: _poster(one) for name, one in chosen.items() if one is not None}
        if studio.clip is not None:
            pictures["First frame of the clip"] = _poster(studio.clip.path)
        return {name: jpeg for name, jpeg in pictures.items() if jpeg}

    def _lines(self) -> list[str]:
        studio = self._studio
        names = [one.name for one in (studio.image, studio.video) if one is not None]
        settings = studio.clip.settings if studio.clip is not None else studio.settings
        progress = studio.progress
        told = f"{progress.phase.value}. {progress.message}" if progress.message else ""
        lines = [" · ".join([*names, *settings_text(settings)]), told, "Run the cell to use the panel."]
        return [line for line in lines if line]


def _poster(shown: Picture | Video | Path) -> bytes:
    try:
        return video_thumbnail(shown) if isinstance(shown, Path) else Preview.of(shown).poster
    except WanError:
        return b""  # it is gone meanwhile, which is told where it is chosen or played
