"""What a saved notebook shows of a panel."""

from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from wan_notebook.client import Service
from wan_notebook.widgets.panel import Panel
from wan_notebook.widgets.panel.studio import Studio

Shown = SimpleQueue[tuple[dict[str, Any], str | None]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """What is displayed, or changed where it was displayed: bundles with the id of their place."""
    displayed: Shown = SimpleQueue()

    def display(bundle: dict[str, Any], *, raw: bool, display_id: str | None = None) -> None:
        assert raw
        displayed.put((bundle, display_id))

    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr("IPython.display.update_display", display)
    return displayed


@pytest.fixture
def panel(served: Service) -> Panel:
    return Panel(Studio(service=served))


def make_clip(panel: Panel, character: Path, performance: Path) -> None:
    panel.studio.choose_image(character)
    panel.studio.choose_video(performance)
    panel.studio.shift = 3
    panel.studio.generate().result(30)


def test_a_saved_notebook_shows_what_became_of_a_panel(
    panel: Panel, character: Path, performance: Path, shown: Shown
) -> None:
    """Beside the live panel stands what a site without widgets shows; once a clip is made, its first frame too."""
    panel._ipython_display_()
    live, _ = shown.get(timeout=30)
    before, place = shown.get(timeout=30)
    assert list(live) == ["application/vnd.jupyter.widget-view+json"]
    assert "<img" not in before["text/html"]
    make_clip(panel, character, performance)
    after, same_place = shown.get(timeout=30)
    assert same_place == place
    assert after["text/html"].count("<img") == 3
    assert "hero.png · dance.mp4 · Move · 480p · 20 steps · shift 3" in after["text/plain"]
    assert "Done. Saved as" in after["text/html"]
    assert len(after["text/html"]) < 60_000


def test_a_panel_that_was_never_shown_changes_no_notebook(
    panel: Panel, character: Path, performance: Path, shown: Shown
) -> None:
    """Nothing is displayed by itself."""
    make_clip(panel, character, performance)
    panel.render()
    assert shown.empty()
