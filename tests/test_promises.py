"""The page of promises and the tests that it names."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "promises.md"
PROOF = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def names_in(file: str) -> set[str]:
    """The names of the tests in a file, read without running it."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def promises() -> list[str]:
    """Each point of the page, with the proofs below it."""
    return re.findall(r"^- .+?(?=^- |^#|\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_every_promise_names_a_test() -> None:
    """There is no promise without a proof."""
    assert len(promises()) > 20
    assert [promise for promise in promises() if not PROOF.search(promise)] == []


def test_every_named_test_exists() -> None:
    """A test that was renamed or removed takes its promise with it."""
    named = PROOF.findall(PAGE.read_text(encoding="utf-8"))
    assert [f"{file}::{name}" for file, name in named if name not in names_in(file)] == []
