"""Draw the README's pictures anew: `make screenshots`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from . import install
from .conftest import LAUNCH
from .front_ends.lab import Lab

IMAGES = Path(__file__).parents[2] / "docs" / "images"
CELL = """
import wan_notebook as wan
panel = wan.Panel()
panel.studio.choose_image(wan.samples.character())
panel.studio.choose_video(wan.samples.reference())
panel
"""
THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
PLAYS = "() => [...document.querySelectorAll('.wan-player video')].some(video => video.readyState >= 2)"


def picture(page: Page, selector: str, name: str) -> None:
    page.mouse.move(0, 0)
    page.locator(selector).first.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=82)
    print(f"docs/images/{name}.jpg  {(IMAGES / f'{name}.jpg').stat().st_size // 1000} kB")  # noqa: T201


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        lab = Lab(browser, Path(folder))
        notebook = lab.open([CELL])
        page = notebook.page
        page.set_viewport_size({"width": 1300, "height": 1900})
        notebook.run_cell(0)
        page.get_by_role("button", name="Generate").click()
        expect(page.locator(".wan-phase").first).to_have_text("Done", timeout=120_000)
        page.wait_for_function(PLAYS)
        page.locator(".wan-looks label", has_text="Wipe").click()
        expect(page.locator(".wan-wipe")).to_be_visible()
        picture(page, ".wan-panel", "panel-light")
        page.evaluate(THEME, "JupyterLab Dark")
        expect(page.locator("body[data-jp-theme-light=false]")).to_be_attached()
        picture(page, ".wan-panel", "panel-dark")
        page.evaluate(THEME, "JupyterLab Light")
        page.locator(".wan-looks label", has_text="reference").click()
        expect(page.locator(".wan-screen[data-look=reference]")).to_be_visible()
        picture(page, ".wan-player", "player")
        notebook.close()
        lab.close()
        browser.close()


if __name__ == "__main__":
    main()
