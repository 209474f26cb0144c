"""Notices kept up to date while a person chooses, with the pixels analysed in the background."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import WanError
from ...runtime import event_loop
from ..picture import Picture
from ..video import Video
from .analysis import analyze_picture, analyze_video
from .check import CheckInput, check
from .notice import Notice, merge_notices, service_notices


class Checker:
    """Checks each choice at once by the files' measures, and once more when their pixels were analysed.

    Args:
        on_notices: called with all notices, serious ones first, in the caller's thread and in a background one.
        on_error: called in a background thread with the sentence why a chosen file could not be analysed.
    """

    def __init__(self, on_notices: Callable[[tuple[Notice, ...]], None], on_error: Callable[[str], None]) -> None:
        self._on_notices, self._on_error = on_notices, on_error
        self._chosen = CheckInput()
        self._running: set[Picture | Video] = set()
        self._service_notices: tuple[Notice, ...] = ()
        self._service_input: CheckInput | None = None

    def check(self, chosen: CheckInput) -> None:
        """Report the notices about a choice, and begin to analyse its files where that is still to be done."""
        self._chosen = chosen
        self._report()
        image, video = chosen.image, chosen.video
        if image is not None and analyze_picture.cached(image) is None:
            self._start(image, functools.partial(analyze_picture, image))
        if video is not None and analyze_video.cached(video) is None:
            self._start(video, functools.partial(analyze_video, video))

    def add_service_notices(self, preflight: Mapping[str, Any], submitted: CheckInput | None) -> None:
        """Add a service's notices about a job's inputs; they are shown while exactly those inputs are chosen.

        Args:
            preflight: of the job, as the service sent it.
            submitted: the choice with which the job was begun; None where that is not known.
        """
        notices = service_notices(preflight)
        if (notices, submitted) != (self._service_notices, self._service_input):
            self._service_notices, self._service_input = notices, submitted
            self._report()

    def notices(self) -> tuple[Notice, ...]:
        """Return the notices about the current choice from all that is known of it now."""
        chosen = self._chosen
        image = analyze_picture.cached(chosen.image) if chosen.image else None
        video = analyze_video.cached(chosen.video) if chosen.video else None
        try:
            local = check(chosen, image, video)
        except WanError as error:
            local = (Notice("preparation", "video", str(error)),)
        return merge_notices(local, self._service_notices if self._service_input == chosen else ())

    def _report(self) -> None:
        notices = self.notices()
        self._on_notices(notices)
        # Another thread may have reported newer notices between the two lines above.
        if self.notices() != notices:
            self._report()

    def _start(self, medium: Picture | Video, analyze: Callable[[], object]) -> None:
        # The service fetches a web address by itself: there is nothing to analyse here.
        if medium.path is not None and medium not in self._running:
            self._running.add(medium)
            event_loop.start(asyncio.to_thread(self._run, medium, analyze))

    def _run(self, medium: Picture | Video, analyze: Callable[[], object]) -> None:
        failure = ""
        try:
            analyze()
        except WanError as error:
            failure = str(error)
        finally:
            self._running.discard(medium)
        if failure and medium in (self._chosen.image, self._chosen.video):
            self._on_error(failure)
        self._report()
