"""Faults of accessibility, found by axe-core in a page."""

from __future__ import annotations

from playwright.sync_api import Page

from .install import AXE

RUN_AXE = "async (root) => (await axe.run(root, { resultTypes: ['violations'] })).violations"


def serious_faults(page: Page, root: str) -> list[tuple[str, str]]:
    """Return what seriously hinders somebody in the element of a CSS selector: the rule, and the element at fault."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text())
    found = page.evaluate(RUN_AXE, root)
    serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    return [(fault["id"], node["html"]) for fault in serious for node in fault["nodes"]]
