"""The service on a port, for classrooms, other languages, and clients made for the hosted one."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import os
import re
import secrets
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from ...errors import WanError
from ...model.protocol import SHORTEST_SECRET
from ...runtime.task import Workers
from ...runtime.worker_pool import WorkerPool

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8800
TOKEN_VARIABLE = "WAN_NOTEBOOK_TOKEN"
"""The environment variable that may hold the token."""
_USUAL_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+", re.ASCII)
_PATH = re.compile(r"[\w/.~%!$&()*+,;=:@-]*", re.ASCII)
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of run() to a command line, under the names of its parameters."""
    parser.add_argument("--host", default=DEFAULT_HOST, help="the address to listen at (default: this machine only)")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"0 takes any free one (default: {DEFAULT_PORT})"
    )
    token = parser.add_mutually_exclusive_group()
    token.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"holds what clients must send as their key; else {TOKEN_VARIABLE} does, and one is made without either",
    )
    token.add_argument("--token", help="the same, but for everybody on this machine to see in its list of processes")
    parser.add_argument("--allow-private", action="store_true", help="also fetch media from addresses of this network")
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="have a Dask cluster make the clips, by its scheduler: tcp://scheduler:8786"
    )
    parser.add_argument(
        "--local-fallback", action="store_true", help="make them here where that cluster cannot be used"
    )
    parser.add_argument(
        "--public-url", metavar="URL", help="the address for clients behind a proxy, as https://preview.example.com"
    )
    parser.add_argument(
        "--cors",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let pages from this origin call from a browser, as https://example.com, or * for all; may be repeated",
    )


def run(
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    *,
    token: str | None = None,
    token_file: Path | None = None,
    allow_private: bool = False,
    dask: str | None = None,
    local_fallback: bool = False,
    public_url: str | None = None,
    cors: Sequence[str] = (),
) -> None:
    """Serve until interrupted, and print where and how the service is reached.

    Args:
        host: the address to listen at.
        port: 0 takes any free one.
        token: the key that clients must send.
        token_file: holds it, where it is not given; else TOKEN_VARIABLE does, else one is made and printed.
        allow_private: whether media may be fetched from this machine and its network.
        dask: the address of a Dask scheduler, whose workers make the clips; without it, processes of this machine do.
        local_fallback: whether those make them where the cluster cannot be used.
        public_url: the address under which clients reach it, where that is another, as behind a proxy with TLS.
        cors: the origins of the web pages that may call it; "*" stands for all.

    Raises:
        WanError: the preview is not installed, the port is taken, an option cannot be used, or other machines could
            reach it without a token.
    """
    local = _is_local(host)
    chosen = token or chosen_token(token_file)
    check_token(chosen, host)
    public = None if public_url is None else web_address(public_url, "--public-url")
    origins = [one if one == "*" else _origin(web_address(one, "--cors")) for one in cors]
    secret = chosen or secrets.token_urlsafe(24)
    try:
        import uvicorn

        from .app import create_app
        from .connections import BACKLOG, BoundedConnection, PromptServer
    except ModuleNotFoundError as error:
        raise WanError(f"{error.name} is missing. Install it with: pip install 'wan-notebook[preview]'") from None
    workers = dask_workers(dask, local_fallback=local_fallback)
    own_names = set() if local else {socket.gethostname().lower(), socket.getfqdn().lower()}
    public_names = {str(public.hostname)} if public else set()
    app = create_app(
        token=secret,
        allow_private=allow_private,
        workers=workers,
        hosts={*_LOCAL_NAMES, host.lower(), *own_names, *public_names},
        any_address=not local,
        public_url=public.geturl() if public else None,
        origins=origins,
    )
    with _listen(host, port) as listener:
        address = f"http://{_host_for_clients(host)}:{listener.getsockname()[1]}"
        sys.stdout.write(greeting(address, public, None if chosen else secret))
        sys.stdout.flush()
        if dask is not None:
            sys.stderr.write(cluster_warning(dask, local_fallback=local_fallback))
        config = uvicorn.Config(
            app,
            http=BoundedConnection,
            ws="none",
            # What strangers send wrongly is no matter for this terminal.
            log_level="error",
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=3,
            backlog=BACKLOG,
        )
        with contextlib.suppress(KeyboardInterrupt):  # which is how it is meant to end
            PromptServer(config).run(sockets=[listener])


