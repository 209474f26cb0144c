"""A look at the first bytes behind an address, before a paid service is sent there; or all of it, for use here."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import MediaError
from ..media.file_type import HEAD_SIZE
from ..media.resolve import Medium, check_type
from ..media.store import safe_name
from ..model.formatting import file_size
from ..model.job import shorten
from ..runtime.data_dir import atomic_write, subfolder
from .responses import NoResponse, Response
from .service import Service
from .transport import Timeouts, Transport

_TIMEOUTS = Timeouts(connect=5.0, read=10.0, write=5.0, pool=30.0, download=15.0)
_LARGEST = 4_000_000_000
"""Bytes that are fetched at most."""
_CLOSED = {401: "wants a login", 403: "is not open to everybody", 404: "does not exist", 410: "exists no more"}
"""The meaning of statuses that a service would most likely get as well."""
_GIVE_FILE = "Open the address in a browser, save the file, and give the file itself."
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


async def check_address(service: Service, url: str, medium: Medium) -> None:
    """Refuse an address behind which there surely is no picture, or no video.

    At most the first bytes are fetched, without the key. A host that cannot be reached from here may answer the
    service: then nothing is refused.

    Raises:
        MediaError: it leads to a page, to another file, to nothing, or where the service cannot reach.
        Unreachable: the environment leaves no way to any host.
    """
    host = urlsplit(url).hostname or ""
    if not service.local and is_private(host):
        raise MediaError(
            f"The {medium}'s address leads to {host}, which only this computer or its network can reach, and not the "
            "service. Give the file itself."
        )
    transport = Transport(service, None, _TIMEOUTS)
    try:
        outcome = await transport.stream(url, _read_head, headers={"Range": f"bytes=0-{HEAD_SIZE - 1}"})
    finally:
        await transport.close()
    if isinstance(outcome, NoResponse):
        return
    answer, head = outcome
    shown = f"The {medium} at {shorten(url.partition('?')[0])}"
    if answer.status in _CLOSED:
        raise MediaError(f"{shown} {_CLOSED[answer.status]} (HTTP {answer.status}). {_GIVE_FILE}")
    if (answer.is_success and not head) or answer.headers.get("content-range", "").endswith("*/0"):
        raise MediaError(f"{shown} is empty. Give another address, or the file itself.")
    if answer.is_success:
        check_type(head, f"What lies at {shorten(url.partition('?')[0])}", medium)


async def fetch_input(url: str, medium: Medium) -> Path:
    """Fetch all that lies behind an address, without any key, and return the file that it is kept in.

    Raises:
        MediaError: it cannot be reached, breaks off, or is too large.
        StorageError: it cannot be written.
    """
    name = safe_name(unquote(urlsplit(url).path))
    folder = subfolder(f"fetched/{hashlib.sha256(url.encode()).hexdigest()[:12]}")
    shown = f"The {medium} at {shorten(url.partition('?')[0])}"

    async def receive(answer: Response, chunks: AsyncIterator[bytes]) -> int:
        if answer.is_success:
            with atomic_write(folder / name) as partial, partial.open("wb") as file:
                async for chunk in chunks:
                    file.write(chunk)
                    if file.tell() > _LARGEST:
                        raise MediaError(f"{shown} has more than {file_size(_LARGEST)}. {_GIVE_FILE}")
        return answer.status

    transport = Transport(replace(Service.hosted(), key=None), None, replace(_TIMEOUTS, download=3600.0))
    try:
        outcome = await transport.stream(url, receive)
    finally:
        await transport.close()
    if isinstance(outcome, NoResponse):
        raise MediaError(f"{shown} cannot be fetched: {outcome.reason}. {_GIVE_FILE}")
    if not 200 <= outcome < 300:
        raise MediaError(f"{shown} {_CLOSED.get(outcome, 'cannot be fetched')} (HTTP {outcome}). {_GIVE_FILE}")
    return folder / name


def is_private(host: str) -> bool:
    """Return whether a host, by its name or address alone, belongs to this machine or its network."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_NAMES)


async def _read_head(answer: Response, chunks: AsyncIterator[bytes]) -> tuple[Response, bytes]:
    head = bytearray()
    async for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_SIZE or not answer.is_success:
            break
    return answer, bytes(head[:HEAD_SIZE])
