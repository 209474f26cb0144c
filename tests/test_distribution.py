"""What is released: wheel and sdist, as the command `make dist` builds them, and what stands beside them."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
import yaml

from wan_notebook import __version__

from support.media import Drawn

PROJECT = Path(__file__).parents[1]
MOST_BYTES = 1_000_000
"""Of the wheel, which has 770 kB."""

PROGRAM = """
import importlib, json, pkgutil, sys
import wan_notebook as wan
for module in pkgutil.walk_packages(wan.__path__, "wan_notebook."):
    importlib.import_module(module.name)
clip = wan.animate(*sys.argv[1:], num_inference_steps=4)
print(json.dumps({"package": wan.__file__, "clip": str(clip.path), "panel": type(wan.Panel()).__name__}))
"""


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """Run a program and return what it prints."""
    done = subprocess.run(
        list(map(str, command)), env={**os.environ, **environment}, cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both; the wheel is built from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, PROJECT)
    return folder


def sources() -> set[str]:
    """The files of the package, as the wheel should hold them."""
    found = (path.relative_to(PROJECT / "src") for path in (PROJECT / "src" / "wan_notebook").rglob("*.*"))
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


@pytest.mark.slow
def test_wheel_holds_the_package_alone(dist: Path) -> None:
    """The wheel has every file of the package and its own records, nothing else, and stays small."""
    (wheel,) = dist.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == sources()
    assert wheel.stat().st_size < MOST_BYTES, f"The wheel has {wheel.stat().st_size} bytes."


@pytest.mark.slow
def test_sdist_holds_what_tests_need(dist: Path) -> None:
    """The sdist has the package, its tests, notebooks and documentation, and nothing that was built."""
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert {f"src/{name}" for name in sources()} <= set(names)
    beside = {"README.md", "LICENSE", "CITATION.cff", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "binder/postBuild"}
    beside |= {".github/SECURITY.md", ".github/workflows/release.yml", ".github/conda/recipe.yaml"}
    assert beside | {"tests/conftest.py", "docs/index.md"} <= set(names)
    assert [name for name in names if re.search(r"^build/|/node_modules/|/dist/|__pycache__|/shots/", name)] == []


@pytest.mark.slow
def test_index_would_take_both(dist: Path) -> None:
    """Description and metadata are in order for a package index."""
    run(sys.executable, "-m", "twine", "check", "--strict", *sorted(dist.iterdir()))


@pytest.mark.slow
def test_installed_wheel_works(dist: Path, drawn: Drawn, tmp_path: Path) -> None:
    """In an environment that has the wheel, and the libraries but not this folder, all of it is imported, a clip is
    made, and the command answers.
    """
    venv.create(tmp_path / "env", symlinks=os.name != "nt")
    python = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    (wheel,) = dist.glob("*.whl")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # A folder that a .pth file names comes last, and the .pth files in it, as that of this project, do not count.
    Path(own, "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    home = str(tmp_path / "home")
    said = run(python, "-c", PROGRAM, drawn.ada, drawn.glimpse, PYTHONPATH="", WAN_NOTEBOOK_HOME=home)
    result = json.loads(said.splitlines()[-1])
    assert result["package"].startswith(str(tmp_path))
    assert Path(result["clip"]).is_file()
    assert result["panel"] == "Panel"
    command = python.parent / "wan-notebook"
    assert __version__ in run(command, "doctor", "--report", PYTHONPATH="", WAN_NOTEBOOK_HOME=home)


CELL = """
import json, sys
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
notebook = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
cell = next("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
shell = InteractiveShell.instance()
shell.run_cell(cell).raise_error()
shell.run_cell("import wan_notebook as wan; character = wan.samples.character()").raise_error()
print(shell.user_ns["wan"].__file__)
"""


def environment_without_us(folder: Path) -> Path:
    """Make an environment that has the libraries and not this package, and return its Python."""
    venv.create(folder, symlinks=os.name != "nt", with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    libraries = folder / "libraries"
    libraries.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not re.match(r"(__editable__\.)?_?(wan_notebook|pip)\b|(wan_notebook|pip)-|__pycache__", entry.name):
            (libraries / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    Path(own, "libraries.pth").write_text(str(libraries), encoding="utf-8")
    return python


@pytest.mark.slow
@pytest.mark.systems("linux", "darwin")  # on Windows only some may make links
@pytest.mark.parametrize("where", ["alone", "in a clone"])
def test_first_cell_installs(dist: Path, where: str, tmp_path: Path) -> None:
    """The first cell of a notebook that lies alone, as in Colab, installs the release, and one in a clone the clone;
    the cells after it go on at once.
    """
    python = environment_without_us(tmp_path / "env")
    clone = tmp_path / "clone"
    for name in ("src", "notebooks", "pyproject.toml", "README.md", "LICENSE"):
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(PROJECT / name, clone)
    folder = clone / "notebooks" / "lessons" if where == "in a clone" else tmp_path / "content"
    folder.mkdir(exist_ok=True)
    # pip reads "0" as "no isolation": the build takes hatchling from the libraries, where no index can be reached.
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(dist if where == "alone" else tmp_path), "PYTHONPATH": ""}
    settings |= {
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_CONFIG_FILE": os.devnull,
        "WAN_NOTEBOOK_HOME": str(tmp_path / "home"),
    }
    said = run(python, "-c", CELL, PROJECT / "notebooks" / "1_first_clip.ipynb", cwd=folder, **settings)
    assert said.splitlines()[-1].startswith(str(tmp_path / "env"))


def test_binder_has_what_first_cells_install() -> None:
    """In Binder no first cell has anything to install: the image holds what each of them asks for."""
    held = (PROJECT / "binder" / "requirements.txt").read_text(encoding="utf-8").split()
    cells = [path.read_text(encoding="utf-8") for path in (PROJECT / "notebooks").rglob("*.ipynb")]
    asked = [re.search(r'%pip install --quiet \\"{source}(\[\S+\])\\" ?([\w-]*)', cell) for cell in cells]
    assert {f".{found[1]}" for found in asked if found} | {found[2] for found in asked if found} - {""} <= set(held)
    assert all(asked)


def test_version_stands_in_one_place() -> None:
    """No file but the package itself says its version."""
    said = re.compile(rf"(?<![\w.]){re.escape(__version__)}(?![\w.])")
    files = [PROJECT / "pyproject.toml", PROJECT / "CITATION.cff", PROJECT / "README.md"]
    files += [path for path in (PROJECT / ".github").rglob("*.*") if path.is_file()]
    assert [path.name for path in files if said.search(path.read_text(encoding="utf-8"))] == []


def test_workflows_pin_what_they_run() -> None:
    """Every action is named by its commit with its version beside it, and nothing may write but what publishes."""
    for path in (PROJECT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"uses: (?!\S+@[0-9a-f]{40} # v\d)", text) == [], path.name
        workflow = yaml.safe_load(text)
        assert workflow["permissions"] == {"contents": "read"}
        granted = {name: job.get("permissions") for name, job in workflow["jobs"].items() if "permissions" in job}
        assert granted == ({"publish": {"id-token": "write"}} if path.stem == "release" else {})


def test_workflows_name_real_commands() -> None:
    """Every `make` target in a workflow is one of the Makefile's."""
    texts = [path.read_text(encoding="utf-8") for path in (PROJECT / ".github" / "workflows").glob("*.yml")]
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for text in texts for name in re.findall(r"make ([a-z-]+)", text)}
    assert named
    assert named <= targets


def test_recipe_has_the_same_floors() -> None:
    """The recipe for conda wants what pyproject.toml wants, preview included, in the same versions."""
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    lists = re.findall(r"^(?:dependencies|preview) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    wanted = dict(re.findall(r'"([\w-]+)(>=[^"]+)"', "".join(lists)))
    wanted["py-opencv"] = wanted.pop("opencv-python-headless").rpartition(".")[0]  # the wheel counts its builds
    recipe = yaml.safe_load((PROJECT / ".github" / "conda" / "recipe.yaml").read_text(encoding="utf-8"))
    found = dict(line.split(" ", 1) for line in recipe["requirements"]["run"])
    assert found.pop("python") == re.search(r'requires-python = "(.+)"', text)[1]  # type: ignore[index]
    assert found == wanted
