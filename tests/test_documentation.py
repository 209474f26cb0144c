"""The pages of the documentation: what they show works, and nothing is left out."""

import ast
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

import wan_notebook
from docs.site import docstring, places, reference, stills
from docs.site.stage import in_order, stage
from wan_notebook.model import family

from support.examples import BLOCK

PROJECT = Path(__file__).parents[1]
DOCS = PROJECT / "docs"
EXAMPLES = sorted(reference.EXAMPLES.rglob("*.py"))
NAMES = [name for name in wan_notebook.__all__ if name not in ("errors", "samples")]
NOTEBOOKS = sorted((PROJECT / "notebooks").rglob("*.ipynb"))
GUIDES = sorted((DOCS / "guides").glob("*.md"))


@pytest.mark.slow
def test_examples_run(tmp_path: Path) -> None:
    """Every example of the reference and every guide runs without a key, and gives the values that it promises."""
    # In a process of its own, since one of them changes asyncio for good.
    named = [f"{path.parent.name}/{path.stem}={path}" for path in (*EXAMPLES, *GUIDES)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (PROJECT / "src", PROJECT / "tests")))}
    done = subprocess.run(
        [sys.executable, "-m", "support.examples", *named],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    faults = json.loads(done.stdout.splitlines()[-1])
    assert not faults, "\n".join(faults.values())


def test_every_name_has_an_example() -> None:
    """Each public name, each value that one gives back or takes, and each error has an example."""
    wanted = {*wan_notebook.__all__, *(value.name for value in (*reference.VALUES, *reference.IMPORTED))}
    assert {path.stem for path in EXAMPLES if path.parent == reference.EXAMPLES} == wanted
    errors = {name for name, kind in reference.error_classes() if kind is not wan_notebook.errors.WanError}
    assert {path.stem for path in EXAMPLES if path.parent.name == "errors"} == errors


def programs() -> Iterator[tuple[str, str]]:
    """Yield each program that a reader is shown: where it stands, and its text."""
    pages = (
        PROJECT / "README.md",
        PROJECT / "CONTRIBUTING.md",
        *DOCS.rglob("*.md"),
        *PROJECT.glob("notebooks/**/*.md"),
    )
    for page in pages:
        for program in BLOCK.findall(page.read_text(encoding="utf-8")):
            yield page.name, program
    for page in NOTEBOOKS:
        for cell in nbformat.read(page, as_version=4).cells:
            if cell.cell_type == "code":
                yield page.name, re.sub(r"^\s*%.*", "    pass", cell.source, flags=re.MULTILINE)
    for page in EXAMPLES:
        yield page.name, page.read_text(encoding="utf-8")


def test_every_imported_name_is_told() -> None:
    """What a notebook, a guide, a chapter or an example imports from the package has its place in the reference."""
    pages = dict(reference.pages())
    lines = {line for text in pages.values() for line in text.splitlines()}
    untold = [
        f"{where}: from {node.module} import {one.name}"
        for where, program in programs()
        for node in ast.walk(ast.parse(program))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wan_notebook")
        for one in node.names
        if f"from {node.module} import {one.name}" not in lines
        and not (node.module == "wan_notebook.errors" and f"## {one.name}" in lines)
    ]
    assert untold == []


@pytest.mark.parametrize("name", [*NAMES, *(value.name for value in reference.IMPORTED)])
def test_docstring_tells_all(name: str) -> None:
    """The docstring of each call has every argument, with its type in the signature, and what comes back; so has that
    of each method what comes back.
    """
    values = {value.name: value.itself for value in (*reference.VALUES, *reference.IMPORTED)}
    itself = getattr(wan_notebook, name) if name in NAMES else values[name]
    if not inspect.isclass(itself):
        assert untold_arguments(itself) == []
    methods = [one for _, one in reference.members(itself) if callable(one)] if inspect.isclass(itself) else [itself]
    assert [one.__name__ for one in methods if not tells_what_returns(one)] == []


def untold_arguments(function: Any) -> list[str]:
    """Return the parameters without a type, or without a line in the docstring."""
    told = inspect.getdoc(function) or ""
    found = inspect.signature(function).parameters.values()
    return [
        one.name
        for one in found
        if one.annotation is one.empty or not re.search(rf"^    {one.name}: ", told, re.MULTILINE)
    ]


def tells_what_returns(function: Any) -> bool:
    """Return whether the docstring of a function says what comes back, where something does."""
    if inspect.signature(function).return_annotation in (None, "None"):
        return True
    told = inspect.getdoc(function) or ""
    named = re.search(r"\b(return|yield)s?\b .", told.partition("\n\n")[0], re.IGNORECASE)
    return bool(named or re.search(r"^(Returns|Yields):$", told, re.MULTILINE))


def test_every_page_is_reached(tmp_path: Path) -> None:
    """Each page of the site stands in a table of contents, once."""
    stage(tmp_path)
    pages = [path.relative_to(tmp_path).with_suffix("").as_posix() for path in tmp_path.rglob("*.*")]
    texts = [page for page in pages if not page.startswith("images/")]
    assert sorted(in_order(tmp_path)) == sorted(texts)


def test_prices_are_those_of_the_model() -> None:
    """The guide says what ten seconds cost, at 30 and at 16 frames per second, at 480p and at 720p."""
    page = (DOCS / "guides" / "before_you_pay.md").read_text(encoding="utf-8")
    said = re.findall(r"\$(\d+\.\d\d)", page.partition("\n\n")[2].partition("\n\n")[0])
    units = (10 * fps / family.FRAMES_PER_UNIT for fps in (30, 16))
    assert said == [f"{unit * family.MOVE.usd_per_unit[name]:.2f}" for unit in units for name in ("480p", "720p")]


def test_every_variable_is_told() -> None:
    """The page of environment variables has each one that the package reads."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "src").rglob("*.py"))
    page = (DOCS / "reference" / "environment.md").read_text(encoding="utf-8")
    assert set(re.findall(r'"(WAN_NOTEBOOK_[A-Z_]+)"', sources)) <= set(re.findall(r"`(\w+)`", page))


def test_docstrings_become_lists() -> None:
    """Arguments and errors of a docstring are lists, and nothing in its words is taken for Markdown."""
    arguments = "Args:\n    one: the first,\n        on two lines.\n    two: [2]."
    text = f"Do <it> to `a*b` and *c*.\n\n{arguments}\n\nRaises:\n    MediaError: it cannot."
    assert docstring.markdown(text, level=2) == (
        "Do \\<it> to `a*b` and \\*c\\*.\n\n## Arguments\n\n- `one` – the first, on two lines.\n- `two` – \\[2\\].\n\n"
        "## Errors\n\n- `MediaError` – it cannot."
    )


def test_signatures_are_typed() -> None:
    """A signature shows types and defaults, a line for each parameter where it is long."""
    shown = docstring.signature(wan_notebook.animate, "wan.animate")
    assert shown.startswith(
        "wan.animate(\n    image: Any,\n    video: Any,\n    *,\n    service: Service | None = None,"
    )
    assert shown.endswith(") -> Clip")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the badges stand in, and of what the site is made from."""
    for name in ("docs", "notebooks"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"):
        shutil.copy(PROJECT / name, tmp_path)
    return tmp_path


STAGE = "from pathlib import Path; from docs.site import places, stage; places.main(); stage.stage(Path('staged'))"


def staged(copy: Path, repository: str) -> dict[str, str]:
    """Return the pages of a copy in which the repository has this address, and those staged from it for the site."""
    settings = copy / "pyproject.toml"
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    plain = re.sub(r"^\[project\.urls\]\n(?:(?!\[).*\n)*", "", text, flags=re.MULTILINE)
    told = f'[project.urls]\nDocumentation = "https://example.org"\nRepository = "{repository}"\n\n[project.scripts]'
    settings.write_text(plain.replace("[project.scripts]", told) if repository else plain, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (copy, PROJECT / "src")))}
    subprocess.run([sys.executable, "-c", STAGE], cwd=copy, env=environment, check=True)
    pages = (path for path in copy.rglob("*.*") if path.suffix in (".md", ".ipynb"))
    return {path.relative_to(copy).as_posix(): path.read_text(encoding="utf-8") for path in pages}


