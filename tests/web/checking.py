"""A judgment through its two pages: the grid, and the page that tells what it will do."""

from __future__ import annotations

import html
import re
from typing import Any


def carried(page: str) -> dict[str, list[str]]:
    """What the page that checks carries on, by name."""
    form = page[page.index('name="seen"') - 200 : page.index('value="registrar"')]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form):
        found.setdefault(html.unescape(name), []).append(html.unescape(value))
    return found


def registered(client: Any, address: str, data: dict[str, Any]) -> Any:
    """The answer to «Registrar» after the grid was found valid."""
    checked = client.post(address, data=data)
    assert checked.status_code == 200, checked.text
    return client.post(address, data=carried(checked.text) | {"act": "registrar"})
