"""Runs the examples of the documentation, as a reader's cells: in one process, one data directory, one after another.

    python -m support.examples NAME=FILE…    prints as JSON what is wrong, by name

Where an expression has a comment "# → value" beside it, that is its value.
"""

from __future__ import annotations

import ast
import asyncio
import errno
import inspect
import json
import re
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

PROMISED = re.compile(r"# → (.+)$")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def programs(path: Path) -> str:
    """Return the program in a file: a page of Markdown has one in pieces."""
    text = path.read_text(encoding="utf-8")
    return "\n".join(BLOCK.findall(text)) if path.suffix == ".md" else text


def without_network() -> None:
    """Let this process reach nothing but this machine, as a computer that is offline."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def is_local(host: object) -> bool:
        return host in (None, "", "127.0.0.1", "::1", "localhost")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not is_local(address[0]):
            raise OSError(errno.ENETUNREACH, "no network")
        connect(self, address)

    def guarded_look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        if not is_local(host):
            raise socket.gaierror(socket.EAI_NONAME, "no network")
        return look_up(host, *arguments, **options)

    socket.socket.connect, socket.getaddrinfo = guarded_connect, guarded_look_up  # type: ignore[method-assign]


async def run(program: str, name: str) -> None:
    """Run a program line by line, with `await` where it stands, and check each value that it promises."""
    lines, names = program.splitlines(), {"__name__": name}
    for node in ast.parse(program).body:
        promised = PROMISED.search(lines[node.end_lineno - 1]) if node.end_lineno else None
        piece: Any = ast.Expression(node.value) if isinstance(node, ast.Expr) else ast.Module([node], [])
        mode = "eval" if isinstance(node, ast.Expr) else "exec"
        value = eval(compile(piece, name, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
        if inspect.iscoroutine(value):
            value = await value
        if promised and value != ast.literal_eval(promised[1]):
            raise AssertionError(f"line {node.lineno} gives {value!r}")


def main() -> None:
    """Run all, and tell what is wrong."""
    without_network()
    faults = {}
    for argument in sys.argv[1:]:
        name, _, path = argument.partition("=")
        try:
            asyncio.run(run(programs(Path(path)), name))
        except Exception:  # noqa: BLE001 - whatever an example raises is told
            faults[name] = traceback.format_exc(limit=-3)
    sys.stdout.write(f"\n{json.dumps(faults)}\n")


if __name__ == "__main__":
    main()
