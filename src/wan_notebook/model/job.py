"""The frozen values that a job is made of: Request out, Job back.

A Job is a snapshot of the service's last answer; a later answer makes a new one and never changes the old.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict, TypeVar, get_type_hints

from ..errors import InvalidRequest
from . import family, protocol
from .record import Record, default_of

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


F = TypeVar("F", bound=Callable[..., Any])


def named_settings(settings: type, *, like: Callable[..., Any] | None = None) -> Callable[[F], F]:
    """Return a decorator that puts each setting into the signature and the help of a function, in place of **settings.

    Type checkers read `Unpack[Settings]`. Inspect does not, and it is what help() and Tab in a notebook ask.

    Args:
        settings: the TypedDict that the function's **settings unpack.
        like: a function that describes the arguments of the same names; by default this one does.
    """
    defaults = {"model": family.MOVE.id, **family.DEFAULTS, "extra": {}}

    def decorate(function: F) -> F:
        seen = inspect.signature(function)
        named = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=annotation)
            for name, annotation in get_type_hints(settings).items()
        ]
        function.__signature__ = seen.replace(  # type: ignore[attr-defined]
            parameters=[p for p in seen.parameters.values() if p.kind is not p.VAR_KEYWORD] + named
        )
        function.__doc__ = _with_arguments(function, like or function)
        return function

    return decorate


def _with_arguments(function: Callable[..., Any], like: Callable[..., Any]) -> str:
    """Return a function's docstring with every argument that its signature names."""
    names = inspect.signature(function).parameters
    before, _, rest = inspect.cleandoc(function.__doc__ or "").partition("Args:\n")
    described = inspect.cleandoc(like.__doc__ or "").partition("Args:\n")[2].partition("\n\n")[0] + "\n"
    told = {found[1]: found[0] for found in _ARGUMENT.finditer(described)}
    told |= {name: f"    {name}: {setting.allowed}. {setting.help}\n" for name, setting in family.SETTINGS.items()}
    told["model"] = f"    model: {' or '.join(model.mode for model in family.MODELS.values())}.\n"
    told["extra"] = "    extra: undocumented fields of the service by name.\n"
    arguments = "".join(told[name] for name in _with_settings(names) if name in told)
    _, gap, after = rest.partition("\n\n")
    return f"{before}Args:\n{arguments}{gap[:1]}{after}"


def _with_settings(names: Iterable[str]) -> Iterator[str]:
    """Yield the names, and "settings" before the first setting, for what is said of them all."""
    for name in names:
        if name == "model":
            yield "settings"
        yield name


_ARGUMENT = re.compile(r"    (\w+):.*\n(?:        .*\n)*")


@dataclass(frozen=True, init=False, repr=False, slots=True)
class Request(Record):
    """A request to the model, checked before anything is sent.

    Args:
        image_url: the character image: https, http, data or file URL (media.picture makes one of anything).
        video_url: the reference video, likewise (media.video).
        model: the model's id, or "move" or "replace".
        resolution: see family.RESOLUTION; so for num_inference_steps, shift, video_quality, video_write_mode
            and enable_safety_checker.
        extra: fields that the vendor does not document, sent unchecked; neither the model nor the media are among them.

    Raises:
        InvalidRequest: a field is unknown, missing or out of range; the message names it, its value and those allowed.
    """

    image_url: str
    video_url: str
    model: str = family.MOVE.id
    resolution: str = family.RESOLUTION.default
    num_inference_steps: int = family.NUM_INFERENCE_STEPS.default
    shift: float = family.SHIFT.default
    video_quality: str = family.VIDEO_QUALITY.default
    video_write_mode: str = family.VIDEO_WRITE_MODE.default
    enable_safety_checker: bool | None = family.ENABLE_SAFETY_CHECKER.default
    extra: Mapping[str, Any] = field(default_factory=dict)

    # A signature would raise a TypeError of its own for a name that is misspelt.
    def __init__(self, **fields: Any) -> None:
        checked = self._checked(fields)
        for one in dataclasses.fields(self):
            object.__setattr__(self, one.name, checked[one.name] if one.name in checked else default_of(one))

    @classmethod
    def _checked(cls, fields: Mapping[str, Any]) -> dict[str, Any]:
        checked = dict(fields)
        refuse_unknown(checked, known=[one.name for one in dataclasses.fields(cls)])
        try:
            checked["model"] = family.find_model(checked.get("model", family.MOVE.id)).id
            for name, setting in family.SETTINGS.items():
                if name in checked:
                    checked[name] = setting.check(checked[name])
        except ValueError as error:
            raise InvalidRequest(str(error)) from None
        if "extra" in checked:
            checked["extra"] = _plain_json(checked["extra"])
        for name, medium in zip(family.MEDIA_FIELDS, ("picture", "video"), strict=True):
            url = checked.get(name)
            if not isinstance(url, str) or not url.lower().startswith(_SCHEMES):
                shown = repr(shorten(url)) if isinstance(url, str) else type(url).__name__
                raise InvalidRequest(
                    f"{name} is {shown}, but must be a URL (https, data or file). "
                    f"wan_notebook.media.{medium}(…) makes one from a path, bytes, an upload or an array."
                )
        return checked

    @property
    def settings(self) -> dict[str, Any]:
        """The settings alone, by their wire names, without the media."""
        return {name: getattr(self, name) for name in ("model", *family.SETTINGS)}

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the submit; its file URLs are left for the client to replace."""
        fields = {name: getattr(self, name) for name in (*family.MEDIA_FIELDS, "model", *family.SETTINGS)}
        return {name: value for name, value in fields.items() if value is not None} | dict(self.extra)

    def __repr__(self) -> str:
        return f"Request({', '.join(f'{name}={shorten(value)!r}' for name, value in self.as_json().items())})"


Request.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if default_of(one) is dataclasses.MISSING else default_of(one),
            annotation=one.type,
        )
        for one in dataclasses.fields(Request)
    ]
)


def _plain_json(extra: Any) -> dict[str, Any]:
    """Return a copy of the undocumented fields as they are read on the other side, which nobody changes any more."""
    if not isinstance(extra, Mapping):
        raise InvalidRequest(f"extra is {shorten(repr(extra))}, but must be fields by their names, as {{'seed': 7}}.")
    for name in ("model", *family.MEDIA_FIELDS):
        if name in extra:
            raise InvalidRequest(f"extra holds {name}, which is checked and priced as an argument of its own.")
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(extra), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"extra holds a value that cannot be sent as JSON ({error}).") from None
    return copy


def shorten(value: Any, limit: int = 120) -> Any:
    """Cut a text to `limit` characters, and a data URI to its type and length; other values stay as they are."""
    if not isinstance(value, str) or len(value) <= limit:
        return value
    if value.startswith("data:"):
        return f"{value.split(',', 1)[0][:limit]},… ({len(value):,} characters)"
    return value[:limit] + "…"


def local_path(url: str) -> Path | None:
    """Return the path that a file URL names, //host/share/… where it names another host; None for every other URL."""
    scheme, _, place = url.partition(":")
    if scheme.lower() != "file":
        return None
    if place.startswith("//"):
        host, slash, path = place[2:].partition("/")
        place = f"{'' if host.lower() in ('', 'localhost') else f'//{host}'}{slash}{path}"
    if os.name == "nt":
        return Path(urllib.request.url2pathname(place))
    return Path(urllib.parse.unquote(place, errors="surrogateescape"))  # a name that is not UTF-8 keeps its bytes


