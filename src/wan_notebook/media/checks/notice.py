"""A notice about an input with its remedy, and the notices that a service sent with a job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from ...model.protocol import MODELS_MISSING
from ..preparation import Preparation

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Notice:
    """One sentence about an input, shown before anything is sent."""

    topic: str
    """Its subject as a short stable word, as "length" or "cuts"."""
    about: Literal["picture", "video"]
    """Which of the two inputs."""
    text: str
    """The finding, and why it matters."""
    serious: bool = True
    """Whether the result is likely to suffer; False where it only could be cheaper or better."""
    remedy: str = ""
    """The label of a button that helps, as "Trim to 10 s"; empty where only another file helps."""
    change: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, hash=False)
    """The fields of a Preparation that the remedy sets."""

    place: bool = False
    """Whether the remedy leads to where eyes and mouth of the picture are placed by hand."""

    moments: tuple[float, ...] = ()
    """Seconds of the video whose frames show what is meant: before and after each of the first cuts."""

    boxes: tuple[tuple[float, float, float, float], ...] = ()
    """Faces that are meant, in the picture or in the video's frame of that moment: left edge, upper edge, width and
    height, in shares of its width and height."""

    def apply_to(self, preparation: Preparation) -> Preparation:
        """Return the preparation with this remedy in it."""
        return replace(preparation, **self.change)

    def __str__(self) -> str:
        return self.text


def service_notices(preflight: Mapping[str, Any]) -> tuple[Notice, ...]:
    """Return the notices in a job's preflight; entries that cannot be read are left out."""
    entries = preflight.get("notices")
    notices = []
    for entry in entries if isinstance(entries, list) else []:
        fields = entry if isinstance(entry, dict) else {}
        about, topic, text = fields.get("about"), fields.get("topic"), fields.get("text")
        if (about == "picture" or about == "video") and isinstance(topic, str) and isinstance(text, str):
            notices.append(Notice(topic, about, text, serious=False))
    return tuple(notices)


def missing_models(preflight: Mapping[str, Any]) -> str:
    """Return what a job's preflight says of the face models that its preview was made without; empty otherwise."""
    return " ".join(notice.text for notice in service_notices(preflight) if notice.topic == MODELS_MISSING)


def merge_notices(local: Iterable[Notice], from_service: Iterable[Notice]) -> tuple[Notice, ...]:
    """Merge local and service notices, serious ones first; a local one replaces the service's on the same topic.

    A local notice comes with a remedy and follows each change of the preparation, so it goes first.
    """
    merged = list(local)
    subjects = {_subject(notice) for notice in merged}
    merged += [notice for notice in from_service if _subject(notice) not in subjects]
    return tuple(sorted(merged, key=lambda notice: not notice.serious))


def _subject(notice: Notice) -> tuple[str, str]:
    # Different shapes concern both, and which of them is to be cropped is another question.
    return notice.topic, "both" if notice.topic == "aspect" else notice.about
