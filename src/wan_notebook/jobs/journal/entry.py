"""One job as the journal knows it: a frozen value, read leniently, since rows outlive the code that wrote them."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_type_hints

from ...client.service import LABELS, Service, canonical_service, canonical_url, known_service
from ...errors import InvalidRequest, StorageError
from ...media.store import converted, digest_in_name, identity, made_digest
from ...model.job import Job, Request, Status, Usage, local_path
from ...model.record import Record, convert
from ...runtime.uptime import Uptime
from ..clip import Clip, open_clip
from ..recipe import Input, Recipe, settings_of, without_body

if TYPE_CHECKING:
    from ...media.picture import Picture
    from ...media.video import Video

JobPhase = Literal["submitting", "rejected", "unknown", "running", "completed", "saved", "failed"]
"""How far a job came.

    submitting   written down, the POST is on its way
    rejected     nothing was bought
    unknown      sent, and the answer lost: it may have been bought
    running      accepted by the service
    completed    the service has finished the clip; it is not saved yet
    saved        the clip is on disk
    failed       the job ended with an error; failed jobs are not charged
"""

PHASES: tuple[JobPhase, ...] = get_args(JobPhase)
UNDER_WAY: tuple[JobPhase, ...] = ("submitting", "running", "completed")
"""The phases of a job that is being sent, or whose clip is still to come."""


def parse_json(value: Any) -> Any:
    """Decode a column that holds JSON; return any other value unchanged."""
    return json.loads(value) if isinstance(value, str) else value


@dataclass(frozen=True, kw_only=True, repr=False)
class Entry(Record):
    """One job: its request, its state, its cost. Times are seconds since the epoch."""

    number: int
    """Its number in the journal, counted from 1 and never used again."""
    phase: JobPhase = "unknown"
    status: str = ""
    """The service's own word."""
    error: str | None = None

    model: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """By their wire names, without the model; undocumented fields under "extra"."""
    image: Input = field(default_factory=Input)
    video: Input = field(default_factory=Input)
    frames: int | None = None
    """Frames of the reference, where known."""
    prepare: Mapping[str, Any] | None = None
    """How both inputs were prepared, and what they were before; see Recipe.prepared()."""

    estimate_usd: float | None = None
    estimate_basis: str = ""
    usd: float | None = None
    """Its actual cost in dollars, as far as the service states it."""
    credits_used: float | None = None
    clip: Path | None = None

    created_at: float | None = None
    submitted_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    """When a poll first found it ended."""
    looked_at: float | None = None
    """When it was last polled, as far as this value knows."""
    late_by: float | None = None
    """Seconds by which finished_at may be late: the time since the poll before."""

    begun: Uptime | None = None
    """When it was written down, by the computer's running time."""
    lost: Uptime | None = None
    """When the answer to its submit was given up, likewise."""

    service: str = ""
    base_url: str = ""
    paid: bool = True
    engine: str | None = None
    """"preview" where the clip is not the model's own work."""
    job_id: str | None = None
    client_request_id: str = ""
    """Our own id of the submit, under which the service's log lists it."""
    fingerprint: str = ""
    """Equal for jobs with the same request to the same service."""
    process: str = ""
    """The notebook that submitted it."""
    elsewhere: bool = False
    """Whether it is a preview inside another notebook, which no other can reach."""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Entry:
        """Return the entry of a row; a column which cannot be read takes its default."""
        kinds = _kinds()
        fields: dict[str, Any] = {}
        for name, value in row.items():
            if value is not None and name in kinds:
                with contextlib.suppress(ValueError, RecursionError):
                    decoded = _DECODED[name](value) if name in _DECODED else value
                    fields[name] = convert(decoded, kinds[name], strict=False)
        return cls(**fields)

    def __repr__(self) -> str:
        inputs = " · ".join(filter(None, (self.image.name, self.video.name)))
        return f"Entry(number={self.number}, phase={self.phase!r}, inputs={inputs!r}, job_id={self.job_id!r})"

    @property
    def pending(self) -> bool:
        """Whether a clip may still come, so that the entry must not be lost."""
        return self.phase in UNDER_WAY or (self.phase == "unknown" and self.paid)

    @property
    def done(self) -> bool:
        """Whether the job's clip is on disk."""
        return self.phase == "saved" and self.clip is not None and self.clip.is_file()

    @property
    def seconds(self) -> float | None:
        """Seconds from the submit to the end; None before the end."""
        if self.submitted_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.submitted_at

    def job(self) -> Job | None:
        """Return the journal's snapshot of the job; None where its id is not known."""
        if self.job_id is None:
            return None
        usage = Usage(credits_used=self.credits_used, usd_spent=self.usd)
        return Job(
            id=self.job_id,
            status=Status(self.status or "unknown"),
            error=self.error,
            engine=self.engine,
            usage=None if usage == Usage() else usage,
            submitted_at=self.submitted_at,
            started_at=self.started_at,
            finished_at=self.finished_at,
        )

    @property
    def service_argument(self) -> str:
        """The argument for resume() as code, with a comma before it; empty where the job's service is found without."""
        if self.service in LABELS or known_service(self.base_url) is not None:
            return ""
        return f", service={Service.at(self.base_url, paid=self.paid).code('key')}"

    def is_of(self, base_url: str) -> bool:
        """Return whether a service of this address took the job."""
        return canonical_service(self.base_url) == canonical_service(base_url)

    def open_clip(self) -> Clip:
        """Return the clip; its settings come from the journal where the file beside it is gone.

        Raises:
            StorageError: there is no clip, or its file is gone.
        """
        job = self.job()
        if self.clip is None or job is None or not self.clip.is_file():
            raise StorageError(f"The clip of job {self.number} is no longer there.")
        try:
            return open_clip(self.clip)
        except StorageError:
            return Clip(self.clip, self.request(), job, self.recipe)

    @property
    def recipe(self) -> Recipe | None:
        """Its inputs as they were chosen, their preparation and its settings.

        None for a job that was submitted elsewhere, and for a row that cannot be read any more.
        """
        try:
            settings = {"model": self.model, **self.settings}
            return Recipe.recorded(settings, self.prepare or {}, self.image, self.video) if self.model else None
        except (ValueError, AttributeError):
            return None

    @property
    def chosen(self) -> tuple[Input, Input]:
        """Its picture and its reference as they were chosen, as far as that is known."""
        recipe = self.recipe
        return (self.image, self.video) if recipe is None else (recipe.image, recipe.video)

    @property
    def choices(self) -> dict[str, Any]:
        """Its settings and preparations, as far as they are known; see Recipe.choices."""
        return self.recipe.choices if self.recipe is not None else dict(self.settings)

    def request(self) -> Request | None:
        """Return the request, its data URIs without their bodies.

        None for a job that was submitted elsewhere, and for a row that cannot be read any more.
        """
        try:
            return Request(image_url=self.image.url, video_url=self.video.url, model=self.model, **self.settings)
        except InvalidRequest:
            return None


