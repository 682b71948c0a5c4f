"""Every page that a role can reach, at three widths: axe finds nothing, nothing scrolls sideways, refused forms included."""
from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.conftest import LiveServer
from tests.factories.folder import full_folder

pytestmark = pytest.mark.browser

WIDTHS = (1366, 768, 320)
PAGES_OF_A_KIND = 1
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


def endpoint(app: Flask, path: str) -> str | None:
    """The endpoint that answers a path by GET, if any."""
    with app.test_request_context():
        try:
            found, _ = app.url_map.bind("127.0.0.1").match(urlsplit(path).path, method="GET")
        except HTTPException:
            return None
    return str(found)


def reached(app: Flask, page: Any, start: str) -> list[str]:
    """The pages found by following links from `start`, at most a few of each kind."""
    waiting, seen, kinds, order = deque([start]), {start}, Counter[str](), []
    while waiting:
        path = waiting.popleft()
        kind = endpoint(app, path)
        if kind is None or kinds[kind] >= PAGES_OF_A_KIND:
            continue
        answer = page.goto(path)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        kinds[kind] += 1
        order.append(path)
        for href in page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))"):
            target = href.split("#")[0]
            if target.startswith("/") and target not in seen and not target.startswith("/static"):
                seen.add(target)
                waiting.append(target)
    return order


def faults(page: Any, path: str) -> list[str]:
    """What axe finds on the page that is open, and whether it scrolls sideways, at each width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        result = Axe().run(page, options=RULES)
        found += [f"{path} at {width}: {one['id']} {one['nodes'][0]['target']}" for one in result.response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
            found.append(f"{path} at {width}: scrolls sideways")
    return found


@pytest.mark.parametrize("user", ["fiscal.mdd", "admin"])
def test_axe_finds_nothing_on_any_page(page_of: Callable[[str], Any], live_server: LiveServer, user: str) -> None:
    with live_server.app.app_context():
        full_folder(live_server.world)
    page = page_of(user)
    paths = reached(live_server.app, page, "/")
    assert len(paths) > 10
    found = []
    for path in paths:
        page.goto(path)
        found += faults(page, path)
    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_refused_forms(page_of: Callable[[str], Any], live_server: LiveServer) -> None:
    with live_server.app.app_context():
        full_folder(live_server.world)
    page, found, refused = page_of("fiscal.mdd"), [], 0
    for path in reached(live_server.app, page, "/"):
        page.goto(path)
        button = page.locator("main form[method=post] button.govuk-button:not(.s-find):not([data-draft])").first
        if button.count() == 0 or not button.is_visible():
            continue
        button.click()
        if page.locator(".govuk-error-summary").count():
            refused += 1
            found += faults(page, f"{path} refused")
    assert refused >= 3
    assert not found, "\n".join(found)


def test_axe_finds_nothing_before_signing_in_and_on_errors(page: Any, live_server: LiveServer) -> None:
    found = []
    for path in ("/entrar", "/accesibilidad", "/ayuda", "/invitacion/nada", "/no-existe"):
        page.goto(path)
        found += faults(page, path)
    assert not found, "\n".join(found)
