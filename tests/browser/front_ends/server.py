"""A notebook server as a person starts it, on a free loopback port and with folders of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import nbformat

OWN_FOLDERS = {
    "WAN_NOTEBOOK_HOME": "wan",
    "HOME": "person",
    "IPYTHONDIR": "ipython",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
}
"""Nothing that a person has set up on this machine has a say in a test, and nothing of a test stays."""

KEY_VARIABLES = ("AIMLAPI_API_KEY", "AIML_API_KEY", "WAN_NOTEBOOK_BASE_URL")

OPEN_TO_LOOPBACK = (
    "--no-browser",
    "--allow-root",
    "--IdentityProvider.token=",
    "--ServerApp.password=",
    "--ServerApp.disable_check_xsrf=True",
    "--ServerApp.ip=127.0.0.1",
)

STARTING = 60
"""Seconds that a server may take to answer."""


def free_port() -> int:
    """Return a loopback port which nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Server:
    """A process that serves notebooks out of a folder.

    Args:
        command: the program and its arguments, without the port.
        folder: where all it writes goes; the notebooks lie in folder/notebooks.
        port_option: how this program is told its port.
        alive: a path that answers once the server is ready.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, port_option: str = "--ServerApp.port", alive: str = "api/status"
    ) -> None:
        self.home = folder / OWN_FOLDERS["WAN_NOTEBOOK_HOME"]
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir(parents=True)
        self.environment = self._environment(folder)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, f"{port_option}={port}"],
                cwd=self.notebooks,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_for(alive)

    def write(self, name: str, cells: Sequence[str]) -> None:
        """Write a notebook of code cells."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, self.notebooks / name)

    def ask(self, path: str, method: str = "GET") -> Any:
        """Call the server's own interface and return what it answers."""
        with urlopen(Request(f"{self.url}/{path}", method=method, data=b"{}" if method == "POST" else None)) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def end_kernels(self) -> None:
        """End every kernel, with the sessions that hold them."""
        for session in self.ask("api/sessions"):
            self.ask(f"api/sessions/{session['id']}", "DELETE")
        for kernel in self.ask("api/kernels"):
            self.ask(f"api/kernels/{kernel['id']}", "DELETE")

    def close(self) -> None:
        """End the process; its kernels end with it."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_for(self, path: str) -> None:
        for _ in range(STARTING * 10):
            with suppress(URLError):
                urlopen(f"{self.url}/{path}").close()
                return
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.1)
                break
        raise RuntimeError(f"{self.url} does not answer:\n{self.log.read_text()[-3000:]}")

    @staticmethod
    def _environment(folder: Path) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in KEY_VARIABLES}
        own = {name: str(folder / place) for name, place in OWN_FOLDERS.items()}
        return {**kept, **own, "JUPYTER_PREFER_ENV_PATH": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
