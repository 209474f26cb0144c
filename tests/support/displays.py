"""What a cell displays, as the notebook is given it."""

from __future__ import annotations

from queue import SimpleQueue
from typing import Any

import pytest

Displayed = SimpleQueue[tuple[dict[str, Any], str | None]]
"""Bundles that were displayed, or that replaced one, with their display ids."""


def record_displays(monkeypatch: pytest.MonkeyPatch) -> Displayed:
    """Record from now on what is displayed, as in a notebook."""
    bundles: Displayed = SimpleQueue()

    def display(bundle: dict[str, Any], *, raw: bool, display_id: str | None = None) -> None:
        assert raw
        bundles.put((bundle, display_id))

    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr("IPython.display.update_display", display)
    monkeypatch.setattr("wan_notebook.jobs.animate.in_notebook", lambda: True)
    return bundles
