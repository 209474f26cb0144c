"""One notice about an input, the remedy that it offers, and the notices that a service sent with a job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from ..preparation import Preparation

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Notice:
    """One sentence about the inputs, said before anything is sent."""

    topic: str
    """A short stable word for what it is about, as "length" or "cuts"."""
    about: Literal["picture", "video"]
    """Which of the two inputs."""
    text: str
    """What was noticed and why it matters."""
    serious: bool = True
    """Whether the result is likely to suffer; False where it only could be cheaper or better."""
    remedy: str = ""
    """What a button that helps would say, as "Trim to 10 s"; empty where only another file helps."""
    change: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, hash=False)
    """The fields of a Prepare that the remedy sets."""

    def apply(self, how: Preparation) -> Preparation:
        """Return the preparation with this remedy in it."""
        return replace(how, **self.change)

    def __str__(self) -> str:
        return self.text


def service_notices(preflight: Mapping[str, Any]) -> tuple[Notice, ...]:
    """Return the notices in a job's preflight; what cannot be read is left out."""
    notices = preflight.get("notices")
    return tuple(_readable(notices if isinstance(notices, list) else []))


def merge_notices(own: Iterable[Notice], of_service: Iterable[Notice]) -> tuple[Notice, ...]:
    """Return our own notices and those of a service about what ours say nothing of, serious ones first.

    What was noticed here comes with a remedy and follows what is prepared, so it goes before what a service said.
    """
    noticed = list(own)
    said = {_subject(notice) for notice in noticed}
    noticed += [notice for notice in of_service if _subject(notice) not in said]
    return tuple(sorted(noticed, key=lambda notice: not notice.serious))


def _readable(notices: Iterable[Any]) -> Iterator[Notice]:
    for one in notices:
        said = one if isinstance(one, dict) else {}
        about, topic, text = said.get("about"), said.get("topic"), said.get("text")
        if (about == "picture" or about == "video") and isinstance(topic, str) and isinstance(text, str):
            yield Notice(topic, about, text, serious=False)


def _subject(notice: Notice) -> tuple[str, str]:
    # Different shapes concern both, and which of them is to be cropped is another question.
    return notice.topic, "both" if notice.topic == "aspect" else notice.about
