"""The cell that does the same as a panel now shows."""

from __future__ import annotations

from typing import Any

from ..client import Service
from ..job import Request
from ..media import Picture, Video

_NAMED = {"hosted": "wan.Service.hosted()", "embedded": "wan.Service.embedded()"}


def as_code(image: Picture, video: Video, service: Service, settings: dict[str, Any]) -> str:
    """Return a cell, runnable as it stands; a key is looked for or asked for there, and never stands in the code.

    Args:
        image: the character.
        video: the reference.
        service: of which only the address is told.
        settings: by wire name; those which are the model's own are left out.
    """
    defaults = Request(image_url=image.url, video_url=video.url).settings
    changed = {name: value for name, value in settings.items() if value != defaults[name]}
    arguments = [_source(image), _source(video), *(f"{name}={value!r}" for name, value in changed.items())]
    arguments.append(f"service={_service(service)}")
    lines = ["import wan_notebook as wan", "", "wan.animate(", *(f"    {argument}," for argument in arguments), ")"]
    return "\n".join(
        lines if service.key is None or service.name in _NAMED else ["from getpass import getpass", *lines]
    )


def _source(media: Picture | Video) -> str:
    return repr(str(media.path or media.url))


def _service(service: Service) -> str:
    key = ', getpass("Key: ")' if service.key else ""
    return _NAMED.get(service.name, f"wan.Service.at({service.base_url!r}{key})")
