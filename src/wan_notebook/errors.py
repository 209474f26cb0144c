"""All errors of this package, as one tree.

    WanError
    ├── InvalidRequest      a setting that the model does not take; nothing was sent
    ├── MediaError          a picture or a video that cannot be used; nothing was sent
    ├── ServiceError        the service refused, failed or sent no readable answer
    │   ├── Rejected        it refused the request; nothing was bought
    │   │   ├── NotAuthorized   the key is missing or wrong
    │   │   ├── NotAllowed      out of credits, or beyond the key's scope
    │   │   ├── JobNotFound     it knows no job of this id
    │   │   └── TooBusy         too many requests at once
    │   ├── Unreachable     no answer; a submit surely did not arrive whole
    │   ├── ServiceFailure  it failed while answering (5xx); reading may be tried again
    │   ├── BadAnswer       an answer which is not of the protocol
    │   └── SubmitUnknown   a submit was sent and its answer lost: it may have been bought
    ├── JobFailed           the job ended with an error
    ├── JobCancelled        the free preview was cancelled, and ended
    ├── StillRunning        the waiting ended; the job goes on
    ├── DownloadFailed      the job is done, but its clip could not be saved yet
    ├── OverBudget          it would cost more than was allowed; nothing was sent
    ├── AskedBefore         the same may have been bought already; nothing was sent
    ├── StorageError        the user's data directory cannot be read or written
    │   ├── JournalDamaged      the journal's file is broken; it can be set aside
    │   └── JournalBusy         another notebook is writing it, and does not let go
    ├── ModelsMissing       the models that read faces are not here and cannot be fetched
    ├── ClusterUnavailable  the cluster that the work was to go to cannot be used
    ├── WouldDeadlock       a wait would block the very thread that it waits for
    └── NestingRefused      nested event loops would harm this kernel

Each message names the cause and the next step. No exception of a library gets through.

Where nobody handles one, the reader sees the lines of their own code that led to it, and the message; full() shows all.
Nothing is taken out of the traceback itself: debuggers, loggers and test runners have it whole.
"""

from __future__ import annotations

import linecache
import os
import re
import sys
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType, TracebackType

    from .model.job import Job


class WanError(Exception):
    """The root of all errors that this package raises on purpose."""

    remedy: ClassVar[str] = "Read the message: it names the cause and the next step."
    """What helps with errors of this class, in one sentence; the message of one of them says more."""

    _shown = 0
    """The id of the traceback that a notebook has shown in short: asked for it once more, as by %tb, it shows all."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> WanError:
        """Make an error; the first one takes the place of Python's own display of errors, and of nobody else's."""
        if sys.excepthook is sys.__excepthook__ and not sys.flags.dev_mode:
            sys.excepthook = _show_in_short
        return super().__new__(cls)

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows in a cell's output."""
        again, self._shown = self._shown == id(self.__traceback__), id(self.__traceback__)
        if again:
            return _whole_lines(self)
        return [*_short_lines(self, _cell_frame), "", "%tb, or wan.errors.full(), shows where in the package."]


def defect(error: BaseException) -> str:
    """Return the message for an exception that only a fault of this package can raise."""
    return f"A defect of wan-notebook: {error!r}. Please report it; the kernel's log tells more."


class InvalidRequest(WanError):
    """A request holds a value that the model does not take; nothing was sent."""

    remedy = "Give one of the values that the message lists."


class MediaError(WanError):
    """A picture or a video cannot be used; nothing was sent.

    Args:
        message: the fault, in a sentence.
        in_code: the arguments that code may pass instead; of no use to a person who chose with the mouse.
    """

    remedy = "Choose another file, or do with this one what the message says."

    def __init__(self, message: str, in_code: str = "") -> None:
        super().__init__(f"{message} {in_code}".rstrip())
        self.message = message
        self.in_code = in_code


class ServiceError(WanError):
    """The service refused, failed, or sent no answer that can be read.

    Args:
        message: the cause and the next step.
        status_code: the HTTP status, where there was an answer.
        request_id: the service's own id of the request, for its support.
        body: the raw answer, shortened, with secrets and media removed.
        retry_after: seconds the service asks us to wait, where it does.
    """

    remedy = "Read its message; with request_id the service's support finds the request."

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        request_id: str | None = None,
        body: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.request_id = request_id
        self.body = body
        self.retry_after = retry_after


