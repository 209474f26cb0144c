"""The lowest versions that pyproject.toml allows, all at once, on the lowest Python."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from browser import install

from support.media import Drawn

pytestmark = pytest.mark.slow

PROGRAM = """
import importlib, json, pkgutil, sys, time
from pathlib import Path
import wan_notebook as wan

for module in pkgutil.walk_packages(wan.__path__, "wan_notebook."):
    importlib.import_module(module.name)

from wan_notebook.faces.find import face_reader
from wan_notebook.preview.engine.character import open_picture

picture, video = sys.argv[1:]
clip = wan.animate(picture, video, service=wan.Service.embedded(), num_inference_steps=4)
pixels = open_picture(Path(picture))
face_reader().find(pixels)
begun = time.process_time()
faces = [face_reader().find(pixels) for _ in range(3)][-1]
print(json.dumps({"clip": str(clip.path), "faces": len(faces), "seconds": time.process_time() - begun}))
"""


def result_of(python: Path, drawn: Drawn, home: Path) -> Any:
    """What the program prints last, run by this Python."""
    environment = {**os.environ, "PYTHONPATH": str(install.PROJECT / "src"), "WAN_NOTEBOOK_HOME": str(home)}
    command = [str(python), "-c", PROGRAM, str(drawn.ada), str(drawn.glimpse)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_lowest_versions_make_a_clip(drawn: Drawn, tmp_path: Path) -> None:
    """With the lowest versions everything is imported, a preview made, and faces found about as fast."""
    if not (install.floors_python().parents[1] / "made").exists():
        pytest.fail("Not installed. Run: python tests/browser/install.py", pytrace=False)
    lowest = result_of(install.floors_python(), drawn, tmp_path / "lowest")
    here = result_of(Path(sys.executable), drawn, tmp_path / "here")
    assert Path(lowest["clip"]).is_file()
    assert lowest["faces"] == here["faces"] > 0
    # Time of the processor, not of the clock.
    assert lowest["seconds"] < 5 * here["seconds"]


def test_floors_have_no_known_hole() -> None:
    """Versions below which the server or the client can be attacked are not allowed."""
    lowest = dict(floor.split("==") for floor in install.floors())
    numbers = {name: [int(part) for part in re.findall(r"\d+", version)] for name, version in lowest.items()}
    assert numbers["starlette"] >= [0, 49, 1]
    assert numbers["h11"] >= [0, 16]