def refuse_unknown(fields: Mapping[str, Any], known: list[str]) -> None:
    """Raise InvalidRequest, which suggests the nearest name, where a field is not among those known."""
    labels = {family.SETTINGS[name].label.lower(): name for name in known if name in family.SETTINGS}
    others = " Undocumented fields go into extra={…}." if "extra" in known else ""
    for name in fields:
        if name not in known:
            import difflib

            close = difflib.get_close_matches(str(name).lower(), [*labels, *known], n=1)
            listed = ", ".join(field for field in known if field not in family.MEDIA_FIELDS)
            hint = f" Did you mean {labels.get(close[0], close[0])}?" if close else f" There are {listed}."
            raise InvalidRequest(f"There is no setting {name}.{hint}{others}")


class Status(str):
    """The status of a job as the service sent it; a word that we do not know counts as running."""

    __slots__ = ()

    @property
    def final(self) -> bool:
        """Whether the job has ended, well or badly."""
        return self in protocol.FINAL_STATUSES

    @property
    def known(self) -> bool:
        """Whether the word is one of the protocol's."""
        return self in protocol.STATUSES


_STATUSES = {word: Status(word) for word in protocol.STATUSES}
QUEUED, GENERATING, COMPLETED, ERROR = _STATUSES.values()


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage(Record):
    """The price of a job, as far as the service sent it."""

    credits_used: float | None = None
    """In the service's own unit."""
    usd_spent: float | None = None
    """Dollars."""

    @property
    def usd(self) -> float | None:
        """The price in dollars, from the service's own figure or from its credits."""
        if self.usd_spent is not None or self.credits_used is None:
            return self.usd_spent
        return self.credits_used / protocol.CREDITS_PER_USD


@dataclass(frozen=True, kw_only=True, slots=True)
class Job(Record):
    """A snapshot of one job: the service's latest answer, and its times."""

    id: str
    status: Status
    video: str | None = None
    """The URL of the finished clip."""
    error: str | None = None
    """Why it failed, in the service's words."""
    usage: Usage | None = None
    engine: str | None = None
    """"preview" where the clip is not the model's own work."""
    progress: float | None = None
    """Share of the work that is done, 0 to 1, from services which send it."""
    message: str | None = None
    """The step of the work that is under way, from services which send it."""
    preflight: Mapping[str, Any] | None = None
    """The service's findings about the inputs, from services which send them."""
    revision: int | None = None
    """Number of this state of the job at a preview, which is asked for the next."""
    request_id: str | None = None
    submitted_at: float | None = None
    """Seconds since the epoch; so for started_at (first seen generating) and finished_at (first seen final)."""
    started_at: float | None = None
    finished_at: float | None = None
    poll_error: str | None = None
    """Why the latest poll failed, while the job goes on."""

    def __post_init__(self) -> None:
        if not self.id or not self.status:
            raise ValueError("a job has an id and a status")
        # Thousands of jobs of a sweep share the words of the protocol.
        object.__setattr__(self, "status", _STATUSES.get(self.status) or Status(self.status))
