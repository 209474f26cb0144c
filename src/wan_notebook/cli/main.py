"""The command line: one function for each of the commands demo, serve, models and doctor."""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from ..errors import ModelsMissing, WanError
from ..preview.server import serve as preview_server


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; an error is one plain sentence, never a traceback."""
    parser = command_line()
    options = parser.parse_args(arguments)
    if "command" not in options:
        parser.print_help()
        return 2
    try:
        return int(options.command(options))
    except WanError as error:
        print(f"wan-notebook: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def command_line() -> argparse.ArgumentParser:
    """Return the parser of all commands with their options."""
    parser = argparse.ArgumentParser(prog="wan-notebook", description="Animate a character, also without a key.")
    parser.add_argument("--version", action="version", version=f"wan-notebook {version('wan-notebook')}")
    commands = parser.add_subparsers(metavar="command")

    demo = commands.add_parser("demo", help="animate a drawn character with a drawn performance")
    demo.add_argument("--folder", type=Path, default=Path("demo"), help="where the results go (default: ./demo)")
    demo.set_defaults(command=_demo)

    serve = commands.add_parser("serve", help="serve the free preview on a port, for classrooms and other languages")
    preview_server.add_arguments(serve)
    serve.set_defaults(command=_serve)

    models = commands.add_parser("models", help="get the face models that the preview needs, 7 MB, once")
    models.set_defaults(command=_models)

    doctor = commands.add_parser("doctor", help="tell what is installed here and what is missing")
    doctor.add_argument(
        "--report", action="store_true", help="without keys, folders, names and spending, to be sent to others"
    )
    doctor.set_defaults(command=_doctor)
    return parser


def _demo(options: argparse.Namespace) -> int:
    from ..client.service import Service
    from ..jobs.animate import animate
    from ..media import samples
    from .contact_sheet import contact_sheet

    _check_folder(options.folder)
    print("Drawing a character and a performance…")
    character, reference = samples.character(), samples.reference()
    clip = animate(character, reference, service=Service.embedded(), again=True)
    video = clip.save(options.folder / "first_clip.mp4")
    sheet = options.folder / "first_clip.png"
    try:
        contact_sheet(character, reference, video).save(sheet)
    except OSError as error:
        raise WanError(f"{sheet} cannot be written ({error.strerror or error}).") from None
    print(f"\nThe clip:           {video.resolve()}\nIts contact sheet:  {sheet.resolve()}")
    return 0


def _check_folder(folder: Path) -> None:
    """Make the folder of the results, before minutes are spent on them.

    Raises:
        WanError: it cannot be made, or not be written into.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise WanError(f"{folder} cannot take the results ({why}). Name another folder with --folder.") from None


def _serve(options: argparse.Namespace) -> int:
    preview_server.run(**{name: value for name, value in vars(options).items() if name != "command"})
    return 0


def _models(_options: argparse.Namespace) -> int:
    from ..faces.weights import get_models

    try:
        found = get_models(lambda words: print(f"{words}…"), again=True)
    except ModelsMissing as error:
        raise WanError(f"{error} Until then, a preview moves the picture as a whole.") from None
    print(f"The face models are in {found.mesh.parent}.")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from . import doctor

    print(doctor.public_report() if options.report else doctor.report())
    return 0
