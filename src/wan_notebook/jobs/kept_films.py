"""The films that were joined of jobs' clips, as their own files tell of them, and the jobs of their shots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import InvalidRequest, StorageError
from ..model.formatting import count, dollars, settings_text
from ..runtime.data_dir import data_dir
from .clip import Clip, open_clip
from .journal import Entry, Journal
from .journal.journal import spent

_Told: TypeAlias = tuple[Path, float, str, Mapping[str, Any], tuple[str, ...]]
"""Path, time, title and settings of a film, and for each shot the name of its clip, or another word for what is shown.
"""


@dataclass(frozen=True)
class KeptFilm:
    """A film that was joined, with the jobs of its shots as far as the journal has them."""

    path: Path
    created_at: float
    """Seconds since the epoch."""
    title: str
    """The names of character and reference."""
    shots: tuple[Entry | None, ...]
    """By number; None where the reference or black is shown, and of a job that was deleted."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Those of all shots that have no other ones, by their wire names."""
    differences: str = ""
    """Which shots are others than in the film before, and with what; empty where there is none before."""

    @property
    def name(self) -> str:
        """How it is called in code, as "film-479a403ddd80"."""
        return self.path.stem

    @property
    def jobs(self) -> tuple[Entry, ...]:
        """The jobs of its shots, each once, by number."""
        found = {entry.number: entry for entry in self.shots if entry is not None}
        return tuple(found[number] for number in sorted(found))

    @property
    def shots_text(self) -> str:
        """How many shots it has, in words."""
        return count(len(self.shots), "shot")

    @property
    def price_text(self) -> str:
        """What its jobs cost, in words."""
        paid = [job for job in self.jobs if job.paid]
        return dollars(spent(paid)) if paid else "free"

    def open_clip(self) -> Clip:
        """Return it as a clip.

        Raises:
            StorageError: the file, or the settings beside it, cannot be read.
        """
        return open_clip(self.path)

    def delete(self) -> None:
        """Remove it for good; the clips of its shots stay, and the same film is joined of them again.

        Raises:
            StorageError: it cannot be removed.
        """
        try:
            self.path.unlink(missing_ok=True)
            self.path.with_suffix(".json").unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{self.path} cannot be removed ({error.strerror}).") from None


def kept_films(journal: Journal) -> tuple[KeptFilm, ...]:
    """Return the films that are made of at least one job of a journal, newest first.

    Raises:
        StorageError: the journal or the data directory cannot be read.
    """
    told = list(filter(None, map(_told, (data_dir() / "films").glob("film-*.mp4"))))
    saved = journal.entries(phase="saved") if told else []
    by_clip = {entry.clip.name: entry for entry in saved if entry.clip is not None}
    films: list[KeptFilm] = []
    for path, created_at, title, settings, clips in sorted(told, key=lambda one: one[1]):
        film = KeptFilm(path, created_at, title, tuple(by_clip.get(clip) for clip in clips), settings)
        if film.jobs:
            films.append(replace(film, differences=differences_text(film, films)))
    return tuple(reversed(films))


def differences_text(film: KeptFilm, older: Sequence[KeptFilm]) -> str:
    """Return which shots of a film are others than in the one before, as "other than before: shot 1 (shift 7)".

    Args:
        film: perhaps the same as an older one but for some shots.
        older: films, oldest first.

    Returns:
        The words; empty where no older film has a shot in common with it.
    """
    before = next((one for one in reversed(older) if _is_earlier(one, film)), None)
    if before is None:
        return ""
    pairs = enumerate(zip(before.shots, film.shots, strict=True))
    said = [f"shot {number}{_other_settings(was, now)}" for number, (was, now) in pairs if was != now]
    return f"other than before: {', '.join(said)}" if said else ""


def _is_earlier(film: KeptFilm, later: KeptFilm) -> bool:
    """Whether two films are of one reference, and have a shot in common."""
    pairs = zip(film.shots, later.shots, strict=False)
    return (film.title, len(film.shots)) == (later.title, len(later.shots)) and any(
        one and one == two for one, two in pairs
    )


def _other_settings(before: Entry | None, now: Entry | None) -> str:
    if now is None:
        return " (not made)"
    if before is None:
        return ""
    was, own = ({"model": one.model, **one.settings} for one in (before, now))
    changed = settings_text({name: value for name, value in own.items() if was.get(name) != value})
    if now.chosen[0].sha256 != before.chosen[0].sha256:
        changed.insert(0, now.chosen[0].name)
    return f" ({', '.join(changed)})" if changed else ""


def find_film(films: Iterable[KeptFilm], name: str) -> KeptFilm:
    """Return the film of this name.

    Raises:
        InvalidRequest: there is none.
    """
    found = {film.name: film for film in films}
    if name not in found:
        raise InvalidRequest(f"There is no film {name!r}; there are {', '.join(found) or 'none'}.")
    return found[name]


def fold(entries: Iterable[Entry], films: Sequence[KeptFilm]) -> list[Entry | KeptFilm]:
    """Return jobs with films in place of the jobs of their shots: each film where the newest of its jobs stood."""
    of_job: dict[int, list[KeptFilm]] = {}
    for film in films:
        for job in film.jobs:
            of_job.setdefault(job.number, []).append(film)
    folded: list[Entry | KeptFilm] = []
    shown: set[Path] = set()
    for entry in entries:
        within = of_job.get(entry.number)
        if within is None:
            folded.append(entry)
            continue
        folded += [film for film in within if film.path not in shown]
        shown |= {film.path for film in within}
    return folded


def _told(path: Path) -> _Told | None:
    """Return what stands beside a film; None where it cannot be read."""
    try:
        return _read(path, path.with_suffix(".json").stat().st_mtime)
    except (StorageError, OSError, ValueError, KeyError, TypeError):
        return None  # one film that was damaged must not hide the jobs


@lru_cache(maxsize=1000)
def _read(path: Path, written: float) -> _Told:
    clip = open_clip(path)
    clips = tuple(str(shot["shown"]) for shot in (clip.film or {})["shots"])
    return path, written, clip.title, clip.settings, clips
