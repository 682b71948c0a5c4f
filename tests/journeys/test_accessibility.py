"""Every page that a role can reach, at three widths: axe finds nothing, refused forms included; nothing scrolls sideways and no
text is smaller than 12 px. Of the pages of a folder three: full, judged and just opened."""
from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, url_for
from werkzeug.exceptions import HTTPException

from sistra.rules.entries import Entry
from sistra.services.sharing import requests
from sistra.services.unit import unit_of_work
from tests.conftest import LiveServer
from tests.factories.cases import a_case, a_judgment, a_remedy
from tests.factories.charges import open_charge
from tests.factories.files import a_file
from tests.factories.folder import full_folder
from tests.factories.sharing import ALL_SECTIONS, offered, shared

pytestmark = pytest.mark.browser

WIDTHS = (1366, 768, 320)
PHONE = 390
SMALLEST = 12
PAGES_OF_A_KIND = 1
OF_A_CHARGE = ("charges.show", "charges.facts", "charges.tasks", "charges.history", "people.victims", "people.accused",
               "counts.index", "events.index", "events.deadlines", "measures.index", "court_cases.of_charge", "attachments.index")
"""Pages that say other things, in other shapes, of a charge just opened, of a full one and of one judged."""
_SMALL = """smallest => Array.from(document.querySelectorAll('body *')).filter(one =>
  Array.from(one.childNodes).some(node => node.nodeType === 3 && node.textContent.trim())
  && one.checkVisibility({checkVisibilityCSS: true}) && parseFloat(getComputedStyle(one).fontSize) < smallest
).map(one => `${one.tagName.toLowerCase()}.${one.className}: ${one.textContent.trim().slice(0, 30)}`)"""
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
    """What axe finds on the page that is open, and whether it scrolls sideways, at each width; texts too small to read."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        result = Axe().run(page, options=RULES)
        found += [f"{path} at {width}: {one['id']} {one['nodes'][0]['target']}" for one in result.response["violations"]]
        found += unreadable(page, f"{path} at {width}")
    page.set_viewport_size({"width": PHONE, "height": 844})
    return found + unreadable(page, f"{path} at {PHONE}")


def unreadable(page: Any, where: str) -> list[str]:
    """Whether the page scrolls sideways, and its first text below 12 px."""
    found = [f"{where}: too small, {one}" for one in page.evaluate(_SMALL, SMALLEST)[:1]]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"):
        found.append(f"{where}: scrolls sideways")
    return found


def three_folders(live_server: LiveServer) -> tuple[str, str]:
    """A charge judged and appealed, one just opened, and a full one. Gives the numbers of the first two."""
    with live_server.app.app_context():
        viewer = live_server.world.viewer("fiscal.mdd", at=datetime.now(UTC))
        file = a_file(viewer, accused=1, victims=1, counts_of=(0,))
        case = a_case(viewer, file)
        a_judgment(viewer, case, {file.counts[0]: "COND"}, years={file.accused[0]: 12},
                   reparations=({"amount_ordered": Decimal(5000), "victims": tuple(file.victims)},))
        a_remedy(viewer, case)
        opened = open_charge(viewer, received_on="hoy")
        full, _court_case = full_folder(live_server.world)
        _share(live_server, viewer, full, file.number)
    return file.number, opened


def _share(live_server: LiveServer, viewer: Any, number: str, other: str) -> None:
    """The first charge is shared with an agency, which asks for more and is offered the other."""
    world = live_server.world
    shared(world, number, by=viewer, at=viewer.at, sections=[code for code in ALL_SECTIONS if code != "DOC"], permission="APO")
    offered(world, other, by=viewer)
    with unit_of_work():
        requests.ask(world.viewer("agencia", at=viewer.at), number, Entry("access_request", {
            "sections": ("DOC",), "profile": "SID", "purpose": "INV", "legal_basis": None, "until": None, "reason": "Para ubicar testigos"}))


def folder_pages(app: Flask, number: str) -> list[str]:
    with app.test_request_context():
        return [url_for(endpoint, number=number) for endpoint in OF_A_CHARGE]


@pytest.mark.parametrize("user", ["fiscal.mdd", "agencia", "admin"])
def test_axe_finds_nothing_on_any_page(page_of: Callable[[str], Any], live_server: LiveServer, user: str) -> None:
    three_folders(live_server)
    page = page_of(user)
    paths = reached(live_server.app, page, "/")
    assert len(paths) > 10
    assert not (found := all_faults(page, paths)), "\n".join(found)


def all_faults(page: Any, paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        answer = page.goto(path)
        assert answer.status == 200, path
        found += faults(page, path)
    return found


def test_axe_finds_nothing_in_a_folder_just_opened_nor_in_one_judged(
    page_of: Callable[[str], Any], live_server: LiveServer
) -> None:
    page = page_of("fiscal.mdd")
    paths = [path for number in three_folders(live_server) for path in folder_pages(live_server.app, number)]
    assert not (found := all_faults(page, paths)), "\n".join(found)


def test_axe_finds_nothing_where_there_is_nothing_yet(page_of: Callable[[str], Any]) -> None:
    paths = ["/mesa", "/denuncias/", "/expedientes/", "/borradores/", "/denuncias/?q=nada", "/buscar?q=SIS-2020-LIM-00001"]
    assert not (found := all_faults(page_of("fiscal.lim"), paths)), "\n".join(found)


@pytest.mark.parametrize("user", ["coordinadora", "presidencia.mdd", "victimas", "analista", "auditora"])
def test_axe_finds_nothing_on_the_desk_of_a_role(page_of: Callable[[str], Any], live_server: LiveServer, user: str) -> None:
    three_folders(live_server)
    office = live_server.world.offices["mdd"]
    assert not (found := all_faults(page_of(user), ["/mesa", f"/mesa?despacho={office}"])), "\n".join(found)


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
