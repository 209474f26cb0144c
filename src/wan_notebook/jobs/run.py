"""A job under way: submit() and resume() begin one, a Run is the handle on it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NoReturn

from ..client.service import EMBEDDED_URL, Service, known_service
from ..errors import AskedBefore, InvalidRequest, JobCancelled, JobFailed, StillRunning, SubmitUnknown, WanError
from ..model.cost import check_budget
from ..model.formatting import resume_call
from ..model.job import Job, Settings, named_settings
from ..runtime import event_loop
from ..runtime.observers import Observers
from . import unfinished
from .clip import Clip
from .journal.entry import Entry
from .journal.journal import Journal
from .order import Order, OrderBuilder, Points, PreparationLike, check_addresses, check_files
from .preflight import print_notices
from .progress import Progress, ProgressCallback, RunPhase
from .runner import JobRunner, reuse

if TYPE_CHECKING:
    from typing_extensions import Unpack

_log = logging.getLogger("wan_notebook")

Work = Callable[[ProgressCallback], Coroutine[Any, Any, Clip]]
"""Takes the callback that progress is reported to, and returns the coroutine that ends in a clip."""


class Run:
    """One job under way, from the first byte sent to the saved clip.

    `await run` and `run.result()` give the Clip, `run.progress` is the state right now, and `async for progress in run`
    follows it to its end. All three work in a cell, in a callback and in a script, since the job runs on an event loop
    of its own.

    Args:
        service: where the job runs; None where nothing is sent.
        keeps_log: whether its progress has all that was said so far.
    """

    def __init__(self, service: Service | None = None, *, keeps_log: bool = True) -> None:
        self._service, self._keeps_log = service, keeps_log
        self._begun = False
        self._sending = False
        """Whether a submit was begun: from then on the service may have accepted the job."""
        self._observers: Observers[Progress] = Observers()
        self._progress = Progress(phase=RunPhase.PREPARING, started_at=time.time())
        self._future: concurrent.futures.Future[Clip] = concurrent.futures.Future()

    @classmethod
    def start(cls, work: Work, service: Service | None = None, *, keeps_log: bool = True) -> Run:
        """Begin work that ends in a clip, and return the handle on it at once.

        Args:
            work: is given the callback to report progress to.
            service: where the job runs; None where nothing is sent.
            keeps_log: whether its progress has all that was said so far.
        """
        run = cls(service, keeps_log=keeps_log)
        run._future = event_loop.start(run._finish(work))
        unfinished.watch(run._future)
        run._future.add_done_callback(lambda _: event_loop.loop().call_soon_threadsafe(run._end_unbegun))
        return run

    @property
    def progress(self) -> Progress:
        """The current state, replaced whole at each change."""
        return self._progress

    @property
    def job(self) -> Job | None:
        """The service's last answer; None until it took the job."""
        return self._progress.job

    @property
    def done(self) -> bool:
        """Whether nothing more will happen here."""
        return self._future.done()

    def observe(self, observer: Callable[[Progress], object]) -> Callable[[], None]:
        """Call `observer` with the state now and at each change, from a thread in the background.

        Args:
            observer: is given the progress; it must be quick.

        Returns:
            A function that ends this.
        """
        return self._observers.add(observer, self._progress)

    async def __aiter__(self) -> AsyncIterator[Progress]:
        """Yield the state now and at each change, and end after the final one; `await run` then has the clip."""
        event_loop.check_own(self._future)
        loop = asyncio.get_running_loop()
        changes: asyncio.Queue[Progress] = asyncio.Queue()
        stop = self.observe(lambda progress: loop.call_soon_threadsafe(changes.put_nowait, progress))
        try:
            while True:
                progress = await changes.get()
                yield progress
                if progress.finished_at is not None:
                    return
        finally:
            stop()

    def result(self, timeout: float | None = None) -> Clip:
        """Wait for the clip; only the cell waits, the panel and other runs go on.

        Args:
            timeout: seconds to wait at most.

        Returns:
            The clip, which is saved.

        Raises:
            JobFailed: the job ended with an error.
            StillRunning: the time is over, or the run was cancelled; the job goes on and can be resumed.
            JobCancelled: the run was cancelled, and its job was a free preview, which has ended.
            WanError: anything else of the tree in errors.py.
        """
        try:
            return event_loop.wait(self._future, timeout)
        except TimeoutError:
            raise StillRunning(f"Not finished after {timeout:g} s. {self._how_to_resume()}", self.job) from None
        except KeyboardInterrupt:
            raise self.interrupted() from None
        except concurrent.futures.CancelledError:
            if self.cancels and self._progress.phase is not RunPhase.STOPPED:
                raise JobCancelled(_CANCELLED) from None
            raise StillRunning(f"No longer watched. {self._how_to_resume()}", self.job) from None

    def interrupted(self) -> KeyboardInterrupt:
        """Return the exception of an interrupted wait: it says that the job goes on, and how to watch it again."""
        return KeyboardInterrupt(f"No longer waited for. {self._how_to_resume()}")

    def __await__(self) -> Generator[Any, None, Clip]:
        event_loop.check_own(self._future)
        return asyncio.shield(asyncio.wrap_future(self._future)).__await__()

    @property
    def cancels(self) -> bool:
        """Whether cancel() ends the job itself: a free preview."""
        return self._service is not None and self._service.cancels

    def cancel(self) -> None:
        """Stop waiting, and end a free preview; other services know no cancelling.

        A job that one of those has taken goes on and may be charged.
        """
        self._future.cancel()

    @cached_property
    def widget(self) -> Any:
        """The widget that shows this run, one for all cells, so that all of them stay in step."""
        from ..widgets.display.run import RunWidget

        return RunWidget(self)

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        raise TypeError("a run belongs to its notebook; pass its clip on (run.result()), or its job's id (run.job.id)")

    def _display_(self) -> Any:
        return self.widget  # what marimo asks for

    def _ipython_display_(self) -> None:
        self.widget._ipython_display_()

    def __repr__(self) -> str:
        return f"Run({self._progress.phase.value}{f', job {self.job.id}' if self.job else ''})"

    def _end_unbegun(self) -> None:
        """Report the end of a run that was cancelled before any of its work."""
        if not self._begun:
            self._end_cancelled()

    def _end_cancelled(self) -> None:
        phase = RunPhase.CANCELLED if self.cancels else RunPhase.STOPPED
        self._end(phase, message=_CANCELLED if self.cancels else f"No longer watched. {self._how_to_resume()}")

    async def _finish(self, work: Work) -> Clip:
        if self._progress.finished_at is not None:
            raise asyncio.CancelledError  # the loop begins even what was cancelled before its turn came
        self._begun = True
        try:
            clip = await work(self._report)
        except asyncio.CancelledError:
            self._end_cancelled()
            raise
        except WanError as error:
            phase, message = self._phase_after(error), str(error)
            if phase is RunPhase.STOPPED and "resume(" not in message:
                message = f"{message} {self._how_to_resume()}"
            self._end(phase, message=message, error=error)
            raise
        except Exception as error:
            _log.exception("a run ended by a defect of wan_notebook")
            message = f"A defect of wan_notebook ended this: {error!r}. {self._how_to_resume()}"
            self._end(self._phase_after(error), message=message)
            raise
        self._end(RunPhase.DONE, clip=clip, fraction=1.0, message=self._progress.message or "The clip is saved.")
        return clip

    def _phase_after(self, error: Exception) -> RunPhase:
        """Return the phase that an error leads to: a job that goes on at the service has not failed."""
        if isinstance(error, JobFailed | JobCancelled):
            return RunPhase.FAILED if isinstance(error, JobFailed) else RunPhase.CANCELLED
        lost = self._sending and not isinstance(error, WanError)
        if isinstance(error, StillRunning) or self.job is not None:
            return RunPhase.STOPPED
        if lost or isinstance(error, SubmitUnknown | AskedBefore):
            return RunPhase.UNKNOWN
        return self._progress.error_phase

    def _how_to_resume(self) -> str:
        charged = " and may be charged" if self._service is None or self._service.paid else ""
        if self.job is None and self._sending:
            return f"It was being sent{charged}; wan.history() shows what becomes of it, and resumes it."
        if self.job is None:
            return "Nothing was sent."
        again = self._service.resume_call(self.job.id) if self._service else resume_call(self.job.id)
        if self.job.status.final:
            return f"The job is done; {again} fetches its clip."
        return f"The job goes on{charged}; {again} watches it again."

    def _end(self, phase: RunPhase, **changes: Any) -> None:
        self._report(phase, finished_at=time.time(), time_left="", **changes)

    def _report(self, phase: RunPhase, *, note: str = "", **changes: Any) -> None:
        before = self._progress
        self._sending = self._sending or phase is RunPhase.SENDING
        if self._keeps_log:
            sentences = [text for text in (changes.get("message"), note) if text and text != before.message]
            changes["log"] = (*before.log, *((time.time(), text) for text in sentences))
        self._progress = replace(before, phase=phase, **changes)
        self._observers.notify(self._progress)


