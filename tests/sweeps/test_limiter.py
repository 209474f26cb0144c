"""Who may send a job now."""

import asyncio
import time

from wan_notebook.errors import TooBusy
from wan_notebook.sweeps.limiter import JobLimiter, Slot


def gate(concurrency: int) -> JobLimiter:
    """One that waits as short as it may after a refusal: a quarter of a second at first."""
    return JobLimiter(concurrency, local=True, chance=lambda: 0.0)


async def entered(gate: JobLimiter, count: int) -> list[Slot]:
    places = [await gate.acquire() for _ in range(count)]
    return [place for place in places if place is not None]


async def waits(gate: JobLimiter) -> bool:
    """Whether nobody gets in just now."""
    task = asyncio.ensure_future(gate.acquire())
    for _ in range(5):
        await asyncio.sleep(0)
    return not task.done() or task.result() is None


def test_released_slot_is_given_on() -> None:
    """Two are inside at most; who leaves makes room for the next, and leaving twice makes no more room."""

    async def story() -> None:
        one = gate(2)
        first, _ = await entered(one, 2)
        third = asyncio.ensure_future(one.acquire())
        await asyncio.sleep(0)
        assert not third.done()
        first.release()
        first.release()
        assert await asyncio.wait_for(third, 5)
        assert await waits(one)

    asyncio.run(story())


def test_refusal_pauses_all_submits() -> None:
    """Nobody sends before the pause is over, which is at least what the service asks for."""

    async def story() -> float:
        one = gate(4)
        (place,) = await entered(one, 1)
        seconds = place.refused(TooBusy("Busy.", retry_after=0.5))
        assert seconds >= 0.5
        began = time.monotonic()
        assert await one.may_submit()
        return time.monotonic() - began

    assert asyncio.run(story()) >= 0.45


def test_refusal_lowers_the_limit() -> None:
    """As many as the service had taken may run; with each job that it takes, there is room for more again."""

    async def story() -> None:
        one = gate(8)
        places = await entered(one, 8)
        for place in places[3:]:
            place.refused(TooBusy("Busy."))
        assert await waits(one)
        for _ in range(4):
            one.accepted()
        assert len(await entered(one, 1)) == 1

    asyncio.run(story())


def test_simultaneous_refusals_count_once() -> None:
    """Eight submits that were refused together make nobody wait as if they had been refused in a row."""

    async def story() -> float:
        one = gate(8)
        return max(place.refused(TooBusy("Busy.")) for place in await entered(one, 8))

    assert asyncio.run(story()) < 0.3


def test_closed_limiter_gives_no_slot() -> None:
    """Who waits for a place is sent away at once; after opening, others get in."""

    async def story() -> None:
        one = gate(1)
        (place,) = await entered(one, 1)
        waiting = asyncio.ensure_future(one.acquire())
        await asyncio.sleep(0)
        one.close()
        assert await asyncio.wait_for(waiting, 5) is None
        place.release()
        assert await one.acquire() is None
        one.open()
        assert await asyncio.wait_for(one.acquire(), 5)

    asyncio.run(story())


def test_closing_ends_a_pause() -> None:
    """Who waits for a busy service is sent away as soon as nothing more is to be sent."""

    async def story() -> None:
        one = gate(1)
        (place,) = await entered(one, 1)
        place.refused(TooBusy("Busy.", retry_after=60))
        turn = asyncio.ensure_future(one.may_submit())
        await asyncio.sleep(0)
        one.close()
        assert not await asyncio.wait_for(turn, 5)

    asyncio.run(story())
