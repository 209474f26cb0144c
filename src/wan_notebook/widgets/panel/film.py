"""A film of what a person has chosen in the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import InvalidRequest
from ...jobs.progress_bar import OnProgress
from ...media.preparation import Preparation
from ...media.prepare import prepared_video

if TYPE_CHECKING:
    from ...films.plan import FilmPlan
    from .studio import Studio


def film_plan(studio: Studio, overlap: float, on_progress: OnProgress) -> FilmPlan:
    """Return the plan of a film with the picture, the reference and the settings of a studio.

    Where the reference was trimmed, the film has what was left. Rate and size are the film's own choice.

    Args:
        studio: the session.
        overlap: of the shots of a take, in seconds.
        on_progress: as for plan_film().

    Raises:
        InvalidRequest: an input is not chosen yet.
        WanError: as for wan.film().
    """
    from ...films.plan import plan_film

    image, video, chosen = studio.image, studio.video, studio.prepare_video
    if image is None or video is None:
        raise InvalidRequest("Choose a picture and a video first.")
    trimmed = Preparation(start=chosen.start, end=chosen.end)
    return plan_film(
        image,
        video if trimmed == Preparation() else prepared_video(video, trimmed),
        overlap=overlap,
        on_progress=on_progress,
        service=studio.service,
        prepare_image=studio.prepare_image,
        points=None if studio.service.paid else studio.points,
        **studio.settings,
    )