_CANCELLED = "Cancelled. It is free to make again."


@named_settings(Settings)
def submit(
    image: Any,
    video: Any,
    *,
    service: Service | None = None,
    again: bool = False,
    budget: float | None = None,
    prepare_video: PreparationLike = None,
    prepare_image: PreparationLike = None,
    points: Points | None = None,
    checks: bool = True,
    **settings: Unpack[Settings],
) -> Run:
    """Submit one job and return; before a paid one, its inputs are checked, and what was noticed is printed.

    Args:
        image: the character: a path, URL, bytes, file, upload, PIL image or H×W×3 uint8 array.
        video: the reference whose motion is taken: a path, URL, bytes, file, upload or T×H×W×3 uint8 array.
        service: where to; by default the service that Service.choose() finds: the hosted one with a key, else the free
            preview.
        again: buy the job anew even where the same one is finished, whose clip is otherwise offered at once, or under
            way, which is otherwise watched.
        budget: dollars that the job may cost at most; None for no limit but that of WAN_NOTEBOOK_BUDGET.
        prepare_video: how the reference is made ready first, as dict(end=5, fps=16); see media.preparation.Preparation.
        prepare_image: how the picture is, likewise.
        points: left eye, right eye and mouth of the character, each (x, y) in pixels of the picture as it is given, for
            the preview where it does not find them; the model itself needs none, and gets none.
        checks: print the notices about the inputs before a service is paid, as the panel shows them; that takes some
            seconds once for each file, and refuses nothing. The free preview tells its own as it goes.
        settings: fields of Request by name: model, resolution, num_inference_steps, shift, …

    Returns:
        The run: `await run` or `run.result()` is the clip. Where the same one was made before, it is done already.

    Raises:
        MediaError: the picture or the video cannot be used; nothing was sent.
        InvalidRequest: a setting is not one the model takes; nothing was sent.
        OverBudget: it would cost more than the budget or WAN_NOTEBOOK_BUDGET allows; nothing was sent.
        NotAuthorized: the service wants a key, and there is none; nothing was sent.
        StorageError: the journal cannot be read; nothing was sent.
    """
    builder = OrderBuilder(service, prepare_video=prepare_video, prepare_image=prepare_image, points=points)
    return begin(builder.order(image, video, **settings), again=again, budget=budget, checks=checks)


