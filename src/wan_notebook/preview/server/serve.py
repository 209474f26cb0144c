"""The service on a port, for classrooms, other languages, and clients made for the hosted one."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import secrets
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...errors import WanError

if TYPE_CHECKING:
    from types import ModuleType

    from starlette.applications import Starlette

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8800
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_BACKLOG = 128


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    token: str | None = None,
    allow_private: bool = False,
    say: Callable[[str], None] = _say,
) -> None:
    """Serve until interrupted.

    Args:
        host: the address to listen at.
        port: 0 takes any free one.
        token: what clients must send as their key; one is made and told when there is none.
        allow_private: whether media may be fetched from this machine and its network.
        say: tells the person who started it where and how it is reached.

    Raises:
        WanError: the preview is not installed, the port is taken, or other machines could reach it without a token.
    """
    local = _is_local(host)
    if not local and not token:
        raise WanError(f"Listening at {host} lets other machines in: choose a token for them with --token.")
    secret = token or secrets.token_urlsafe(24)
    uvicorn, create_app = _libraries()
    app = create_app(token=secret, allow_private=allow_private, hosts=_names(host), any_address=not local)
    with _listening(host, port) as listener:
        say(f"Free motion previews at  http://{_shown(host)}:{listener.getsockname()[1]}")
        say(f"Key for clients:         {'the token you chose' if token else secret}")
        say('In Python:               wan.Service.at("the address", "the key")')
        say("Stop with Ctrl-C.")
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, ws="none", proxy_headers=False, timeout_graceful_shutdown=3
        )
        with contextlib.suppress(KeyboardInterrupt):  # which is how it is meant to end
            uvicorn.Server(config).run(sockets=[listener])


def _libraries() -> tuple[ModuleType, Callable[..., Starlette]]:
    try:
        import uvicorn

        from .app import create_app
    except ModuleNotFoundError as error:
        raise WanError(f"{error.name} is missing. Install it with: pip install 'wan-notebook[preview]'") from None
    return uvicorn, create_app


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(host: str) -> str:
    """Return what clients write for the host; that of all addresses is no address of its own."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _names(host: str) -> set[str]:
    own = {socket.gethostname().lower(), socket.getfqdn().lower()} if not _is_local(host) else set()
    return {*_LOCAL_NAMES, host.lower(), *own}


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        raise WanError(f"{host} port {port} cannot be used ({error}). Choose another with --port.") from None


def main() -> int:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m wan_notebook.preview.server.serve", description=__doc__)
    parser.add_argument("--host", default=DEFAULT_HOST)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--token")
    parser.add_argument("--allow-private", action="store_true")
    options = parser.parse_args()
    try:
        run(options.host, options.port, options.token, options.allow_private)
    except WanError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
