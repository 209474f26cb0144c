"""The current prices of paid services, each fetched once a session."""

from __future__ import annotations

import asyncio

from ..errors import ServiceError
from ..model.cost import Price
from ..runtime.event_loop import within
from .service import Service

_TIMEOUT = 3.0
"""Seconds for a service to answer; without an answer upstream's public price serves."""

_prices: dict[tuple[str, str], Price | None] = {}


def known_price(service: Service, model: str) -> Price | None:
    """Return the price of a model that was fetched before; None where none was, or the service publishes none."""
    return _prices.get((service.base_url, model))


def remember_price(service: Service, model: str, price: Price | None) -> None:
    """Use this price until the session ends, without fetching one; None where the service publishes none."""
    _prices[service.base_url, model] = price


async def fetch_price(service: Service, model: str) -> Price | None:
    """Return the price of a model, fetched where it is not known yet; None where the service publishes none."""
    if service.paid and (service.base_url, model) not in _prices:
        from .client import Client

        try:
            async with Client(service) as client:
                price = await within(_TIMEOUT, client.price(model))
        except (ServiceError, asyncio.TimeoutError):
            # A service that does not tell its price is treated as one that publishes none: the estimate says so.
            price = None
        remember_price(service, model, price)
    return known_price(service, model)
