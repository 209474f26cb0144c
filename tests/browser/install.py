"""Install what the browser tests need, or say exactly what is missing and how to get it.

    python tests/browser/install.py         all of it
    python tests/browser/install.py site    what a look at the site needs: a browser, and axe-core

Whatever takes long is kept in folders which git ignores, and made anew only when what it was made from has changed.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
PINS = HERE / "colab-constraints.txt"
PAGE = HERE / "html_manager"
AXE = PAGE / "node_modules" / "axe-core" / "axe.min.js"
TYPESCRIPT = PAGE / "node_modules" / "typescript" / "bin" / "tsc"
OLD_KERNELS = {
    "6.29.5": (),
    "7.0.1": (),
    "7.1.0": (),
}
"""Kernels that behave differently from one another, each with what it needs of an age with it."""
if sys.version_info < (3, 12):  # the oldest one imports what later Pythons no longer have
    OLD_KERNELS["5.5.6"] = (
        *("ipython==7.34.0", "ipywidgets==7.7.1", "jupyter_client==7.4.9"),
        *("backcall", "decorator", "entrypoints", "ipython-genutils", "pickleshare"),
    )
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LEAST_NODE = 18

NO_BROWSER = """\
The browser tests need Chromium (or Chrome) which plays H.264; a browser downloaded by Playwright does not.
    Debian, as root:  apt-get install -y chromium fonts-dejavu-core
    Ubuntu:           sudo snap install chromium
    Fedora:           sudo dnf install chromium
    macOS:            brew install --cask google-chrome
Is it somewhere else? Then name it: export WAN_TEST_BROWSER=/path/to/chromium"""

NO_NODE = f"""\
The browser tests need Node.js {LEAST_NODE} or later with npm, which builds one of the pages they open.
    Debian, as root:  apt-get install -y nodejs npm
    macOS:            brew install node
    others:           https://nodejs.org/en/download"""


def browser() -> Path | None:
    """Return the browser which the tests start, or None."""
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    found = os.environ.get("WAN_TEST_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    return Path(found) if found else Path(mac) if Path(mac).exists() else None


def colab_environment() -> Path:
    """Return the folder of the virtual environment with Colab's pins, made or not."""
    return PROJECT / ".venvs" / f"colab-{_hash(PINS.read_text(), _version(python_for('3.13')))}"


def own_bin(name: str) -> Path:
    """Return a program of the environment that runs the tests; what stands first on the path may be another's."""
    return Path(sys.executable).with_name(name)


def colab_bin(name: str) -> Path:
    """Return a program of that environment."""
    return colab_environment() / ("Scripts" if os.name == "nt" else "bin") / name


def old_kernel(version: str) -> Path:
    """Return the folder from which a kernel of this version runs when it stands first on the import path."""
    return PROJECT / ".venvs" / f"ipykernel-{version}-{_hash(*OLD_KERNELS[version], platform.python_version())}"


def floors() -> list[str]:
    """Return the lowest version of each package that users install with us, as pip is asked for it."""
    before_tests = (PROJECT / "pyproject.toml").read_text().partition("\ndocs = [")[0]
    return [f"{name}=={version}" for name, version in re.findall(r'"([\w.-]+)>=([\d.]+)[^"]*"', before_tests)]


def floors_python() -> Path:
    """Return the Python of the virtual environment with the lowest versions of everything, made or not."""
    folder = PROJECT / ".venvs" / f"floors-{_hash(*floors(), _version(python_for('3.10')))}"
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def python_for(version: str) -> Path:
    """Return a Python of this version if this machine has one, else the one that runs this."""
    pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for candidate in [shutil.which(f"python{version}"), *pyenv]:
        if candidate and _version(Path(candidate)).startswith(f"{version}."):
            return Path(candidate)
    return Path(sys.executable)


def install_browser() -> None:
    """Install Chromium where that is ours to do: as root on Debian."""
    if browser():
        return
    if not _may_use_apt():
        raise SystemExit(NO_BROWSER)
    _apt("chromium", "fonts-dejavu-core")


def install_node() -> None:
    """Install Node.js where that is ours to do, and see that it is new enough."""
    if not (shutil.which("node") and shutil.which("npm")):
        if not _may_use_apt():
            raise SystemExit(NO_NODE)
        _apt("nodejs", "npm")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip().lstrip("v").split(".")[0]) < LEAST_NODE:
        raise SystemExit(f"Node.js {version.strip()} is too old.\n{NO_NODE}")


