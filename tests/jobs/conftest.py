"""A journal on a clock that the test sets."""

import pytest

from wan_notebook.jobs.journal import Journal

from support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000.0)


@pytest.fixture
def journal(clock: Clock) -> Journal:
    return Journal(clock=clock)
