"""The address of a cluster's scheduler, checked."""

from __future__ import annotations

import difflib
import importlib.util
import re
from dataclasses import dataclass, field
from typing import Any

from ...errors import ClusterUnavailable, InvalidRequest

_SCHEMES = ("tcp", "tls", "ws", "wss", "ucx", "ucxx", "gateway")
_ADDRESS = re.compile(r"([a-z]+)://(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d+))?(/[\w./-]*)?", re.IGNORECASE | re.ASCII)
_EXAMPLE = "tcp://scheduler:8786"


@dataclass(frozen=True)
class Cluster:
    """A Dask cluster, by the address of its scheduler."""

    address: str
    """As "tcp://scheduler:8786"."""
    security: Any = field(default=None, repr=False, compare=False)
    """Dask's own object with the certificates; None takes those of Dask's configuration."""
    local_fallback: bool = False
    """Whether this machine does the work where the cluster cannot be used."""

    @property
    def scheduler(self) -> str:
        """Its name within a sentence."""
        return f"the Dask scheduler at {self.address}"

    @classmethod
    def of(cls, workers: Any, *, local_fallback: bool = False) -> Cluster:
        """Return the cluster that somebody named.

        Args:
            workers: an address, or a cluster object of Dask, as from dask-jobqueue or dask-gateway.
            local_fallback: see the field.

        Raises:
            InvalidRequest: it is no such address.
            ClusterUnavailable: Dask is not installed.
        """
        address = getattr(workers, "scheduler_address", workers)
        checked = check_address(address)
        security = getattr(workers, "security", None)
        if checked.startswith("gateway:") and security is None:
            raise InvalidRequest("A gateway lets in only whoever holds its keys: pass the GatewayCluster itself.")
        if importlib.util.find_spec("distributed") is None:
            raise ClusterUnavailable("Dask is not installed. Run: pip install 'wan-notebook[cluster]'")
        return cls(checked, security, local_fallback)


def check_address(text: object) -> str:
    """Return the address of a scheduler.

    Raises:
        InvalidRequest: it is none; says what is wrong with it.
    """
    found = _ADDRESS.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise InvalidRequest(f"{text!r} is no address of a Dask scheduler; it should read as {_EXAMPLE}.")
    scheme, port = found[1].lower(), found[2]
    if scheme in ("http", "https"):
        raise InvalidRequest(f"{found[0]} is a web page, perhaps the dashboard; the scheduler's reads as {_EXAMPLE}.")
    if scheme not in _SCHEMES:
        like = difflib.get_close_matches(scheme, _SCHEMES, 1)
        hint = f"did you mean {like[0]}://?" if like else f"it should read as {_EXAMPLE}."
        raise InvalidRequest(f"{found[0]} has a protocol that Dask does not know; {hint}")
    if scheme != "gateway" and not 0 < int(port or 0) < 65536:
        raise InvalidRequest(f"{found[0]} lacks the scheduler's port, usually 8786: {_EXAMPLE}.")
    return found[0]
