"""The state of one session: the only mutable thing in the house. Views draw it and call its commands."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Mapping
from typing import Any

import traitlets

from ...client import Service
from ...client.login import balance
from ...client.prices import known_price
from ...errors import InvalidRequest, JournalDamaged, StorageError
from ...jobs.clip import Clip
from ...jobs.journal import Journal
from ...jobs.progress import Progress, RunPhase
from ...jobs.run import Run, resume, submit
from ...media import Picture, Video, picture, video
from ...media.checks import CheckInput
from ...media.checks.checker import Checker
from ...media.preparation import Preparation
from ...media.prepare import expected_video
from ...model import family
from ...model.cost import Estimate, estimate
from ...model.job import Request
from ...model.protocol import LOG_REACHES


def _trait_of(setting: family.Setting) -> traitlets.TraitType[Any, Any]:
    """A trait which takes what the model takes, with the model's own default and help."""
    kind = {
        "choice": lambda: traitlets.CaselessStrEnum(setting.choices, setting.default),
        "integer": lambda: traitlets.Int(setting.default, min=int(setting.minimum or 0), max=int(setting.maximum or 0)),
        "number": lambda: traitlets.Float(setting.default, min=setting.minimum, max=setting.maximum),
        "flag": lambda: traitlets.Bool(setting.default, allow_none=True),
    }
    return kind[setting.kind]().tag(setting=setting.name)


_Settings = type(traitlets.HasTraits)(
    "_Settings", (traitlets.HasTraits,), {name: _trait_of(setting) for name, setting in family.SETTINGS.items()}
)


_CHOICES = ("image", "video", "service", "prepare_video", "prepare_image", "points", "model", *family.SETTINGS)
"""The traits that a person sets; a refusal speaks of what they were."""
_CHECKED = tuple(field.name for field in dataclasses.fields(CheckInput))
"""The traits that the notices depend on."""


