"""A whole session with a key that must show nowhere."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from conftest import on_a_port

from support import engines

CANARY = "canary-0123456789abcdef"

CELLS = [
    "%xmode Verbose\nimport logging\nlogging.basicConfig(level=logging.DEBUG)",
    "import wan_notebook as wan\nfrom wan_notebook.client import Client\nservice = wan.Service.choose()",
    "service, repr(service), str(service.key), f'{service}', vars(service), wan.Studio().trait_values()",
    "wan.animate('hero.png', 'dance.mp4')",
    "panel = wan.Panel(); panel.studio.choose_image('hero.png'); panel.studio.choose_video('dance.mp4'); panel",
    "panel.generate_bar.state['code']",
    "panel.studio.generate(again=True).result(60)",
    f"wan.animate('hero.png', 'dance.mp4', num_inference_steps={engines.REFUSE})",
    f"wan.animate('hero.png', 'dance.mp4', num_inference_steps={engines.EXIT})",
    "wan.animate('hero.png', 'dance.mp4', service=wan.Service.at('http://127.0.0.1:9', service.key))",
    "wan.animate('hero.png', 'dance.mp4', extra={'resolution': 'wrong'}, again=True)",
    "wan.submit('hero.png', 'dance.mp4', again=True).result(timeout=0)",
    "stranger = wan.Service.at(service.base_url, service.key.reveal() + '-no')",
    "wan.animate('hero.png', 'dance.mp4', service=stranger, again=True)",
    "wan.resume('an id from the dashboard', service=service).result(60)",
    "wan.animate('missing.png', 'dance.mp4')",
    "wan.animate('hero.png', 'dance.mp4', shift=99)",
    "import pickle\npickle.dumps(service)",
    "Client(service), vars(Client(service))",
    "wan.history()",
    "async with Client(service) as client:\n    await client.fetch('nobody')",
]
FAIL = {7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 20}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[nbformat.NotebookNode, Path]:
    """An executed notebook with its widget state, and the folder of all that the session kept."""
    from support import serving

    folder = tmp_path_factory.mktemp("session")
    (folder / "hero.png").write_bytes(serving.picture())
    (folder / "dance.mp4").write_bytes(serving.reference(folder))
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    with on_a_port(CANARY) as service:
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


def test_the_session_succeeds_and_fails_as_it_is_meant_to(session: tuple[nbformat.NotebookNode, Path]) -> None:
    """Jobs end in clips where they can, and each failure is one of our own errors."""
    failed = {number for number, cell in enumerate(session[0].cells) if errors_of(cell)}
    assert failed == FAIL
    assert {name for cell in session[0].cells for name in errors_of(cell)} == {
        "InvalidRequest",
        "JobFailed",
        "JobNotFound",
        "MediaError",
        "NotAuthorized",
        "Rejected",
        "StillRunning",
        "TypeError",
        "Unreachable",
    }


def test_the_key_is_in_no_output_no_traceback_and_no_widget_state(session: tuple[nbformat.NotebookNode, Path]) -> None:
    """The executed notebook, with local variables in its tracebacks, debug logs and saved widgets, does not hold it."""
    notebook, _ = session
    assert notebook.metadata.widgets
    assert CANARY not in nbformat.writes(notebook)


def test_the_key_is_in_no_file_that_the_session_kept(session: tuple[nbformat.NotebookNode, Path]) -> None:
    """Journal, clips, their settings and inputs do not hold it."""
    kept = [path for path in session[1].rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} >= {".sqlite3", ".json", ".mp4"}
    assert [path for path in kept if CANARY.encode() in path.read_bytes()] == []
