"""The front ends themselves, with stock widgets: what the other tests of this folder rely on."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from .front_ends import FrontEnd, Notebook

COUNTER = """
import asyncio, threading, anywidget, ipywidgets, traitlets

class Echo(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
      el.className = "wan-echo";
      const draw = () => { el.textContent = model.get("said"); };
      model.on("change:said", draw);
      draw();
      el.onclick = () => model.send({});
    } };'''
    said = traitlets.Unicode("silent").tag(sync=True)

echo = Echo()
echo.on_msg(lambda *_: setattr(echo, "said", f"counted {label.value}"))
label = ipywidgets.Label("0")
label.add_class("wan-count")

async def count():
    for number in range(1, 200):
        await asyncio.sleep(0.1)
        label.value = str(number)

loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
display(ipywidgets.VBox([label, echo]))
"""
BEGIN = "begun = asyncio.run_coroutine_threadsafe(count(), loop)"


@pytest.fixture(scope="module")
def notebook(front_end: FrontEnd) -> Iterator[Notebook]:
    """The widget in a notebook; the tests below use it one after the other."""
    opened = front_end.open([COUNTER, BEGIN])
    with closing(opened):
        opened.run_cell(0)
        yield opened


def test_late_messages_are_shown(front_end: FrontEnd, notebook: Notebook) -> None:
    """A change after the cell has ended is shown; a deaf front end shows only what answers a message of its own."""
    expect(notebook.widget(".wan-echo")).to_have_text("silent")
    notebook.run_cell(1)
    if front_end.shows_late:
        expect(notebook.widget(".wan-count")).not_to_have_text("0")
        return
    notebook.page.wait_for_function("notebook.lost > 0")
    shown = notebook.widget(".wan-count").inner_text()
    notebook.page.wait_for_function("notebook.lost > 3")
    expect(notebook.widget(".wan-count")).to_have_text(shown)


def test_stock_widget_survives_reload(front_end: FrontEnd, notebook: Notebook) -> None:
    """A custom widget inside a stock one is shown, sends and receives; loading the page anew shows it as it was."""
    echo = notebook.widget(".wan-echo")
    echo.click()
    expect(echo).to_contain_text("counted")
    said = echo.inner_text()
    notebook.reload()
    expect(echo).to_have_text(said if front_end.keeps_kernel else "silent")