def test_address_stands_in_one_place(copy: Path) -> None:
    """With the repository's address in pyproject.toml, and nowhere else, README and each notebook have badges that open
    that notebook in Colab and Binder, and so do links on the site; without it there are none, nor for another host.
    """
    plain = staged(copy, "")
    assert not any(name in text for text in plain.values() for name in ("colab.research.google", "mybinder.org"))
    found = staged(copy, "https://github.com/somebody/some-name.git")
    notebooks = {path.relative_to(PROJECT).as_posix() for path in NOTEBOOKS}
    opened = {"README.md": places.FIRST.as_posix(), "staged/index.md": places.FIRST.as_posix()}
    opened |= {name: name for name in notebooks} | {f"staged/{name}": name for name in notebooks}
    for page, notebook in opened.items():
        colab = f"(https://colab.research.google.com/github/somebody/some-name/blob/main/{notebook})"
        binder = f"(https://mybinder.org/v2/gh/somebody/some-name/HEAD?labpath={notebook.replace('/', '%2F')})"
        assert (found[page].count(colab), found[page].count(binder)) == (1, 1), page
        assert ("colab-badge.svg" in found[page]) == (not page.startswith("staged/")), page
    assert {page for page, text in found.items() if "mybinder.org" in text} == set(opened)
    assert staged(copy, "https://example.org/somebody/some-name") == plain


def test_badges_are_as_the_address_says() -> None:
    """README and notebooks have the badges that the address in pyproject.toml asks for: `make badges` writes them."""
    assert [path.name for path, text in places.pages() if path.read_text(encoding="utf-8") != text] == []


@pytest.mark.slow
def test_notebooks_become_stills(tmp_path: Path) -> None:
    """On the site a cell shows its chart and its table; no widget, which would stay empty, and no folder of the build;
    what was executed once is taken again.
    """
    cells = ["from wan_notebook.lessons.steps_and_shift import FlowFigure\nFlowFigure()", "import wan_notebook as wan"]
    cells += ["str(wan.samples.character())", "import random", "random.random()"]
    written = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    shown = []
    for pages in (tmp_path / "first", tmp_path / "second"):
        pages.mkdir()
        nbformat.write(written, pages / "one.ipynb")
        stills.draw(pages, tmp_path / "executed")
        shown.append((pages / "one.ipynb").read_text(encoding="utf-8"))
    outputs = [cell.outputs for cell in nbformat.reads(shown[0], as_version=4).cells]
    assert outputs[0][0].data["text/html"].count("<svg") == 6
    assert "jupyter.widget-view" not in shown[0]
    assert outputs[2][0].data["text/plain"].startswith(f"'{stills.SHOWN_HOME}/samples/")
    assert shown[0] == shown[1]
