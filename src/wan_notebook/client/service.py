"""Where jobs go: the hosted service, the free preview inside this process, or any server of the same protocol."""

from __future__ import annotations

import asyncio
import functools
import importlib.util
import ipaddress
import itertools
import os
import re
import socket
import threading
from collections.abc import Container
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

from ..errors import InvalidRequest, NotAuthorized, Unreachable
from ..model import protocol
from ..runtime.keys import ARGUMENT, Key, environment_key, find_key

if TYPE_CHECKING:
    from ..runtime.cluster import Cluster

HOSTED_URL = "https://api.aimlapi.com"
EMBEDDED_URL = "http://embedded.invalid"
"""A name that can never be resolved: what is meant for this process cannot leave it by mistake."""
LABELS = {"hosted": "Hosted (paid)", "embedded": "Preview, free"}
"""The label of a service by its name; any other service is called by its address."""
BASE_URL_VARIABLE = "WAN_NOTEBOOK_BASE_URL"


@dataclass(frozen=True)
class Service:
    """A service of the protocol, which runs jobs."""

    name: str
    """Short and stable: "hosted", "embedded", or the host."""
    label: str
    """The name that a person reads."""
    base_url: str
    paid: bool
    """Whether jobs may cost money."""
    key: Key | None = field(default=None, repr=False)
    cluster: Cluster | None = None
    """Where the free preview has its work done; None is this machine."""

    def __post_init__(self) -> None:
        _made[next(_numbers)] = self

    @classmethod
    def hosted(cls, key: str | Key | None = None) -> Service:
        """Return the vendor's service, where jobs cost money.

        Args:
            key: the account's key; looked for in the usual places when None (keys.find_key).
        """
        return cls("hosted", LABELS["hosted"], HOSTED_URL, paid=True, key=find_key(key))

    @classmethod
    def embedded(cls, workers: Any = None, *, local_fallback: bool = False) -> Service:
        """Return the free motion preview, which runs inside this process and needs no key.

        Args:
            workers: the address of a Dask scheduler, as "tcp://scheduler:8786", or Dask's own object for a cluster; its
                workers then make the previews and measure the clips. By default processes of this machine do.
            local_fallback: whether this machine does the work where the cluster cannot be used.

        Raises:
            InvalidRequest: this is no address of a scheduler.
            ClusterUnavailable: Dask is not installed.
        """
        if workers is None:
            return cls("embedded", LABELS["embedded"], EMBEDDED_URL, paid=False)
        from ..runtime.cluster import Cluster

        cluster = Cluster.of(workers, local_fallback=local_fallback)
        label = f"{LABELS['embedded']}, on {cluster.address}"
        return cls("embedded", label, EMBEDDED_URL, paid=False, cluster=cluster)

    @classmethod
    def at(cls, url: str, key: str | Key | None = None, *, paid: bool | None = None) -> Service:
        """Return any server of this protocol; at the hosted service's own address, the hosted service.

        Args:
            url: its address, as "http://127.0.0.1:8765"; a /v1 or /v2 at its end changes nothing.
            key: its key or token, if it wants one.
            paid: whether its jobs may cost money. By default those of a preview of wan-notebook on this machine do
                not, which is asked for a second at most; any other service, also a gateway on this machine, is
                assumed to cost money.

        Raises:
            InvalidRequest: this is no address of a server.
        """
        parts = split_address(url)
        if parts.geturl() == HOSTED_URL:
            return cls.hosted(key)
        where = parts.netloc + parts.path
        own_key = Key(key) if isinstance(key, str) and key else key or None
        costs = not (is_on_this_machine(parts) and answers_as_preview(parts.geturl())) if paid is None else paid
        return cls(where, where, parts.geturl(), paid=costs, key=own_key)

    @classmethod
    def choose(cls) -> Service:
        """Return the service that the environment asks for.

        That is the one at WAN_NOTEBOOK_BASE_URL, else the hosted one where there is a key, else the free preview.

        Raises:
            InvalidRequest: WAN_NOTEBOOK_BASE_URL holds no address of a server.
        """
        if url := os.environ.get(BASE_URL_VARIABLE, "").strip(" \t\r\n'\""):
            try:
                # A key that was kept for the hosted service goes to no other: only one set beside the address does.
                return cls.at(url, environment_key())
            except InvalidRequest as error:
                raise InvalidRequest(f"{BASE_URL_VARIABLE} cannot be followed. {error}") from None
        key = find_key()
        return cls.hosted(key) if key is not None else cls.embedded()

    def renewed(self) -> Service:
        """Return the hosted service with the key that is found by now, where it had none; any other as it is."""
        return Service.hosted() if self.base_url == HOSTED_URL and self.key is None else self

    def check_key(self) -> None:
        """Refuse a service without a usable key, before anything is sent.

        Raises:
            NotAuthorized: its key is missing, or is no key.
        """
        if self.key is None and self.base_url == HOSTED_URL:
            raise NotAuthorized("The hosted service wants a key: wan.login() asks for it, or set AIMLAPI_API_KEY.")
        if self.key is not None and self.key.problem:
            raise NotAuthorized(self.key.problem)

    @property
    def on_wrong_key(self) -> str:
        """The end of a sentence on the service, which has refused its key; with {quote} for the service's own words."""
        wrong = "does not accept the key{quote}" if self.key else "wants a key{quote}"
        if self.base_url == HOSTED_URL and not self.has_own_key:
            return f"{wrong}. wan.login() takes another one."
        return f"{wrong}. Pass the right one: service={self.code('key')}."

    @property
    def has_own_key(self) -> bool:
        """Whether its key was passed in, so that nobody finds it again without this service."""
        return self.key is not None and self.key.source == ARGUMENT

    def code(self, key: str = "") -> str:
        """Return the source of an expression that makes this service again.

        Args:
            key: the source of its key; the key itself is in no code.
        """
        if self.cluster is not None:
            fallback = ", local_fallback=True" if self.cluster.local_fallback else ""
            workers = "cluster" if self.cluster.security else repr(self.cluster.address)
            return f"wan.Service.embedded({workers}{fallback})"
        if self.name in LABELS:
            return f"wan.Service.{self.name}({key})"
        says_paid = not self.paid or is_on_this_machine(urlsplit(self.base_url))
        paid = f", paid={self.paid}" if says_paid else ""
        return f"wan.Service.at({self.base_url!r}{key and f', {key}'}{paid})"

    def resume_call(self, job_id: str, *, wants_key: bool = False) -> str:
        """Return the code that watches a job of this service again, in any kernel.

        Args:
            job_id: the job's id.
            wants_key: whether the service has refused the key that it was asked with.
        """
        from ..model.formatting import resume_call

        named = self.has_own_key or (wants_key and self.name not in LABELS)
        return resume_call(job_id, self.code("key") if named else "")

    @property
    def cancels(self) -> bool:
        """Whether a job ends when it is cancelled."""
        return self.is_preview

    @property
    def is_preview(self) -> bool:
        """Whether it is a free preview of wan-notebook: the one in this process, or one that says it is."""
        return self.base_url == EMBEDDED_URL or (not self.paid and canonical_service(self.base_url) in _previews)

    @property
    def local(self) -> bool:
        """Whether the service runs on this machine."""
        return self.base_url == EMBEDDED_URL or is_on_this_machine(urlsplit(self.base_url))

    @property
    def works_here(self) -> bool:
        """Whether this machine does the work, or has it done, so that asking costs next to nothing.

        A gateway on it that is paid passes jobs on: it is asked as rarely as the service behind it, whose limits count.
        """
        return self.local and (not self.paid or canonical_service(self.base_url) in _previews)


