"""How many jobs may run at once, and when one may be submitted."""

import asyncio

from wan_notebook.errors import TooBusy
from wan_notebook.sweeps.limiter import JobLimiter, Slot

from support.clock import run_at_once


def limiter(concurrency: int) -> JobLimiter:
    """One that waits as short as it may after a refusal: a quarter of a second at first."""
    return JobLimiter(concurrency, local=True, chance=lambda: 0.0)


async def acquired(limiter: JobLimiter, count: int) -> list[Slot]:
    slots = [limiter.slot() for _ in range(count)]
    return [slot for slot in slots if await slot.take()]


async def is_full(limiter: JobLimiter) -> bool:
    """Whether nobody gets a slot just now."""
    task = asyncio.ensure_future(limiter.slot().take())
    for _ in range(5):
        await asyncio.sleep(0)
    return not task.done() or not task.result()


def test_released_slot_is_given_on() -> None:
    """Two run at most; a job that ends makes room for the next, and ending twice makes no more room."""

    async def story() -> None:
        two = limiter(2)
        first, _ = await acquired(two, 2)
        third = asyncio.ensure_future(two.slot().take())
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
        assert await slot.admit()
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


def test_closing_dismisses_earlier_slots() -> None:
    """A job that waits when the limiter is closed is sent away for good, also when others are let in later."""

    async def story() -> None:
        one = limiter(1)
        (slot,) = await acquired(one, 1)
        waiting, never_tried = one.slot(), one.slot()
        waits = asyncio.ensure_future(waiting.take())
        await asyncio.sleep(0)
        one.close()
        one.wake()
        later = one.slot()
        slot.release()
        assert not await asyncio.wait_for(waits, 5)
        assert not await never_tried.take()
        assert (waiting.dismissed, never_tried.dismissed, later.dismissed) == (True, True, False)
        assert await asyncio.wait_for(later.admit(), 5)
        assert not await waiting.admit()

    run_at_once(story())


def test_admitted_job_is_not_dismissed() -> None:
    """A job that was let in runs on when the limiter is closed; one that was let in for nothing is sent away."""

    async def story() -> None:
        two = limiter(2)
        submitted, sent_back = await acquired(two, 2)
        assert await submitted.admit()
        assert await sent_back.admit()
        sent_back.send_back()
        two.close()
        assert (submitted.dismissed, sent_back.dismissed) == (False, True)

    run_at_once(story())


def test_closing_ends_a_pause() -> None:
    """A job that waits for a busy service is sent away as soon as nothing more is to be sent."""

    async def story() -> None:
        one = limiter(1)
        (slot,) = await acquired(one, 1)
        slot.refused(TooBusy("Busy.", retry_after=60))
        submit = asyncio.ensure_future(slot.admit())
        await asyncio.sleep(0)
        one.close()
        one.wake()
        assert not await asyncio.wait_for(submit, 5)

    run_at_once(story())
