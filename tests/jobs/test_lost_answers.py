"""A submit whose answer was lost: found again, proven never to have arrived, or not sent again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wan_notebook.client import Service
from wan_notebook.client.prices import remember_price
from wan_notebook.errors import AskedBefore, SubmitUnknown
from wan_notebook.jobs.clip import Clip
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.jobs.order import Order, OrderBuilder
from wan_notebook.model.family import MOVE
from wan_notebook.runtime.uptime import Uptime

from support.journals import HERE, journal_of
from support.runners import runners
from support.services import BASE, Received, Reply, ScriptedService, refusal

PAID = Service.at(BASE, "key")
MINUTES, HOURS = 600.0, 2 * 3600.0


@pytest.fixture
def order(character: Path, performance: Path) -> Order:
    """A job on a service that takes money."""
    remember_price(PAID, MOVE.id, None)
    return OrderBuilder(PAID).order(character, performance)


def go(app: ScriptedService, order: Order, journal: Journal) -> Clip:
    """Run the order's cell."""

    async def way() -> Clip:
        async with runners(app, PAID, journal=journal) as new:
            return await new().run(order)

    return asyncio.run(way())


def lose(order: Order, journal: Journal) -> Entry:
    """Submit, and lose the answer."""
    with pytest.raises(SubmitUnknown):
        go(ScriptedService(posts=[refusal(500)]), order, journal)
    return journal.entries()[0]


def page(*rows: dict[str, Any], **pagination: Any) -> dict[str, Any]:
    return {"data": list(rows), "pagination": {"has_more": False} | pagination}


def row(entry: Entry, **changes: Any) -> dict[str, Any]:
    return {"client_request_id": entry.client_request_id, "inference_id": "job-1", "status": "succeeded"} | changes


OTHER = {"client_request_id": "somebody-else", "inference_id": "job-9", "status": "succeeded"}


def unclear(entry: Entry) -> Iterator[tuple[str, Any]]:
    """Answers of a log that prove nothing, by what is odd about them."""
    yield "a page of HTML", b"<html><body>Sign in</body></html>"
    yield "nothing", b""
    yield "null", b"null"
    yield "an empty object", {}
    yield "a bare list", [row(entry)]
    yield "rows under another name", {"logs": [row(entry)], "pagination": {"has_more": False}}
    yield "rows that are no objects", {"data": ["wan-1"], "pagination": {"has_more": False}}
    yield "rows that are no list", {"data": {"0": row(entry)}, "pagination": {"has_more": False}}
    yield "an error in place of rows", {"error": {"message": "try later"}}
    yield "our row without an id", page(row(entry, inference_id=None))
    yield "our row with an empty id", page(row(entry, inference_id=""))
    yield "a full page without an end", {"data": [OTHER] * 100}
    yield "a short page without an end", {"data": [OTHER]}
    yield "no row and no end", {"data": []}
    yield "an end in words", {"data": [OTHER], "pagination": {"has_more": "false"}}
    yield "an end of null", {"data": [OTHER], "pagination": {"has_more": None}}
    yield "more without end", page(OTHER, has_more=True)
    yield "fewer rows than it counts", page(OTHER, total=250)
    yield "requests of nobody", page(row(entry, client_request_id=None))
    yield "our model's request of nobody", page(OTHER, row(entry, client_request_id=None, model=entry.model))
    yield "our row twice without an id", page(row(entry, inference_id=None), row(entry, inference_id=""))


def test_unclear_log_buys_nothing(order: Order) -> None:
    """Whatever the log answers instead of a list of requests read to its end, the job is not sent again."""
    entry = lose(order, journal_of(HOURS))
    sent = {}
    for name, body in unclear(entry):
        app = ScriptedService(others={"/v2/logs": [Reply(body=body)]})
        with pytest.raises(AskedBefore, match="nothing was sent now"):
            go(app, order, journal_of())
        sent[name] = len(app.posts)
    assert sent == dict.fromkeys(sent, 0)
    assert journal_of().entries()[0].phase == "unknown"


