"""The studio: the choices of one person in one session, and the run that they led to."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import traitlets

from ...client.prices import fetch_price, known_price
from ...client.service import Service
from ...errors import InvalidRequest, JournalDamaged, NotAllowed, NotAuthorized, StorageError
from ...jobs.clip import Clip
from ...jobs.journal import Journal
from ...jobs.journal.journal import standing_cap
from ...jobs.progress import Progress, RunPhase
from ...media.checks.analysis import analyze_picture
from ...media.checks.check import CheckInput
from ...media.checks.checker import Checker
from ...media.checks.faces import FaceSummary
from ...media.checks.notice import Notice
from ...media.picture import Picture
from ...media.picture import picture as read_picture
from ...media.preparation import UNCHANGED, Preparation
from ...media.prepare import expected_video
from ...media.video import Video
from ...media.video import video as read_video
from ...model import family
from ...model.cost import CAP_VARIABLE, Estimate, estimate
from ...model.formatting import dollars
from ...model.job import Request, refuse_unknown
from ...model.protocol import LOG_REACHES
from ...runtime import event_loop
from .traits import InputTrait, SettingTraits

if TYPE_CHECKING:
    from ...jobs.run import Run

_INPUTS = ("image", "video", "service", "prepare_video", "prepare_image", "points")
"""The traits that a job needs beside its settings."""


_CHECKED = tuple(field.name for field in dataclasses.fields(CheckInput))
"""The traits that the notices depend on."""


class Studio(SettingTraits):
    """The choices of one person as traits, and the progress of the run that they led to.

    Traits are set from the background thread too; observers must be quick.

    Args:
        chosen: traits to begin with.

    Raises:
        InvalidRequest: there is no such trait, or a value is none that the model takes.
        MediaError: an input cannot be used.
    """

    image: Any = InputTrait(Picture, read_picture)
    """The character image, read from whatever it is set to."""
    video: Any = InputTrait(Video, read_video)
    """The reference video, likewise."""
    points = traitlets.Tuple(allow_none=True, default_value=None)
    """Left eye, right eye and mouth of the character for the preview, each (x, y) in pixels; None lets it find them."""
    faces = traitlets.Instance(FaceSummary, allow_none=True)
    """The faces in the character image; None until it was looked at, and where nobody can."""
    placing = traitlets.Int()
    """How often a person was led to where eyes and mouth are placed."""
    prepare_video = traitlets.Instance(Preparation, args=())
    """The changes that are made to the reference before it is sent; none by default."""
    prepare_image = traitlets.Instance(Preparation, args=())
    """The changes that are made to the picture before it is sent; none by default."""
    preparation_note = traitlets.Unicode()
    """The reason why the reference is no longer prepared as it was; empty once it is prepared anew."""
    service = traitlets.Instance(Service)
    progress = traitlets.Instance(Progress, args=())
    """The progress of the current run, replaced whole at each change."""
    error = traitlets.Unicode()
    """The reason why the last choice or command was refused, in one sentence; empty where none was."""
    clip = traitlets.Instance(Clip, allow_none=True)
    """The clip that was made, or chosen to be played, last."""
    budget = traitlets.Float(None, allow_none=True, min=0.0)
    """Dollars that one job may cost at most; None for no limit but that of WAN_NOTEBOOK_BUDGET."""
    cap = traitlets.Unicode()
    """The standing cap of WAN_NOTEBOOK_BUDGET and what was spent of it today, in words; empty without one."""
    balance = traitlets.Unicode()
    """The balance of the account in words; empty until refresh_balance() asked for it."""
    dollars_left = traitlets.Float(None, allow_none=True)
    """The balance in dollars, where that was asked for and is in dollars."""
    notices = traitlets.Tuple()
    """Warnings before a job is begun, as media.checks.Notice, serious ones first."""
    journal_error = traitlets.Unicode()
    """The reason why the journal cannot be read, where its file is damaged; set_journal_aside() helps."""
    pending_jobs = traitlets.Tuple()
    """Journal entries of earlier jobs whose clips are still to come, newest first."""

    def __init__(self, **chosen: Any) -> None:
        self.services = {service.name: service for service in (Service.embedded(), Service.hosted())}
        """The services to choose from, by name: the free preview, the hosted one, and each that was in use."""
        refuse_unknown(chosen, known=self.trait_names())
        self._image_before: Picture | None = None
        self._video_before: Video | None = None
        super().__init__(**chosen)
        self.services[self.service.name] = self.service
        self._lock = threading.RLock()
        self._run: Run | None = None
        self._asked: Mapping[str, Any] = {}
        self._checker = Checker(
            on_notices=self._show_notices,
            on_error=lambda error: self.set_trait("error", error),
        )
        self.observe(self._check_choice, _CHECKED)
        self._check_choice()
        self.refresh_pending()

    @traitlets.observe("service")  # type: ignore[untyped-decorator]
    def _note_service(self, change: Any) -> None:
        self.services[change.new.name] = change.new
        self.balance, self.dollars_left = "", None
        self._refresh_cap()

    @traitlets.observe(*_INPUTS, "model", *family.SETTINGS)  # type: ignore[untyped-decorator]
    def _clear_error(self, _change: object) -> None:
        self.error = ""

    @traitlets.observe("image")  # type: ignore[untyped-decorator]
    def _renew_picture(self, change: Any) -> None:
        self.points = None
        before, self._image_before = self._image_before, change.new or self._image_before
        if change.new is None or before in (None, change.new):
            return
        self.prepare_image = Preparation()
        # A reference that is cropped to the picture's shape follows the picture.
        if before.aspect is not None and self.prepare_video.aspect == before.aspect:
            self.prepare_video = dataclasses.replace(self.prepare_video, aspect=change.new.aspect)

    @traitlets.observe("video")  # type: ignore[untyped-decorator]
    def _renew_video(self, change: Any) -> None:
        before, self._video_before = self._video_before, change.new or self._video_before
        if change.new is None or before in (None, change.new):
            return
        if self.prepare_video != UNCHANGED:
            self.prepare_video = Preparation()
            self.preparation_note = f"It was set back: the earlier preparation was that of {before.name}."

    @traitlets.observe("prepare_video")  # type: ignore[untyped-decorator]
    def _clear_preparation_note(self, _change: object) -> None:
        self.preparation_note = ""

    def _show_notices(self, notices: tuple[Notice, ...]) -> None:
        analysis = analyze_picture.cached(self.image) if self.image is not None else None
        self.set_trait("faces", analysis.faces if analysis is not None else None)
        self.set_trait("notices", notices)

    def _check_choice(self, _change: object = None) -> None:
        self._checker.check(CheckInput(**{name: getattr(self, name) for name in _CHECKED}))

    @traitlets.default("service")  # type: ignore[untyped-decorator]
    def _default_service(self) -> Service:
        return Service.choose()

    @property
    def ready(self) -> bool:
        """Whether both inputs of a job are chosen."""
        return self.image is not None and self.video is not None

    @property
    def estimate(self) -> Estimate | None:
        """The price of a job with the current choices, after preparation; None until both inputs are chosen."""
        if self.image is None or self.video is None:
            return None
        request = Request(image_url=self.image.url, video_url=self.video.url, **self.settings)
        prepared = expected_video(self.video, self.prepare_video) if self.video.frames else self.video
        return estimate(request, prepared.frames, paid=self.service.paid, price=known_price(self.service, self.model))

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the traits that were changed since generate() began the current run."""
        return tuple(name for name, value in self._asked.items() if getattr(self, name) != value)

    @property
    def run(self) -> Run | None:
        """The run that was begun last; None before the first."""
        return self._run

    @property
    def watched(self) -> str | None:
        """The id of the job that is being watched, once there is one."""
        run = self._run
        return run.job.id if run is not None and run.job is not None and run.progress.phase.active else None

    def choose_image(self, source: Any) -> None:
        """Set the character image from anything that media.picture reads; None takes the choice back.

        Args:
            source: a path, URL, bytes, file, upload, PIL image or array; None for none.

        Raises:
            MediaError: it cannot be used; the earlier choice is gone as well, so that nothing else is sent by mistake.
        """
        self.image = None
        self.image = source

    def choose_video(self, source: Any) -> None:
        """Set the reference video from anything that media.video reads; None takes the choice back.

        Raises:
            MediaError: as for choose_image.
        """
        self.video = None
        self.video = source

    def choose_service(self, name: str) -> None:
        """Use one of the services by its name; the hosted one with the key that is found now, or was passed in."""
        service = self.services[name]
        self.service = Service.hosted() if service.name == "hosted" and not service.has_own_key else service

    def use_key(self, key: str) -> None:
        """Use the hosted service with a key, for this session alone, unless the service refuses it.

        Raises:
            NotAuthorized: it is no key, or the service does not accept it; then nothing is changed.
            ServiceError: the service could not be asked; the key is used all the same.
        """
        service, before = Service.hosted(key), self.service
        service.check_key()
        self.service = service
        try:
            self.refresh_balance()
        except NotAllowed:
            pass  # a key that may not read the balance is a key
        except NotAuthorized:
            self.service = before
            raise

    def generate(self, *, again: bool = False) -> Run:
        """Begin one job with the current choices; while one is under way, return that one.

        Args:
            again: whether to make a clip that exists already once more.

        Returns:
            The run, already done where the same clip exists.

        Raises:
            InvalidRequest: a picture or a video is still missing.
            WanError: as for run.submit; nothing was sent.
        """
        from ...jobs.run import submit

        with self._lock:
            if self._run is not None and not self._run.done:
                return self._run
            if not self.ready:
                missing = "a picture of the character" if self.image is None else "a reference video"
                raise InvalidRequest(f"Choose {missing} first.")
            self.service = self.service.renewed()  # somebody may have logged in meanwhile
            asked = {name: getattr(self, name) for name in _INPUTS} | self.settings
            return self._follow(submit(again=again, budget=self.budget, checks=False, **asked), asked)

    def resume(self, key: str | int) -> Run:
        """Watch an earlier job until its clip is saved.

        Args:
            key: as for run.resume.

        Returns:
            The run that watches it.

        Raises:
            InvalidRequest: another one is being watched.
            WanError: as for run.resume.
        """
        from ...jobs.run import resume

        with self._lock:
            if self._run is not None and not self._run.done:
                raise InvalidRequest("Another job is being watched. Stop watching it first; it goes on all the same.")
            entry, own = Journal().find(key), self.service.renewed()
            is_own = entry is None or entry.is_of(own.base_url)
            return self._follow(resume(entry or key, service=own if is_own else None), {})

    def refresh_pending(self) -> None:
        """Read the earlier jobs that still run, or may have been bought unseen, from the journal.

        A journal that cannot be read is reported as an error, and raises nothing.
        """
        try:
            unknown = Journal().unknown_submits()
            unseen = [entry for entry in unknown if time.time() - (entry.created_at or 0) < LOG_REACHES]
            running = (entry for entry in Journal().running() if entry.job_id is None or entry.job_id != self.watched)
            self.pending_jobs = (*running, *unseen)
        except StorageError as error:
            self.report_storage_error(error)
        self._refresh_cap()

    @property
    def follows_previews(self) -> bool:
        """Whether the next job costs money, and the one before was a free one: a person may not expect that.

        Raises:
            StorageError: the journal cannot be read.
        """
        return self.service.paid and any(not entry.paid for entry in Journal().entries(limit=1))

    def report_storage_error(self, error: StorageError) -> None:
        """Show why the data directory cannot be used just now; it stops nothing that is under way."""
        if isinstance(error, JournalDamaged):
            self.journal_error = str(error)
        else:
            self.error = str(error)

    def set_journal_aside(self) -> None:
        """Rename a damaged journal, and go on with a new one that has all jobs which can still be read.

        Raises:
            StorageError: the file cannot be renamed, or no new one be written.
        """
        Journal().set_aside()
        self.journal_error = ""
        self.refresh_pending()

    def refresh_balance(self) -> None:
        """Ask the service for the balance of the account.

        Raises:
            ServiceError: the service gives no balance.
        """
        from ...client.login import balance

        service = self.service
        left = balance(service)
        if service is not self.service:
            return  # another one was chosen meanwhile
        self.balance = "The service tells no balance." if left is None else f"{left} left on the account."
        self.dollars_left = left.amount if left is not None and left.currency == "USD" else None

    def refresh_price(self) -> None:
        """Ask a paid service for its own price, once a session; without an answer upstream's public price serves."""
        event_loop.wait(event_loop.start(fetch_price(self.service, self.model)))

    def apply_fix(self, topic: str) -> None:
        """Change the preparation by the remedies of the notices on a topic."""
        for notice in self.notices:
            if notice.topic == topic and notice.place:
                self.placing += 1
            elif notice.topic == topic and notice.remedy:
                trait = "prepare_video" if notice.about == "video" else "prepare_image"
                setattr(self, trait, notice.apply_to(getattr(self, trait)))

    def cancel(self) -> None:
        """Stop watching the current run, and end a free preview; other jobs go on and may be charged."""
        if self._run is not None:
            self._run.cancel()

    def _refresh_cap(self) -> None:
        try:
            cap = standing_cap(self.service)
            spent = dollars(Journal().spent_today()) if cap is not None else ""
        except InvalidRequest as error:
            self.cap = str(error)
        except StorageError as error:
            self.report_storage_error(error)
        else:
            self.cap = "" if cap is None else f"{CAP_VARIABLE} allows {cap}; {spent} were spent today."

    def _follow(self, run: Run, asked: Mapping[str, Any]) -> Run:
        self._run, self._asked = run, asked
        run.observe(lambda progress: self._show_progress(run, progress))
        return run

    def _show_progress(self, run: Run, progress: Progress) -> None:
        if run is not self._run:
            return
        self.progress = progress
        if progress.job is not None and progress.job.preflight:
            asked = self._asked
            submitted = CheckInput(**{name: asked[name] for name in _CHECKED}) if asked else None
            self._checker.add_service_notices(progress.job.preflight, submitted)
        if progress.phase is RunPhase.DONE:
            self.clip = progress.clip
        if not progress.phase.active:
            self.refresh_pending()
