"""The site of the documentation."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from docs.site.build import build
from docs.site.stage import in_order

from .site_page import Look, served

MOST_BYTES = 1_000_000
"""Of the start page, without pictures and videos."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site without its gallery."""
    return build(tmp_path_factory.mktemp("site"), quick=True)


def test_start_page_hinders_nobody(site: Path, browser: Browser) -> None:
    """On a narrow screen in the dark the start page fits, logs no error, and has no serious fault of accessibility; it
    weighs less than a megabyte.
    """
    with served(site) as address:
        look = Look(browser, f"{address}/index.html", 400, "dark")
    assert look.faults == []
    assert 0 < look.bytes < MOST_BYTES


def test_whole_text_is_offered(site: Path) -> None:
    """Each page is listed in llms.txt, in the order of the site, and has its text in llms-full.txt."""
    pages = in_order(site.parent / "pages")
    listed = re.findall(r"^- \[.+\]\((.+)\.html\)$", (site / "llms.txt").read_text(encoding="utf-8"), re.MULTILINE)
    whole = (site / "llms-full.txt").read_text(encoding="utf-8")
    assert listed == pages
    assert re.findall(r"^<!-- (.+)\.html -->$", whole, re.MULTILINE) == pages
    assert "OverBudget" in whole
    assert "```{toctree}" not in whole
