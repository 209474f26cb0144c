"""Speaking with a service: the one door to HTTP.

`Service` says where and with which key, `Client` submits, fetches and downloads. A submit is sent once and its outcome
is one of three: taken (a Job comes back), refused (Rejected, Unreachable: nothing was bought), unknown (SubmitUnknown).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .service import Service

if TYPE_CHECKING:
    from .client import Client
    from .parsing import Balance, LogRow
    from .transport import Timeouts

__all__ = ["Balance", "Client", "LogRow", "Service", "Timeouts"]

_MODULES = {"Balance": "parsing", "Client": "client", "LogRow": "parsing", "Timeouts": "transport"}
"""What speaks HTTP is loaded when it is first used: a panel is seen before, and took a tenth longer to be imported."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