def begin(order: Order, *, again: bool = False, budget: float | None = None, checks: bool = True) -> Run:
    """Begin an order that is made already; arguments and errors as for submit()."""
    check_budget([], budget)  # refuses what is no amount of money, also where nothing has to be paid
    check_files([order])
    journal = Journal()
    earlier = None if again else journal.reusable([order.fingerprint]).get(order.fingerprint)
    if earlier is not None and earlier.done:
        return Run.start(partial(reuse, earlier))
    check_budget([order.estimate], budget)
    if earlier is None:
        journal.check_cap(order.service, [order.estimate])
    order.service.check_key()
    check_addresses(order.service, [order.image, order.video])
    if checks and order.service.paid and earlier is None:
        print_notices([order])
    return _start(order.service, journal, lambda runner: runner.run(order, again=again))


def resume(key: str | int | Entry, *, service: Service | None = None) -> Run:
    """Watch an earlier job again, until its clip is saved; nothing is submitted.

    A submit whose answer was lost is looked up in the service's log first. A job that was begun on another machine, or
    by other means, is asked for by its id and written into the journal.

    Args:
        key: the job's number in wan_notebook.history() or its entry there, its id, or the client request id of its
            submit.
        service: where it runs; by default the one at the journal's address for it: a service that you or a panel hold,
            or else with the key that is found now.

    Returns:
        The run, whose `result()` is the clip.

    Raises:
        InvalidRequest: there is no such job, or none whose clip could still come.
        StorageError: the journal cannot be read.
    """
    journal = Journal()
    entry = key if isinstance(key, Entry) else journal.find(key, service=service)
    if entry is None:
        return _adopt(key, service or Service.choose(), journal)
    if entry.clip is not None and entry.clip.is_file():
        return Run.start(partial(reuse, entry))
    _refuse_hopeless(entry, journal)
    return _start(service or _service_of(entry), journal, lambda runner: runner.resume(entry))


def _adopt(key: Any, service: Service, journal: Journal) -> Run:
    if isinstance(key, int) or service.base_url == EMBEDDED_URL:
        raise InvalidRequest(
            f"The journal knows no job {key!r}; wan_notebook.history() lists those it knows. "
            "One begun elsewhere is asked for by its id, with service=wan_notebook.Service.hosted()."
        )
    return _start(service, journal, lambda runner: runner.adopt(str(key)))


def _start(service: Service, journal: Journal, work: Callable[[JobRunner], Coroutine[Any, Any, Clip]]) -> Run:
    async def with_client(report: ProgressCallback) -> Clip:
        from ..client import Client

        async with Client(service) as client:
            return await work(JobRunner(client, journal, report))

    return Run.start(with_client, service)


def _refuse_hopeless(entry: Entry, journal: Journal) -> None:
    if entry.elsewhere:
        raise InvalidRequest(f"Job {entry.number} is a preview inside another notebook. Here it is free to make again.")
    if entry.phase == "failed":
        raise InvalidRequest(f"Job {entry.number} failed: {entry.error or 'the service gave no reason.'}")
    if entry.phase == "submitting" and not journal.is_overdue(entry):
        raise InvalidRequest(f"Job {entry.number} is being sent just now. Try again in a moment.")
    if entry.job_id is None and entry.phase not in ("unknown", "submitting"):
        raise InvalidRequest(f"Job {entry.number} was never accepted: {entry.error or 'nothing was sent'}")


def _service_of(entry: Entry) -> Service:
    """Return the service that took a job; the journal holds no key, so that one in use is taken, or one found now."""
    return known_service(entry.base_url) or Service.at(entry.base_url, paid=entry.paid)
