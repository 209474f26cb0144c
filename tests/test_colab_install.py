"""What an installation does to a Colab runtime, as pip would resolve it there."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PROJECT = HERE.parent
PINS = HERE / "browser" / "colab-constraints.txt"
DASK = {
    *("distributed", "dask", "cloudpickle", "fsspec", "locket", "msgpack", "partd", "sortedcontainers", "tblib"),
    *("toolz", "zict", "lazy-importer", "importlib_metadata", "zipp"),
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
    """Return what pip would install into an empty Colab, name and version."""
    report = folder / f"report-{len(wanted)}.json"
    options = ["--ignore-installed", f"--target={folder / 'nowhere'}", f"--report={report}", *AS_ON_COLAB]
    done = subprocess.run([*PIP_INSTALL, *options, *wanted], capture_output=True, text=True, check=False)
    assert not done.returncode, [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    metadata = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    return {item["name"].lower(): item["version"] for item in metadata}


@pytest.mark.usefixtures("index")
def test_colab_installation_changes_nothing(tmp_path: Path) -> None:
    """With all that Colab has pinned, PyAV, msgspec and for a cluster Dask come along, no more."""
    colab = ("--requirement", str(PINS))
    with ThreadPoolExecutor() as pool:
        without = pool.submit(resolved, tmp_path, *colab)
        with_us = pool.submit(resolved, tmp_path, *colab, f"{PROJECT}[cluster,preview]")
    assert {name: with_us.result()[name] for name in without.result()} == without.result()
    added = with_us.result().keys() - without.result().keys()
    assert added - OWN_OF_COLAB - DASK == {"wan-notebook", "av", "msgspec"}
