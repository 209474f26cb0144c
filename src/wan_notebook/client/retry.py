"""Retries: which errors are transient, and how long to wait before the next attempt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from ..errors import Rejected, ServiceError

if TYPE_CHECKING:
    import tenacity

T = TypeVar("T")

PASSING = frozenset({408, 425, 429})
"""HTTP statuses of refusals which pass by themselves."""
ATTEMPTS = 4
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds."""


def is_transient(error: BaseException) -> bool:
    """Return whether a read that failed with this error may succeed when it is repeated."""
    if not isinstance(error, ServiceError):
        return False
    return not isinstance(error, Rejected) or error.status_code in PASSING


def backoff(error: BaseException | None, failures: int, random: Callable[[], float]) -> float:
    """Return the seconds to wait after so many failures in a row.

    Args:
        error: the last one; its Retry-After is the least that is waited.
        failures: how many there were, at least 1.
        random: from 0 to 1, so that many clients do not come back together.
    """
    growing: float = min(_FIRST_PAUSE * 2 ** (min(failures, 10) - 1), _LONGEST_PAUSE) * (0.5 + random())
    retry_after = error.retry_after if isinstance(error, ServiceError) else None
    return max(growing, retry_after or 0.0)


async def retry(
    attempt: Callable[[], Awaitable[T]],
    *,
    should_retry: Callable[[BaseException], bool] = is_transient,
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
) -> T:
    """Return the result of `attempt`, repeated up to ATTEMPTS times while its errors should be retried.

    Args:
        attempt: must be safe to repeat.
        should_retry: whether to repeat after this error.
        sleep: waits so many seconds.
        random: from 0 to 1.
    """
    import tenacity

    def wait(state: tenacity.RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        return backoff(failure, state.attempt_number, random)

    again = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(should_retry),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=wait,
        sleep=sleep,
        reraise=True,
    )

    async def once() -> T:  # tenacity awaits nothing but coroutine functions, and `attempt` may be a lambda
        return await attempt()

    return await again(once)
