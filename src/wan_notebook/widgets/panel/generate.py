"""The services that a panel offers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ...client import Service
from ...errors import AskedBefore, NotAuthorized
from ...jobs.journal import Entry
from ...media.checks import Notice
from ..generate.generate import Caution, CommandBar
from .code import as_code
from .studio import Studio


def services(current: Service) -> dict[str, Service]:
    """Return the services to choose from, by name: the free preview, the hosted one, and the one in use."""
    return {service.name: service for service in (Service.embedded(), Service.hosted(), current)}


_DAMAGE = "journal"
"""The topic of a damaged journal among the warnings."""


class Beginning:
    """Tells what a job will cost and what is worth knowing before, and begins it.

    Args:
        studio: which begins it.
        take_samples: chooses both samples.
        aside: does work away from the kernel's thread, and tells its failure.
    """

    def __init__(
        self, studio: Studio, take_samples: Callable[[], None], aside: Callable[[Callable[[], Any]], None]
    ) -> None:
        self._studio, self._aside = studio, aside
        self.bar = CommandBar(
            on_generate=lambda again: aside(lambda: studio.generate(again=again)),
            on_stop=studio.cancel,
            on_service=lambda name: setattr(studio, "service", services(studio.service)[name]),
            on_watch=lambda number: aside(lambda: studio.resume(int(number))),
            on_balance=lambda: aside(studio.look_at_balance),
            on_remedy=self._remedy,
            on_samples=take_samples,
        )

    def render(self) -> None:
        """Show how things stand."""
        studio = self._studio
        watched = {studio.watched} - {None}
        self.bar.render(
            busy=studio.progress.phase.active,
            ready=studio.ready,
            empty=studio.image is None and studio.video is None,
            made_before=self._made_before(),
            price=self._price(),
            paid=studio.service.paid,
            balance=studio.balance,
            service=studio.service.name,
            services={name: service.label for name, service in services(studio.service).items()},
            warnings=[*self._damage(), *self._missing_key(), *(_caution(notice) for notice in studio.notices)],
            waiting={str(one.number): _waiting(one) for one in studio.waiting if one.job_id not in watched},
            code=as_code(studio),
        )

    def _made_before(self) -> bool:
        progress = self._studio.progress
        asked = progress.made_before or isinstance(progress.error, AskedBefore)
        return asked and not self._studio.changed

    def _price(self) -> str:
        estimate, studio = self._studio.estimate, self._studio
        if estimate is not None:
            return str(estimate).capitalize()
        if studio.image is None and studio.video is None:
            return "Choose a picture and a video, or"
        return "Choose a picture as well." if studio.image is None else "Choose a video as well."

    def _damage(self) -> list[Caution]:
        damage = self._studio.damage
        return [Caution(topic=_DAMAGE, text=damage, remedy="Set it aside")] if damage else []

    def _missing_key(self) -> list[Caution]:
        try:
            self._studio.service.renewed().check_key()
        except NotAuthorized as error:
            return [Caution(topic="key", text=str(error), remedy="")]
        return []

    def _remedy(self, topic: str) -> None:
        if topic == _DAMAGE:
            self._aside(self._studio.set_journal_aside)
        else:
            self._studio.remedy(topic)


def _caution(notice: Notice) -> Caution:
    return Caution(topic=notice.topic, text=notice.text, remedy=notice.remedy)


def _waiting(entry: Entry) -> str:
    """Return in words that a job of before is still to come, or may have been bought unseen."""
    begun = entry.submitted_at or entry.created_at
    when = time.strftime("%d %B at %H:%M", time.localtime(begun)) if begun else "an unknown day"
    if entry.phase == "unknown":
        return f"A submit of {when} lost its answer and may have been bought: look it up in the service's log."
    return f"A job begun on {when} is still to come."
