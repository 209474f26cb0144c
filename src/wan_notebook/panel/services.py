"""The services that a panel offers."""

from __future__ import annotations

from ..client import Service


def services(current: Service) -> dict[str, Service]:
    """Return the services to choose from, by name: the free preview, the hosted one, and the one in use."""
    return {service.name: service for service in (Service.embedded(), Service.hosted(), current)}