class Rejected(ServiceError):
    """The service refused the request; nothing was bought."""

    remedy = "Change what the message names, and ask again."


class NotAuthorized(Rejected):
    """The key is missing or wrong."""

    remedy = "Enter the key anew with wan.login(), or set AIMLAPI_API_KEY."


class NotAllowed(Rejected):
    """The account is out of credits, or the key may not do this."""

    remedy = "Add credits to the account, or use a key that may do this."


class JobNotFound(Rejected):
    """The service knows no job of this id."""

    remedy = "Look the id up in wan.history(), and ask the service at which it was begun."


class TooBusy(Rejected):
    """The service takes no more requests just now."""

    remedy = "Wait for retry_after seconds, and ask again; a sweep does so by itself."


class Unreachable(ServiceError):
    """No answer came; where this ends a submit, it surely did not arrive whole, and nothing was bought."""

    remedy = "Look at the network and its proxy, then run the cell again: nothing is doubled."


class ServiceFailure(ServiceError):
    """The service failed while answering."""

    remedy = "Wait a while, and run the cell again; a job that was taken is watched, and not bought once more."


class BadAnswer(ServiceError):
    """The service sent an answer which is not of the protocol."""

    remedy = "See whether the address is that of a service of this protocol."


class SubmitUnknown(ServiceError):
    """A submit was sent and its answer lost: the job may have been bought, so it is never sent again by itself.

    Args:
        message: the cause and the next step.
        client_request_id: the id under which the service's log lists the submit.
        job_id: the job's own id, where that at least came through.
        details: as for ServiceError.
    """

    remedy = "Run the cell again, which looks into the service's log first, or wan.resume(client_request_id)."

    def __init__(
        self,
        message: str,
        *,
        client_request_id: str,
        job_id: str | None = None,
        status_code: int | None = None,
        body: str = "",
    ) -> None:
        super().__init__(message, status_code=status_code, body=body)
        self.client_request_id, self.job_id = client_request_id, job_id


class _AboutAJob(WanError):
    def __init__(self, message: str, job: Job) -> None:
        super().__init__(message)
        self.job = job


class JobFailed(_AboutAJob):
    """The job ended with an error; failed jobs are not charged."""

    remedy = "Change what the message names, then run the cell again: the failed job is not charged."


class JobCancelled(WanError):
    """The free preview was cancelled, and ended; nothing goes on."""

    remedy = "Run the cell again to begin anew."


class StillRunning(WanError):
    """The waiting ended; the job goes on and can be resumed by its id.

    Args:
        message: the cause, and how to go on.
        job: the service's latest answer; None where it had not taken the job yet.
    """

    remedy = "Watch it again with wan.resume(job.id)."

    def __init__(self, message: str, job: Job | None) -> None:
        super().__init__(message)
        self.job = job


class DownloadFailed(_AboutAJob):
    """The job is done, but its clip could not be saved yet; it can be fetched again."""

    remedy = "Fetch the clip with wan.resume(job.id); nothing is bought again."


class StorageError(WanError):
    """The user's data directory cannot be read or written."""

    remedy = "Make room or allow writing there, or set WAN_NOTEBOOK_HOME to another folder."


class JournalBusy(StorageError):
    """Another notebook is writing the journal, and does not let go."""

    remedy = "Close the other notebook, or wait until it has ended."


class JournalDamaged(StorageError):
    """The journal's file is broken; Journal.set_aside() keeps it and begins anew with what can be read of it."""

    remedy = "Journal().set_aside() keeps the file, and goes on with what can be read of it."

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


class ModelsMissing(WanError):
    """The models that read faces are not here and cannot be fetched; a preview is made without them."""

    remedy = "Fetch them with wan-notebook models; without a network set WAN_NOTEBOOK_MODELS to a folder that has them."


class ClusterUnavailable(WanError):
    """The Dask cluster that the work was to go to cannot be used; the message says why, and what to do."""

    remedy = "Start the scheduler, name another one, or pass local_fallback=True, so that this computer does the work."


class OverBudget(WanError):
    """A request would cost more than its budget; nothing was sent."""

    remedy = "Make it cheaper as the message proposes, or allow more with budget=."


class AskedBefore(WanError):
    """The same job was sent before and its answer lost; nothing was sent now, so that none is doubled.

    Args:
        message: the state of the other job, and the next step.
        number: the other job's place in the journal.
    """

    remedy = "Watch the other job with wan.resume(number); again=True buys it once more."

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.number = number


