"""The generate bar, bound to the studio: price and warnings before a job, and the button that begins it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...client.service import LABELS, Service
from ...errors import AskedBefore, InvalidRequest, NotAuthorized, ServiceError
from ...jobs.journal import Entry
from ...media.checks.notice import Notice
from ...media.picture import Picture
from ...media.thumbnail import boxed_frame, boxed_picture, frames_at
from ...media.video import Video
from ...model.cost import exceeds
from ...model.formatting import dollars
from ...model.job import Request
from ...runtime.redaction import public_url
from ..frontend import in_background
from ..generate.generate import Caution, GenerateBar, GenerateState, PendingJob, ServiceOption
from .studio import Studio

if TYPE_CHECKING:
    from ...jobs.run import Run

_JOURNAL = "journal"
"""The topic of the warning that the journal is damaged."""
_FILM = ("cuts", "length")
"""The topics of warnings against which a film, shot by shot, helps."""


class GenerateBinding:
    """Shows the price of a job and the warnings before it, and hands the bar's actions to a studio.

    Args:
        studio: the session.
        choose_samples: chooses both samples.
        plan_film: begins to plan a film of what is chosen.
        in_background: does work in a thread of its own, and shows its failure.
        redraw: draws the whole panel once more.
        pending: whether earlier jobs are shown that are still to come.
        code: whether the same is shown as code.
    """

    def __init__(
        self,
        studio: Studio,
        choose_samples: Callable[[], None],
        plan_film: Callable[[], None],
        in_background: Callable[[Callable[[], Any]], None],
        redraw: Callable[[], None],
        *,
        pending: bool = True,
        code: bool = True,
    ) -> None:
        self._studio, self._in_background, self._redraw = studio, in_background, redraw
        self._shows_pending, self._shows_code = pending, code
        self._confirming: tuple[bool, str] | None = None
        """Whether the job that a person is asked about is made once more, and its price in words."""
        self._balance_of: tuple[Service, Run | None] | None = None
        """The service that was asked for the balance without a click, and the job there that had ended before."""
        self._price_of: tuple[Service, str] | None = None
        """The service that was asked for its price, and the model."""
        self.bar = GenerateBar(
            on_generate=lambda again: in_background(lambda: self._generate(again=again)),
            on_confirm=self._confirm,
            on_budget=self._set_budget,
            on_key=lambda key: in_background(lambda: studio.use_key(key)),
            on_stop=studio.cancel,
            on_service=studio.choose_service,
            on_watch=lambda number: in_background(lambda: studio.resume(number)),
            on_balance=lambda: in_background(studio.refresh_balance),
            on_fix=self._apply_fix,
            on_samples=choose_samples,
            on_film=plan_film,
        )

    def render(self) -> None:
        """Show the studio's choices, price, warnings and pending jobs."""
        studio, progress = self._studio, self._studio.progress
        if studio.service.paid and studio.ready and not self._key_problem():
            self._look_at_balance()
            self._look_at_price()
        asked_before = progress.made_before or isinstance(progress.error, AskedBefore)
        shown = studio.pending_jobs if self._shows_pending else ()
        pending = [entry for entry in shown if entry.job_id is None or entry.job_id != studio.watched]
        self.bar.render(
            GenerateState(
                busy=progress.phase.active,
                cancels=studio.run is not None and studio.run.cancels,
                ready=studio.ready,
                empty=studio.image is None and studio.video is None,
                wants_key=bool(self._key_problem()),
                made_before=asked_before and not studio.changed,
                price=self._price(),
                paid=studio.service.paid,
                budget=studio.budget,
                cap=studio.cap,
                confirm=self._question(),
                balance=studio.balance,
                service=studio.service.name,
                services=tuple(ServiceOption(name, service.label) for name, service in studio.services.items()),
                warnings=tuple(self._warnings()),
                pending_jobs=tuple(PendingJob(str(entry.number), pending_text(entry)) for entry in pending),
                code=as_code(studio) if self._shows_code else "",
            )
        )

    def _look_at_balance(self) -> None:
        """Ask for the balance once before a job costs money, and once more after each job."""
        studio = self._studio
        ended = studio.run if studio.run is not None and studio.run.done else None
        if (studio.service, ended) == self._balance_of:
            return
        self._balance_of = studio.service, ended

        def ask() -> None:
            try:
                studio.refresh_balance()
            except NotAuthorized as error:
                studio.error = str(error)  # better told before the button is pressed
            except ServiceError:
                pass  # nobody has asked: the button says whether jobs can be sent, and “Balance” why it cannot be told

        in_background(ask, lambda message: setattr(studio, "error", message))

    def _look_at_price(self) -> None:
        """Ask for the service's own price before a job costs money."""
        studio = self._studio
        if (studio.service, studio.model) == self._price_of:
            return
        self._price_of = studio.service, studio.model

        def ask() -> None:
            studio.refresh_price()
            self._redraw()

        in_background(ask, lambda message: setattr(studio, "error", message))

    def _price(self) -> str:
        estimate, studio = self._studio.estimate, self._studio
        if estimate is not None:
            # The choice of services beside it says that the preview in this process is free.
            return "" if studio.service.name == "embedded" else str(estimate).capitalize()
        if studio.image is None and studio.video is None:
            return "Choose a picture and a video, or"
        return "Choose a picture as well." if studio.image is None else "Choose a video as well."

    def _warnings(self) -> list[Caution]:
        studio, warnings = self._studio, []
        if studio.journal_error:
            warnings.append(Caution(_JOURNAL, studio.journal_error, "Set it aside"))
        if problem := self._key_problem():
            words = f"{problem} Or enter one here: it is used in this panel, and kept nowhere."
            warnings.append(Caution("key", words))
        warnings += [Caution("money", words) for words in self._shortfalls()]
        # A paid service takes no points, so there is no form to lead to.
        usable = [replace(one, remedy="") if one.place and studio.service.paid else one for one in studio.notices]
        said: dict[str, Notice] = {}
        for one in usable:  # what holds for picture and video alike is said once
            said.setdefault(one.text, one)
        cautions = [self._caution(one) for one in said.values()]
        offers = [caution for caution in cautions if caution.film]
        return warnings + [replace(one, film=False) if one in offers[1:] else one for one in cautions]

    def _shortfalls(self) -> Iterator[str]:
        """Yield, in words, why a job of this price could not be paid, or would not be sent."""
        studio, estimate = self._studio, self._studio.estimate
        if not studio.service.paid or estimate is None:
            return
        price, left = estimate.usd, studio.dollars_left
        if price and left is not None and left < price:
            yield f"The account has {dollars(left)} left, and this job costs about {dollars(price)}: too little."
        if studio.budget is None:
            return
        limit = dollars(studio.budget)
        if price is None:
            yield f"The price of this job is not known, and a limit of {limit} is set: it would not be sent."
        elif exceeds(price, studio.budget):
            yield (
                f"This job costs about {dollars(price)}, and the limit is {limit}: it would not be sent. Raise the "
                "limit, cut the video shorter, or choose a lower resolution."
            )

    def _key_problem(self) -> str:
        try:
            self._studio.service.renewed().check_key()
        except NotAuthorized as error:
            return str(error)
        return ""

    def _caution(self, notice: Notice) -> Caution:
        """Return a notice with the picture that shows what it means, which is drawn when a browser asks."""
        chosen = self._studio.image if notice.about == "picture" else self._studio.video
        path, boxes, moments = chosen.path if chosen is not None else None, notice.boxes, notice.moments
        film = notice.topic in _FILM and notice.about == "video" and self._studio.ready
        plain = Caution(notice.topic, notice.text, notice.remedy, film=film and path is not None)
        if path is None or not (boxes or moments):
            return plain
        if not boxes:
            draw, alt = partial(frames_at, path, moments), "The frames before and after"
        elif moments:
            draw, alt = partial(boxed_frame, path, moments[0], boxes), "A frame with a box around each face"
        else:
            draw, alt = partial(boxed_picture, path, boxes), "The picture with a box around each face"
        name = f"{notice.topic} of {path} at {moments} in {boxes}"
        shown = self.bar.delivery.offer_slowly(name, "image/jpeg", draw)
        return replace(plain, shown=shown, alt=alt, large=bool(boxes))

    def _generate(self, *, again: bool) -> None:
        """Begin the job; where money follows free previews, ask about its price first.

        Only here: whoever names a paid service in code has said so, and a question would stop a notebook that runs by
        itself.
        """
        if self._studio.follows_previews and self._studio.ready:
            self._studio.refresh_price()
            self._confirming = again, self._price()
            self.render()
        else:
            self._studio.generate(again=again)

    def _question(self) -> str:
        """Return the question about the price, while the price is still the one that was asked about."""
        if self._confirming is None or self._confirming[1] != self._price() or not self._studio.service.paid:
            self._confirming = None
            return ""
        price = f"{self._confirming[1][:1].lower()}{self._confirming[1][1:]}"
        return f"The job before was free. This one, made by {self._studio.service.label}, costs {price}."

    def _confirm(self, yes: bool) -> None:
        confirming, asked = self._confirming, self._question()
        self._confirming = None
        self.render()
        if yes and asked and confirming is not None:
            self._in_background(lambda: self._studio.generate(again=confirming[0]))

    def _set_budget(self, usd: float | None) -> None:
        try:
            self._studio.budget = usd
        except InvalidRequest:
            raise InvalidRequest(f"{usd!r} is no amount of money; leave the field empty for no limit.") from None

    def _apply_fix(self, topic: str) -> None:
        if topic == _JOURNAL:
            self._in_background(self._studio.set_journal_aside)
        else:
            self._studio.apply_fix(topic)


