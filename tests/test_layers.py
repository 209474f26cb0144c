"""The import order of the house."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "wan_notebook"

ORDER = [
    {"answer", "errors", "models", "job", "home", "signature"},
    {"video", "keys"},
    {"axes", "media", "cost", "prepare"},
    {"service"},
    {"preflight"},
    {"client"},
    {"waiting"},
    {"widgets"},
    {"static_view"},
    {"clip", "journal"},
    {"background", "nested"},
    {"throttle"},
    {"samples", "contact_sheet", "presets", "progress", "status_words", "metrics"},
    {"lookout", "pricing"},
    {"order"},
    {"perform"},
    {"account", "run", "run_widget"},
    {"forewarning", "studio", "sweeps", "history_table"},
    {"panel"},
    {"animation", "doctor"},
    {"__init__", "cli"},
]
"""Each room may import from its own group and from those before it."""

SERVICE_MAY_IMPORT = {"models", "errors", "video", "service"}
"""The service is the other end of the wire: it shares the wire's data and the door to the codecs, nothing else."""


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """The rooms of this package that a module imports, at its top or inside its functions."""
    package = ["wan_notebook", *path.relative_to(SOURCE).parts[:-1]]
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            stem = start + (node.module.split(".") if node.module else [])
            names = [[*stem, alias.name] for alias in node.names]
        else:
            continue
        rooms |= {name[1] for name in names if name[0] == "wan_notebook" and len(name) > 1}
    return {room for room in rooms if (SOURCE / room).is_dir() or (SOURCE / f"{room}.py").exists()}


MODULES = sorted(path for path in SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_only_what_stands_before_it(path: Path) -> None:
    """No module reaches forward in the house's order."""
    place = {room: number for number, rooms in enumerate(ORDER) for room in rooms}
    own = place[room_of(path)]
    assert {room for room in imported_rooms(path) if place[room] > own} == set()


@pytest.mark.parametrize("path", [p for p in MODULES if room_of(p) == "service"], ids=lambda path: path.name)
def test_the_service_shares_only_the_wires_data(path: Path) -> None:
    """The two ends of the wire check each other, since the service knows nothing of the client's code."""
    assert imported_rooms(path) <= SERVICE_MAY_IMPORT


# The service fetches media from the addresses in a request: another end of the wire, which cannot use our client.
DOORS = {"httpx": {"client", "service"}, "sqlite3": {"journal"}, "av": {"video"}}


@pytest.mark.parametrize(("library", "door"), DOORS.items())
def test_one_door_per_outside_world(library: str, door: set[str]) -> None:
    """Only one module speaks HTTP, only one SQLite, only one encodes and decodes video."""
    users = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(name.split(".")[0] == library for name in names):
                users.add(room_of(path))
    assert users <= door
