"""Where elements stand, all measured at one moment: a page that is still scrolling moves them between two questions."""

from __future__ import annotations

from playwright.sync_api import Locator

MEASURE = "(elements) => elements.map((element) => element.getBoundingClientRect().toJSON())"


def boxes(*elements: Locator) -> list[dict[str, float]]:
    """Return the `x`, `y`, `width` and `height` of elements of one page, in pixels of its window."""
    sides = ("x", "y", "width", "height")
    measured = elements[0].page.evaluate(MEASURE, [element.element_handle() for element in elements])
    return [{side: box[side] for side in sides} for box in measured]
