"""Joining the modules and the style sheets of a widget into one text each."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from wan_notebook.widgets.bundle import WIDGETS, script, script_once, style

FILES = sorted(path.relative_to(WIDGETS).as_posix() for path in WIDGETS.rglob("*") if path.suffix in (".js", ".css"))
MODULES = [path for path in FILES if path.endswith(".js")]
ENTRIES = [path for path in MODULES if Path(path).stem == Path(path).parent.name]
"""The module of each part, and of the panel that holds them: it has the name of its folder."""
WIDGET_ENTRIES = [
    "panel/panel.js",
    "display/run.js",
    "grid/sweep_view.js",
    "film/film_view.js",
    "display/history_widget.js",
    "display/html_page.js",
]
"""The modules that reach a browser, each with all that it imports."""


def node(*arguments: str) -> str:
    """Run Node, and return what it writes."""
    done = subprocess.run(["node", *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write(folder: Path, **texts: str) -> None:
    """Write modules into a folder, each by its name without the ending."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")


def test_modules_keep_their_names(tmp_path: Path) -> None:
    """Two modules that declare the same name at their top work together, and with an entry that declares it as well."""
    write(tmp_path / "shared", words='const NAME = "words";\nexport function speak(name = NAME) {\n\treturn name;\n}\n')
    write(
        tmp_path / "one",
        twice="""import { speak } from "../shared/words.js";
const NAME = "twice";
export const said = speak(NAME) + speak();
""",
        one="""import {
\tspeak as say,
} from "../shared/words.js";
import { said } from "./twice.js";
import shout from "./shout.js";
const NAME = "one";
export default [say(NAME), said, shout()];
""",
        shout='export default () => "loud";\n',
    )
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(script("one/one.js", tmp_path), encoding="utf-8")
    program = f"console.log(JSON.stringify((await import({bundle.as_uri()!r})).default))"
    assert node("--input-type=module", "--eval", program) == '["one","twicewords","loud"]\n'


def test_page_evaluates_a_script_once(tmp_path: Path) -> None:
    """A script that two widgets bring to one page runs there once, and both get what it exports; another one runs."""
    write(tmp_path, top="globalThis.ran = (globalThis.ran ?? 0) + 1;\nexport default { name: 'top' };\n")
    write(tmp_path, other="export default { name: 'other' };\n")
    for number, entry in enumerate(["top.js", "top.js", "other.js"]):
        (tmp_path / f"{number}.mjs").write_text(script_once(entry, tmp_path), encoding="utf-8")
    imports = ", ".join(f"(await import({(tmp_path / f'{number}.mjs').as_uri()!r})).default" for number in range(3))
    program = f"const [a, b, c] = [{imports}]; console.log(a === b, a.name, c.name, ran)"
    assert node("--input-type=module", "--eval", program) == "true top other 1\n"


def test_module_is_joined_once(tmp_path: Path) -> None:
    """A module that two others import is in the text once, before both."""
    write(
        tmp_path,
        base="export const BASE = 1;\n",
        left='import { BASE } from "./base.js";\nexport const LEFT = BASE;\n',
        right='import { BASE } from "./base.js";\nexport const RIGHT = BASE;\n',
        top='import { RIGHT } from "./right.js";\nimport { LEFT } from "./left.js";\nexport default LEFT + RIGHT;\n',
    )
    text = script("top.js", tmp_path)
    assert [text.count(f"const {name} =") for name in ("BASE", "LEFT", "RIGHT")] == [1, 1, 1]
    assert re.findall(r"const (BASE|LEFT|RIGHT) =", text) == ["BASE", "RIGHT", "LEFT"]


def test_missing_module_names_importer(tmp_path: Path) -> None:
    """A module that does not exist is told with the one that wants it; and so is a name that is not exported."""
    write(tmp_path, top='import { a } from "./gone.js";\n')
    with pytest.raises(ValueError, match=r"top\.js imports gone\.js, which does not exist"):
        script("top.js", tmp_path)
    write(tmp_path, gone="export const b = 1;\n", other='import { a } from "./gone.js";\n')
    with pytest.raises(ValueError, match=r"other\.js imports a from gone\.js, which does not export it"):
        script("other.js", tmp_path)


def test_circle_is_refused(tmp_path: Path) -> None:
    """Modules that import each other are told in the order in which they do."""
    write(tmp_path, a='import { b } from "./b.js";\n', b='import { a } from "./a.js";\n')
    with pytest.raises(ValueError, match=r"a\.js → b\.js → a\.js"):
        script("a.js", tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        'import * as all from "./b.js";',
        'import "./b.js";',
        "import { b } from './b.js';",
        'import { h } from "preact";',
        'const b = await import("./b.js");',
        "const here = import.meta.url;",
        "export let b = 1;",
        "export { b };",
        'export * from "./b.js";',
    ],
)
def test_other_forms_are_refused(tmp_path: Path, line: str) -> None:
    """An import or export of a form that is not supported is told instead of being sent to a browser."""
    write(tmp_path, a=f"{line}\n", b="export const b = 1;\n")
    with pytest.raises(ValueError, match=r"a\.js has an import or export of a form that is not supported"):
        script("a.js", tmp_path)


def test_sheet_comes_after_its_imports(tmp_path: Path) -> None:
    """What a style sheet builds upon stands before it, once."""
    (tmp_path / "base.css").write_text("a { color: red; }\n")
    (tmp_path / "mid.css").write_text('@import "./base.css";\n\nb { color: red; }\n')
    (tmp_path / "top.css").write_text('@import "./base.css";\n@import "./mid.css";\n\ni { color: red; }\n')
    assert re.findall(r"(\w) \{", style("top.css", tmp_path)) == ["a", "b", "i"]
    assert "@import" not in style("top.css", tmp_path)


def test_every_part_has_an_entry() -> None:
    """Each part of a widget has a module and a style sheet of its folder's name."""
    names = [
        "film",
        "finish",
        "generate",
        "grid",
        "history",
        "landmarks",
        "panel",
        "picker",
        "player",
        "preparation",
        "settings",
        "status",
    ]
    assert [Path(path).stem for path in ENTRIES] == names
    assert all((WIDGETS / path).with_suffix(".css").exists() for path in ENTRIES)


@pytest.mark.parametrize("entry", WIDGET_ENTRIES)
def test_bundle_is_valid_module(tmp_path: Path, entry: str) -> None:
    """What reaches the browser is a module that can be parsed, and imports nothing."""
    text = (script if entry == "display/html_page.js" else script_once)(entry)
    assert re.findall(r"^import .*", text, re.MULTILINE) == []
    (tmp_path / "bundle.mjs").write_text(text, encoding="utf-8")
    node("--check", str(tmp_path / "bundle.mjs"))


@pytest.mark.parametrize("name", MODULES)
def test_text_never_becomes_markup(name: str) -> None:
    """No module writes HTML, so what a user or a server wrote stays text."""
    text = (WIDGETS / name).read_text(encoding="utf-8")
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text) == []


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_fetched_from_elsewhere(name: str) -> None:
    """No module and no style names another host."""
    text = (WIDGETS / name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")  # a mere name
    assert re.findall(r"""["'(](?:https?:)?//\w[^"')\s]*\.\w+""", text) == []
