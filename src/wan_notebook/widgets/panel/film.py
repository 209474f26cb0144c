"""A film of what a person has chosen in the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import InvalidRequest
from ...media.preparation import Preparation
from ...media.prepare import prepared_video

if TYPE_CHECKING:
    from ...films.plan import FilmPlan
    from .studio import Studio


def film_plan(studio: Studio) -> FilmPlan:
    """Return the plan of a film with the picture, the reference and the settings of a studio.

    Where the reference was trimmed, the film has what was left. Rate and size are the film's own choice.

    Raises:
        InvalidRequest: an input is not chosen yet.
        WanError: as for wan.film().
    """
    from ...films.plan import film

    image, video, chosen = studio.image, studio.video, studio.prepare_video
    if image is None or video is None:
        raise InvalidRequest("Choose a picture and a video first.")
    trimmed = Preparation(start=chosen.start, end=chosen.end)
    return film(
        image,
        video if trimmed == Preparation() else prepared_video(video, trimmed),
        service=studio.service,
        prepare_image=studio.prepare_image,
        points=None if studio.service.paid else studio.points,
        **studio.settings,
    )