def test_log_row_without_job(order: Order) -> None:
    """A row of ours whose job the service does not show was bought all the same, for all that is known."""
    entry = lose(order, journal_of(HOURS))
    app = ScriptedService(fetches=[refusal(404)], others={"/v2/logs": [Reply(body=page(row(entry)))]})
    with pytest.raises(AskedBefore):
        go(app, order, journal_of())
    assert app.posts == []


def test_clear_log_settles_it(order: Order) -> None:
    """A log that was read to its end without our row proves that nothing was bought, and the job is sent."""
    lose(order, journal_of(HOURS))
    earlier = OTHER | {"inference_id": "job-8"}
    app = ScriptedService(others={"/v2/logs": [Reply(body=page(OTHER, has_more=True)), Reply(body=page(earlier))]})
    go(app, order, journal_of())
    assert len(app.posts) == 1


@pytest.mark.parametrize("second", [page(OTHER), page()], ids=["the first again", "empty"])
def test_promised_page_has_to_come(order: Order, second: dict[str, Any]) -> None:
    """A log that promises more rows and gives none that are new was not read to its end."""
    lose(order, journal_of(HOURS))
    app = ScriptedService(others={"/v2/logs": [Reply(body=page(OTHER, has_more=True)), Reply(body=second)]})
    with pytest.raises(AskedBefore):
        go(app, order, journal_of())
    assert app.posts == []


def test_slow_log_is_an_early_one(order: Order) -> None:
    """A log counts from the moment it was asked: two minutes that pass until it answers do not make it a later one."""
    lose(order, journal_of(5))
    app, moments = ScriptedService(others={"/v2/logs": [Reply(body=page(OTHER))]}), [HERE.seconds]

    class Slow(ScriptedService):
        def reply(self, request: Received) -> Reply:
            moments.append(HERE.seconds + MINUTES)
            return app.reply(request)

    with pytest.raises(AskedBefore):
        go(Slow(), order, Journal(uptime=lambda: Uptime(HERE.boot, moments[-1])))
    assert app.posts == []


@pytest.mark.parametrize("clock", [-HOURS, HOURS], ids=["set back in between", "set forward in between"])
def test_clock_set_right_meanwhile(order: Order, clock: float) -> None:
    """A log may list a submit two minutes late; the computer's clock, set right meanwhile, does not shorten them."""
    lose(order, journal_of(5, clock=clock))
    app = ScriptedService(others={"/v2/logs": [Reply(body=page(OTHER))]})
    with pytest.raises(AskedBefore):
        go(app, order, journal_of())
    assert app.posts == []


def test_lag_counts_from_end(order: Order) -> None:
    """A submit that was begun ten minutes ago and given up a moment ago may still appear in the log."""
    begun, given_up = journal_of(MINUTES), journal_of(5)
    entry = begun.begin(order.request, service=PAID, image=order.image, video=order.video)
    given_up.unknown(entry, "The answer was lost.")
    app = ScriptedService(others={"/v2/logs": [Reply(body=page(OTHER))]})
    with pytest.raises(AskedBefore):
        go(app, order, journal_of())
    go(ScriptedService(others={"/v2/logs": [Reply(body=page(OTHER))]}), order, journal_of(-MINUTES))


def test_lag_after_restart(order: Order) -> None:
    """After a restart the time since then counts, which is shorter than the truth and never longer."""
    lose(order, journal_of(MINUTES, boot="an earlier boot"))
    log = {"/v2/logs": [Reply(body=page(OTHER))]}
    with pytest.raises(AskedBefore):
        go(ScriptedService(others=log), order, Journal(uptime=lambda: Uptime("this boot", 60.0)))
    go(ScriptedService(others=log), order, Journal(uptime=lambda: Uptime("this boot", 400.0)))