class Studio(_Settings):  # type: ignore[valid-type, misc]
    """One session: what the user chose, and what became of it.

    Every field of the model family (models.SETTINGS) is a trait of its wire name: studio.resolution, studio.shift, ….
    Traits are set from the background thread too; observers must be quick.
    """

    model = traitlets.CaselessStrEnum([model.id for model in family.MODELS.values()], family.MOVE.id)
    image = traitlets.Instance(Picture, allow_none=True)
    """The character image; choose_image() sets it from anything."""
    video = traitlets.Instance(Video, allow_none=True)
    """The reference video; choose_video() sets it from anything."""
    points = traitlets.Tuple(allow_none=True, default_value=None)
    """Left eye, right eye and mouth of the character for the preview, each (x, y) in pixels; None lets it find them."""
    prepare_video = traitlets.Instance(Preparation, args=())
    """How the reference is made ready before it is sent; as it is by default."""
    prepare_image = traitlets.Instance(Preparation, args=())
    """How the picture is, likewise."""
    service = traitlets.Instance(Service)
    progress = traitlets.Instance(Progress, args=())
    """What the current run says, replaced whole at each change."""
    problem = traitlets.Unicode()
    """Why the last choice or command was refused, in one sentence; empty when all is well."""
    clip = traitlets.Instance(Clip, allow_none=True)
    """The clip made last."""
    balance = traitlets.Unicode()
    """What is left on the account, in words; empty until look_at_balance() asked for it."""
    notices = traitlets.Tuple()
    """What is worth knowing before a job is begun: preflight.Notice values, serious ones first."""
    damage = traitlets.Unicode()
    """Why the journal cannot be read, where its file is damaged; set_journal_aside() helps."""
    waiting = traitlets.Tuple()
    """Journal entries of jobs that were begun before and whose clips are still to come, newest first."""

    def __init__(self, **chosen: Any) -> None:
        super().__init__(**chosen)
        self._lock = threading.RLock()
        self._run: Run | None = None
        self._asked: Mapping[str, Any] = {}
        self._checker = Checker(
            on_notices=lambda notices: self.set_trait("notices", notices),
            on_error=lambda problem: self.set_trait("problem", problem),
        )
        self.observe(self._check_choice, _CHECKED)
        self._check_choice()
        self.look_for_waiting()

    @traitlets.observe("service")  # type: ignore[untyped-decorator]
    def _forget_balance(self, _change: object) -> None:
        self.balance = ""

    @traitlets.observe(*_CHOICES)  # type: ignore[untyped-decorator]
    def _forget_problem(self, _change: object) -> None:
        self.problem = ""

    @traitlets.observe("image")  # type: ignore[untyped-decorator]
    def _forget_points(self, _change: object) -> None:
        self.points = None

    def _check_choice(self, _change: object = None) -> None:
        self._checker.check(CheckInput(**{name: getattr(self, name) for name in _CHECKED}))

    @traitlets.default("service")  # type: ignore[untyped-decorator]
    def _default_service(self) -> Service:
        return Service.choose()

    @property
    def settings(self) -> dict[str, Any]:
        """The settings as they stand, by wire name."""
        return {name: getattr(self, name) for name in ("model", *family.SETTINGS)}

    @property
    def ready(self) -> bool:
        """Whether everything that a job needs is chosen."""
        return self.image is not None and self.video is not None

    @property
    def estimate(self) -> Estimate | None:
        """What a job would cost as things stand, prepared; None until both inputs are chosen."""
        if self.image is None or self.video is None:
            return None
        request = Request(image_url=self.image.url, video_url=self.video.url, **self.settings)
        prepared = expected_video(self.video, self.prepare_video) if self.video.frames else self.video
        return estimate(request, prepared.frames, paid=self.service.paid, price=known_price(self.service, self.model))

    @property
    def changed(self) -> tuple[str, ...]:
        """The choices which are no longer as they were when generate() began the current run, by the traits' names."""
        return tuple(name for name, value in self._asked.items() if getattr(self, name) != value)

    @property
    def run(self) -> Run | None:
        """The run begun last."""
        return self._run

    @property
    def watched(self) -> str | None:
        """The id of the job that is being watched, once there is one."""
        run = self._run
        return run.job.id if run is not None and run.job is not None and not run.done else None

    def set(self, settings: Mapping[str, Any]) -> None:
        """Take settings over, for example those of an earlier clip.

        Raises:
            InvalidRequest: one of them is unknown or out of range; then none is taken.
        """
        unknown = [name for name in settings if name not in self.settings]
        if unknown:
            raise InvalidRequest(f"There is no setting {unknown[0]}. There are {', '.join(self.settings)}.")
        try:
            with self.hold_trait_notifications():
                for name, value in settings.items():
                    setattr(self, name, value)
        except traitlets.TraitError as error:
            raise InvalidRequest(str(error)) from None

    def reset(self) -> None:
        """Put every setting back to the model's default."""
        self.set(family.DEFAULTS)

    def choose_image(self, source: Any) -> None:
        """Take a character image from anything that media.picture reads; None takes the choice back.

        Raises:
            MediaError: it cannot be used; the earlier choice is gone as well, so that nothing else is sent by mistake.
        """
        self.image = None
        self.image = None if source is None else picture(source)

    def choose_video(self, source: Any) -> None:
        """Take a reference video from anything that media.video reads; None takes the choice back.

        Raises:
            MediaError: as for choose_image.
        """
        self.video = None
        self.video = None if source is None else video(source)

    def generate(self, *, again: bool = False) -> Run:
        """Begin one job with what is chosen; while one is under way, that one is returned and no other begins.

        Raises:
            InvalidRequest: a picture or a video is still missing.
            WanError: as for run.submit; nothing was sent.
        """
        with self._lock:
            if self._run is not None and not self._run.done:
                return self._run
            if not self.ready:
                missing = "a picture of the character" if self.image is None else "a reference video"
                raise InvalidRequest(f"Choose {missing} first.")
            self.service = self.service.renewed()  # somebody may have logged in meanwhile
            asked = self._chosen()
            return self._watch(submit(again=again, **asked), asked)

    def _chosen(self) -> dict[str, Any]:
        names = ("image", "video", "service", "prepare_video", "prepare_image", "points")
        return {name: getattr(self, name) for name in names} | self.settings

    def resume(self, key: str | int) -> Run:
        """Watch a job of before.

        Raises:
            InvalidRequest: another one is being watched.
            WanError: as for run.resume.
        """
        with self._lock:
            if self._run is not None and not self._run.done:
                raise InvalidRequest("Another job is being watched. Stop watching it first; it goes on all the same.")
            return self._watch(resume(key), {})

    def look_for_waiting(self) -> None:
        """Look into the journal for jobs of before that still run, or may have been bought unseen.

        A journal that cannot be read is a problem told.
        """
        own = self._run.job.id if self._run is not None and self._run.job is not None else None
        try:
            unseen = [one for one in Journal().unknown_submits() if time.time() - (one.created_at or 0) < LOG_REACHES]
            self.waiting = (*(entry for entry in Journal().running() if entry.job_id != own), *unseen)
        except StorageError as error:
            self.tell_trouble(error)

    def tell_trouble(self, error: StorageError) -> None:
        """Take in why the journal cannot be used just now; it stops nothing that is under way."""
        if isinstance(error, JournalDamaged):
            self.damage = str(error)
        else:
            self.problem = str(error)

    def set_journal_aside(self) -> None:
        """Keep a damaged journal under another name, and go on with a new one that has what can be read of it.

        Raises:
            StorageError: the file cannot be renamed, or no new one be written.
        """
        Journal().set_aside()
        self.damage = ""
        self.look_for_waiting()

    def look_at_balance(self) -> None:
        """Ask the service what is left on the account.

        Raises:
            ServiceError: the service does not tell.
        """
        self.balance = balance(self.service)

    def remedy(self, topic: str) -> None:
        """Do what helps against the notice of this topic, as far as a preparation can."""
        for notice in self.notices:
            if notice.topic == topic and notice.remedy:
                trait = "prepare_video" if notice.about == "video" else "prepare_image"
                setattr(self, trait, notice.apply_to(getattr(self, trait)))

    def cancel(self) -> None:
        """Stop watching the current run; a job which the service has taken goes on and may be charged."""
        if self._run is not None:
            self._run.cancel()

    def _watch(self, begun: Run, asked: Mapping[str, Any]) -> Run:
        self._run, self._asked = begun, asked
        begun.observe(lambda progress: self._take(begun, progress))
        return begun

    def _take(self, source: Run, progress: Progress) -> None:
        if source is not self._run:
            return
        self.progress = progress
        if progress.job is not None and progress.job.preflight:
            asked = self._asked
            submitted = CheckInput(**{name: asked[name] for name in _CHECKED}) if asked else None
            self._checker.add_service_notices(progress.job.preflight, submitted)
        if progress.phase is RunPhase.DONE:
            self.clip = progress.clip
        if not progress.phase.active:
            self.look_for_waiting()
