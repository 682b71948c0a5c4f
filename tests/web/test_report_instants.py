"""Whatever instant stands in the address of a report, a page answers."""
from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.factories.world import World

INSTANTS = ("0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00", "0001-01-01", "9999-12-31T23:59:59-14:00",
            "9999-12-31T23:59:59", "1989-12-31T00:00:00-05:00", "2026-03-20T00:00:00+23:59", "ayer", "\x00", "2026-13-45")


@pytest.mark.parametrize("at", INSTANTS)
@pytest.mark.parametrize("address", ["/reportes/R01", "/reportes/R01/csv", "/reportes/microdatos"])
def test_no_instant_breaks_the_page(world: World, sign_in: Any, address: str, at: str) -> None:
    assert sign_in("analista").get(f"{address}?al={quote(at)}").status_code in (200, 302, 303)