def split_address(url: str) -> SplitResult:
    """Return the parts of a service's address, without the version that many write at its end, nor its usual port.

    Raises:
        InvalidRequest: it is no address of a server, or holds a password.
    """
    if "@" in url:
        raise InvalidRequest("A service's address holds no user and no password: pass the key as key=….")
    try:
        parts = urlsplit(url.strip().rstrip("/"))
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable or parts.query or parts.fragment:
        raise InvalidRequest(f"{url!r} is no address of a service; it should read as https://host or http://host:port.")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, _USUAL_PORTS[parts.scheme]) else f":{parts.port}"
    return parts._replace(netloc=f"{host}{port}", path=_VERSION.sub("", parts.path))


_VERSION = re.compile(rf"/*({protocol.GENERATIONS}|{protocol.OLDER_GENERATIONS}|/v[12])?/*$", re.IGNORECASE)
"""The end of an address that names no other server: the version of the interface, or the path of a submit."""


_USUAL_PORTS = {"http": 80, "https": 443}


def canonical_url(url: str) -> str:
    """Return one spelling for all web addresses that lead to the same place; any other text as it is.

    Case and a final dot of the host, the usual port and a fragment make no difference, nor do the names that this
    machine has for itself.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _USUAL_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return url
    user = parts.netloc.rpartition("@")[0]
    host = "localhost" if is_on_this_machine(parts) else (host or "").rstrip(".")
    return parts._replace(netloc=f"{user}@{host}:{port}", path=parts.path or "/", fragment="").geturl()


@functools.lru_cache(maxsize=256)  # asked several times at each request
def canonical_service(base_url: str) -> str:
    """Return one spelling for all addresses of a service."""
    return canonical_url(_VERSION.sub("", base_url))


def is_on_this_machine(parts: SplitResult) -> bool:
    """Return whether an address is one of this machine."""
    return _is_own_host((parts.hostname or "").rstrip("."))


@functools.lru_cache(maxsize=256)  # likewise
def _is_own_host(host: str) -> bool:
    try:
        # The system also takes an address as one number, or as two or three: 127.1.
        found = ipaddress.ip_address(host if ":" in host else socket.inet_aton(host))
    except (OSError, ValueError):
        return host in ("localhost", "ip6-localhost", "ip6-loopback")
    found = getattr(found, "ipv4_mapped", None) or found
    return found.is_loopback or found.is_unspecified


_made: WeakValueDictionary[int, Service] = WeakValueDictionary()
"""The services that somebody in this process holds, by the order in which they were made."""
_numbers = itertools.count()
_refused: WeakSet[Service] = WeakSet()
"""Those whose key was not accepted."""


def note_refused(service: Service) -> None:
    """Remember that a service did not accept its key, for known_service()."""
    _refused.add(service)


_previews: set[str] = set()
"""The services, as canonical_service() spells them, whose last answer said that they are previews of wan-notebook."""


def note_answer(service: Service, headers: Container[str]) -> None:
    """Remember whether a service is a preview of wan-notebook, for Service.is_preview.

    Args:
        service: that answered.
        headers: the names of those of its answer, in lower case.
    """
    place = canonical_service(service.base_url)
    (_previews.add if protocol.PREVIEW_HEADER in headers else _previews.discard)(place)


def answers_as_preview(base_url: str) -> bool:
    """Ask a service on this machine, without a key, whether it is a preview of wan-notebook; silence means no."""
    import httpx

    from .network import way_on_this_machine

    try:
        with way_on_this_machine(base_url) as way:
            return protocol.PREVIEW_HEADER in way.get(base_url + protocol.MODELS).headers
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def known_service(base_url: str) -> Service | None:
    """Return the service at an address that this process can use; None where nothing here leads to it.

    That is one which somebody here made with a key of its own and still holds, the latest first, else one that the
    environment or a login leads to, else one whose key was refused.
    """
    place = canonical_service(base_url)
    all_held = (service for _, service in sorted(_made.items(), reverse=True) if service.has_own_key)
    held = [service for service in all_held if canonical_service(service.base_url) == place]
    if accepted := [service for service in held if service not in _refused]:
        return accepted[0]
    services = (Service.embedded, Service.hosted, Service.choose)  # the last one fails where the environment is odd
    known = (service for service in (find() for find in services) if canonical_service(service.base_url) == place)
    return next(known, next(iter(held), None))


_apps: WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = WeakKeyDictionary()
_lock = threading.Lock()
_PREVIEW_NEEDS = ("starlette", "cv2")


def embedded_app(cluster: Cluster | None = None) -> Any:
    """Return the preview's app for the running event loop, made on first use; it knows all jobs, whoever does them.

    Args:
        cluster: does the work of the jobs that are submitted through what is returned; None is this machine.

    Raises:
        Unreachable: the libraries of the preview are not installed.
    """
    missing = [name for name in _PREVIEW_NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise Unreachable(
            f"The free preview needs libraries which are not installed ({', '.join(missing)}). "
            "Run: pip install 'wan-notebook[preview]'"
        )
    from ..preview.server.app import WithWorkers, create_app
    from ..runtime.cluster import workers_of
    from ..runtime.worker_pool import shared_pool

    with _lock:
        loop = asyncio.get_running_loop()
        if loop not in _apps:
            # The user's own process may read whatever the user could: a lab's own server, for example.
            _apps[loop] = create_app(allow_private=True, workers=shared_pool())
        return _apps[loop] if cluster is None else WithWorkers(_apps[loop], workers_of(cluster))
