"""What is released: wheel and sdist, as the command `make dist` builds them, and what stands beside them."""

import json
import os
import re
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


def run(*command: str | Path, **environment: str) -> str:
    """Run a program and return what it prints."""
    done = subprocess.run(
        list(map(str, command)), env={**os.environ, **environment}, capture_output=True, text=True, check=False
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
