"""What is worth knowing before money is spent, kept up to date while a person chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...errors import WanError
from ...runtime import event_loop
from .. import Picture, Video
from .analysis import PictureAnalysis, VideoAnalysis, analyze_picture, analyze_video
from .check import check
from .notice import Notice, merge_notices, service_notices

if TYPE_CHECKING:
    from ...widgets.panel.studio import Studio

WATCHED = ("image", "video", "model", "resolution", "prepare_video", "prepare_image")
"""The traits of a studio that the notices depend on."""


class Forewarning:
    """Sets a studio's notices: at once what is known of the files, and a little later what their pixels tell.

    What the preview notices while it makes a job joins them, for as long as nothing else is chosen.

    Args:
        studio: whose choices are looked at.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._pictures: dict[Picture, PictureAnalysis | None] = {}
        self._videos: dict[Video, VideoAnalysis | None] = {}
        self._heard_of: Mapping[str, Any] = {}
        self._told: tuple[Notice, ...] = ()
        studio.observe(self._update, WATCHED)
        self._update(None)

    def hear(self, preflight: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
        """Take in what the service noticed of a job's inputs.

        Args:
            preflight: what it said.
            asked: the traits with which the job was begun; none of one that was begun before.
        """
        if (heard := service_notices(preflight)) != self._told or asked is not self._heard_of:
            self._heard_of, self._told = asked, heard
            self._studio.notices = self._notices()

    def _of_service(self) -> tuple[Notice, ...]:
        same = all(name in self._heard_of and self._heard_of[name] == getattr(self._studio, name) for name in WATCHED)
        return self._told if same else ()

    def _update(self, _change: object) -> None:
        image, video = self._studio.image, self._studio.video
        self._studio.notices = self._notices()
        if image is not None and image not in self._pictures:
            self._pictures[image] = None
            event_loop.start(asyncio.to_thread(self._look, image))
        if video is not None and video not in self._videos:
            self._videos[video] = None
            event_loop.start(asyncio.to_thread(self._look, video))

    def _notices(self) -> tuple[Notice, ...]:
        return merge_notices(self._own(), self._of_service())

    def _own(self) -> tuple[Notice, ...]:
        studio = self._studio
        try:
            return check(
                studio.image,
                studio.video,
                model=studio.model,
                resolution=studio.resolution,
                picture_how=studio.prepare_image,
                video_how=studio.prepare_video,
                picture_sight=self._pictures.get(studio.image) if studio.image else None,
                video_sight=self._videos.get(studio.video) if studio.video else None,
            )
        except WanError as error:
            return (Notice("preparation", "video", str(error)),)

    def _look(self, chosen: Picture | Video) -> None:
        try:
            if isinstance(chosen, Picture):
                self._pictures[chosen] = analyze_picture(chosen)
            else:
                self._videos[chosen] = analyze_video(chosen)
        except WanError as error:
            self._studio.error = str(error)
        self._studio.notices = self._notices()
