"""How a widget is displayed, and what a saved notebook shows of it when its kernel is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..frontend import Widget
from .static import css_uri

_UNFINISHED = (
    "Not finished when this was last drawn. Where a notebook is executed from end to end, its kernel is then gone: "
    "run the cell again, or add {} to wait there."
)


class SavedOutput:
    """Displays a widget, and below it plain HTML, unseen where the widget lives, that a saved notebook shows instead.

    The two are outputs of their own: in one, a front end prefers the widget even where nothing but an error is left of
    it. JupyterLab marks an output in which it writes that error as it marks widgets; a rule in the second hides it.

    Args:
        widget: its browser side hides the HTML once a kernel is behind it.
        draw: returns the HTML and the same in plain text.
        is_final: whether `draw` has nothing more to add; until then it is asked again at the end of each cell.
    """

    def __init__(
        self,
        widget: Widget,
        draw: Callable[[], tuple[str, str]],
        is_final: Callable[[], bool] = lambda: True,
    ) -> None:
        self._widget, self._draw, self._is_final = widget, draw, is_final
        self._shown = False

    @property
    def _name(self) -> str:
        return f"wan-saved-{self._widget.widget_id}"

    def show(self) -> None:
        """Display both; in a terminal, where no widget lives, only the text."""
        from IPython import get_ipython
        from IPython.display import display

        from ...jobs.animate import in_notebook

        self._shown = True
        if in_notebook():
            display(view_of(self._widget), raw=True)
        display(self._bundle(), raw=True, display_id=self._name)
        if not self._is_final() and (shell := get_ipython()):
            shell.events.register("post_run_cell", self._after_cell)

    def update(self) -> None:
        """Replace the HTML wherever it was displayed."""
        from IPython.display import update_display

        if self._shown:
            update_display(self._bundle(), raw=True, display_id=self._name)

    def _after_cell(self, _result: Any) -> None:
        # A program that executes a notebook hears what is sent on behalf of the cell that it executes, and no more.
        from IPython import get_ipython

        if self._is_final():
            get_ipython().events.unregister("post_run_cell", self._after_cell)
            self.update()

    def _bundle(self) -> dict[str, Any]:
        html, text = self._draw()
        if not self._is_final():
            html = f"{html}<p>{_UNFINISHED.format('<code>.result()</code>')}</p>"
            text = f"{text}\n{_UNFINISHED.format('.result()')}"
        error = f".jp-OutputArea-child:has(> .jp-OutputArea-output.jupyter-widgets):has(+ * .{self._name})"
        # Sites that take style elements out of a notebook may leave their rules there as words; a link has none.
        rule = f'<link rel="stylesheet" href="{css_uri(f"{error} {{ display: none; }}")}">'
        return {"text/html": f'{rule}<div class="wan-saved {self._name}">{html}</div>', "text/plain": text}


def view_of(widget: Widget) -> dict[str, Any]:
    """Return the mime bundle by which a notebook's output shows a widget; elsewhere it is an empty text."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return {"application/vnd.jupyter.widget-view+json": view, "text/plain": ""}
