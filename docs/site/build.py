"""Build the site of the documentation: `make docs`.

    python -m docs.site.build            all of it, into build/site/html
    python -m docs.site.build --quick    without the gallery and what notebooks show, and with a short first picture

A warning of Sphinx fails the build; so does a link inside the site that leads nowhere, and whatever a page would load
from another host. Nothing is fetched.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wan_notebook.faces.weights import FOLDER_VARIABLE, find_models

from . import links, llms, pictures, stills
from .stage import PROJECT, stage

OUT = PROJECT / "build" / "site"
_WHERE = Path(__file__).parent


def build(out: Path, *, quick: bool = False) -> Path:
    """Build the site and return its folder.

    Args:
        out: a folder for all that is built; the site is in its `html`.
        quick: without the gallery and what notebooks show, and with a short picture on the start page.

    Raises:
        SystemExit: a page has a fault; it was printed.
    """
    pages, site = out / "pages", out / "html"
    shutil.rmtree(site, ignore_errors=True)
    with data_directory_of_its_own():
        stage(pages)
        if not quick:
            stills.draw(pages, out / "executed")
        sphinx(pages, site, out / "doctrees")
        if quick:
            pictures.draw_start(site, seconds=1, steps=4)
        else:
            pictures.draw_start(site)
            pictures.draw_gallery(site)
    llms.write(pages, site)
    found = list(links.faults(site, without=("gallery/play",) if quick else ()))
    if found:
        raise SystemExit("\n".join(found))
    return site


@contextmanager
def data_directory_of_its_own() -> Iterator[None]:
    """Keep clips and samples of the build apart from the user's own, with the models that are here already."""
    before = dict(os.environ)
    if FOLDER_VARIABLE not in os.environ and (models := find_models()):
        os.environ[FOLDER_VARIABLE] = str(models.mesh.parent)
    with tempfile.TemporaryDirectory() as home:
        # The help of the command line is as wide as COLUMNS; and a bar that is drawn anew fills a log.
        os.environ.update({"WAN_NOTEBOOK_HOME": home, "COLUMNS": "100", "NO_COLOR": "1", "TQDM_DISABLE": "1"})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def sphinx(pages: Path, site: Path, doctrees: Path) -> None:
    """Run Sphinx; a warning is an error."""
    options = ["--fail-on-warning", "--keep-going", "--quiet", "--jobs", "2", "-d", str(doctrees)]
    command = [sys.executable, "-m", "sphinx", *options, "-c", str(_WHERE), str(pages), str(site)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    if subprocess.run(command, env=environment, cwd=PROJECT, check=False).returncode:
        raise SystemExit("The site was not built.")


def main() -> None:
    """Build what the command line asks for, and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m docs.site.build", description="Build the documentation.")
    parser.add_argument("--quick", action="store_true", help="without the gallery and what notebooks show")
    parser.add_argument("--out", type=Path, default=OUT, help="a folder for all that is built (default: build/site)")
    options = parser.parse_args()
    site = build(options.out, quick=options.quick)
    sys.stderr.write(f"{site / 'index.html'}\n")


if __name__ == "__main__":
    main()
