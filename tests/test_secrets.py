"""A whole session with a key that must show nowhere."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from support import engines, media
from support.services import preview_on_a_port

pytestmark = pytest.mark.slow

CANARY = "canary-0123456789abcdef"

GOOD = {
    "logs": "%xmode Verbose\nimport logging\nlogging.basicConfig(level=logging.DEBUG)",
    "service": "import wan_notebook as wan\nfrom wan_notebook.client import Client\nservice = wan.Service.choose()",
    "views": "service, repr(service), str(service.key), f'{service}', vars(service), wan.Studio().trait_values()",
    "clip": "wan.animate('hero.png', 'dance.mp4')",
    "panel": "panel = wan.Panel(); panel",
    "inputs": "panel.studio.choose_image('hero.png'); panel.studio.choose_video('dance.mp4')",
    "code": "panel.generate_bar.state['code']",
    "generate": "panel.studio.generate(again=True).result(60)",
    "stranger": "stranger = wan.Service.at(service.base_url, service.key.reveal() + '-no')",
    "client": "Client(service), vars(Client(service))",
    "history": "wan.history()",
}
BAD = {
    "JobFailed": f"wan.animate('hero.png', 'dance.mp4', num_inference_steps={engines.REFUSE})",
    "JobFailed, worker gone": f"wan.animate('hero.png', 'dance.mp4', num_inference_steps={engines.EXIT})",
    "Unreachable": "wan.animate('hero.png', 'dance.mp4', service=wan.Service.at('http://127.0.0.1:9', service.key))",
    "Rejected": "wan.animate('hero.png', 'dance.mp4', extra={'resolution': 'wrong'}, again=True)",
    "StillRunning": "wan.submit('hero.png', 'dance.mp4', again=True).result(timeout=0)",
    "NotAuthorized": "wan.animate('hero.png', 'dance.mp4', service=stranger, again=True)",
    "JobNotFound": "wan.resume('an id from the dashboard', service=service).result(60)",
    "MediaError": "wan.animate('missing.png', 'dance.mp4')",
    "InvalidRequest": "wan.animate('hero.png', 'dance.mp4', shift=99)",
    "TypeError": "import pickle\npickle.dumps(service)",
    "JobNotFound, awaited": "async with Client(service) as client:\n    await client.fetch('nobody')",
}
"""By the error that each ends with."""
CELLS = {**GOOD, **BAD}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[nbformat.NotebookNode, Path]:
    """An executed notebook with its widget state, and the folder of all that the session kept."""
    folder = tmp_path_factory.mktemp("session")
    (folder / "hero.png").write_bytes(media.picture())
    (folder / "dance.mp4").write_bytes(media.reference(folder))
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS.values()])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    with preview_on_a_port(CANARY) as service:
        environment = {"WAN_NOTEBOOK_HOME": str(folder / "home"), "WAN_NOTEBOOK_BASE_URL": service.base_url}
        client = NotebookClient(
            notebook,
            timeout=120,
            allow_errors=True,
            store_widget_state=True,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(env=os.environ | environment | {"AIMLAPI_API_KEY": CANARY})
    return notebook, folder


def errors_of(cell: nbformat.NotebookNode) -> list[str]:
    return [output.ename for output in cell.outputs if output.output_type == "error"]


def test_session_fails_as_meant(session: tuple[nbformat.NotebookNode, Path]) -> None:
    """Jobs end in clips where they can, and each failure is one of our own errors."""
    ends = {name: errors_of(cell) for name, cell in zip(CELLS, session[0].cells, strict=True)}
    assert ends == {name: [] for name in GOOD} | {name: [name.partition(",")[0]] for name in BAD}


def test_no_output_holds_key(session: tuple[nbformat.NotebookNode, Path]) -> None:
    """The executed notebook, with local variables in its tracebacks, debug logs and saved widgets, does not hold it."""
    notebook, _ = session
    assert notebook.metadata.widgets
    assert CANARY not in nbformat.writes(notebook)


def test_no_file_holds_key(session: tuple[nbformat.NotebookNode, Path]) -> None:
    """Journal, clips, their settings and inputs do not hold it."""
    kept = [path for path in session[1].rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} >= {".sqlite3", ".json", ".mp4"}
    assert [path for path in kept if CANARY.encode() in path.read_bytes()] == []