@functools.lru_cache(maxsize=256)
def _read_input(column: Any) -> Input:
    """Read a picture's or a video's column; the jobs of a sweep, which name the same few, share what was read.

    Raises:
        ValueError: it cannot be read.
    """
    read: Input = convert(parse_json(column), Input, strict=False)
    return read


_DECODED: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("settings", "prepare"), parse_json),
    **dict.fromkeys(("image", "video"), _read_input),
    **dict.fromkeys(("begun", "lost"), Uptime.parse),
}
"""What reads a column that holds no plain value."""


def fingerprint(
    request: Request,
    *,
    base_url: str,
    image: Picture | Video | None = None,
    video: Picture | Video | None = None,
) -> str:
    """Return a hash that is equal for requests which send the same to the same service, however that was said.

    Files count by the bytes that were chosen and how they are prepared, whatever their name and whatever an encoder
    made of them. A remote URL counts as its address: what lies there may change.
    """
    chosen = (image, request.image_url), (video, request.video_url)
    sent = ((one and identity(one.url, one.sha256)) or url for one, url in chosen)
    return _fingerprint(base_url, request.model, settings_of(request), *sent)


def fingerprint_of_row(
    base_url: str, model: str, settings: str, image: str, video: str, prepare: str | None, before: str
) -> str:
    """Return the fingerprint of a row that was written when fingerprints were made otherwise, from its columns.

    Args:
        base_url: of the service.
        model: its id.
        settings: JSON of settings_of().
        image: JSON of an Input; so for video.
        video: the reference.
        prepare: JSON of Recipe.prepared(), or None.
        before: the row's fingerprint, which stays where its columns do not have all that was sent.
    """
    try:
        inputs = [Input.read(json.loads(column)) for column in (image, video)]
        whole = all(one.sha256 or not one.url.startswith("data:") for one in inputs)
        prepared = json.loads(prepare) if prepare else {}
        sent = [
            _made_of(name, one, prepared) or identity(one.url, one.sha256) or one.url
            for name, one in zip(("image", "video"), inputs, strict=True)
        ]
        return _fingerprint(base_url, model, json.loads(settings), *sent) if whole else before
    except (ValueError, TypeError, AttributeError, RecursionError):
        return before