def install_axe() -> None:
    """Bring axe-core, with whatever else the bare notebook page is built from."""
    if AXE.exists():
        return
    _say("Getting axe-core (once)…")
    _run([shutil.which("npm") or "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], PAGE)


def install_page() -> None:
    """Build the bare notebook page, and bring axe-core and TypeScript beside it."""
    sources = sorted(path for path in PAGE.iterdir() if path.is_file())
    made = PAGE / "dist" / f"made-{_hash(*(path.read_text() for path in sources))}"
    if made.exists():
        return
    _say("Building the bare notebook page (once, about half a minute)…")
    shutil.rmtree(PAGE / "dist", ignore_errors=True)
    npm = shutil.which("npm") or "npm"
    _run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], PAGE)
    _run([npm, "run", "--silent", "build"], PAGE)
    made.touch()


def install_colab() -> None:
    """Make a virtual environment with exactly what Colab has, and this project on top."""
    environment = colab_environment()
    if not (environment / "pinned").exists():
        _say("Making an environment with Colab's versions (once, about a minute)…")
        for older in environment.parent.glob("colab-*"):
            shutil.rmtree(older)
        _run([str(python_for("3.13")), "-m", "venv", str(environment)], PROJECT)
        _run([*_colab_pip(), "--requirement", str(PINS)], PROJECT)
        (environment / "pinned").touch()
    installed = environment / f"project-{_hash((PROJECT / 'pyproject.toml').read_text())}"
    if not installed.exists():
        _run([*_colab_pip(), "--constraint", str(PINS), "--editable", f"{PROJECT}[preview]"], PROJECT)
        installed.touch()


def install_kernels() -> None:
    """Lay old kernels beside the one of this environment, whose other packages serve them as well."""
    for version, companions in OLD_KERNELS.items():
        folder = old_kernel(version)
        if (folder / "made").exists():
            continue
        wanted = ["--no-deps", "--target", str(folder), f"ipykernel=={version}", *companions]
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], PROJECT)
        (folder / "made").touch()


def install_floors() -> None:
    """Make a virtual environment with the lowest version of everything, on the lowest Python that this machine has."""
    python = floors_python()
    environment = python.parents[1]
    if (environment / "made").exists():
        return
    _say("Making an environment with the lowest versions (once, a minute or two)…")
    for older in environment.parent.glob("floors-*"):
        shutil.rmtree(older)
    _run([str(python_for("3.10")), "-m", "venv", str(environment)], PROJECT)
    pip_install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip_install, "--only-binary=:all:", *floors()], PROJECT)
    (environment / "made").touch()


def _colab_pip() -> list[str]:
    return [str(colab_bin("python")), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def _version(python: Path) -> str:
    if python == Path(sys.executable):
        return platform.python_version()
    asked = [str(python), "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def _may_use_apt() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and bool(shutil.which("apt-get"))


def _apt(*packages: str) -> None:
    _say(f"Installing {' and '.join(packages)} with apt (once)…")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], PROJECT, quiet)
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], PROJECT, quiet)


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise SystemExit(f"{said}\n\nThis failed, and the browser tests need it: {' '.join(command)}")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def missing() -> Iterator[str]:
    """Name what is not there yet, so that a test can say it before it fails obscurely."""
    if not browser():
        yield "a browser"
    if not any((PAGE / "dist").glob("made-*")):
        yield "the bare notebook page"
    if not (colab_environment() / "pinned").exists():
        yield "the environment with Colab's versions"
    if not (floors_python().parents[1] / "made").exists():
        yield "the environment with the lowest versions"
    yield from (f"ipykernel {version}" for version in OLD_KERNELS if not (old_kernel(version) / "made").exists())


def main() -> None:
    """Install all of it, or what the site needs."""
    install_browser()
    install_node()
    if sys.argv[1:] == ["site"]:
        install_axe()
        return
    install_page()
    install_colab()
    install_kernels()
    install_floors()


if __name__ == "__main__":
    main()
