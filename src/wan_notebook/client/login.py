"""The user's account with the hosted service: login, logout and balance."""

from __future__ import annotations

import getpass
from collections.abc import Callable

from ..errors import NotAllowed, NotAuthorized, ServiceError
from ..runtime import event_loop, keys
from .client import Client
from .parsing import Balance
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

    Returns:
        A sentence that says whether the key works, what is left of the balance, and how long the key is kept.

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
    """Forget the key of this session, and the one in the keyring.

    Returns:
        A sentence that says whether another key is left, and where.
    """
    return Sentence(keys.forget())


def balance(service: Service) -> Balance | None:
    """Return the balance of the account with a service; None where the service has none to tell.

    Raises:
        ServiceError: the service cannot be asked.
    """

    async def fetch() -> Balance | None:
        async with Client(service) as client:
            return await client.balance()

    return event_loop.wait(event_loop.start(fetch()))
