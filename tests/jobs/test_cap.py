"""The standing cap of WAN_NOTEBOOK_BUDGET, and what is told before money is spent."""

import subprocess
import sys
from pathlib import Path

import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.client.prices import remember_price
from wan_notebook.errors import InvalidRequest, OverBudget
from wan_notebook.jobs.history import history, summary
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.run import submit
from wan_notebook.model.cost import Estimate, StandingCap
from wan_notebook.sweeps.sweep import sweep

from support.clock import Clock
from support.journals import REQUEST, answer, raw
from support.services import BASE, HOSTED, MODEL, PAID

CENTS = Estimate(0.40, "a basis", 160)


@pytest.mark.parametrize(
    ("text", "cap"),
    [
        ("", StandingCap()),
        ("0.50", StandingCap(per_job=0.5)),
        (" $0.50/job  5/day ", StandingCap(0.5, 5.0)),
        ("5 / day, 0.50", StandingCap(0.5, 5.0)),
        ("'0'", StandingCap(per_job=0.0)),
    ],
)
def test_cap_is_read(text: str, cap: StandingCap) -> None:
    """Dollars for each job, for a day, or both, in any order."""
    assert StandingCap.parse(text) == cap


@pytest.mark.parametrize("text", ["five", "0,50", "-1", "5/week", "1 2", "5/day 6/day", "1e3", "nan", "inf", "0.5job"])
def test_odd_cap_is_refused(text: str) -> None:
    """A cap that cannot be followed is named with its form, and counts for no other."""
    with pytest.raises(InvalidRequest, match=r"0\.50/job 5/day"):
        StandingCap.parse(text)


def test_cap_refuses_with_numbers(character: Path, performance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job above the cap is refused in the cell with price and cap, nothing is written down; a free one is made."""
    monkeypatch.setenv("WAN_NOTEBOOK_BUDGET", "0.02")
    remember_price(PAID, MODEL, None)
    with pytest.raises(OverBudget, match=r"\$0\.03.*_BUDGET allows \$0\.02 for one; nothing was sent.*Trim"):
        submit(character, performance, service=PAID)
    monkeypatch.setenv("WAN_NOTEBOOK_BUDGET", "nonsense")
    with pytest.raises(InvalidRequest, match="WAN_NOTEBOOK_BUDGET is 'nonsense'"):
        submit(character, performance, service=PAID)
    assert Journal().entries() == []


def test_day_counts_from_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a day's jobs cost or are expected to counts; failed, refused and yesterday's jobs do not."""
    monkeypatch.setenv("WAN_NOTEBOOK_BUDGET", "1/day")
    clock = Clock()
    journal = Journal(clock=clock)
    first = journal.begin(REQUEST, service=HOSTED, estimate=CENTS)
    journal.begin(REQUEST, service=HOSTED, estimate=CENTS)
    with pytest.raises(OverBudget, match=r"\$0\.40.*\$1\.00.*\$0\.80 are spent.*nothing was sent"):
        journal.begin(REQUEST, service=HOSTED, estimate=CENTS)
    with pytest.raises(OverBudget, match="not known"):
        journal.begin(REQUEST, service=HOSTED, estimate=None)
    assert len(journal.entries()) == 2
    journal.seen(first, answer("error", clock.now))
    third = journal.begin(REQUEST, service=HOSTED, estimate=CENTS)
    journal.rejected(third, "refused")
    journal.begin(REQUEST, service=HOSTED, estimate=CENTS)
    clock.now += 24 * 3600
    assert journal.spent_today() == 0
    journal.begin(REQUEST, service=HOSTED, estimate=CENTS)


def test_processes_share_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four notebooks that begin at once, as many as the day allows write a job down."""
    monkeypatch.setenv("WAN_NOTEBOOK_BUDGET", "1/day")
    Journal().entries()
    script = (
        "from support.journals import REQUEST\nfrom support.services import HOSTED\n"
        "from wan_notebook.jobs.journal import Journal\nfrom wan_notebook.model.cost import Estimate\n"
        "try:\n    Journal().begin(REQUEST, service=HOSTED, estimate=Estimate(0.4, 'a basis', 160))\n"
        "except Exception as error:\n    print(type(error).__name__)\n"
    )
    tests = str(Path(__file__).parents[1])
    others = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=tests) for _ in range(4)
    ]
    assert sorted(other.communicate()[0].strip() for other in others) == ["", "", "OverBudget", "OverBudget"]
    assert len(Journal().entries()) == 2


def test_cap_refuses_a_sweep(character: Path, performance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that would exceed the day sends nothing, whatever its own budget."""
    monkeypatch.setenv("WAN_NOTEBOOK_BUDGET", "0.05/day")
    plan = sweep(character, performance, service=PAID, shift=[3, 5, 7])
    with pytest.raises(OverBudget, match=r"These 3 jobs would cost about \$0\.08"):
        plan.run(budget=5)
    assert Journal().entries() == []


def test_stated_zero_is_no_price() -> None:
    """A paid service that states a cost of zero is not called free: the estimate stands."""
    Journal().seen(Journal().begin(REQUEST, service=HOSTED, estimate=CENTS), answer("completed", 1.0))
    raw("UPDATE jobs SET usd = 0.0")
    assert "$0.40 more expected" in summary(history().entries)


def test_estimate_is_what_submit_does(character: Path, performance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """wan.estimate has price, basis, frames and notices, prints and renders, and says where submit would refuse."""
    service = Service.at(BASE, "key", paid=True)
    remember_price(service, MODEL, None)
    monkeypatch.setenv("WAN_NOTEBOOK_BUDGET", "0.02")
    found = wan.estimate(character, performance, service=service, resolution="720p", budget=1.0)
    assert (found.usd, found.frames) == (pytest.approx(0.05), 10)
    assert str(found).startswith(f"{service.label}: about $0.05 (10 frames, 720p, upstream's public price)")
    assert "WAN_NOTEBOOK_BUDGET allows $0.02" in str(found)
    assert all(notice.text in str(found) for notice in found.notices)
    page = found._repr_mimebundle_()["text/html"]
    assert "about $0.05" in page
    assert found.basis.replace("'", "&#x27;") in page
    assert Journal().entries() == []


def test_free_price_has_its_sum() -> None:
    """A paid service whose price is nothing is told with sum and basis; the preview alone is called free preview."""
    assert str(Estimate(0.0, "96 frames, 480p, the service's own price", 96)).startswith("free (96 frames")
    assert str(Estimate(0.0, "free preview")) == "free preview"


def test_plan_names_each_price(character: Path, performance: Path) -> None:
    """The cost of a plan is followed by the jobs that it is the sum of, each kind with its price."""
    plan = sweep(character, performance, service=PAID, shift=[3, 5], resolution=["480p", "720p"])
    page = plan._repr_mimebundle_()["text/html"]
    assert "2 × about $0.03 (10 frames, 480p" in page
    assert "2 × about $0.05 (10 frames, 720p" in page
