"""One job as the journal knows it: a frozen value, read leniently, since rows outlive the code that wrote them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ...errors import InvalidRequest, StorageError
from ...model.job import Job, Request, Status, Usage, shorten
from ..clip import Clip, open_clip

if TYPE_CHECKING:
    from ...media import Picture, Video

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


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


class Input(BaseModel):
    """A picture or a video that went into a job."""

    model_config = ConfigDict(frozen=True)

    url: str = ""
    """Where it was read from; of a data URI only the beginning."""
    name: str = ""
    size: int | None = None
    """Bytes, where known."""
    sha256: str | None = None
    """Of the bytes; None for a URL which only the service reads."""

    @classmethod
    def of(cls, url: str, source: Picture | Video | None) -> Input:
        """Return what is kept of a picture or a video: nothing of its contents."""
        if source is None:
            return cls(url=_without_body(url))
        return cls(url=_without_body(url), name=source.name, size=source.size, sha256=source.sha256)


class Entry(BaseModel):
    """One job: what was asked for, what became of it, what it cost. Times are seconds since the epoch."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    number: int
    """Its place in the journal, counted from 1 and never used again."""
    phase: JobPhase = "unknown"
    status: str = ""
    """The service's own word."""
    error: str | None = None

    model: str = ""
    settings: Annotated[Mapping[str, Any], BeforeValidator(_parsed)] = Field(default_factory=dict)
    """By their wire names, without the model; undocumented fields under "extra"."""
    image: Annotated[Input, BeforeValidator(_parsed)] = Input()
    video: Annotated[Input, BeforeValidator(_parsed)] = Input()
    frames: int | None = None
    """Frames of the reference, where known."""
    prepare: Annotated[Mapping[str, Any] | None, BeforeValidator(_parsed)] = None
    """How the reference was prepared before it was sent."""

    estimate_usd: float | None = None
    estimate_basis: str = ""
    usd: float | None = None
    """What it did cost, as far as the service says."""
    credits_used: float | None = None
    clip: Path | None = None

    created_at: float | None = None
    submitted_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    """When it was first seen final."""
    looked_at: float | None = None
    """When the service was last asked about it, as far as this value knows."""
    late_by: float | None = None
    """Seconds by which finished_at may be late: nobody looked in between."""

    service: str = ""
    base_url: str = ""
    paid: bool = True
    engine: str | None = None
    """"preview" where the clip is not the model's own work."""
    job_id: str | None = None
    client_request_id: str = ""
    """Our own id of the submit, under which the service's log lists it."""
    fingerprint: str = ""
    """Equal for jobs which ask the same of the same service."""
    process: str = ""
    """The notebook that submitted it."""
    elsewhere: bool = False
    """Whether it is a preview inside another notebook, which no other can reach."""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Entry:
        """Return the entry of a row; a column which cannot be read takes its default."""
        known = cls.model_fields
        fields = {name: value for name, value in row.items() if value is not None and name in known}
        try:
            return cls.model_validate(fields)
        except ValidationError as odd:
            for name in {str(error["loc"][0]) for error in odd.errors()} - {"number"}:
                fields.pop(name, None)
            return cls.model_validate(fields)

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        """A line as the last of a cell: what tells one job from another."""
        inputs = " · ".join(filter(None, (self.image.name, self.video.name)))
        return [("number", self.number), ("phase", self.phase), ("inputs", inputs), ("job_id", self.job_id)]

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to the job on the service."""
        return self.phase in ("rejected", "completed", "saved", "failed")

    @property
    def pending(self) -> bool:
        """Whether a clip may still come which nobody should lose the way to."""
        return self.phase in UNDER_WAY or (self.phase == "unknown" and self.paid)

    @property
    def done(self) -> bool:
        """Whether the job's clip is there."""
        return self.phase == "saved" and self.clip is not None and self.clip.is_file()

    @property
    def seconds(self) -> float | None:
        """From the submit to the end, once it has ended."""
        if self.submitted_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.submitted_at

    def job(self) -> Job | None:
        """Return the snapshot of the job that the journal has; None where no id is known."""
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

    def open_clip(self) -> Clip:
        """Return the clip; where the settings beside it are gone, with what the journal knows of them.

        Raises:
            StorageError: there is no clip, or its file is gone.
        """
        job = self.job()
        if self.clip is None or job is None or not self.clip.is_file():
            raise StorageError(f"The clip of job {self.number} is no longer there.")
        try:
            return open_clip(self.clip)
        except StorageError:
            return Clip(self.clip, self.request(), job)

    def request(self) -> Request | None:
        """Return the request again, as it was asked, of data URIs without their bodies.

        None of a job that was begun elsewhere, and of a row which cannot be understood any more.
        """
        try:
            return Request(image_url=self.image.url, video_url=self.video.url, model=self.model, **self.settings)
        except InvalidRequest:
            return None


def settings_of(request: Request) -> dict[str, Any]:
    """Return what the journal keeps of a request beside its model and media."""
    kept = {name: value for name, value in request.settings.items() if name != "model" and value is not None}
    return kept | ({"extra": dict(request.extra)} if request.extra else {})


def fingerprint(
    request: Request,
    *,
    base_url: str,
    image: Picture | Video | None = None,
    video: Picture | Video | None = None,
    prepare: Mapping[str, Any] | None = None,
) -> str:
    """Return a text that is equal for requests which ask the same of the same service.

    Files count by their contents, whatever their name. A remote URL counts as its address: what lies there may change.
    """
    asked = {
        "base_url": base_url.rstrip("/"),
        "model": request.model,
        "settings": settings_of(request),
        "image": (image and image.sha256) or request.image_url,
        "video": (video and video.sha256) or request.video_url,
        "prepare": prepare,
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def as_json(value: Any) -> str:
    """Return a value as the journal stores it: data URIs without their bodies, wherever they stand."""
    return json.dumps(_stored(value), default=str)


def _stored(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _stored(one) for name, one in value.items()}
    return _without_body(value) if isinstance(value, str) else value


def _without_body(url: str) -> str:
    return str(shorten(url)) if url.startswith("data:") else url


def reusable_job(entries: Sequence[Entry]) -> Entry | None:
    """Return the one whose clip is there, else one that is under way, else one that was perhaps bought, else None.

    Args:
        entries: jobs that ask the same, newest first.
    """
    ranked = [(rank, entry) for entry in entries if (rank := _rank(entry)) is not None]
    return min(ranked, key=lambda one: one[0])[1] if ranked else None


def _rank(entry: Entry) -> int | None:
    if entry.done:
        return 0
    if entry.phase in UNDER_WAY and not entry.elsewhere:
        return 1
    # Where nothing is paid, another submit does no harm.
    return 2 if entry.phase == "unknown" and entry.paid else None
