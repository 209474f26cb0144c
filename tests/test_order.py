"""What is asked for, before anything is sent."""

from pathlib import Path

import pytest

from wan_notebook.client import Service
from wan_notebook.errors import InvalidRequest, OverBudget
from wan_notebook.journal import Journal
from wan_notebook.order import make_order
from wan_notebook.prepare import Prepare
from wan_notebook.run import begin, submit


def test_an_order_knows_its_request_and_its_price(served: Service, character: Path, performance: Path) -> None:
    """Inputs and settings become a request; a free service asks nothing."""
    order = make_order(character, performance, service=served, resolution="720p")
    assert order.request.resolution == "720p"
    assert order.estimate.usd == 0


def test_the_same_inputs_and_settings_make_the_same_fingerprint(
    served: Service, character: Path, performance: Path, tmp_path: Path
) -> None:
    """A file counts by what is in it, not by its name; a setting counts."""
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(performance.read_bytes())
    first = make_order(character, performance, service=served)
    assert make_order(character, copy, service=served).fingerprint == first.fingerprint
    assert make_order(character, performance, service=served, shift=9).fingerprint != first.fingerprint


def test_a_prepared_reference_is_what_is_sent_and_paid_for(served: Service, character: Path, performance: Path) -> None:
    """Half the rate is half the frames, the original stays, and the journal keeps how it was done."""
    before = performance.read_bytes()
    order = make_order(character, performance, service=served, prepare={"fps": 5})
    assert order.video.frames == 5
    assert order.estimate.frames == 5
    assert order.prepare is not None
    assert order.prepare["video"]["fps"] == 5
    assert performance.read_bytes() == before
    begin(order).result(30)
    (entry,) = Journal().entries()
    assert entry.prepare is not None
    assert entry.prepare["video"]["fps"] == 5


def test_a_preparation_that_changes_nothing_is_none(served: Service, character: Path, performance: Path) -> None:
    """The default preparation leaves the files as they are."""
    order = make_order(character, performance, service=served, prepare=Prepare())
    assert (order.prepare, order.video.path) == (None, performance)


def test_a_misspelt_preparation_is_refused(served: Service, character: Path, performance: Path) -> None:
    """The message names the word that was meant."""
    with pytest.raises(InvalidRequest, match="Did you mean short_side"):
        make_order(character, performance, service=served, prepare={"short_sid": 480})


def test_a_wrong_setting_is_refused_before_anything_is_prepared(
    served: Service, character: Path, performance: Path
) -> None:
    """Nobody waits for a preparation that leads nowhere."""
    with pytest.raises(InvalidRequest, match="shift"):
        make_order(character, performance, service=served, prepare={"fps": 5}, shift=99)


def test_a_job_over_its_budget_is_refused_with_the_numbers(character: Path, performance: Path) -> None:
    """Nothing is sent, and nothing is written down."""
    paid = Service("paid", "Paid", "http://127.0.0.1:9", paid=True)
    with pytest.raises(OverBudget, match=r"\$0\.03.*\$0\.01"):
        submit(character, performance, service=paid, budget=0.01)
    assert Journal().entries() == []


POINTS = ((10, 20), (30, 20), (20, 35))


def test_points_go_to_the_preview_and_not_to_a_paid_service(
    served: Service, character: Path, performance: Path
) -> None:
    """Eyes and mouth help the preview; the vendor's protocol has no field for them."""
    free = make_order(character, performance, service=served, points=POINTS)
    assert free.request.body()["points"] == [[10, 20], [30, 20], [20, 35]]
    paid = Service("paid", "Paid", "http://127.0.0.1:9", paid=True)
    assert "points" not in make_order(character, performance, service=paid, points=POINTS).request.body()
