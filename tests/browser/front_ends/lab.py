"""JupyterLab 4."""

from .jupyter import Jupyter

THEME = "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme: `JupyterLab ${theme}` })"
"""Changes the theme to Light or Dark."""
FOLD = "() => jupyterapp.shell.collapseLeft()"
"""Gives the notebook the room of the side bar."""


class Lab(Jupyter):
    program = "lab"
    options = ("--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True")

    def _address(self, name: str) -> str:
        return f"{self.server.url}/lab/workspaces/{name.removesuffix('.ipynb')}/tree/{name}"
