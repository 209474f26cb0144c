"""Joins the ES modules and the style sheets of a widget into one text each, so that no Node tool-chain is needed.

A widget's module reaches the browser without an address: it can import nothing from beside itself. So each module that
it imports, directly or through others, is put in front of it once, in the order of dependency, and wrapped in a
function, whose scope is the module's own; two modules may declare the same name. The module that was asked for comes
last and stays an ES module, with the default export that anywidget expects.

Supported are the forms that the widgets' modules use, each at the beginning of a line:

    import { name, other as alias } from "./file.js";       over several lines, too; the path is relative to the module
    import name from "../folder/file.js";                   of a module with a default export
    export const, export class, export function, export async function      each of one name
    export default <expression>;                            once in a module

Any other import or export raises, and so does a module or a name that is not there. An exported name is bound when its
module has run, so what is exported must not be assigned to later.

A style sheet names those that it builds upon in the same way, by `@import "../shared/theme.css";` lines at its top.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

WIDGETS = Path(__file__).parent

_IMPORT = re.compile(r'^import (?:\{([\w\s,]+)\}|(\w+)) from "(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:default|(?:const|class|function|async function) (\w+))\b", re.MULTILINE)
_UNSUPPORTED = re.compile(r"^\s*(?:import|export)\b.*|\bimport\s*[(.].*", re.MULTILINE)
_CSS_IMPORT = re.compile(r'^@import "(\.[^"]+)";\n', re.MULTILINE)
_DOCUMENTATION = re.compile(r"^[ \t]*/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*\n", re.MULTILINE)
"""A quarter of the modules. It is for who reads them, and each widget sends its script to the page by itself."""
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
"""JSDoc names the types of other modules in the form of an import."""


@cache
def script(entry: str, folder: Path = WIDGETS) -> str:
    """Return a module as one text, with the modules that it imports in front of it, and without their documentation.

    Args:
        entry: path of the module in the folder, as "player/player.js".
        folder: where all modules are; paths in messages are relative to it.

    Raises:
        ValueError: a module is missing, does not export what another one imports, imports itself through others, or has
            an import or export of a form that is not supported.
    """
    *imported, (_, text, _) = _modules(entry, folder)
    return "\n".join([*(_wrapped(*module) for module in imported), text])


@cache
def script_once(entry: str, folder: Path = WIDGETS) -> str:
    """Return a module with a default export as script() does, as a text that a page evaluates only once.

    Each widget brings its script to the page, where the functions of the first one are compiled and warm by then.

    Args:
        entry: as for script(), which raises the same.
        folder: likewise.
    """
    text = "\n".join(_wrapped(*module) for module in _modules(entry, folder))
    digest = hashlib.sha256(text.encode()).hexdigest()
    once = f'(globalThis.wanNotebookScripts ??= {{}})["{digest}"] ??= (() => {{'
    return f"export default {once}\n{text}\nreturn {_variable(entry)}.default;\n}})();\n"


@cache
def style(entry: str, folder: Path = WIDGETS) -> str:
    """Return a style sheet as one text, with the sheets that it imports in front of it.

    Args:
        entry: path of the sheet in the folder, as "player/player.css".
        folder: where all sheets are; paths in messages are relative to it.

    Raises:
        ValueError: a sheet is missing, or imports itself through others.
    """
    return "\n".join(_CSS_IMPORT.sub("", text) for _, text in _in_order(entry, folder, _CSS_IMPORT))


def _modules(entry: str, folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Yield path, text and exported names of each module in the order of dependency, with constants for its imports."""
    exported: dict[str, list[str]] = {}
    for path, source in _in_order(entry, folder, _IMPORT):
        text = _DOCUMENTATION.sub("", source)
        for found in _IMPORT.finditer(text):
            text = text.replace(found[0], _constants(path, found, exported))
        exported[path] = [name or "default" for name in _EXPORT.findall(text)]
        rest = _EXPORT.sub("", text)
        may_be_left = "import" in rest or "export" in rest  # of most modules this says it in a tenth of the time
        if may_be_left and (left := _UNSUPPORTED.search(_COMMENT.sub("", rest))):
            raise ValueError(f"{path} has an import or export of a form that is not supported: {left[0].strip()}")
        yield path, text, exported[path]


def _in_order(entry: str, folder: Path, form: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file that the entry needs, once, after those that it needs itself.

    Args:
        entry: path of the file in the folder.
        folder: where all files are.
        form: an import of one of them, whose last group is a relative path.
    """
    finished: set[str] = set()

    def visit(path: str, importers: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        if path in importers:
            raise ValueError(f"These import each other in a circle: {' → '.join([*importers, path])}")
        if path in finished:
            return
        if not (folder / path).is_file():
            raise ValueError(f"{importers[-1]} imports {path}, which does not exist." if importers else f"No {path}.")
        text = (folder / path).read_text(encoding="utf-8")
        for found in form.finditer(text):
            yield from visit(_resolve(path, found.groups()[-1]), (*importers, path))
        finished.add(path)
        yield path, text

    return visit(entry, ())


def _constants(path: str, found: re.Match[str], exported: Mapping[str, Sequence[str]]) -> str:
    """Return the line that stands for an import: constants, taken from what the other module returns."""
    names, default, relative = found.groups()
    source = _resolve(path, relative)
    pairs = [name.split() for name in names.split(",") if name.strip()] if names else [["default", "as", default]]
    for name, *_ in pairs:
        if name not in exported[source]:
            raise ValueError(f"{path} imports {name} from {source}, which does not export it.")
    taken = ", ".join(": ".join([name, *renamed[1:]]) for name, *renamed in pairs)
    return f"const {{ {taken} }} = {_variable(source)};"


def _resolve(importer: str, relative: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), relative))


def _variable(path: str) -> str:
    """Return the name of the constant that holds what a module exports."""
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))


def _wrapped(path: str, text: str, exported: list[str]) -> str:
    text = re.sub(r"^export default ", "const $default = ", text, flags=re.MULTILINE)
    text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
    names = ", ".join("default: $default" if name == "default" else name for name in exported)
    return f"const {_variable(path)} = (() => {{\n{text}\nreturn {{ {names} }};\n}})();\n"
