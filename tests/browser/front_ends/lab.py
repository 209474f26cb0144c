"""JupyterLab 4."""

from playwright.sync_api import Page, expect

from .jupyter import Jupyter

_THEME = "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme: `JupyterLab ${theme}` })"
FOLD = "() => jupyterapp.shell.collapseLeft()"
"""Gives the notebook the room of the side bar."""
RESTART = "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"


def wear(page: Page, theme: str) -> None:
    """Change the theme to Light or Dark, and wait until it is there."""
    page.evaluate(_THEME, theme)
    expect(page.locator(f"body[data-jp-theme-light={str(theme == 'Light').lower()}]")).to_be_attached()
    # JupyterLab's splash fades away over the page, which a picture would show.
    expect(page.locator("#jupyterlab-splash")).not_to_be_attached()


class Lab(Jupyter):
    program = "lab"
    options = ("--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True")

    def _address(self, name: str) -> str:
        return f"{self.server.url}/lab/workspaces/{name.removesuffix('.ipynb')}/tree/{name}"
