"""Setting a studio to what made an earlier clip: service, inputs, settings, preparation and points."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import media
from ...client.service import Service
from ...errors import InvalidRequest, MediaError
from ...jobs.journal import Journal
from ...jobs.recipe import Input, Recipe
from ...media.preparation import Preparation
from ...media.store import sha256_of
from ...model import family
from ...model.job import local_path

if TYPE_CHECKING:
    from .studio import Studio


def restore(studio: Studio, recipe: Recipe, service: Service | None = None) -> None:
    """Set a studio to all that a recipe names; inputs that are no longer there are left out, and told.

    Args:
        studio: the session.
        recipe: of a job.
        service: that made it; None leaves the studio's.

    Raises:
        InvalidRequest: an input is not where it was, or has changed since; everything else is set.
    """
    known = {name: value for name, value in recipe.settings.items() if name in ("model", *family.SETTINGS)}
    studio.set({**family.DEFAULTS, **known})
    if service is not None:
        studio.service = service
    # The inputs come first: another one sets its preparation and its points back.
    missing = [
        *_choose(studio, "image", recipe.image, media.picture),
        *_choose(studio, "video", recipe.video, media.video),
    ]
    studio.prepare_image = Preparation(**recipe.prepare_image)
    studio.prepare_video = Preparation(**recipe.prepare_video)
    studio.points = recipe.points
    extra = recipe.settings.get("extra")
    if extra:
        missing.append(f"The undocumented fields {', '.join(extra)} can be sent from a cell alone.")
    if missing:
        raise InvalidRequest(f"{' '.join(missing)} Everything else is set.")


def _choose(studio: Studio, name: str, chosen: Input, read: Callable[[Any], Any]) -> list[str]:
    """Set an input of a studio, or none; return why there is none, in a sentence."""
    try:
        setattr(studio, name, read(find_input(chosen)))
    except MediaError as error:
        setattr(studio, name, None)
        return [str(error)]
    return []


def find_input(chosen: Input) -> Path | str:
    """Return the file of an input, wherever an earlier job or the current folder has it; or its web address.

    Raises:
        MediaError: no file with its content is there.
    """
    if local_path(chosen.url) is None:
        return chosen.url
    same = [one for entry in Journal().entries() for one in entry.chosen if one.sha256 == chosen.sha256]
    for place in dict.fromkeys([chosen.place, chosen.name, *(one.place for one in same)]):
        path = Path(place)
        if place and path.is_file() and chosen.sha256 in (None, sha256_of(path)):
            return path
    raise MediaError(f"{chosen.name or 'An input'} is not where it was, or has changed since: choose it again.")
