"""JupyterLab 4."""

from .jupyter import Jupyter


class Lab(Jupyter):
    program = "lab"
    options = ("--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True")

    def _address(self, name: str) -> str:
        return f"{self.server.url}/lab/workspaces/{name.removesuffix('.ipynb')}/tree/{name}"
