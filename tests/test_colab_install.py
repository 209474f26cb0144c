"""What an installation does to a Colab runtime, as pip would resolve it there."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PROJECT = HERE.parent
PINS = HERE / "browser" / "colab-constraints.txt"
DASK = {
    *("distributed", "dask", "cloudpickle", "fsspec", "locket", "msgpack", "partd", "sortedcontainers", "tblib"),
    *("toolz", "zict", "lazy-importer", "importlib-metadata", "zipp"),
}
"""What the extra `cluster` brings; the last two only to the Python before 3.12 that may ask here."""
OWN_OF_COLAB = {"pip"}
"""What a runtime has although the pins, which `pip freeze` wrote, leave it out."""
AS_ON_COLAB = [
    "--python-version=3.13",
    "--only-binary=:all:",
    *(f"--platform={tag}_x86_64" for tag in ("manylinux_2_28", "manylinux_2_17", "manylinux2014")),
]
PIP_INSTALL = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run"]


@pytest.fixture
def index() -> None:
    """An index to resolve from: here, and only here, a test may do without."""
    asked = subprocess.run(
        [*PIP_INSTALL, "--ignore-installed", "--no-deps", "--retries=0", "packaging==26.3"], check=False
    )
    if asked.returncode:
        pytest.skip("no package index can be reached")


def resolved(folder: Path, *wanted: str) -> dict[str, str]:
    """Return what something needs on Colab, name and version, where whatever is pinned stays as it is."""
    report = folder / f"report-{len(wanted)}.json"
    options = ["--ignore-installed", f"--target={folder / 'nowhere'}", f"--report={report}", *AS_ON_COLAB]
    command = [*PIP_INSTALL, *options, "--constraint", str(PINS), *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    metadata = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    return {canonicalize_name(item["name"]): item["version"] for item in metadata}


@pytest.mark.usefixtures("index")
def test_colab_installation_changes_nothing(tmp_path: Path) -> None:
    """With all that Colab has pinned, PyAV, sniffio and for a cluster Dask come along, and nothing else changes."""
    pinned = {canonicalize_name(line.partition("==")[0]): line for line in PINS.read_text().splitlines()}
    own = {canonicalize_name(Requirement(line).name) for line in requires("wan-notebook") or []}
    with ThreadPoolExecutor() as pool:
        without = pool.submit(resolved, tmp_path, *(pinned[name] for name in own & pinned.keys()))
        with_us = pool.submit(resolved, tmp_path, "--no-build-isolation", f"{PROJECT}[cluster,preview]").result()
    assert {name: with_us.get(name, version) for name, version in without.result().items()} == without.result()
    assert with_us.keys() - without.result().keys() - OWN_OF_COLAB - DASK == {"wan-notebook", "av", "sniffio"}
