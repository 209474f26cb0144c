"""nest-asyncio, on explicit wish only."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from wan_notebook.errors import NestingRefused
from wan_notebook.runtime import nested_asyncio


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_import_patches_nothing_itself() -> None:
    """Every name of the package can be resolved without nest-asyncio being loaded."""
    code = "import sys, wan_notebook as w; [getattr(w, n) for n in w.__all__]; print('nest_asyncio' in sys.modules)"
    assert run(code) == "False"


def test_nested_run_inside_loop() -> None:
    """After the call, asyncio.run works inside a running loop."""
    code = """
import asyncio, wan_notebook
async def inner(): return "nested"
async def outer():
    wan_notebook.allow_nested_asyncio()
    return asyncio.get_event_loop().run_until_complete(inner())
print(asyncio.run(outer()))
"""
    assert run(code) == "nested"


@pytest.mark.parametrize("version", ["7.1.0", "7.4.0", "8.0.0"])
def test_refused_in_unsafe_kernels(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From ipykernel 7.1 on it is refused, with the reason and what to write instead."""
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace(__version__=version))
    with pytest.raises(NestingRefused, match=r"drops the next queued cell.*await"):
        nested_asyncio.allow_nested_asyncio()


def test_refused_where_http_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Python 3.14 it is refused, with the reason."""
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    with pytest.raises(NestingRefused, match="breaks httpx"):
        nested_asyncio.allow_nested_asyncio()
