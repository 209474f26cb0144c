"""The recipe of a job: its inputs as they were chosen, how they were prepared, and its settings."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..model.job import Request, local_path, shorten
from ..model.record import Record

if TYPE_CHECKING:
    from ..media.picture import Picture
    from ..media.video import Video


PREPARATIONS = ("prepare_image", "prepare_video", "points")
"""The arguments of animate() that say how the inputs are prepared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Input(Record):
    """A picture or a video that went into a job."""

    url: str = ""
    """Where it was read from; of a data URI only the beginning."""
    name: str = ""
    size: int | None = None
    """Bytes, where known."""
    sha256: str | None = None
    """Of the bytes; None for a URL which only the service reads."""

    @classmethod
    def of(cls, url: str, source: Picture | Video | None) -> Input:
        """Return the record of a picture or a video as it is sent, which holds nothing of its contents."""
        if source is None:
            return cls(url=without_body(url))
        return cls(url=without_body(url), name=source.name, size=source.size, sha256=source.sha256)

    @classmethod
    @functools.lru_cache(maxsize=256)  # the jobs of a sweep share those of its inputs
    def chosen(cls, source: Picture | Video) -> Input:
        """Return the record of a picture or a video as it was chosen: of a converted copy, that of the original."""
        original = source.original
        if original is None:
            return cls.of(source.url, source)
        return cls(url=without_body(original.url), name=source.name, size=original.size, sha256=original.sha256)

    @property
    def place(self) -> str:
        """The path of the file while it is there, else its name, as in a folder that came from others; or a URL."""
        path = local_path(self.url)
        if path is None:
            return self.url or self.name
        return str(path) if path.is_file() else self.name or path.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe(Record):
    """All that a result was made of: wan_notebook.animate(**recipe.arguments) makes it again."""

    image: Input = field(default_factory=Input)
    """The picture as it was chosen, before any conversion and preparation."""
    video: Input = field(default_factory=Input)
    """The reference, likewise."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Model and settings by their wire names; undocumented fields, without the points, under "extra"."""
    prepare_image: Mapping[str, Any] = field(default_factory=dict)
    """The fields of the picture's Preparation that differ from its defaults."""
    prepare_video: Mapping[str, Any] = field(default_factory=dict)
    """Those of the reference's."""
    points: tuple[tuple[float, float], ...] | None = None
    """Left eye, right eye and mouth of the character that were placed by hand, in pixels of the picture as chosen."""

    @property
    def preparation(self) -> dict[str, Any]:
        """The preparations and the points by the names of animate()'s arguments, as far as there are any."""
        named = {"prepare_image": self.prepare_image, "prepare_video": self.prepare_video}
        prepared: dict[str, Any] = {name: dict(changes) for name, changes in named.items() if changes}
        return prepared | ({"points": [list(point) for point in self.points]} if self.points else {})

    @property
    def choices(self) -> dict[str, Any]:
        """Settings and preparations, as keyword arguments of animate()."""
        return dict(self.settings) | self.preparation

    @property
    def arguments(self) -> dict[str, Any]:
        """All arguments of animate() but the service."""
        return {"image": self.image.place, "video": self.video.place} | self.choices

    @property
    def columns(self) -> dict[str, Any]:
        """The preparations and the points as a table holds them: JSON, or None."""
        prepared = self.preparation
        return {name: json.dumps(prepared[name]) if name in prepared else None for name in PREPARATIONS}

    def prepared(self, image: Input, video: Input) -> dict[str, Any] | None:
        """Return the journal's record beside the inputs as they were sent; None where these are the chosen ones.

        Args:
            image: the picture as it was sent.
            video: the reference as it was sent.
        """
        pairs = {"image": (self.image, image), "video": (self.video, video)}
        originals = {name: chosen.as_json() for name, (chosen, sent) in pairs.items() if chosen != sent}
        changes = {"image": dict(self.prepare_image), "video": dict(self.prepare_video), "points": self.points}
        recorded = {name: one for name, one in {**changes, "originals": originals}.items() if one}
        return recorded or None

    @classmethod
    def recorded(cls, settings: Mapping[str, Any], prepared: Mapping[str, Any], image: Input, video: Input) -> Recipe:
        """Return the recipe of a job from its record.

        Args:
            settings: with the model.
            prepared: as prepared() returned it; empty for None.
            image: the picture as it was sent.
            video: the reference as it was sent.

        Raises:
            ValueError: the record cannot be read.
        """
        originals = prepared.get("originals") or {}
        points = prepared.get("points")
        return cls.read(
            {
                "image": originals.get("image", image),
                "video": originals.get("video", video),
                "settings": without_points(settings) if points else settings,
                "prepare_image": prepared.get("image") or {},
                "prepare_video": prepared.get("video") or {},
                "points": points,
            }
        )


def settings_of(request: Request) -> dict[str, Any]:
    """Return the settings of a request that are recorded, by wire name; model and media are recorded apart."""
    settings = {name: value for name, value in request.settings.items() if name != "model" and value is not None}
    return settings | ({"extra": dict(request.extra)} if request.extra else {})


def without_points(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without the points among the undocumented fields, which are those of the prepared picture."""
    extra = {name: value for name, value in (settings.get("extra") or {}).items() if name != "points"}
    rest = {name: value for name, value in settings.items() if name != "extra"}
    return rest | ({"extra": extra} if extra else {})


def without_body(url: str) -> str:
    """Return a URL; of a data URI only the beginning."""
    return str(shorten(url)) if url.startswith("data:") else url
