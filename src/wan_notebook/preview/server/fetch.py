"""Fetching the media that a request points to, without becoming a way into the network around the service.

A stranger chooses these addresses. So only public ones are connected to, and a name is resolved once: the connection
goes to the very address that was checked, which another answer (DNS rebinding) cannot change. Each redirect is checked
likewise.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from ...errors import MediaError
from ...model import family
from ...runtime.certificates import UnusableCertificates, no_certificates, trusted_certificates
from ...runtime.event_loop import within

Resolver = Callable[[str, int], Awaitable[list[str]]]
_REDIRECTS = 5
_CONNECT_SECONDS = 10.0
_NETWORKS_OF_IPV4 = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("224.0.0.0/4", "240.0.0.0/4"),
)
"""IPv4 that does not lead into the internet at large, by IANA's registry of special-purpose addresses, and multicast.

The tables of the ipaddress module differ from one release of Python to the next.
"""
_NETWORKS_OF_IPV6 = ("2001::/23", "2001:db8::/32", "3ffe::/16", "3fff::/20")
"""The like within 2000::/3, outside of which no IPv6 address is of the internet at large."""
_SPECIAL = tuple(map(ipaddress.ip_network, (*_NETWORKS_OF_IPV4, *_NETWORKS_OF_IPV6)))
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_TRANSLATED = tuple(map(ipaddress.IPv6Network, ("::ffff:0:0/96", "64:ff9b::/96")))
"""IPv6 networks whose last 32 bits are the IPv4 address that is really reached: mapped (RFC 4291), NAT64 (RFC 6052)."""
_6TO4 = ipaddress.IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)
"""The third quarter of an address whose last is an IPv4 address (RFC 5214)."""


async def resolve(host: str, port: int) -> list[str]:
    """Return the numeric addresses of a host name.

    Raises:
        OSError: it has none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


