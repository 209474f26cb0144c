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
    ├── WouldDeadlock       a wait would block the very thread that it waits for
    └── NestingRefused      nested event loops would harm this kernel

Each message names the cause and the next step. No exception of a library gets through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .model.job import Job


class WanError(Exception):
    """The root of all errors that this package raises on purpose."""


def defect(error: BaseException) -> str:
    """Return the message for an exception that only a fault of this package can raise."""
    return f"A defect of wan-notebook: {error!r}. Please report it; the kernel's log tells more."


class InvalidRequest(WanError):
    """A request holds a value that the model does not take; nothing was sent."""


class MediaError(WanError):
    """A picture or a video cannot be used; nothing was sent.

    Args:
        message: the fault, in a sentence.
        in_code: the arguments that code may pass instead; of no use to a person who chose with the mouse.
    """

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


class NotAuthorized(Rejected):
    """The key is missing or wrong."""


class NotAllowed(Rejected):
    """The account is out of credits, or the key may not do this."""


class JobNotFound(Rejected):
    """The service knows no job of this id."""


class TooBusy(Rejected):
    """The service takes no more requests just now."""


class Unreachable(ServiceError):
    """No answer came; where this ends a submit, it surely did not arrive whole, and nothing was bought."""


class ServiceFailure(ServiceError):
    """The service failed while answering."""


class BadAnswer(ServiceError):
    """The service sent an answer which is not of the protocol."""


class SubmitUnknown(ServiceError):
    """A submit was sent and its answer lost: the job may have been bought, so it is never sent again by itself.

    Args:
        message: the cause and the next step.
        client_request_id: the id under which the service's log lists the submit.
        job_id: the job's own id, where that at least came through.
        details: as for ServiceError.
    """

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


class JobCancelled(WanError):
    """The free preview was cancelled, and ended; nothing goes on."""


class StillRunning(WanError):
    """The waiting ended; the job goes on and can be resumed by its id.

    Args:
        message: the cause, and how to go on.
        job: the service's latest answer; None where it had not taken the job yet.
    """

    def __init__(self, message: str, job: Job | None) -> None:
        super().__init__(message)
        self.job = job


class DownloadFailed(_AboutAJob):
    """The job is done, but its clip could not be saved yet; it can be fetched again."""


class StorageError(WanError):
    """The user's data directory cannot be read or written."""


class JournalBusy(StorageError):
    """Another notebook is writing the journal, and does not let go."""


class JournalDamaged(StorageError):
    """The journal's file is broken; Journal.set_aside() keeps it and begins anew with what can be read of it."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


class OverBudget(WanError):
    """A request would cost more than its budget; nothing was sent."""


class AskedBefore(WanError):
    """The same job was sent before and its answer lost; nothing was sent now, so that none is doubled.

    Args:
        message: the state of the other job, and the next step.
        number: the other job's place in the journal.
    """

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.number = number


class WouldDeadlock(WanError):
    """A wait would block the very thread that it waits for."""


class NestingRefused(WanError):
    """Nested event loops would harm this kernel."""
