"""Run every bench beside this file: `make bench`, or `python -m tests.bench waiting media` for some of them.

A bench that takes arguments gets what follows its name: `python -m tests.bench expression FOLDER`.
"""

import importlib
import inspect
import os
import pathlib
import sys

from wan_notebook.faces.weights import get_models


def main(chosen: list[str]) -> None:
    here = pathlib.Path(__file__).parent
    # Each has a data directory of its own.
    os.environ["WAN_NOTEBOOK_MODELS"] = str(get_models().mesh.parent)
    names = sorted(path.stem for path in here.glob("*.py") if not path.stem.startswith("_"))
    if chosen and inspect.signature(importlib.import_module(f"tests.bench.{chosen[0]}").main).parameters:
        importlib.import_module(f"tests.bench.{chosen[0]}").main(chosen[1:])
        return
    for name in chosen or names:
        module = importlib.import_module(f"tests.bench.{name}")
        if hasattr(module, "main"):  # some only measure for the others
            print(f"\n## {name}", flush=True)
            module.main()


if __name__ == "__main__":
    main(sys.argv[1:])
