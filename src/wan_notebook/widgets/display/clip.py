"""A clip as the last line of a cell: a player, or its first frame with its settings where no widget lives."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import InvalidRequest
from ...model.formatting import file_size, settings_text
from ..frontend import view_of
from ..player import Player
from .static import poster_html

if TYPE_CHECKING:
    from IPython.display import HTML

    from ...jobs.clip import Clip


def clip_bundle(clip: Clip) -> dict[str, Any]:
    """Return the mime bundle of a clip: a player, and its first frame where no widget lives."""
    return {
        **view_of(clip_player(clip)),
        "text/html": poster_html(clip.path, settings_text(clip.settings)),
        "text/plain": repr(clip),
    }


def clip_player(clip: Clip) -> Player:
    """Return a new player of a clip."""
    player = Player()
    play_clip(player, clip)
    return player


def play_clip(player: Player, clip: Clip) -> None:
    """Show a clip in a player that is on screen already."""
    player.play(
        clip.path,
        reference=clip.reference,
        character=clip.character,
        title=clip.title,
        facts=settings_text(clip.settings),
    )


def embedded_video(path: Path, *, max_megabytes: float) -> HTML:
    """Return a clip as HTML with all of its bytes, so that it plays without a kernel.

    Args:
        path: of the clip.
        max_megabytes: the size from which on it is refused.

    Raises:
        InvalidRequest: it is larger; a notebook with it would be slow to open and to share.
    """
    from IPython.display import HTML

    size = path.stat().st_size
    if size > max_megabytes * 1e6:
        raise InvalidRequest(
            f"The clip has {file_size(size)}, which would make the notebook larger by a third more. "
            f"To embed it all the same: clip.embed(max_megabytes={size / 1e6:.0f})."
        )
    content = base64.b64encode(path.read_bytes()).decode()
    return HTML(f'<video controls loop style="max-width:100%" src="data:video/mp4;base64,{content}"></video>')
