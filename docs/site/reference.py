"""The pages of the reference that are written from the package: names, settings, errors, commands."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import wan_notebook
from wan_notebook import errors
from wan_notebook.cli.main import command_line
from wan_notebook.model import family
from wan_notebook.sweeps.metrics import DEFINITIONS

from .docstring import fields, markdown, prose, signature

EXAMPLES = Path(__file__).parents[1] / "reference" / "examples"
"""A program for each name, NAME.py; a test runs them all."""


@dataclass(frozen=True)
class Value:
    """A class or a function beside the public names, with a page of its own."""

    module: str
    """Where it is imported from, below the package."""
    name: str
    how: str
    """Where a reader has it from, or what for."""

    @property
    def itself(self) -> Any:
        """The class or the function."""
        return getattr(import_module(f"wan_notebook.{self.module}"), self.name)


VALUES = (
    Value("jobs.run", "Run", "`wan.submit` and `wan.resume` return one."),
    Value("jobs.progress", "Progress", "`run.progress`, and what `async for progress in run` gives."),
    Value("jobs.estimate", "JobEstimate", "`wan.estimate` returns one."),
    Value("media", "Preparation", "What `prepare_video=` and `prepare_image=` take, also as a dict."),
    Value("model.job", "Request", "`clip.request`: what was asked."),
    Value("model.job", "Job", "`run.job` and `clip.job`: the service's latest answer."),
    Value("jobs.history", "History", "`wan.history` returns one."),
    Value("jobs.journal.entry", "Entry", "A job in `wan.history()`."),
    Value("sweeps.plan", "Plan", "`wan.sweep` returns one."),
    Value("sweeps.grid", "Grid", "`plan.run` returns one."),
    Value("sweeps.tile", "Tile", "`grid[3]` and `film[3]`."),
    Value("films.plan", "FilmPlan", "`wan.film` returns one."),
    Value("films.film", "Film", "`FilmPlan.run` returns one."),
)
"""Classes whose objects the public names give back or take."""

IMPORTED = (
    Value("media", "picture", "Every `image=` goes through it."),
    Value("media", "video", "Every `video=` goes through it."),
    Value("media.prepare", "expected_video", "What `prepare_video=` will make of a video, before it is made."),
    Value("video.read", "frames", "For programs that look at a clip themselves."),
    Value("model.cost", "check_budget", "What every `budget=` is held against, for estimates of your own."),
    Value("sweeps", "load", "For a sweep that `grid.save` has written."),
    Value("faces.find", "face_reader", "For programs that look at faces as the checks do."),
    Value("faces.expression", "Reading", "What one face shows in one frame."),
)
"""What notebooks, guides and chapters import beside the public names."""

LESSONS = ("steps_and_shift", "good_reference", "experiment", "waiting", "face_reading")
"""The module of each lesson, in their order."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield each page: its path in the site, without an ending, and its Markdown."""
    for name in wan_notebook.__all__:
        if name != "errors":
            yield f"reference/{name}", name_page(name)
    for value in (*VALUES, *IMPORTED):
        yield f"reference/{value.name}", value_page(value)
    yield "reference/errors", errors_page()
    yield "reference/settings", settings_page()
    yield "reference/metrics", metrics_page()
    yield "reference/lessons", lessons_page()
    yield "reference/command-line", command_line_page()


def summary(told: Any) -> str:
    """Return the first sentence of a docstring."""
    return " ".join((inspect.getdoc(told) or "").partition("\n\n")[0].split())


def name_page(name: str) -> str:
    """Return the page of one public name."""
    value = getattr(wan_notebook, name)
    if isinstance(value, ModuleType):
        return "\n\n".join(
            [f"# wan.{name}", markdown(inspect.getdoc(value) or ""), example(name), *module_parts(value)]
        )
    if inspect.isclass(value):
        return class_page(value, f"wan.{name}", "", example(name))
    return function_page(value, f"wan.{name}", "", example(name))


def value_page(value: Value) -> str:
    """Return the page of a class or a function beside the public names."""
    page = class_page if inspect.isclass(value.itself) else function_page
    line = f"from wan_notebook.{value.module} import {value.name}"
    return page(value.itself, value.name, value.how, example(value.name), line)


