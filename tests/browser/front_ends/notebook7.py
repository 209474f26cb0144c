"""Notebook 7."""

from .jupyter import Jupyter


class Notebook7(Jupyter):
    program = "notebook"
    options = ("--JupyterNotebookApp.expose_app_in_browser=True",)

    def _address(self, name: str) -> str:
        return f"{self.server.url}/notebooks/{name}"
