"""Charts of Matplotlib as the lessons show them."""

import matplotlib.pyplot as plt

from wan_notebook.lessons.figures import STYLE, show


def test_chart_has_the_pages_ink_and_a_name() -> None:
    """A chart is drawn in the page's text colour, is shown once, and tells who does not see it what it shows."""
    with plt.style.context(dict(STYLE)):
        figure, plots = plt.subplots(2, 1)
        plots[0].set(title="Speed & time", xlabel="seconds", ylabel="metres")
        plots[1].set(xlabel="seconds")
        html = show(figure).data
    assert 'aria-label="Speed &amp; time: metres over seconds; seconds"' in html
    assert "currentColor" in html
    assert "#010203" not in html
    assert plt.get_fignums() == []
