"""A job under way: submit() and resume() begin one, a Run is the handle on it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..client import Client, Service
from ..client.service import EMBEDDED_URL
from ..errors import AskedBefore, InvalidRequest, StillRunning, SubmitUnknown, WanError
from ..media.preparation import Prepare
from ..model.cost import check_budget
from ..model.job import Job
from ..runtime import event_loop
from ..signature import lists_settings
from .clip import Clip
from .journal import Entry, Journal
from .order import Order, Points, make_order
from .progress import Phase, Progress
from .runner import Tell, adopt, offer, perform, pursue

if TYPE_CHECKING:
    from ..run_widget import RunWidget

Observer = Callable[[Progress], None]
_log = logging.getLogger("wan_notebook")


class Run:
    """One job under way, from the first byte sent to the saved clip.

    `await run` and `run.result()` both give the Clip; `run.progress` is the state right now.

    Args:
        work: takes the function to tell progress with, and returns the coroutine that ends in a clip.
        paid: whether the job may cost money.
    """

    def __init__(self, work: Callable[[Tell], Coroutine[Any, Any, Clip]], *, paid: bool = True) -> None:
        self._paid = paid
        self._lock = threading.Lock()
        self._observers: list[Observer] = []
        self._progress = Progress(phase=Phase.PREPARING, started_at=time.time())
        self._future = event_loop.start(self._go(work))

    @property
    def progress(self) -> Progress:
        """The state right now."""
        return self._progress

    @property
    def job(self) -> Job | None:
        """What the service said last; None until it took the job."""
        return self._progress.job

    @property
    def done(self) -> bool:
        """Whether nothing more will happen here."""
        return self._future.done()

    def observe(self, observer: Observer) -> None:
        """Call `observer` with the state now and at each change, from a thread in the background."""
        with self._lock:
            self._observers.append(observer)
        self._call(observer)

    def result(self, timeout: float | None = None) -> Clip:
        """Wait for the clip; only the cell waits, the panel and other runs go on.

        Args:
            timeout: seconds to wait at most.

        Raises:
            JobFailed: the job ended with an error.
            StillRunning: the time is over, or the run was cancelled; the job goes on and can be resumed.
            WanError: anything else of the tree in errors.py.
        """
        try:
            return event_loop.wait(self._future, timeout)
        except TimeoutError:
            raise StillRunning(f"Not finished after {timeout:g} s. {self._how_to_resume()}", self.job) from None
        except KeyboardInterrupt:
            raise self.interrupt() from None
        except concurrent.futures.CancelledError:
            raise StillRunning(f"No longer watched. {self._how_to_resume()}", self.job) from None

    def interrupt(self) -> KeyboardInterrupt:
        """Return what an interrupted wait is to raise: it says what goes on, and how it is watched again."""
        return KeyboardInterrupt(f"No longer waited for. {self._how_to_resume()}")

    def __await__(self) -> Generator[Any, None, Clip]:
        return asyncio.shield(asyncio.wrap_future(self._future)).__await__()

    def cancel(self) -> None:
        """Stop waiting. The service knows no cancelling: a job it has taken goes on and may be charged."""
        self._future.cancel()

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        """A status bar that follows it, and then its clip; in words where no widgets live."""
        from ..widgets.front_end import view_of

        return {**view_of(self._widget), "text/plain": repr(self)}

    @cached_property
    def _widget(self) -> RunWidget:
        """The same in each cell, so that all of them stay in step."""
        from ..run_widget import RunWidget

        return RunWidget(self)

    def __repr__(self) -> str:
        state = self._progress
        return f"Run({state.phase.value}{f', job {self.job.id}' if self.job else ''})"

    async def _go(self, work: Callable[[Tell], Coroutine[Any, Any, Clip]]) -> Clip:
        try:
            clip = await work(self._tell)
        except asyncio.CancelledError:
            self._end(Phase.STOPPED, message=f"No longer watched. {self._how_to_resume()}")
            raise
        except WanError as error:
            self._end(_PHASE_OF_ERROR.get(type(error), Phase.FAILED), message=str(error), error=error)
            raise
        except Exception as error:
            _log.exception("a run ended by a defect of wan_notebook")
            self._end(Phase.FAILED, message=f"A defect of wan_notebook ended this: {error!r}. {self._how_to_resume()}")
            raise
        self._end(Phase.DONE, clip=clip, fraction=1.0, message=self._progress.message or "The clip is saved.")
        return clip

    def _how_to_resume(self) -> str:
        charged = " and may be charged" if self._paid else ""
        if self.job is None and self._progress.phase is Phase.SENDING:
            return f"It is just being sent{charged}; wan.history() shows what becomes of it, and resumes it."
        if self.job is None:
            return "Nothing was sent."
        return f'The job goes on{charged}; wan.resume("{self.job.id}") watches it again.'

    def _end(self, phase: Phase, **changes: Any) -> None:
        self._tell(phase, finished_at=time.time(), time_left="", **changes)

    def _tell(self, phase: Phase, *, note: str = "", **changes: Any) -> None:
        before = self._progress
        said = [text for text in (changes.get("message"), note) if text and text != before.message]
        log = (*before.log, *((time.time(), text) for text in said))
        self._progress = replace(before, phase=phase, log=log, **changes)
        with self._lock:
            observers = list(self._observers)
        for observer in observers:
            self._call(observer)

    def _call(self, observer: Observer) -> None:
        try:
            observer(self._progress)
        except Exception:  # noqa: BLE001 - an observer is not ours, and what it raises must not stop a paid job
            _log.exception("an observer of a run failed")
            with self._lock:
                self._observers = [other for other in self._observers if other is not observer]


_PHASE_OF_ERROR = {SubmitUnknown: Phase.UNKNOWN, AskedBefore: Phase.UNKNOWN, StillRunning: Phase.STOPPED}


@lists_settings
def submit(
    image: Any,
    video: Any,
    *,
    service: Service | None = None,
    again: bool = False,
    budget: float | None = None,
    prepare: Prepare | Mapping[str, Any] | None = None,
    prepare_image: Prepare | Mapping[str, Any] | None = None,
    points: Points | None = None,
    **settings: Any,
) -> Run:
    """Send one job and return at once.

    Args:
        image: the character: a path, URL, bytes, file, upload, PIL image or H×W×3 uint8 array.
        video: the reference whose motion is taken: a path, URL, bytes, file, upload or T×H×W×3 uint8 array.
        service: where to; by default what Service.choose() finds: the hosted one with a key, else the free preview.
        again: buy the job anew even where the same one is finished, whose clip is otherwise offered at once, or under
            way, which is otherwise watched.
        budget: dollars that the job may cost at most; None for no limit.
        prepare: how the reference is made ready first, as dict(end=5, fps=16); see prepare.Prepare.
        prepare_image: how the picture is, likewise.
        points: left eye, right eye and mouth of the character, each (x, y) in pixels of the picture as it is given, for
            the preview where it does not find them; the model itself needs none, and gets none.
        settings: fields of Request by name: model, resolution, num_inference_steps, shift, …

    Raises:
        MediaError: the picture or the video cannot be used; nothing was sent.
        InvalidRequest: a setting is not one the model takes; nothing was sent.
        OverBudget: it would cost more than the budget; nothing was sent.
        NotAuthorized: the service wants a key, and there is none; nothing was sent.
        StorageError: the journal cannot be read; nothing was sent.
    """
    order = make_order(
        image, video, service=service, prepare=prepare, prepare_image=prepare_image, points=points, **settings
    )
    return begin(order, again=again, budget=budget)


def begin(order: Order, *, again: bool = False, budget: float | None = None) -> Run:
    """Send an order that is made already; arguments and errors as for submit()."""
    check_budget([], budget)  # which says what is no amount of money, also where nothing has to be paid
    journal = Journal()
    before = None if again else journal.done_before(order.fingerprint)
    if before is not None:
        return Run(lambda tell: offer(before, tell))
    check_budget([order.estimate], budget)
    order.service.check_key()
    return Run(lambda tell: _submitted(order, journal, tell, again), paid=order.service.paid)


def resume(key: str | int | Entry, *, service: Service | None = None) -> Run:
    """Watch a job of before again, until its clip is saved; nothing is submitted.

    A submit whose answer was lost is looked up in the service's log first. A job that was begun on another machine, or
    by other means, is asked for by its id and written into the journal.

    Args:
        key: the job's number in wan_notebook.history() or its entry there, its id, or the client request id of its
            submit.
        service: where it runs; by default the one that the journal remembers, with the key found now.

    Raises:
        InvalidRequest: there is no such job, or none whose clip could still come.
        StorageError: the journal cannot be read.
    """
    journal = Journal()
    entry = key if isinstance(key, Entry) else journal.find(key)
    if entry is None:
        job_id, elsewhere = str(key), service or Service.choose()
        if isinstance(key, int) or elsewhere.base_url == EMBEDDED_URL:
            raise InvalidRequest(
                f"The journal knows no job {key!r}; wan_notebook.history() lists those it knows. "
                "One begun elsewhere is asked for by its id, with service=wan_notebook.Service.hosted()."
            )
        return Run(lambda tell: _adopted(job_id, elsewhere, journal, tell), paid=elsewhere.paid)
    if entry.clip is not None and entry.clip.is_file():
        return Run(lambda tell: offer(entry, tell))
    _refuse_hopeless(entry)
    found = service or _service_of(entry)
    return Run(lambda tell: _resumed(entry, found, journal, tell), paid=entry.paid)


def _refuse_hopeless(entry: Entry) -> None:
    if entry.elsewhere:
        raise InvalidRequest(f"Job {entry.number} is a preview inside another notebook. Here it is free to make again.")
    if entry.phase == "failed":
        raise InvalidRequest(f"Job {entry.number} failed: {entry.error or 'the service gave no reason.'}")
    if entry.phase == "submitting":
        raise InvalidRequest(f"Job {entry.number} is being sent just now. Try again in a moment.")
    if entry.job_id is None and entry.phase != "unknown":
        raise InvalidRequest(f"Job {entry.number} was never accepted: {entry.error or 'nothing was sent'}")


def _service_of(entry: Entry) -> Service:
    """The service that took a job, with the key that is found now: the journal holds none."""
    known = {service.base_url: service for service in (Service.hosted(), Service.embedded(), Service.choose())}
    return known.get(entry.base_url) or Service.at(entry.base_url, paid=entry.paid)


async def _submitted(order: Order, journal: Journal, tell: Tell, again: bool) -> Clip:
    async with Client(order.service) as client:
        return await perform(order, client, journal, tell, again=again)


async def _resumed(entry: Entry, service: Service, journal: Journal, tell: Tell) -> Clip:
    async with Client(service) as client:
        return await pursue(entry, client, journal, tell)


async def _adopted(job_id: str, service: Service, journal: Journal, tell: Tell) -> Clip:
    async with Client(service) as client:
        return await adopt(job_id, client, journal, tell)