def pending_text(entry: Entry) -> str:
    """Return a sentence saying that an earlier job is still to come, or may have been bought unseen."""
    begun = entry.submitted_at or entry.created_at
    when = time.strftime("%d %B at %H:%M", time.localtime(begun)) if begun else "an unknown day"
    if entry.phase == "unknown":
        return f"A submit of {when} lost its answer and may have been bought: look it up in the service's log."
    return f"A job begun on {when} is still to come."


def as_code(studio: Studio) -> str:
    """Return the source of a cell, ready to run; empty until both inputs are chosen.

    Settings at the model's defaults are left out. The code looks or asks for a key, and for an address that has a
    password or a signature in it, and holds neither; it names files from the user's own folder on.
    """
    if studio.image is None or studio.video is None:
        return ""
    defaults = Request(image_url=studio.image.url, video_url=studio.video.url).settings
    changed = {name: value for name, value in studio.settings.items() if value != defaults[name]}
    prepared = {"prepare_video": studio.prepare_video.changes, "prepare_image": studio.prepare_image.changes}
    named = changed | {name: changes for name, changes in prepared.items() if changes}
    if studio.budget is not None:
        named["budget"] = studio.budget
    if studio.points is not None and not studio.service.paid:
        named["points"] = studio.points
    arguments = [_location(studio.image, "picture"), _location(studio.video, "video")]
    arguments += [f"{name}={value!r}" for name, value in named.items()]
    service = studio.service
    key = 'getpass("Key: ")' if service.key and service.name not in LABELS else ""  # the hosted one's is found
    arguments.append(f"service={service.code(key)}")
    lines = ["import wan_notebook as wan", "", "wan.animate(", *(f"    {argument}," for argument in arguments), ")"]
    code = "\n".join(lines)
    return f"from getpass import getpass\n\n{code}" if "getpass(" in code else code


def _location(media: Picture | Video, medium: str) -> str:
    if media.path is None:
        secret = public_url(media.url) != media.url
        return f"getpass({f'Address of the {medium}: '!r})" if secret else repr(media.url)
    try:
        home = Path.home()
    except RuntimeError:  # an account without a name may have none
        return repr(str(media.path))
    at_home = media.path.is_relative_to(home) and home != Path(home.anchor)
    return repr(f"~/{media.path.relative_to(home).as_posix()}" if at_home else str(media.path))