class Fetcher:
    """Downloads media from an http(s) address to a file.

    Args:
        allow_private: whether addresses of this machine and its network are allowed.
        max_bytes: bytes of a file beyond which it is refused.
        max_seconds: give up what takes longer.
        resolve: from a host name and a port to numeric addresses.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        max_bytes: int = family.VIDEO_LIMITS.max_bytes,
        max_seconds: float = 60.0,
        resolve: Resolver = resolve,
    ) -> None:
        self._allow_private, self.max_bytes, self._max_seconds = allow_private, max_bytes, max_seconds
        self._resolve = resolve

    async def fetch(self, url: str, target: Path) -> Path:
        """Download the media and return the file.

        Args:
            url: the address of the media.
            target: the file to write; its stem names the media in messages.

        Raises:
            MediaError: it cannot be downloaded; the message says why and what to do.
        """
        try:
            await within(self._max_seconds, self._follow_redirects(httpx.URL(url), target))
        except asyncio.TimeoutError:
            raise MediaError(
                f"The {target.stem} did not arrive within {self._max_seconds:g} seconds. Send the file itself."
            ) from None
        except (httpx.InvalidURL, ValueError):  # the latter of a host name that IDNA does not know
            raise MediaError(f"The {target.stem}'s address is no valid URL.") from None
        return target

    async def _follow_redirects(self, url: httpx.URL, target: Path) -> None:
        for _ in range(_REDIRECTS + 1):
            location = await self._download(url, target)
            if location is None:
                return
            url = url.join(location)
        raise MediaError(f"The {target.stem}'s address leads in circles: more than {_REDIRECTS} redirects.")

    async def _download(self, url: httpx.URL, target: Path) -> str | None:
        """Download the media of one address; if it has moved, return the new address instead."""
        addresses = await self._allowed_addresses(url, target.stem)
        try:
            certificates = trusted_certificates() if url.scheme == "https" else no_certificates()
        except UnusableCertificates as error:
            raise MediaError(f"The {target.stem} cannot be fetched: {error}.") from None
        # The environment's proxies would resolve names again, and its .netrc would give away passwords.
        async with httpx.AsyncClient(trust_env=False, verify=certificates, timeout=_CONNECT_SECONDS) as client:
            response = await connect(addresses, url, client, target.stem)
            try:
                if response.has_redirect_location:
                    return response.headers["location"]
                packing = response.headers.get("content-encoding", "identity").strip().lower()
                if packing not in ("", "identity"):
                    raise MediaError(
                        f"{url.host} sent the {target.stem} compressed ({packing[:40]}), which was not asked for. "
                        "Send the file itself."
                    )
                if response.is_error:
                    raise MediaError(f"{url.host} answered {response.status_code} when asked for the {target.stem}.")
                await self._write(response, target)
            except httpx.HTTPError as error:
                raise MediaError(f"The {target.stem} broke off at {url.host} ({_reason(error)}).") from None
            finally:
                await response.aclose()
        return None

    async def _allowed_addresses(self, url: httpx.URL, what: str) -> list[str]:
        if url.scheme not in ("http", "https") or not url.host:
            raise MediaError(f"The {what}'s address must begin with https:// or http://.")
        if (url.port or 0) > 65535:
            raise ValueError("no host has such a port")
        try:
            found = await self._resolve(url.host, url.port or {"http": 80, "https": 443}[url.scheme])
        except (OSError, ValueError):
            raise MediaError(f"The {what}'s host {url.host} cannot be found. Is the address right?") from None
        allowed = [address for address in found if self._allow_private or is_public(address)]
        if not allowed:
            raise MediaError(
                f"The {what}'s address points into a private network ({url.host}), which this service does not ask. "
                "Send the file itself, or start the service with --allow-private."
            )
        return allowed

    async def _write(self, response: httpx.Response, target: Path) -> None:
        announced = response.headers.get("content-length", "0")
        size = int(announced) if announced.isdecimal() and len(announced) < 20 else 0
        try:
            with target.open("wb") as file:
                if size <= self.max_bytes:
                    async for piece in response.aiter_raw():
                        size = file.tell() + len(piece)
                        if size > self.max_bytes:
                            break
                        file.write(piece)
        except OSError as error:
            raise MediaError(f"The service has no room for the {target.stem} ({error.strerror}).") from None
        if size > self.max_bytes:
            raise MediaError(f"The {target.stem} is larger than {self.max_bytes / 1e6:,.0f} MB. Send a shorter one.")


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the internet at large, as does any IPv4 address within it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = embedded_ipv4(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    if inner is not None and not is_public(str(inner)):
        return False
    if any(ip in network for network in _TRANSLATED):
        return True
    return (ip.version == 4 or ip in _GLOBAL_UNICAST) and not any(ip in network for network in _SPECIAL)


def embedded_ipv4(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address to which packets for an IPv6 address go in the end; None where it holds none."""
    number = int(ip)
    if ip in _6TO4:
        return ipaddress.IPv4Address(number >> 80 & 0xFFFF_FFFF)
    if any(ip in network for network in _TRANSLATED) or number >> 32 & 0xFFFF_FFFF in _ISATAP:
        return ipaddress.IPv4Address(number & 0xFFFF_FFFF)
    return None


async def connect(addresses: list[str], url: httpx.URL, client: httpx.AsyncClient, what: str) -> httpx.Response:
    """Send the request to the first of a host's addresses that can be reached, and return the response unread.

    Raises:
        MediaError: none of them can be reached.
    """
    reason = ""
    for address in addresses:
        # The name goes along for the server and for its certificate, the connection to the address.
        request = client.build_request(
            "GET",
            url.copy_with(host=address),
            headers={"Host": url.netloc.decode(), "Accept-Encoding": "identity"},
            extensions={"sni_hostname": url.host},
        )
        try:
            return await client.send(request, stream=True)
        except httpx.HTTPError as error:
            reason = _reason(error)
    raise MediaError(f"The {what}'s host {url.host} cannot be reached ({reason}).")


def _reason(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__
