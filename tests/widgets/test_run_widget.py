"""A run on screen."""

import threading
from pathlib import Path
from typing import Any

from wan_notebook.client import Service
from wan_notebook.jobs.run import submit
from wan_notebook.widgets.display.run import RunWidget

from support import engines


def wait_for(widget: Any, name: str, wanted: Any) -> None:
    """Wait until a widget's state says this."""
    reached = threading.Event()
    widget.observe(lambda change: reached.set() if change.new.get(name) == wanted else None, "state")
    if widget.state.get(name) != wanted:
        assert reached.wait(30)


def test_a_run_ends_in_its_clip(served: Service, character: Path, performance: Path) -> None:
    """The bar follows the run, and the clip plays below it once it is saved."""
    run = submit(character, performance, service=served)
    bar, player = RunWidget(run).children
    clip = run.result(30)
    wait_for(bar, "phase", "Done")
    wait_for(player, "path", str(clip.path))
    assert player.state["result"]["name"] == clip.path.name


def test_nothing_plays_while_there_is_no_clip(served_alone: Service, character: Path, performance: Path) -> None:
    """A run under way shows its bar only."""
    run = submit(character, performance, service=served_alone, num_inference_steps=engines.HANG)
    bar, player = RunWidget(run).children
    wait_for(bar, "tone", "busy")
    assert player.state["result"] is None
    run.cancel()


def test_a_run_is_seen_as_a_cells_last_line(served: Service, character: Path, performance: Path) -> None:
    """A notebook is given the widget, the same in each cell, and words where no widgets live."""
    run = submit(character, performance, service=served)
    run.result(30)
    bundle, again = run._repr_mimebundle_(), run._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"] == again["application/vnd.jupyter.widget-view+json"]
    assert bundle["text/plain"] == repr(run)
