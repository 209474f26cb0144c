"""The frozen values that go through every room: Request out, Job back.

A Job is a snapshot of the service's last answer; a later answer makes a new one and never changes the old.
"""

from __future__ import annotations

import difflib
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, field_serializer, model_validator
from pydantic_core import core_schema

from ..errors import InvalidRequest
from . import family, protocol

_SCHEMES = ("https:", "http:", "data:", "file:")


class Settings(TypedDict, total=False):
    """The settings of a request by their wire names, as keyword arguments; family.SETTINGS has limits and help."""

    model: str
    """"move" or "replace", or the model's id."""
    resolution: Literal["480p", "580p", "720p"]
    num_inference_steps: int
    shift: float
    video_quality: Literal["low", "medium", "high", "maximum"]
    video_write_mode: Literal["fast", "balanced", "small"]
    enable_safety_checker: bool | None
    extra: Mapping[str, Any]
    """Fields that the vendor does not document, sent unchecked."""


class Request(BaseModel):
    """A request to the model, checked before anything is sent.

    Args:
        image_url: the character image: https, http, data or file URL (media.picture makes one of anything).
        video_url: the reference video, likewise (media.video).
        model: the model's id, or "move" or "replace".
        resolution: see family.RESOLUTION; so for num_inference_steps, shift, video_quality, video_write_mode
            and enable_safety_checker.
        extra: fields that the vendor does not document, sent unchecked.

    Raises:
        InvalidRequest: a field is unknown, missing or out of range; names the field, what came and what is allowed.
    """

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    image_url: str
    video_url: str
    model: str = family.MOVE.id
    resolution: str = family.RESOLUTION.default
    num_inference_steps: int = family.NUM_INFERENCE_STEPS.default
    shift: float = family.SHIFT.default
    video_quality: str = family.VIDEO_QUALITY.default
    video_write_mode: str = family.VIDEO_WRITE_MODE.default
    enable_safety_checker: bool | None = family.ENABLE_SAFETY_CHECKER.default
    extra: Mapping[str, Any] = Field(default_factory=lambda: MappingProxyType({}))

    @model_validator(mode="before")
    @classmethod
    def _check(cls, fields: Mapping[str, Any]) -> dict[str, Any]:
        checked = dict(fields)
        refuse_unknown(checked, known=list(cls.model_fields))
        try:
            checked["model"] = family.find_model(checked.get("model", family.MOVE.id)).id
            checked.update({n: s.check(checked[n]) for n, s in family.SETTINGS.items() if n in checked})
        except ValueError as error:
            raise InvalidRequest(str(error)) from None
        for name in family.MEDIA_FIELDS:
            _refuse_no_url(name, checked.get(name))
        return checked

    @field_serializer("extra")
    def _plain(self, extra: Mapping[str, Any]) -> dict[str, Any]:
        return dict(extra)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings alone, by their wire names, without the media."""
        return {name: getattr(self, name) for name in ("model", *family.SETTINGS)}

    def body(self) -> dict[str, Any]:
        """The JSON body of the submit; file URLs stand in it as they are, for the client to fill in."""
        fields = self.model_dump(exclude={"extra"})
        return {name: value for name, value in fields.items() if value is not None} | dict(self.extra)

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return [(name, shorten(value)) for name, value in super().__repr_args__()]


def shorten(value: Any, limit: int = 120) -> Any:
    """Return a text without the body of a data URI and cut to `limit` characters; other values as they are."""
    if not isinstance(value, str) or len(value) <= limit:
        return value
    if value.startswith("data:"):
        return f"{value.split(',', 1)[0][:limit]},… ({len(value):,} characters)"
    return value[:limit] + "…"


def local_path(url: str) -> Path | None:
    """Return the path that a file URL names, None for every other URL."""
    parts = urllib.parse.urlsplit(url)
    return Path(urllib.request.url2pathname(parts.path)) if parts.scheme == "file" else None


def refuse_unknown(fields: Mapping[str, Any], known: list[str]) -> None:
    """Raise InvalidRequest, with the nearest name there is, where a field is not among those known."""
    called = {family.SETTINGS[one].label.lower(): one for one in known if one in family.SETTINGS}
    others = " Undocumented fields go into extra={…}." if "extra" in known else ""
    for name in fields:
        if name not in known:
            close = difflib.get_close_matches(str(name).lower(), [*called, *known], n=1)
            listed = ", ".join(one for one in known if one not in family.MEDIA_FIELDS)
            hint = f" Did you mean {called.get(close[0], close[0])}?" if close else f" There are {listed}."
            raise InvalidRequest(f"There is no setting {name}.{hint}{others}")


def _refuse_no_url(name: str, value: Any) -> None:
    if not isinstance(value, str) or not value.lower().startswith(_SCHEMES):
        what = "picture" if name == "image_url" else "video"
        raise InvalidRequest(
            f"{name} is {shorten(value)!r}, but must be a URL (https, data or file). "
            f"wan_notebook.media.{what}(…) makes one from a path, bytes, an upload or an array."
        )


class Status(str):
    """What a service says of a job; a word we do not know counts as running and is kept as it came."""

    __slots__ = ()

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self in protocol.FINAL_STATUSES

    @property
    def known(self) -> bool:
        """Whether the word is one of the protocol's."""
        return self in protocol.STATUSES

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(strict=True, min_length=1))


QUEUED, GENERATING, COMPLETED, ERROR = (Status(word) for word in protocol.STATUSES)


class Usage(BaseModel):
    """What a job cost, as far as the service says."""

    model_config = ConfigDict(frozen=True)

    credits_used: float | None = None
    usd_spent: float | None = None

    @property
    def usd(self) -> float | None:
        """The price in dollars, from the service's own figure or from its credits."""
        if self.usd_spent is not None or self.credits_used is None:
            return self.usd_spent
        return self.credits_used / protocol.CREDITS_PER_USD


class Job(BaseModel):
    """A snapshot of one job: what the service said last, and when."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    status: Status
    video: str | None = None
    """The URL of the finished clip."""
    error: str | None = None
    """Why it failed, in the service's words."""
    usage: Usage | None = None
    engine: str | None = None
    """"preview" where the clip is not the model's own work."""
    progress: float | None = None
    """Between 0 and 1, from services which tell."""
    message: str | None = None
    """What is being done just now, from services which tell."""
    preflight: Mapping[str, Any] | None = None
    """What the service noticed about the inputs, from services which tell."""
    request_id: str | None = None
    submitted_at: float | None = None
    """Seconds since the epoch; so for started_at (first seen generating) and finished_at (first seen final)."""
    started_at: float | None = None
    finished_at: float | None = None
    poll_error: str | None = None
    """Why the last look did not succeed, while the job lives on."""
