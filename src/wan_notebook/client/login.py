"""The user's account with the hosted service: login, logout and balance."""

from __future__ import annotations

import getpass
from collections.abc import Callable

from ..errors import NotAllowed, NotAuthorized, ServiceError
from ..runtime import event_loop, keys
from .client import Client
from .service import Service


class Sentence(str):
    """A text that a cell shows without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def login(*, ask: Callable[[str], str] = getpass.getpass, connect: Callable[[Service], Client] = Client) -> Sentence:
    """Ask for the hosted service's key in a hidden field, check it without cost, and use it from now on.

    Args:
        ask: shows a question and returns the text that was typed.
        connect: makes the client that checks.

    Raises:
        NotAuthorized: the service does not accept the key, which is then not kept.
    """
    key = keys.Key(ask("Key of the hosted service (hidden while you type): "), "wan.login()")

    async def check() -> str:
        try:
            async with connect(Service.hosted(key)) as client:
                balance = await client.balance()
        except NotAuthorized:
            raise
        except NotAllowed:
            return "The service knows the key, which may not read the balance."
        except ServiceError as error:
            return f"The key could not be checked just now: {error}"
        return "The key works." if balance is None else f"The key works; {balance} is left."

    checked = event_loop.wait(event_loop.start(check()))
    return Sentence(f"{checked} {keys.remember(key)}")


def logout() -> Sentence:
    """Forget the key of this session, and the one in the keyring."""
    return Sentence(keys.forget())


def balance(service: Service) -> str:
    """Return the balance of the account with a service, in words.

    Raises:
        ServiceError: the service does not tell.
    """

    async def fetch() -> str:
        async with Client(service) as client:
            left = await client.balance()
        return "The service tells no balance." if left is None else f"{left} left on the account."

    return event_loop.wait(event_loop.start(fetch()))
