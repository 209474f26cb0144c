"""The service on a port, for classrooms, other languages, and clients made for the hosted one."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import secrets
import socket
import sys

from ...errors import WanError

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8800
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_BACKLOG = 128


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of run() to a command line, under the names of its parameters."""
    parser.add_argument("--host", default=DEFAULT_HOST, help="the address to listen at (default: this machine only)")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"0 takes any free one (default: {DEFAULT_PORT})"
    )
    parser.add_argument("--token", help="what clients must send as their key; one is made when none is given")
    parser.add_argument("--allow-private", action="store_true", help="also fetch media from addresses of this network")


def run(
    host: str = DEFAULT_HOST, port: int = DEFAULT_PORT, token: str | None = None, allow_private: bool = False
) -> None:
    """Serve until interrupted, and print where and how the service is reached.

    Args:
        host: the address to listen at.
        port: 0 takes any free one.
        token: the key that clients must send; one is made and printed when there is none.
        allow_private: whether media may be fetched from this machine and its network.

    Raises:
        WanError: the preview is not installed, the port is taken, or other machines could reach it without a token.
    """
    local = _is_local(host)
    if not local and not token:
        raise WanError(f"Listening at {host} lets other machines in: choose a token for them with --token.")
    secret = token or secrets.token_urlsafe(24)
    try:
        import uvicorn

        from .app import create_app
    except ModuleNotFoundError as error:
        raise WanError(f"{error.name} is missing. Install it with: pip install 'wan-notebook[preview]'") from None
    own_names = set() if local else {socket.gethostname().lower(), socket.getfqdn().lower()}
    names = {*_LOCAL_NAMES, host.lower(), *own_names}
    app = create_app(token=secret, allow_private=allow_private, hosts=names, any_address=not local)
    with _listen(host, port) as listener:
        sys.stdout.write(
            f"Free motion previews at  http://{_host_for_clients(host)}:{listener.getsockname()[1]}\n"
            f"Key for clients:         {'the token you chose' if token else secret}\n"
            'In Python:               wan.Service.at("the address", "the key")\n'
            "Stop with Ctrl-C.\n"
        )
        sys.stdout.flush()
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, ws="none", proxy_headers=False, timeout_graceful_shutdown=3
        )
        with contextlib.suppress(KeyboardInterrupt):  # which is how it is meant to end
            uvicorn.Server(config).run(sockets=[listener])


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host_for_clients(host: str) -> str:
    """Return the host of the service's URL; the address that stands for all is none to connect to."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        raise WanError(f"{host} port {port} cannot be used ({error}). Choose another with --port.") from None
