"""Prices, their basis and budgets."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wan_notebook.errors import InvalidRequest, OverBudget
from wan_notebook.model.cost import Budget, Estimate, Price, check_budget, estimate, total
from wan_notebook.model.formatting import dollars, estimated_dollars
from wan_notebook.model.job import Request


def request(resolution: str = "480p", model: str = "move") -> Request:
    return Request(image_url="file:///a.png", video_url="file:///b.mp4", resolution=resolution, model=model)


@pytest.mark.parametrize(
    ("frames", "resolution", "usd"),
    [(300, "720p", 1.50), (80, "720p", 0.40), (96, "480p", 0.24), (720, "580p", 2.70), (80, "480p", 0.20)],
)
def test_reference_frames_are_billed(frames: int, resolution: str, usd: float) -> None:
    """Frames ÷ 16 × the price at the resolution, in part units too."""
    assert estimate(request(resolution), frames).usd == pytest.approx(usd)


def test_extra_resolution_is_priced() -> None:
    """A resolution that takes the place of the checked one is the one that is sent, and so the one that is priced."""
    sent = {"image_url": "file:///a.png", "video_url": "file:///b.mp4"}
    assert estimate(Request(**sent, extra={"resolution": "720p"}), 16).usd == 0.08
    assert str(estimate(Request(**sent, extra={"resolution": "1080p"}), 16)).endswith("no price is known for 1080p)")


def test_both_models_cost_the_same() -> None:
    """Move and Replace have one price list."""
    assert estimate(request(model="replace"), 16).usd == estimate(request(), 16).usd == 0.04


def test_an_estimate_has_a_basis() -> None:
    """The price is followed by frames, resolution and source."""
    priced = estimate(request("720p"), 96)
    assert str(priced) == "about $0.48 (96 frames, 720p, upstream's public price)"
    assert priced.frames == 96


def test_the_preview_is_free() -> None:
    """A service that takes no money costs nothing, whatever the reference."""
    priced = estimate(request("720p"), None, paid=False)
    assert (priced.usd, str(priced)) == (0.0, "free preview")


def test_an_uncounted_reference_is_unpriced() -> None:
    """Where frames cannot be counted, the rate is shown and no sum."""
    for video in (None, None, 0):
        priced = estimate(request(), video)
        assert priced.usd is None
        assert str(priced) == (
            "price unknown (the number of frames in the reference is not known here; "
            "$0.04 per 16 frames at 480p, upstream's public price)"
        )


def test_the_service_price_comes_first() -> None:
    """A price read from the catalogue replaces the public one, and is named."""
    price = Price({"480p": 0.052}, "the service's catalogue")
    assert str(estimate(request(), 160, price=price)) == ("about $0.52 (160 frames, 480p, the service's catalogue)")
    assert str(estimate(request("720p"), 160, price=price)) == ("price unknown (no price is known for 720p)")


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (None, "price unknown"),
        (0, "free"),
        (0.0004, "less than $0.01"),
        (0.48, "about $0.48"),
        (2.7, "about $2.70"),
        (9.99, "about $9.99"),
        (9.996, "about $10"),
        (1234.4, "about $1,234"),
    ],
)
def test_an_estimate_is_rounded(usd: float | None, words: str) -> None:
    """Cents up to ten dollars, whole dollars from there on."""
    assert estimated_dollars(usd) == words


@pytest.mark.parametrize(("usd", "words"), [(0, "$0.00"), (0.0048, "$0.0048"), (0.005, "$0.005"), (12.3, "$12.30")])
def test_a_price_is_exact(usd: float, words: str) -> None:
    """A price that was really paid is not rounded to dollars."""
    assert dollars(usd) == words


def test_sums_are_rounded_once() -> None:
    """A hundred jobs of less than a cent make the sum of their exact prices."""
    assert total([Estimate(0.004, "")] * 100) == pytest.approx(0.4)
    assert total([]) == 0
    assert total([Estimate(1.0, ""), Estimate(None, "")]) is None


def test_a_budget_refuses_higher_prices() -> None:
    """The message has the number of requests, their price and the budget."""
    with pytest.raises(OverBudget, match=r"These 3 requests would cost about \$1\.20, and the budget is \$1\.00"):
        check_budget([Estimate(0.4, "")] * 3, budget=1)
    with pytest.raises(OverBudget, match=r"This request would cost about \$0\.40"):
        check_budget([Estimate(0.4, "")], budget=0)


def test_a_budget_allows_lower_prices() -> None:
    """The budget itself may be spent to the last cent; free things fit into nothing; None is no limit."""
    check_budget([Estimate(0.1, "")] * 3, budget=0.3)
    check_budget([Estimate(0.0, "free preview")] * 9, budget=0)
    check_budget([Estimate(1e6, ""), Estimate(None, "")], budget=None)
    check_budget([], budget=0)


def test_a_budget_refuses_unknown_prices() -> None:
    """An unknown price could exceed any budget."""
    with pytest.raises(OverBudget, match=r"The price of 1 of 2 requests is not known, so a budget of \$5\.00"):
        check_budget([Estimate(0.4, ""), Estimate(None, "")], budget=5)
    with pytest.raises(OverBudget, match="The price is not known"):
        check_budget([Estimate(None, "")], budget=5)


@pytest.mark.parametrize("budget", [-1, -math.inf, math.nan, "5", True])
def test_a_budget_is_an_amount(budget: object) -> None:
    """What cannot be a limit is refused rather than taken for none."""
    with pytest.raises(InvalidRequest, match=r'amount in dollars, or float\("inf"\) for no limit'):
        check_budget([Estimate(0.4, "")], budget)  # type: ignore[arg-type]


@pytest.mark.parametrize("budget", [None, math.inf])
def test_a_budget_without_limit(budget: float | None) -> None:
    """No budget, and an infinite one, allow any price, also one that is not known."""
    check_budget([Estimate(1e6, ""), Estimate(None, "")], budget)


@given(st.lists(st.floats(0, 1e4), max_size=20), st.floats(0, 1e5))
def test_no_budget_is_exceeded(prices: list[float], budget: float) -> None:
    """Whatever the prices are, more than the budget (to the last bit of arithmetic) is never spent."""
    try:
        check_budget([Estimate(usd, "") for usd in prices], budget)
    except OverBudget:
        assert math.fsum(prices) > budget
    else:
        assert math.fsum(prices) <= budget * (1 + 1e-8)


@given(st.lists(st.floats(0, 100), max_size=30), st.floats(0, 1000))
def test_spending_never_exceeds_a_budget(prices: list[float], usd: float) -> None:
    """Job by job, no more is spent than the budget; what is refunded may be spent again."""
    budget, spent = Budget(usd), 0.0
    for number, price in enumerate(prices):
        with contextlib.suppress(OverBudget):
            budget.spend(number, Estimate(price, ""))
            spent += price
    assert spent <= usd * (1 + 1e-8)
    for number in range(len(prices)):
        budget.refund(number)
        budget.refund(number)
    budget.spend("all", Estimate(usd, ""))


def test_spending_refuses_unknown_prices() -> None:
    """A price that is not known fits into no budget, and into none at all where there is no limit."""
    with pytest.raises(OverBudget, match=r"price unknown, and \$5\.00 of the budget is left"):
        Budget(5).spend(1, Estimate(None, ""))
    for unlimited in (None, math.inf):
        Budget(unlimited).spend(1, Estimate(None, ""))
