"""Asking again: which failures of a read pass by themselves, and how long to wait for that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from ..errors import Rejected, ServiceError
from .responses import PASSING

if TYPE_CHECKING:
    import tenacity

T = TypeVar("T")

_ATTEMPTS = 4
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


def is_transient(error: BaseException) -> bool:
    """Whether a read that ended so may succeed when it is tried again."""
    if not isinstance(error, ServiceError):
        return False
    return not isinstance(error, Rejected) or error.status_code in PASSING


def backoff(error: BaseException | None, failures: int, random: Callable[[], float]) -> float:
    """Return the seconds to wait after so many failures in a row.

    Args:
        error: the last one; what its service asks for is honoured.
        failures: how many there were, at least 1.
        random: from 0 to 1, so that many clients do not come back together.
    """
    growing: float = min(_FIRST_PAUSE * 2 ** (min(failures, 10) - 1), _LONGEST_PAUSE) * (0.5 + random())
    asked = error.retry_after if isinstance(error, ServiceError) else None
    return max(growing, asked or 0.0)


async def retry(
    read: Callable[[], Awaitable[T]],
    *,
    worth: Callable[[BaseException], bool] = is_transient,
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
) -> T:
    """Return what `read` returns, tried again while its failure is worth it.

    Args:
        read: one attempt, which must be safe to repeat.
        worth: whether to try again after this error.
        sleep: waits so many seconds.
        random: from 0 to 1.
    """
    import tenacity

    def wait(state: tenacity.RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        return backoff(failure, state.attempt_number, random)

    again = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(worth),
        stop=tenacity.stop_after_attempt(_ATTEMPTS),
        wait=wait,
        sleep=sleep,
        reraise=True,
    )

    async def attempt() -> T:  # tenacity awaits nothing but coroutine functions, and `read` may be a lambda
        return await read()

    return await again(attempt)
