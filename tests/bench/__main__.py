"""Run every bench beside this file: `make bench`, or `python -m tests.bench waiting media` for some of them."""

import importlib
import pathlib
import sys


def main(chosen: list[str]) -> None:
    here = pathlib.Path(__file__).parent
    names = sorted(path.stem for path in here.glob("*.py") if not path.stem.startswith("_"))
    for name in chosen or names:
        module = importlib.import_module(f"tests.bench.{name}")
        if hasattr(module, "main"):  # some only measure for the others
            print(f"\n## {name}", flush=True)
            module.main()


if __name__ == "__main__":
    main(sys.argv[1:])
