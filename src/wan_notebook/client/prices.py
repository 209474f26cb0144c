"""What a paid service asks just now, asked for once in a session."""

from __future__ import annotations

import asyncio

from ..errors import ServiceError
from ..model.cost import Price
from . import Client, Service

_PATIENCE = 3.0
"""Seconds that a service has to tell; without an answer upstream's public price serves."""

_told: dict[tuple[str, str], Price | None] = {}


def known_price(service: Service, model: str) -> Price | None:
    """Return what the service told before; None where it was not asked yet, or does not tell."""
    return _told.get((service.base_url, model))


async def ask_price(service: Service, model: str) -> Price | None:
    """Return what the service tells, asking it where it was not asked before; None where it does not tell."""
    key = (service.base_url, model)
    if service.paid and key not in _told:
        try:
            async with Client(service) as client:
                _told[key] = await asyncio.wait_for(client.price(model), _PATIENCE)
        except (ServiceError, asyncio.TimeoutError):
            _told[key] = None
    return _told.get(key)
