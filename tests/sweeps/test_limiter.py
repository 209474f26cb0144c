"""How many jobs may run at once, and when one may be submitted."""

import asyncio

from wan_notebook.errors import TooBusy
from wan_notebook.sweeps.limiter import JobLimiter, Slot

from support.clock import run_at_once


def limiter(concurrency: int) -> JobLimiter:
    """One that waits as short as it may after a refusal: a quarter of a second at first."""
    return JobLimiter(concurrency, local=True, chance=lambda: 0.0)


async def acquired(limiter: JobLimiter, count: int) -> list[Slot]:
    slots = [await limiter.acquire() for _ in range(count)]
    return [slot for slot in slots if slot is not None]


async def is_full(limiter: JobLimiter) -> bool:
    """Whether nobody gets a slot just now."""
    task = asyncio.ensure_future(limiter.acquire())
    for _ in range(5):
        await asyncio.sleep(0)
    return not task.done() or task.result() is None


def test_released_slot_is_given_on() -> None:
    """Two run at most; a job that ends makes room for the next, and ending twice makes no more room."""

    async def story() -> None:
        two = limiter(2)
        first, _ = await acquired(two, 2)
        third = asyncio.ensure_future(two.acquire())
        await asyncio.sleep(0)
        assert not third.done()
        first.release()
        first.release()
        assert await asyncio.wait_for(third, 5)
        assert await is_full(two)

    run_at_once(story())


def test_refusal_pauses_all_submits() -> None:
    """Nobody submits before the pause is over, which is at least what the service asks for."""

    async def story() -> None:
        four = limiter(4)
        (slot,) = await acquired(four, 1)
        loop = asyncio.get_running_loop()
        began, seconds = loop.time(), slot.refused(TooBusy("Busy.", retry_after=0.5))
        assert seconds == 0.5
        assert await four.may_submit()
        assert loop.time() - began >= 0.5

    run_at_once(story())


def test_refusal_lowers_the_limit() -> None:
    """As many as the service had taken may run; with each job that it takes, there is room for more again."""

    async def story() -> None:
        eight = limiter(8)
        slots = await acquired(eight, 8)
        for slot in slots[3:]:
            slot.refused(TooBusy("Busy."))
        assert await is_full(eight)
        for _ in range(4):
            eight.accepted()
        assert len(await acquired(eight, 1)) == 1

    run_at_once(story())


def test_simultaneous_refusals_count_once() -> None:
    """Eight submits that were refused together pause everybody for as long as a single one does."""

    async def story() -> set[float]:
        eight = limiter(8)
        return {slot.refused(TooBusy("Busy.")) for slot in await acquired(eight, 8)}

    assert run_at_once(story()) == {0.25}


def test_closed_limiter_gives_no_slot() -> None:
    """A job that waits for a slot is sent away at once; after opening, others get one."""

    async def story() -> None:
        one = limiter(1)
        (slot,) = await acquired(one, 1)
        waiting = asyncio.ensure_future(one.acquire())
        await asyncio.sleep(0)
        one.close()
        assert await asyncio.wait_for(waiting, 5) is None
        slot.release()
        assert await one.acquire() is None
        one.open()
        assert await asyncio.wait_for(one.acquire(), 5)

    run_at_once(story())


def test_closing_ends_a_pause() -> None:
    """A job that waits for a busy service is sent away as soon as nothing more is to be sent."""

    async def story() -> None:
        one = limiter(1)
        (slot,) = await acquired(one, 1)
        slot.refused(TooBusy("Busy.", retry_after=60))
        submit = asyncio.ensure_future(one.may_submit())
        await asyncio.sleep(0)
        one.close()
        assert not await asyncio.wait_for(submit, 5)

    run_at_once(story())
