"""Charts of Matplotlib in the text colour of the page around them, so that they are legible in light and dark."""

from __future__ import annotations

import io
import re
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

from .svg import BLUE, ORANGE

if TYPE_CHECKING:
    from IPython.display import HTML
    from matplotlib.figure import Figure

_INK = "#010203"
"""A colour that nothing else has: what is drawn in it gets the page's text colour."""

STYLE = MappingProxyType(
    {
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), _INK),
        "axes.prop_cycle": f"cycler('color', ['{BLUE}', '{ORANGE}', '#009e73', '#cc79a7'])",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.titlesize": "medium",
        "figure.constrained_layout.use": True,
        "legend.frameon": False,
        "font.size": 10,
    }
)
"""For matplotlib.pyplot.style.use."""


def show(figure: Figure) -> HTML:
    """Return a figure as the last line of a cell shows it, and close it, so that it is not shown twice.

    Args:
        figure: drawn in STYLE.
    """
    import matplotlib.pyplot as plt
    from IPython.display import HTML

    drawn = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none"}):
        figure.savefig(drawn, format="svg", transparent=True)
    plt.close(figure)
    svg = drawn.getvalue().partition("<svg")[2].replace(_INK, "currentColor")
    # Its style sheet would hold for the whole page; and text takes the page's font, which is there.
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font: \1 system-ui, sans-serif", svg)
    look = f'style="max-width: 100%; height: auto" role="img" aria-label="{escape(_name(figure))}"'
    return HTML(f'<div class="wan-figure"><svg {look} {svg}</div>')


def _name(figure: Figure) -> str:
    """Return what a figure shows, for those who do not see it: of each chart its title, and what is drawn over what."""
    charts = []
    for chart in figure.axes:
        title, axes = chart.get_title("left") or chart.get_title(), (chart.get_ylabel(), chart.get_xlabel())
        charts.append(": ".join(filter(None, (title, " over ".join(filter(None, axes))))))
    return "; ".join(filter(None, charts)) or "A picture"
