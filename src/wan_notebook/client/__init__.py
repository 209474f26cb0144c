"""Speaking with a service: the one door to HTTP.

`Service` says where and with which key, `Client` submits, fetches and downloads. A submit is sent once and its outcome
is one of three: taken (a Job comes back), refused (Rejected, Unreachable: nothing was bought), unknown (SubmitUnknown).
"""

from .client import Client
from .parsing import Balance, LogRow
from .service import Service
from .transport import Timeouts

__all__ = ["Balance", "Client", "LogRow", "Service", "Timeouts"]