def _made_of(name: str, sent: Input, prepared: Mapping[str, Any]) -> str | None:
    """Return the digest of what an input was made of, as far as a row tells; None of one that was sent as chosen.

    The file of a video has it as its name, wherever the data directory was. That of a picture had the digest of its
    bytes: one that was scaled or fitted keeps it.
    """
    original, path = (prepared.get("originals") or {}).get(name), local_path(sent.url)
    if original is None or path is None:
        return None
    if name == "video":
        return digest_in_name(path, sent.sha256)
    return None if prepared.get("image") else made_digest(converted(Input.read(original).sha256 or ""))


@functools.cache
def _kinds() -> Mapping[str, Any]:
    """Return what each field of an entry is annotated with; finding that out takes three times as long as a row."""
    return get_type_hints(Entry)


def _fingerprint(base_url: str, model: str, settings: Mapping[str, Any], image: str, video: str) -> str:
    fields = {name: value for name, value in settings.items() if name != "extra"} | dict(settings.get("extra") or {})
    content = {
        "service": canonical_service(base_url),
        "model": model,
        "fields": _normalized(fields),
        "image": canonical_url(image),
        "video": canonical_url(video),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _normalized(value: Any) -> Any:
    """Return a JSON value in which 5.0 is 5, as it is for whoever reads it."""
    if isinstance(value, Mapping):
        return {name: _normalized(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_normalized(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_json(value: Any) -> str:
    """Return a value as the journal stores it: JSON, with data URIs without their bodies."""
    return json.dumps(without_bodies(value), default=str)


def without_bodies(value: Any) -> Any:
    """Return a value with every data URI in it cut to its beginning."""
    if isinstance(value, Mapping):
        return {name: without_bodies(one) for name, one in value.items()}
    return without_body(value) if isinstance(value, str) else value


def reusable_job(entries: Sequence[Entry]) -> Entry | None:
    """Return the job that makes a new one needless: saved, else under way, else perhaps bought; None without one.

    Args:
        entries: jobs with the same request, newest first.
    """
    saved = [entry for entry in entries if entry.done]
    under_way = [entry for entry in entries if entry.phase in UNDER_WAY and not entry.elsewhere]
    # Where nothing is paid, another submit does no harm.
    perhaps_bought = [entry for entry in entries if entry.phase == "unknown" and entry.paid]
    return next(iter(saved + under_way + perhaps_bought), None)