class WouldDeadlock(WanError):
    """A wait would block the very thread that it waits for."""

    remedy = "Use await there, in place of result()."


class NestingRefused(WanError):
    """Nested event loops would harm this kernel."""

    remedy = "Use await in the cell, in place of asyncio.run(…)."


def full(error: BaseException | None = None) -> None:
    """Print the whole traceback of an error.

    Args:
        error: the error; the one that was shown last by default.
    """
    error = error or getattr(sys, "last_value", None)
    sys.stderr.write("No error was shown yet.\n" if error is None else "\n".join([*_whole_lines(error), ""]))


def _show_in_short(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print an error of ours in short and any other as Python does; takes the arguments of sys.excepthook."""
    if not isinstance(error, WanError):
        sys.__excepthook__(kind, error, trace)
        return
    hint = ["", "wan.errors.full() shows where in the package."] if hasattr(sys, "ps1") else []
    head = "Traceback (most recent call last):"
    sys.stderr.write("\n".join([head, *_short_lines(error, _script_frame), *hint, ""]))


_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
_MACHINERY = ("IPython", "ipykernel", "asyncio", "concurrent", "runpy", "threading", "tornado", "traitlets")
"""Packages that only run the reader's code."""
_KEY_LIKE = re.compile(r"""(["'])(?=[\w-]*\d)[\w-]{20,}\1""")
"""A literal in the reader's own line that may be a key."""


def _short_lines(error: BaseException, describe: Any) -> list[str]:
    """Return the reader's own lines that led to an error, and its message; so for the errors that it came from."""
    lines: list[str] = []
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and any(_own_frames(earlier)):
        joint = "direct cause of" if error.__cause__ else "error that was handled before"
        lines = [*_short_lines(earlier, describe), "", f"This was the {joint} the following:", ""]
    for frame, number in _own_frames(error):
        lines += describe(frame, number)
    return [*lines, *"".join(traceback.format_exception_only(type(error), error)).replace(_MODULE, "").splitlines()]


_MODULE = f"{__name__}."


def _own_frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Yield the frames of the reader's own code, each with the number of its line."""
    inside, libraries = False, _library_folders()
    for frame, number in traceback.walk_tb(error.__traceback__):
        path, package = frame.f_code.co_filename, str(frame.f_globals.get("__name__", "")).partition(".")[0]
        inside = inside or path.startswith(_OWN)
        if path.startswith((_OWN, "<frozen ")) or package in _MACHINERY:
            continue
        # Before the package is entered, every line is one of the reader's; inside, what it calls may be a library.
        if not (inside and os.path.normcase(os.path.realpath(path)).startswith(libraries)):
            yield frame, number


def _library_folders() -> tuple[str, ...]:
    import sysconfig  # here, since it takes a while and is needed by nobody else

    paths = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    return tuple({os.path.normcase(os.path.realpath(path)) + os.sep for path in paths})


def _cell_frame(frame: FrameType, number: int) -> list[str]:
    return [f"{_place(frame)}, line {number}", f"----> {number} {_source(frame, number)}", ""]


def _script_frame(frame: FrameType, number: int) -> list[str]:
    name, source = frame.f_code.co_name, _source(frame, number)
    return [f'  File "{frame.f_code.co_filename}", line {number}, in {name}', *([f"    {source}"] if source else [])]


def _place(frame: FrameType) -> str:
    """Return the name of a cell, or the path of a file, with its function."""
    path, name = frame.f_code.co_filename, frame.f_code.co_name
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    named = getattr(getattr(shell, "compile", None), "format_code_name", lambda _path: None)(path)
    is_cell = path.startswith("<ipython-input") or f"{os.sep}ipykernel_" in path  # as older versions name them
    place = " ".join(named) if named else "This cell" if is_cell else f"File {os.path.basename(path)}"
    return place if name.startswith("<") else f"{place}, in {name}"


def _source(frame: FrameType, number: int) -> str:
    line = linecache.getline(frame.f_code.co_filename, number, frame.f_globals).strip()
    return _KEY_LIKE.sub(r"\1…\1", line)


def _whole_lines(error: BaseException) -> list[str]:
    """Return the whole traceback, as the notebook, or else Python, formats it."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return "".join(traceback.format_exception(type(error), error, error.__traceback__)).splitlines()
    lines: list[str] = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__, tb_offset=1)
    return lines