def function_page(function: Any, title: str, how: str, shown: str, line: str = "") -> str:
    """Return the page of a function: how it is called, what it does, and an example."""
    called = code(f"{line}\n\n{signature(function, title)}")
    parts = [f"# {title}", called, markdown(inspect.getdoc(function) or "", level=2), how, shown]
    return "\n\n".join(filter(None, parts))


def class_page(kind: type, title: str, how: str, shown: str, line: str = "") -> str:
    """Return the page of a class: what it is, an example, its attributes and its methods."""
    properties = {name: one for name, one in members(kind) if not callable(one)}
    methods = {name: one for name, one in members(kind) if callable(one)}
    listed = [f"- `{name}`: `{typed}`{' – ' * bool(text)}{prose(text)}" for name, (typed, text) in fields(kind).items()]
    listed += [f"- `{name}`: `{returned(one)}` – {prose(summary(one))}" for name, one in properties.items()]
    docstring = inspect.getdoc(kind) or ""
    made = f"{line}\n\n{signature(kind, title) if 'Args:' in docstring else ''}".strip()
    parts = [f"# {title}", code(made) if made else "", markdown(docstring, level=2), how, shown]
    parts += ["## Attributes", "\n".join(listed)] if listed else []
    parts += ["## Methods"] if methods else []
    for name, one in methods.items():
        parts += [f"### {name}", code(signature(one, name)), markdown(inspect.getdoc(one) or "", level=4)]
    return "\n\n".join(filter(None, parts))


