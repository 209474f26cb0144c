"""The source of a cell that makes the same job as a panel with its current choices."""

from __future__ import annotations

from dataclasses import asdict

from ...client.service import Service
from ...media.picture import Picture
from ...media.preparation import Preparation
from ...media.video import Video
from ...model.job import Request
from .studio import Studio

_NAMED = {"hosted": "wan.Service.hosted()", "embedded": "wan.Service.embedded()"}


def as_code(studio: Studio) -> str:
    """Return the source of a cell, ready to run; empty until both inputs are chosen.

    Settings at the model's defaults are left out. The code looks or asks for a key, and never holds one.
    """
    if studio.image is None or studio.video is None:
        return ""
    defaults = Request(image_url=studio.image.url, video_url=studio.video.url).settings
    changed = {name: value for name, value in studio.settings.items() if value != defaults[name]}
    prepared = {"prepare_video": _changes(studio.prepare_video), "prepare_image": _changes(studio.prepare_image)}
    named = changed | {name: changes for name, changes in prepared.items() if changes}
    if studio.points is not None and not studio.service.paid:
        named["points"] = studio.points
    arguments = [_location(studio.image), _location(studio.video)]
    arguments += [f"{name}={value!r}" for name, value in named.items()]
    arguments.append(f"service={_service(studio.service)}")
    lines = ["import wan_notebook as wan", "", "wan.animate(", *(f"    {argument}," for argument in arguments), ")"]
    asks = studio.service.key is not None and studio.service.name not in _NAMED
    return "\n".join(["from getpass import getpass", "", *lines] if asks else lines)


def _changes(preparation: Preparation) -> dict[str, object]:
    unchanged = asdict(Preparation())
    return {name: value for name, value in asdict(preparation).items() if value != unchanged[name]}


def _location(media: Picture | Video) -> str:
    return repr(str(media.path or media.url))


def _service(service: Service) -> str:
    if service.name in _NAMED:
        return _NAMED[service.name]
    key = ', getpass("Key: ")' if service.key else ""
    paid = f", paid={service.paid}" if service.paid != Service.at(service.base_url).paid else ""
    return f"wan.Service.at({service.base_url!r}{key}{paid})"