def dask_workers(address: str | None, *, local_fallback: bool) -> Workers:
    """Return who makes the clips: the workers of a Dask cluster, or without an address processes of this machine.

    Raises:
        WanError: the address is none, or Dask is not installed.
    """
    if address is None:
        if local_fallback:
            raise WanError("--local-fallback goes with --dask ADDRESS: without it, the clips are made here anyway.")
        return WorkerPool()
    from ...runtime.cluster import Cluster, DaskWorkers

    cluster = Cluster.of(address, local_fallback=local_fallback)
    return DaskWorkers(cluster, WorkerPool() if local_fallback else None)


def cluster_warning(address: str, *, local_fallback: bool) -> str:
    """Return a line about a cluster that cannot be used now, and what becomes of jobs; nothing where it can.

    Raises:
        WanError: the address is none, or Dask is not installed.
    """
    from ...runtime.cluster import Cluster, failure_of

    failure = asyncio.run(failure_of(Cluster.of(address)))
    if failure is None:
        return ""
    then = "this machine makes the clips" if local_fallback else "jobs fail"
    return f"{failure} Until it can be used, {then}; it is tried again as jobs come.\n"


def greeting(address: str, public: SplitResult | None, key: str | None) -> str:
    """Return the lines that say where and how the service is reached; a key that somebody chose is not repeated."""
    own = "the token you chose"
    call = f'wan.Service.at("{public.geturl() if public else address}", {f"{key!r}" if key else "token"}, paid=False)'
    return (
        f"Free motion previews at  {address}{f'  (for clients: {public.geturl()})' if public else ''}\n"
        f"Key for clients:         {key or own}\n"
        f"In Python:               {call}\n"
        "Stop with Ctrl-C.\n"
    )


def check_token(token: str | None, host: str) -> None:
    """Refuse a token that no client could send, and a host that lets other machines in without one.

    Raises:
        WanError: with the remedy.
    """
    if not token and not _is_local(host):
        raise WanError(
            f"Listening at {host} lets other machines in: choose a token for them with --token-file FILE, "
            f"or in the environment as {TOKEN_VARIABLE}."
        )
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise WanError("The token holds a character which no header can carry: take letters, digits, - and _.")
    if token and len(token) < SHORTEST_SECRET:
        raise WanError(
            f"The token is too short: one of fewer than {SHORTEST_SECRET} characters can be guessed, and be taken for "
            "a word of the answers. Choose a longer one, or none, and a good one is made."
        )


def chosen_token(file: Path | None) -> str | None:
    """Return the token that a file holds, or without a file the environment; None where nobody chose one.

    Raises:
        WanError: the file cannot be read, or is empty.
    """
    if file is None:
        return os.environ.get(TOKEN_VARIABLE, "").strip() or None
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise WanError(f"The token cannot be read from {file} ({error}).") from None
    if not token:
        raise WanError(f"{file} is empty: write the token for clients into it.")
    return token


def web_address(text: str, option: str) -> SplitResult:
    """Return the parts of an option that is an http(s) address, as browsers write it and without a slash at its end.

    Raises:
        WanError: it is none.
    """
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
        usable = parts.scheme in _USUAL_PORTS and _HOST.fullmatch(host) and port != 0 and "@" not in parts.netloc
    except ValueError:
        usable = None
    if not usable or parts.query or parts.fragment or not _PATH.fullmatch(parts.path):
        raise WanError(f"{option} is {text!r}, and should read as https://example.com.")
    named = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=named if port in (None, _USUAL_PORTS[parts.scheme]) else f"{named}:{port}")


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"


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
        listener = socket.create_server((host, port), family=family)
        # Its connections inherit this. The event loop sets it only where a socket names its protocol, which this one
        # does not; the head and the body of an answer then wait for each other, 40 ms each time.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return listener
    except (OSError, OverflowError) as error:
        raise WanError(f"{host} port {port} cannot be used ({error}). Choose another with --port.") from None
