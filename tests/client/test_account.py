"""Balance, prices, durations and the log, as the service publishes them."""

import json
from typing import Any

import pytest

from wan_notebook.client import Balance, LogRow
from wan_notebook.errors import BadAnswer

from support.clients import using
from support.services import (
    Reply,
    ScriptedService,
)


def test_balance_is_read() -> None:
    """Amount and currency, in words too."""
    app = ScriptedService(others={"/v2/billing": [Reply(body={"current_balance": 1234.5, "currency": "USD"})]})
    balance = using(app, lambda client: client.balance())
    assert balance == Balance(1234.5, "USD")
    assert str(balance) == "$1,234.50"


@pytest.mark.parametrize("said", [{}, [], None, "x", {"current_balance": None}, {"current_balance": "much"}])
def test_missing_balance_is_none(said: Any) -> None:
    """An odd answer is no balance of zero."""
    app = ScriptedService(others={"/v2/billing": [Reply(body=json.dumps(said))]})
    assert using(app, lambda client: client.balance()) is None


MODEL = "alibaba/wan2.2-14b-animate-move"


def price_of(pricing: Any, **entry: Any) -> Any:
    listed = {"data": [{"id": "other"}, {"id": MODEL, "pricing": pricing, **entry}]}
    app = ScriptedService(others={"/v1/models": [Reply(body=listed)]})
    price = using(app, lambda client: client.price(MODEL))
    (asked,) = app.requests
    assert asked.query == {"id": MODEL, "include": "pricing"}
    assert "authorization" not in asked.headers
    return price and dict(price.usd_per_unit)


def test_price_by_resolution_is_read() -> None:
    """Rates that depend on the resolution are read with the number of units that they stand for."""
    variants = [
        {"when": {"resolution": "480p"}, "price": 40, "unit": "second", "per": 1000},
        {"when": {"resolution": "720p"}, "price": 0.005, "unit": "frame", "per": 1},
        {"when": {"audio": True}, "price": 9, "unit": "second"},
    ]
    assert price_of({"kind": "variants", "variants": variants}) == {"480p": 0.04, "720p": 0.08}


def test_fixed_price_covers_all_resolutions() -> None:
    """One rate is the rate of each."""
    assert price_of({"kind": "fixed", "units": [{"name": "second", "price": 0.05, "per": 1}]}) == {
        "480p": 0.05,
        "580p": 0.05,
        "720p": 0.05,
    }


def test_model_found_by_its_alias() -> None:
    """A model published under another name is the same model."""
    pricing = {"units": [{"unit": "second", "price": 0.05}]}
    assert price_of(pricing, id="alibaba/renamed", aliases=[MODEL])


@pytest.mark.parametrize(
    "pricing",
    [
        None,
        {},
        [],
        {"kind": "variable"},
        {"units": [{"unit": "token", "price": 1, "per": 1}]},
        {"units": [{"unit": "second", "price": "x"}]},
    ],
)
def test_price_in_unknown_unit_ignored(pricing: Any) -> None:
    """An unknown unit makes no estimate."""
    assert price_of(pricing) is None


def test_recent_durations_read_as_seconds() -> None:
    """Percentiles in milliseconds become shares and seconds."""
    duration = {"p50": 90_000, "p75": 110_000, "p90": 150_000, "p99": 300_000}
    listed = {"models": [{"alias": MODEL, "metrics": {"duration_ms": duration}}]}
    app = ScriptedService(others={"/models/metrics": [Reply(body=listed)]})
    known = using(app, lambda client: client.durations(MODEL))
    assert known == {0.5: 90.0, 0.75: 110.0, 0.9: 150.0, 0.99: 300.0}
    assert app.requests[0].query == {"aliases": MODEL}


@pytest.mark.parametrize(
    "listed",
    [
        {},
        {"models": []},
        {"models": [{"alias": MODEL, "metrics": {"duration_ms": {"p50": 900}}}]},
        {"models": [{"alias": MODEL}]},
    ],
)
def test_durations_of_requests_are_ignored(listed: Any) -> None:
    """Absent figures, and those of under five seconds, tell nothing about jobs."""
    app = ScriptedService(others={"/models/metrics": [Reply(body=listed)]})
    assert using(app, lambda client: client.durations(MODEL)) is None


def log_page(ids: list[str | None], has_more: bool) -> Reply:
    rows = [
        {
            "client_request_id": one,
            "inference_id": f"job-of-{one}",
            "status": "succeeded",
            "created": "2026-07-02T03:04:05.000Z",
            "cost": {"usd": 0.48, "credits": 960000},
        }
        for one in ids
    ]
    return Reply(body={"data": rows, "pagination": {"has_more": has_more}})


def test_lost_submit_found_in_log() -> None:
    """The row of our own id tells the job, on whichever page it stands."""
    app = ScriptedService(others={"/v2/logs": [log_page([None, "other"], True), log_page(["wan-1"], False)]})
    row = using(app, lambda client: client.look_up("wan-1"))
    assert row == LogRow("wan-1", "job-of-wan-1", "succeeded", 0.48)
    assert [one.query["offset"] for one in app.requests] == ["0", "100"]
    assert app.requests[0].query["period"] == "24h"


def test_unknown_submit_not_in_log() -> None:
    """No row of our id means none."""
    app = ScriptedService(others={"/v2/logs": [log_page(["other", None], False)]})
    assert using(app, lambda client: client.look_up("wan-1")) is None


def test_endless_log_proves_nothing() -> None:
    """What was not read to its end does not prove that nothing was bought."""
    app = ScriptedService(others={"/v2/logs": [log_page([f"other-{page}", None], True) for page in range(5)]})
    with pytest.raises(BadAnswer, match="where it ends"):
        using(app, lambda client: client.look_up("wan-1"))
    assert len(app.requests) == 5
