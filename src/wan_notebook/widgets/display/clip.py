"""A clip as the last line of a cell: a player, or its first frame with its settings where no widget lives."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import InvalidRequest
from ...media.thumbnail import video_thumbnail
from ...model.formatting import file_size, settings_text
from ..finish import FinishForm
from ..frontend import Widget
from ..player import Player
from .saved import SavedOutput
from .static import pictures_html

if TYPE_CHECKING:
    from IPython.display import HTML

    from ...jobs.clip import Clip
    from ..player.player import PlayerCurve


class ClipWidget(Widget):
    """A clip that plays; a saved notebook shows its first frame.

    Args:
        clip: the clip to play.
    """

    _script, _style = "display/run.js", "display/run.css"

    def __init__(self, clip: Clip) -> None:
        self.player = Player()
        self.finish = finish_form(self.player)
        super().__init__(player=self.player, finish=self.finish)
        play_clip(self.player, clip)
        self._saved = SavedOutput(self, lambda: saved_clip(clip))

    def _ipython_display_(self, **_kwargs: Any) -> None:
        self._saved.show()


def saved_clip(clip: Clip) -> tuple[str, str]:
    """Return a clip as a saved notebook shows it, as HTML and as text: first frame, inputs, settings."""
    words = " · ".join(clip_facts(clip))
    pictures = {"First frame of the clip": video_thumbnail(clip.path)}
    return pictures_html(pictures, [words, "Run this cell again to play it."]), f"{words}\n{clip!r}"


def play_clip(
    player: Player, clip: Clip, title: str = "", *, focus: bool = False, curves: Sequence[PlayerCurve] = ()
) -> None:
    """Show a clip, with its inputs and settings, in a player that is on screen already.

    Args:
        player: the player.
        clip: the clip.
        title: the heading; by default the names of picture and reference, and the mode.
        focus: as for Player.play().
        curves: likewise.
    """
    settings = settings_text(clip.settings)
    player.play(
        clip.path,
        reference=clip.reference,
        character=clip.character,
        title=title or " · ".join([clip.title, *settings[:1]]),
        facts=clip_facts(clip) if title else [*settings[1:], *clip.changes, *_refused(clip)],
        focus=focus,
        download=clip.download_name,
        marks=clip.shot_starts,
        curves=curves,
    )


def clip_facts(clip: Clip) -> list[str]:
    """Return the inputs of a clip and its settings, its mode first, as phrases."""
    return [*clip.title.split(" · "), *settings_text(clip.settings), *clip.changes, *_refused(clip)]


def _refused(clip: Clip) -> list[str]:
    """Return a phrase on the shots of a film that the service did not make; none of the clip of one job."""
    numbers = [number for number, shot in enumerate((clip.film or {}).get("shots", ())) if shot.get("refused")]
    if not numbers:
        return []
    from ...films.summary import named_shots  # here, since a clip of one job needs no films

    return [f"{named_shots(numbers)} not made by the service"]


def compare_clips(player: Player, clip: Clip, name: str, other: Clip, beside: str, *, focus: bool = False) -> None:
    """Show two clips in a player, one wiped over the other, each under its name.

    Args:
        player: the player.
        clip: the one on the left.
        name: of the clip.
        other: the one that it is compared with.
        beside: the other's name.
        focus: as for Player.play().
    """
    title = f"{name[0].upper()}{name[1:]}, with {beside} beside it"
    player.play(
        clip.path,
        other.path,
        title=title,
        facts=clip_facts(clip),
        called=name,
        beside=beside,
        beside_facts=clip_facts(other),
        view_mode="wipe",
        focus=focus,
        download=clip.download_name,
    )


def finish_form(player: Player) -> FinishForm:
    """Return the fold in which the clip of a player is finished; both are then compared there."""
    return FinishForm(player, lambda made, clip: compare_clips(player, made, "finished", clip, "the original"))


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
