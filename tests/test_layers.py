"""The rooms, and which of them may import which."""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
SOURCE = PROJECT / "src" / "wan_notebook"

ROOMS = [
    "errors",
    "model",
    "runtime",
    "video",
    "faces",
    "media",
    "finishing",
    "preview",
    "client",
    "jobs",
    "sweeps",
    "films",
    "widgets",
    "lessons",
    "cli",
    "__init__",
]
"""In the order in which a job flows; a room imports only from those above it."""

SHOWN_BY = "widgets.display"
"""The only modules that a room above may import, inside a function: how a value looks as the last line of a cell."""

PREVIEW_SHARES = {
    *(
        "errors",
        "model",
        "runtime.certificates",
        "runtime.digest",
        "runtime.event_loop",
        "runtime.file_lock",
        "runtime.cluster",
        "runtime.task",
        "runtime.temporary_folder",
        "runtime.worker_pool",
    ),
    *("video", "faces", "media.checks.scene", "media.srgb", "media.watermark", "preview"),
}
"""The preview is the other end of the wire: it shares the wire's data and the reading of pixels, and no client code."""

DOORS = {
    "aiohttp": {"client"},
    "httpx": {"client", "preview"},
    "sqlite3": {"jobs"},
    "av": {"video"},
    "distributed": {"runtime"},
}
"""Libraries that speak to the outside world. The preview fetches media by itself: it cannot use the client."""


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The modules of this package that a file imports, at its top or inside its functions, but for types alone."""
    package = ["wan_notebook", *path.relative_to(SOURCE).parts[:-1]]
    names: list[list[str]] = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            stem = start + (node.module.split(".") if node.module else [])
            names += [[*stem, alias.name] for alias in node.names]
    return {".".join(name[1:]) for name in names if name[0] == "wan_notebook" and len(name) > 1}


def within(name: str, modules: set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


MODULES = sorted(SOURCE.rglob("*.py"))
PREVIEW = [path for path in MODULES if room_of(path) == "preview"]


def test_every_entry_is_a_room() -> None:
    """Nothing lies beside the rooms, and no room is empty."""
    entries = {
        path.name.removesuffix(".py") for path in SOURCE.iterdir() if path.name not in ("__pycache__", "py.typed")
    }
    assert entries == set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_room_imports_those_above(path: Path) -> None:
    """A module imports from its own room and from rooms above it, and otherwise only what shows its values."""
    above = set(ROOMS[: ROOMS.index(room_of(path)) + 1])
    assert {
        name for name in imported(path) if name.split(".")[0] not in above and not within(name, {SHOWN_BY})
    } == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_values_load_widgets_late(path: Path) -> None:
    """A value imports what shows it inside a function, so that a plain Python loads nothing of the screen."""
    nodes = [] if room_of(path) in ("widgets", "lessons", "cli") else ast.parse(path.read_text(encoding="utf-8")).body
    assert [node for node in nodes if isinstance(node, ast.ImportFrom) and "widgets" in (node.module or "")] == []


@pytest.mark.parametrize("path", PREVIEW, ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_preview_shares_no_client(path: Path) -> None:
    """The two ends of the wire check each other, since the preview knows nothing of the client's code."""
    assert {name for name in imported(path) if not within(name, PREVIEW_SHARES)} == set()


@pytest.mark.parametrize(("library", "door"), DOORS.items())
def test_one_door_per_world(library: str, door: set[str]) -> None:
    """Only one room speaks HTTP, only one SQLite, only one encodes and decodes video."""
    users = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(name.split(".")[0] == library for name in names):
                users.add(room_of(path))
    assert users <= door


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("__init__.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_list_names_all_files(path: Path) -> None:
    """A room that lists its files at its head lists every one of them, and none that is gone."""
    named = set(re.findall(r"\b\w+\.py\b", ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""))
    assert named in (set(), {file.name for file in path.parent.glob("*.py")} - {"__init__.py"})


def test_contributors_table_has_rooms() -> None:
    """CONTRIBUTING.md has a row for each room, in the order of the imports."""
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)(?:/|\.py)?` \|", text, re.MULTILINE)
    assert named == [room for room in ROOMS if room != "__init__"]


def test_pictures_open_in_named_formats() -> None:
    """No picture is opened in whatever format it claims, since some, such as EPS, run a program."""
    opened = [
        (path.name, {keyword.arg for keyword in node.keywords})
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Image.open", "PIL.Image.open")
    ]
    assert opened
    assert [name for name, keywords in opened if "formats" not in keywords] == []
