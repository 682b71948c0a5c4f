"""Services for victims as their forms say them."""
from __future__ import annotations

from typing import Any

from sistra.access.viewer import Viewer
from sistra.rules.entries import Entry
from sistra.services import victim_services
from sistra.services.unit import unit_of_work


def service_entry(version: int | None = None, **values: Any) -> Entry:
    return Entry("service", values, version)


def a_service(viewer: Viewer, number: str, code: str = "A-1", **values: Any) -> int:
    """Registers a service, requested lodging unless said otherwise, commits, and gives its key."""
    with unit_of_work():
        return victim_services.add(viewer, number, code, service_entry(**{"service_type": "ALO", "status": "SOL"} | values))
