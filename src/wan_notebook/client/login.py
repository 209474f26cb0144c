"""The user's account with the hosted service: logging in and out."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import NotAllowed, NotAuthorized, ServiceError
from ..runtime import event_loop, keys
from . import Client, Service


@dataclass(frozen=True)
class Said:
    """A sentence that a cell shows as it reads."""

    sentence: str

    def __repr__(self) -> str:
        return self.sentence


def login(*, ask: Callable[[str], str] = getpass.getpass, connect: Callable[[Service], Client] = Client) -> Said:
    """Ask for the hosted service's key in a hidden field, check it without cost, and use it from now on.

    Args:
        ask: shows a question and returns what was typed.
        connect: makes the client that checks.

    Raises:
        NotAuthorized: the service does not accept the key, which is then not kept.
    """
    key = keys.Key(ask("Key of the hosted service (hidden while you type): "), "wan.login()")
    checked = event_loop.wait(event_loop.start(_check(connect(Service.hosted(key)))))
    return Said(f"{checked} {keys.remember(key)}")


def logout() -> Said:
    """Forget the key of this session, and the one in the keyring."""
    return Said(keys.forget())


async def _check(connected: Client) -> str:
    try:
        async with connected as client:
            balance = await client.balance()
    except NotAuthorized:
        raise
    except NotAllowed:
        return "The service knows the key, which may not read the balance."
    except ServiceError as error:
        return f"The key could not be checked just now: {error}"
    return "The key works." if balance is None else f"The key works; {balance} is left."


def balance(service: Service) -> str:
    """Return in words what is left on the account of a service.

    Raises:
        ServiceError: the service does not tell.
    """
    return event_loop.wait(event_loop.start(_balance(service)))


async def _balance(service: Service) -> str:
    async with Client(service) as client:
        left = await client.balance()
    return "The service tells no balance." if left is None else f"{left} left on the account."
