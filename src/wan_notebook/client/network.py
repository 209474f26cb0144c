"""Connections to any host, by way of the proxies and with the certificates that the environment names.

The HTTP library reads the environment too, but all of it at once: one odd variable, even one that concerns no request,
ends in an exception of its own, which may show a proxy's password. Here each is read when a request needs it.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import re
import urllib.request
from urllib.parse import unquote, urlsplit

import httpx

from ..runtime.certificates import UnusableCertificates, certificate_variables, no_certificates, trusted_certificates
from .aiohttp_transport import AiohttpTransport
from .service import is_on_this_machine

_PROXY_SCHEMES = {"http": "http", "https": "https", "socks": "socks5", "socks5": "socks5", "socks5h": "socks5"}
"""Kinds of proxies, and the HTTP library's names for them; to each, SOCKS leaves it to resolve the names of hosts."""
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)
_HOST_AND_PORT = re.compile(r"(?:[^\s:/\[\]]+|\[[0-9a-f:.]+\])(?::(?P<port>\d+))?", re.IGNORECASE)


class UnusableSetting(httpx.TransportError):
    """The environment asks for a way that cannot be gone; the message names the variable, and no password."""


class Network(httpx.AsyncBaseTransport):
    """A transport that connects as the environment asks, but to this machine's own services without a proxy."""

    def __init__(self) -> None:
        self._ways: dict[tuple[str, bool], httpx.AsyncBaseTransport] = {}

    def way(self, url: httpx.URL) -> httpx.AsyncBaseTransport:
        """Return the transport that leads to a URL; it is made on first use.

        Raises:
            UnusableSetting: the environment names a proxy or certificates which cannot be used.
        """
        return self._way(find_proxy(url), encrypted=url.scheme == "https")

    def _way(self, variable: str, *, encrypted: bool) -> httpx.AsyncBaseTransport:
        if (variable, encrypted) not in self._ways:
            try:
                self._ways[variable, encrypted] = new_way(variable, encrypted=encrypted)
            except UnusableCertificates as error:
                raise UnusableSetting(str(error)) from None
        return self._ways[variable, encrypted]

    def problem(self, address: str) -> str | None:
        """Return the reason why no way leads to an address, as part of a sentence; None where one does."""
        try:
            self.way(httpx.URL(address))
        except UnusableSetting as error:
            return str(error)  # its traceback holds the proxy's password
        except httpx.InvalidURL:
            return "no host can have its address"
        return None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request by the way that leads to its host."""
        variable = find_proxy(request.url)
        way = self._way(variable, encrypted=request.url.scheme == "https")
        try:
            return await way.handle_async_request(request)
        except httpx.ProxyError as error:
            status = re.match(r"\d{3}\b", str(error))
            raise UnusableSetting(f"the proxy in {variable} refused{f' with {status[0]}' if status else ''}") from None
        except httpx.ConnectError as error:
            through = f", by way of the proxy in {variable}" if variable else ""
            raise httpx.ConnectError(f"{error}{through}{certificates_hint(error)}") from None

    async def aclose(self) -> None:
        """Close the connections through every proxy, and those without one."""
        for way in self._ways.values():
            await way.aclose()


def new_way(variable: str, *, encrypted: bool) -> httpx.AsyncBaseTransport:
    """Return a new transport: through the proxy that a variable of the environment names, or without one.

    Raises:
        UnusableSetting: it names no proxy that can be used.
        UnusableCertificates: the environment names certificates which cannot be used.
    """
    certificates = trusted_certificates() if encrypted else no_certificates()
    if variable:
        return httpx.AsyncHTTPTransport(verify=certificates, proxy=read_proxy(variable), trust_env=False)
    return AiohttpTransport(certificates)


def way_on_this_machine(base_url: str) -> httpx.Client:
    """Return a client for a question to a service on this machine, which is given up after a second.

    Raises:
        UnusableSetting: the environment names certificates which cannot be used.
    """
    try:
        verify = trusted_certificates() if base_url.startswith("https:") else no_certificates()
    except UnusableCertificates as error:
        raise UnusableSetting(str(error)) from None
    return httpx.Client(verify=verify, timeout=1.0, trust_env=False, follow_redirects=False)


def find_proxy(url: httpx.URL) -> str:
    """Return the variable of the environment that names the proxy on the way to a URL; empty where there is none.

    On Windows and macOS it may be a setting of the system, which is called "http" or "https".
    """
    if is_on_this_machine(urlsplit(str(url))):
        return ""  # first, since to read the environment takes a tenth of a request
    proxies = urllib.request.getproxies()
    named = next((scheme for scheme in (url.scheme, "all") if proxies.get(scheme)), "")
    if not named or is_excluded(url, proxies.get("no", "")):
        return ""
    variables = (f"{named}_proxy", f"{named}_proxy".upper(), *os.environ)
    return next((name for name in variables if name.lower() == f"{named}_proxy" and os.environ.get(name)), named)


def is_excluded(url: httpx.URL, listed: str) -> bool:
    """Return whether NO_PROXY lists the host of a URL.

    Args:
        url: of a request.
        listed: hosts, domains, addresses and networks (10.0.0.0/8), each perhaps with a port, or * for all.
    """
    host = url.raw_host.decode().lower()
    for entry in listed.lower().replace(",", " ").split():
        place = re.fullmatch(r"(\[.*\]|[^:]*):(\d+)", entry := entry.rpartition("://")[2])
        name, port = (place[1], int(place[2])) if place else (entry, None)
        if port not in (None, url.port or {"http": 80, "https": 443}.get(url.scheme)):
            continue
        domain = name.lstrip("*.")
        if name == "*" or (domain and f".{host}".endswith(f".{domain}")):
            return True
        try:
            if ipaddress.ip_address(host) in ipaddress.ip_network(name.strip("[]"), strict=False):
                return True
        except ValueError:
            continue  # a host or an entry that is a name
    return False


def read_proxy(variable: str) -> httpx.Proxy:
    """Return the proxy that a variable of the environment, or a setting of the system, names.

    User and password may hold any characters, quoted as in an address or not.

    Raises:
        UnusableSetting: it names none that can be used.
    """
    text = (os.environ.get(variable) or urllib.request.getproxies().get(variable, "")).strip(" \t\r\n'\"")
    written = _SCHEME.fullmatch(text)
    scheme, rest = (written[1].lower(), written[2]) if written else ("http", text.lstrip("/"))
    credentials, at, rest = rest.rpartition("@")
    place = _HOST_AND_PORT.fullmatch(re.split(r"[/?#]", rest)[0])
    kind = _PROXY_SCHEMES.get(scheme)
    if kind is None or place is None or int(place["port"] or 0) > 65535:
        raise UnusableSetting(f"{variable} names no proxy that can be used; it should read as http://host:port")
    if kind == "socks5" and importlib.util.find_spec("socksio") is None:
        raise UnusableSetting(f"{variable} names a SOCKS proxy, which wants a library: pip install 'httpx[socks]'")
    user, _, password = credentials.partition(":")
    try:
        credentials.encode()  # an environment may hold bytes which are no text
        return httpx.Proxy(
            f"{kind}://{place[0]}",
            auth=(unquote(user), unquote(password)) if at else None,
            ssl_context=trusted_certificates() if kind == "https" else None,
        )
    except UnusableCertificates:
        raise
    except (ValueError, httpx.InvalidURL):
        raise UnusableSetting(f"{variable} names a host which no proxy can have") from None


def certificates_hint(error: httpx.ConnectError) -> str:
    """Return the remedy, as the end of a sentence, where a connection was not made because of its certificate."""
    if "CERTIFICATE_VERIFY_FAILED" not in str(error):
        return ""
    if variables := certificate_variables():
        return f"; its certificate is not by an authority among those of {' and '.join(variables)}"
    return "; where an organisation is its own authority, SSL_CERT_FILE has to name its certificates"
