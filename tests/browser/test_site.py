"""The site of the documentation."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

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
    with served(site) as address, closing(Look(browser, f"{address}/index.html", 400)) as look:
        assert look.faults("dark") == []
        assert 0 < look.bytes < MOST_BYTES


def test_whole_text_is_offered(site: Path) -> None:
    """Each page is listed in llms.txt with a sentence of its own, in the order of the site, and has its text in
    llms-full.txt.
    """
    pages = in_order(site.parent / "pages")
    listed = re.findall(
        r"^- \[.+\]\((.+)\.html\): .{15,}[.!]$", (site / "llms.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    whole = (site / "llms-full.txt").read_text(encoding="utf-8")
    assert listed == pages
    assert re.findall(r"^<!-- (.+)\.html -->$", whole, re.MULTILINE) == pages
    assert "OverBudget" in whole
    assert "```{toctree}" not in whole


def test_gallery_follows_the_switch(site: Path, browser: Browser) -> None:
    """What plays in the gallery becomes dark and light with the site's own switch, whatever the system prefers."""
    play = site / "gallery" / "play" / "characters.html"
    play.parent.mkdir(parents=True, exist_ok=True)
    play.write_text("<style>:root { color-scheme: light dark } body { color: light-dark(#000, #fff) }</style><p>Clips")
    inks = {"light": "rgb(0, 0, 0)", "dark": "rgb(255, 255, 255)"}
    with served(site) as address, browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(f"{address}/gallery/characters.html")
        words = page.frame_locator("iframe.play").locator("p")
        for theme in ("light", "dark"):
            page.get_by_label("Color mode").filter(visible=True).click()
            page.locator(f"button[data-mode={theme}]").filter(visible=True).click()
            expect(words).to_have_css("color", inks[theme])


def test_gallery_ends_with_its_page(site: Path, browser: Browser) -> None:
    """On a phone nothing is left empty below a short page of the gallery, and a long one scrolls within the window."""
    play = site / "gallery" / "play" / "film.html"
    play.parent.mkdir(parents=True, exist_ok=True)
    with served(site) as address, browser.new_context(viewport={"width": 400, "height": 900}) as context:
        page = context.new_page()
        for pixels, shown in ((200, 200), (5000, 0.85 * 900)):
            play.write_text(
                f'<!doctype html><style>body {{ margin: 0 }}</style><p style="margin: 0; height: {pixels}px">'
            )
            page.goto(f"{address}/gallery/film.html")
            page.locator("iframe.play").scroll_into_view_if_needed()
            page.wait_for_function(
                "height => Math.abs(document.querySelector('iframe.play').clientHeight - height) < 4", arg=shown
            )


def test_formulas_need_no_script(site: Path, browser: Browser) -> None:
    """A formula of a lesson is drawn by the browser itself, and dollars elsewhere stay dollars."""
    with served(site) as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/notebooks/lessons/1_steps_and_shift.html")
        assert page.locator("math").count() == 5
        fraction = page.locator("mfrac").bounding_box()
        line = page.locator("math msub").first.bounding_box()
        assert fraction is not None
        assert line is not None
        assert fraction["height"] > 1.5 * line["height"]
    pages = (path for path in site.rglob("*.html") if "<math" in path.read_text(encoding="utf-8"))
    assert sorted(path.stem for path in pages) == ["1_steps_and_shift", "4_how_the_wait_works"]