def returned(one: Any) -> str:
    """Return the type of a property, as its source has it."""
    getter = getattr(one, "fget", None) or one.func
    return str(getter.__annotations__.get("return", ""))


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the documented public properties and methods that a class of ours defines itself, in its own order."""
    for name, one in vars(kind).items():
        function = getattr(one, "__func__", None) or getattr(one, "fget", None) or getattr(one, "func", None) or one
        if not name.startswith("_") and inspect.isfunction(function) and function.__doc__:
            yield name, getattr(kind, name) if isinstance(one, classmethod) or inspect.isfunction(one) else one


def module_parts(module: ModuleType) -> Iterator[str]:
    """Yield the functions of a public module."""
    for name in dir(module):
        function = getattr(module, name)
        yield f"## {name}"
        yield code(signature(function, f"wan.{module.__name__.rpartition('.')[2]}.{name}"))
        yield markdown(inspect.getdoc(function) or "")


def example(name: str) -> str:
    """Return the example of a name as a section; empty where it has none."""
    return f"## Example\n\n{program(name)}" if (EXAMPLES / f"{name}.py").exists() else ""


def program(name: str) -> str:
    """Return the example of a name as a block of Markdown."""
    return code((EXAMPLES / f"{name}.py").read_text(encoding="utf-8"))


def code(text: str) -> str:
    """Return a program as a block of Markdown."""
    return f"```python\n{text.strip()}\n```"


def lessons_page() -> str:
    """Return the page of what the lessons import."""
    parts = ["# Lessons", "What the notebooks of the lessons draw with, and the checks of their exercises."]
    for name in LESSONS:
        module = import_module(f"wan_notebook.lessons.{name}")
        parts += [f"## {name}", code(f"from wan_notebook.lessons import {name}"), prose(inspect.getdoc(module) or "")]
        for listed in filter(lambda one: callable(getattr(module, one)), module.__all__):
            one = getattr(module, listed)
            parts += [f"### {listed}", code(signature(one, listed)), markdown(inspect.getdoc(one) or "", level=4)]
    return "\n\n".join(parts)


def error_classes() -> Iterator[tuple[str, type[errors.WanError]]]:
    """Yield each class of the tree of errors with its name, the root first."""
    for name, kind in vars(errors).items():
        if inspect.isclass(kind) and issubclass(kind, errors.WanError) and not name.startswith("_"):
            yield name, kind


def errors_page() -> str:
    """Return the page of all errors: the tree, then each with its remedy."""
    parts = ["# Errors", markdown(inspect.getdoc(errors) or ""), example("errors")]
    for name, kind in error_classes():
        parts += [f"## {name}", markdown(inspect.getdoc(kind) or ""), f"**What helps:** {prose(kind.remedy)}"]
        parts += [program(f"errors/{name}")] if kind is not errors.WanError else []
    parts += ["## full", code(signature(errors.full, "wan.errors.full")), markdown(inspect.getdoc(errors.full) or "")]
    return "\n\n".join(parts)


def settings_page() -> str:
    """Return the page of all settings, models, presets and limits."""
    parts = [
        "# Settings",
        (
            "Keyword arguments of `wan.animate`, `wan.submit`, `wan.estimate`, `wan.sweep` and `wan.film`, "
            "traits of `wan.Studio`, and the fields of a request."
        ),
        "## model",
        "Which of the two does the work. Its id and its other name are taken as well.",
        "| value | id | what it does | in the free preview |\n|---|---|---|---|",
    ]
    parts[-1] += "".join(
        f"\n| `{one.mode}` | `{one.id}` | {prose(one.help)} | {prose(one.preview) or 'the same'} |"
        for one in family.MODELS.values()
    )
    for setting in family.SETTINGS.values():
        unit = f" Unit: {setting.unit}." if setting.unit else ""
        parts += [
            f"## {setting.name}",
            prose(setting.help),
            "\n".join(
                [
                    f"- Allowed: {prose(setting.allowed)}.{unit}",
                    f"- Default: `{setting.default!r}`",
                    f"- In a form: {setting.label}",
                    f"- In the free preview: {prose(setting.preview) or 'the same.'}",
                ]
            ),
        ]
    names = list(family.PRESETS)
    rows = [
        f"| `{setting}` | {' | '.join(f'`{family.PRESETS[name][setting]!r}`' for name in names)} |"
        for setting in family.PRESETS[names[0]]
    ]
    parts += [
        "## Presets",
        "Settings that go well together: to try a motion, for most work, for the final clip.",
        "\n".join([f"| | {' | '.join(names)} |", f"|---{'|---' * len(names)}|", *rows]),
        "## Price",
        f"Billed are frames of the reference, in units of {family.FRAMES_PER_UNIT}. Upstream's public price of a unit:",
        "\n".join(
            ["| resolution | dollars |", "|---|---|"]
            + [f"| `{name}` | {usd:.2f} |" for name, usd in family.MOVE.usd_per_unit.items()]
        ),
        "## Limits of the inputs",
        "Beyond these other services refuse. Here they are worth a notice, never a refusal.",
        limits_table(),
    ]
    return "\n\n".join(parts)


def limits_table() -> str:
    """Return the limits of both inputs as a table."""
    picture, video = family.IMAGE_LIMITS, family.VIDEO_LIMITS
    rows = [
        ("formats", ", ".join(picture.formats), ", ".join(video.formats)),
        ("size", f"{picture.max_bytes / 1e6:g} MB", f"{video.max_bytes / 1e6:g} MB"),
        ("sides", f"{picture.min_side} to {picture.max_side} pixels", f"{video.min_side} to {video.max_side} pixels"),
        ("longest side over shortest", f"{picture.max_ratio:g}", f"{video.max_ratio:g}"),
        ("length", "", f"{video.min_seconds:g} to {video.max_seconds:g} s"),
        ("colours hold for", "", f"{video.best_seconds:g} s"),
    ]
    return "\n".join(["| | picture | video |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)])


def metrics_page() -> str:
    """Return the page of the numbers that are measured on the clips of a sweep."""
    parts = [
        "# Numbers of a clip",
        "Columns of `grid.table`; `grid.best` and `grid.plot` take their names. The same for programs:",
        code("from wan_notebook.sweeps.metrics import DEFINITIONS"),
    ]
    for name, one in DEFINITIONS.items():
        better = f" {one.better.capitalize()} is better." if one.better else ""
        parts += [f"## {name}", f"{prose(one.title)}, in {prose(one.unit)}.{better}", prose(one.formula)]
        parts += [f"Caution: {prose(one.caution)}"] if one.caution else []
        parts += [f"Source: {prose(one.source)}"] if one.source else []
    return "\n\n".join(parts)


def command_line_page() -> str:
    """Return the page of the command line: each command with its help."""
    commands = command_line()
    said = "What `wan-notebook` does in a terminal, and the help of each of its commands."
    parts = ["# Command line", said, f"```text\n{commands.format_help().strip()}\n```"]
    choices = next(action for action in commands._actions if isinstance(action.choices, dict)).choices
    for name, parser in (choices or {}).items():
        parts += [f"## {name}", f"```text\n{parser.format_help().strip()}\n```"]
    return "\n\n".join(parts)
