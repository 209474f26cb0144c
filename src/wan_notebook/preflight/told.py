"""What a service noticed of the inputs while it worked: the preview tells it, and it is worth knowing before paying."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .notice import Notice


def told(preflight: Mapping[str, Any]) -> tuple[Notice, ...]:
    """Return the notices in a job's preflight; what cannot be read is left out."""
    notices = preflight.get("notices")
    return tuple(_readable(notices if isinstance(notices, list) else []))


def besides(own: Iterable[Notice], of_service: Iterable[Notice]) -> tuple[Notice, ...]:
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
