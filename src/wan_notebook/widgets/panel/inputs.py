"""The pickers of picture and video, bound to the studio: a choice is read in the background, then set on the studio."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from ... import media
from ...errors import MediaError
from ...jobs.clip import described
from ...jobs.journal import Entry, Journal
from ...jobs.kept_films import KeptFilm
from ...jobs.order import check_addresses
from ...jobs.recipe import Recipe
from ...media.picture import Picture
from ...media.resolve import Medium
from ...media.video import Video
from ...model.formatting import settings_text
from ...model.job import local_path
from ...runtime import event_loop
from ..frontend import in_background
from ..picker.picker import MediaCard, MediaPicker
from .restore import restore
from .studio import Studio

_READERS: dict[str, Callable[[Any], Picture | Video]] = {"image": media.picture, "video": media.video}
_MEDIA: dict[str, Medium] = {"image": "picture", "video": "video"}
_SET_FOR = {"image": ("image", "points", "prepare_image"), "video": ("video", "prepare_video")}
"""The traits that belong to a choice, itself first."""
_REMEDIES = {
    "image": "Choose a picture, or name one by its address or path.",
    "video": "Choose a video, or name one by its address or path.",
}


class InputBinding:
    """Hands the choices of a picker to a studio, and shows the studio's choice in the picker.

    Args:
        kind: which of the studio's two inputs it is.
        studio: the session.
        paths: whether files of the kernel's machine may be named.
    """

    def __init__(self, kind: Literal["image", "video"], studio: Studio, *, paths: bool = True) -> None:
        self._kind, self._studio = kind, studio
        self._choice = 0
        self._offered: dict[str, str] = {}
        self._origin: tuple[Picture | Video | None, Recipe | None] | None = None
        """What made a clip that was chosen, beside what is chosen since: the clip, or else what it did not replace."""
        self._earlier: dict[str, Any] = {}
        """The studio's choice before the one that is being made, with what was set for it."""
        self.picker = MediaPicker(
            kind,
            paths=paths,
            on_file=lambda path, _name: self.choose(lambda: path),
            on_text=lambda text: self.choose(lambda: text),
            on_sample=lambda: self.choose(lambda: _sample(kind)),
            on_earlier=lambda path: self.choose(lambda: path),
            on_origin=self._restore,
            on_fetch=lambda url: self.choose(lambda: fetch(url, _MEDIA[kind])),
            on_clear=self._clear,
            on_failed=self._take_back,
            on_remove=self._forget,
        )

    def render(self) -> None:
        """Show the studio's choice in the picker."""
        chosen = getattr(self._studio, self._kind)
        made = self._origin[1] if self._origin is not None and self._origin[0] == chosen else None
        self.picker.show(None if chosen is None else MediaCard.of(chosen), origin_text(made))

    def offer(self, found: Sequence[Entry | KeptFilm]) -> None:
        """Offer the inputs of earlier jobs and films as they were chosen, each once; for a reference also jobs' clips.

        Args:
            found: jobs and films, newest first; each film in place of the jobs of its shots.
        """
        inputs: list[tuple[Path | None, str]] = []
        clips: list[tuple[Path | None, str]] = []
        for one in found:
            entry = one.jobs[-1] if isinstance(one, KeptFilm) else one
            chosen = entry.chosen[0 if self._kind == "image" else 1]
            inputs.append((local_path(chosen.url), chosen.name))
            if self._kind == "video" and isinstance(one, Entry):
                clips.append((one.clip, f"Clip of job {one.number}"))
        offered = {str(path): name or path.name for path, name in inputs + clips if path is not None and path.is_file()}
        if offered != self._offered:
            self._offered = offered
            self.picker.offer_earlier(offered)

    def choose(self, source: Callable[[], Any]) -> None:
        """Read a choice in the background and set it on the studio, unless another one is made meanwhile.

        Args:
            source: returns anything that media.picture or media.video reads.
        """
        self._choice += 1
        choice = self._choice

        def read() -> None:
            given: Any = None
            try:
                given = source()
                chosen = _READERS[self._kind](given)
                check_addresses(self._studio.service, [chosen])
            except MediaError as error:
                made = origin_of_clip(given) if self._kind == "image" else None
                words = f"{error.message} {_REMEDIES[self._kind]}" if error.in_code else error.message
                fail(words if made is None else f"{Path(given).name} is a clip, and no picture.", made)
                return
            if choice == self._choice:
                self._origin, self._earlier = (chosen, origin_of(chosen)), {}
                setattr(self._studio, self._kind, chosen)

        def fail(message: str, made: Recipe | None = None) -> None:
            if choice == self._choice:
                self._origin = self._earlier.get(self._kind), made
                self.picker.fail(message, origin_text(made))

        in_background(read, fail)

    def _restore(self) -> None:
        made, self._origin = self._origin[1] if self._origin is not None else None, None
        if made is not None:
            in_background(lambda: self._restore_all(made), lambda text: setattr(self._studio, "error", text))

    def _restore_all(self, made: Recipe) -> None:
        try:
            restore(self._studio, made)
        finally:
            self.render()  # where nothing had to change, nobody else does

    def _clear(self) -> None:
        self._choice += 1
        if getattr(self._studio, self._kind) is not None:
            self._earlier = {name: getattr(self._studio, name) for name in _SET_FOR[self._kind]}
        self._origin = None
        setattr(self._studio, self._kind, None)

    def _take_back(self) -> MediaCard | None:
        if not self._earlier:
            return None
        for name, value in self._earlier.items():
            setattr(self._studio, name, value)
        return MediaCard.of(self._earlier[self._kind])

    def _forget(self) -> None:
        self._earlier = {}


def _sample(kind: Literal["image", "video"]) -> Path:
    from ...media import samples

    return samples.character() if kind == "image" else samples.reference()


def fetch(url: str, medium: Medium) -> Path:
    """Return the file that what lies behind an address is fetched into."""
    from ...client.look import fetch_input

    return event_loop.wait(event_loop.start(fetch_input(url, medium)))


def origin_of(chosen: Picture | Video) -> Recipe | None:
    """Return the recipe of a clip of ours, from the journal or else from its metadata; None of any other file."""
    if not isinstance(chosen, Video) or chosen.path is None:
        return None
    found = described(chosen.path)
    if found is None:
        return None
    job_id, written = found
    entry = Journal().find(job_id)
    return written if entry is None or entry.recipe is None else entry.recipe


def origin_of_clip(source: Any) -> Recipe | None:
    """Return the recipe of a clip of ours that was chosen as a picture; None of anything else."""
    try:
        return origin_of(media.video(source))
    except MediaError:
        return None


def origin_text(recipe: Recipe | None) -> str:
    """Return a recipe as a sentence, with its inputs, its mode and its size; empty without one."""
    if recipe is None:
        return ""
    first = {name: recipe.settings.get(name) for name in ("model", "resolution")}
    return (
        f"The clip was made here of {', '.join([f'{recipe.image.name} · {recipe.video.name}', *settings_text(first)])}."
    )
