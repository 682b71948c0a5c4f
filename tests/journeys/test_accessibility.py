"""Every page that a role can reach, at three widths: axe finds nothing, refused forms included; nothing scrolls sideways and no
text is smaller than 12 px. Of the pages of a folder three: full, judged and just opened. In English the same pages once more,
at the width of a phone: words differ in length, markup does not.
"""
from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, url_for
from sqlalchemy import update
from werkzeug.exceptions import HTTPException

from sistra.db import db
from sistra.models.exports import ExportRun
from sistra.rules.entries import Entry
from sistra.services import reports, signin
from sistra.services.sharing import requests
from sistra.services.unit import unit_of_work
from tests.conftest import LiveServer
from tests.factories.cases import a_case, a_judgment, a_remedy
from tests.factories.charges import open_charge
from tests.factories.files import a_file
from tests.factories.folder import full_folder
from tests.factories.sharing import ALL_SECTIONS, offered, shared
from tests.journeys.filling import follow

pytestmark = pytest.mark.browser

WIDTHS = (1366, 768, 320)
PHONE = 390
SPANISH, ENGLISH = WIDTHS, (PHONE,)
SMALLEST = 12
PAGES_OF_A_KIND = 1
OF_A_CHARGE = ("charges.show", "charges.facts", "charges.tasks", "charges.history", "people.victims", "people.accused",
               "counts.index", "events.index", "events.deadlines", "measures.index", "court_cases.of_charge", "attachments.index")
"""Pages that say other things, in other shapes, of a charge just opened, of a full one and of one judged."""
FILES = ("reports.download", "reports.agency_month_file", "attachments.download", "attachments.case_download")
"""Endpoints that answer a link with a file."""
AXE = Axe()
_SMALL = """smallest => Array.from(document.querySelectorAll('body *')).filter(one =>
  Array.from(one.childNodes).some(node => node.nodeType === 3 && node.textContent.trim())
  && one.checkVisibility({checkVisibilityCSS: true})
  && parseFloat(getComputedStyle(one).fontSize) * (one.ownerSVGElement ? one.getScreenCTM().a : 1) < smallest - 0.01
).map(one => `${one.tagName.toLowerCase()}.${one.className}: ${one.textContent.trim().slice(0, 30)}`)"""
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
         "resultTypes": ["violations"]}


def endpoint(app: Flask, path: str) -> str | None:
    """The endpoint that answers a path by GET, if any."""
    with app.test_request_context():
        try:
            found, _ = app.url_map.bind("127.0.0.1").match(urlsplit(path).path, method="GET")
        except HTTPException:
            return None
    return str(found)


def reached(app: Flask, page: Any, start: str) -> Iterator[str]:
    """The pages found by following links from `start`, at most a few of each kind. Each is open when it is given.

    A file is no page: its address is left alone.
    """
    waiting, seen, kinds = deque([start]), {start}, Counter[str]()
    while waiting:
        path = waiting.popleft()
        kind = endpoint(app, path)
        if kind is None or kind in FILES or kinds[kind] >= PAGES_OF_A_KIND:
            continue
        answer = page.goto(path)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        kinds[kind] += 1
        for href in page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))"):
            target = href.split("#")[0]
            if target.startswith("/") and target not in seen and not target.startswith("/static"):
                seen.add(target)
                waiting.append(target)
        yield path


def faults(page: Any, path: str, widths: Sequence[int] = SPANISH, *, but: Sequence[str] = ()) -> list[str]:
    """What axe finds on the page that is open, and whether it scrolls sideways, at each width; texts too small to read.

    `but` are rules that the page breaks because its reader asked it to.
    """
    found, options = [], RULES | {"rules": {rule: {"enabled": False} for rule in but}}
    page.evaluate(AXE.axe_script)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 768})
        violations = page.evaluate("options => axe.run(options).then(found => found.violations)", options)
        found += [f"{path} at {width}: {one['id']} {one['nodes'][0]['target']}" for one in violations]
        found += unreadable(page, f"{path} at {width}")
    if PHONE in widths:
        return found
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
            "sections": ("DOC",), "profile": "SID", "purpose": "INV", "legal_basis": None, "until": None,
            "reason": "Para ubicar testigos"}))


def folder_pages(app: Flask, number: str) -> list[str]:
    with app.test_request_context():
        return [url_for(endpoint, number=number) for endpoint in OF_A_CHARGE]


def in_english(live_server: LiveServer, user: str) -> None:
    """The user's pages are in English from now on."""
    with live_server.app.app_context():
        viewer = live_server.world.viewer(user, at=datetime.now(UTC))
        with unit_of_work():
            signin.set_preferences(viewer, language="en")


@pytest.mark.parametrize("user", ["fiscal.mdd", "agencia", "admin"])
def test_axe_finds_nothing_on_any_page(page_of: Callable[[str], Any], live_server: LiveServer, user: str) -> None:
    three_folders(live_server)
    page, found, paths = page_of(user), [], []
    for path in reached(live_server.app, page, "/"):
        paths.append(path)
        found += faults(page, path)
    assert len(paths) > 10
    in_english(live_server, user)
    found += all_faults(page, paths, ENGLISH)
    assert page.locator("html").get_attribute("lang") == "en"
    assert not found, "\n".join(found)


def all_faults(page: Any, paths: Sequence[str], widths: Sequence[int] = SPANISH) -> list[str]:
    found = []
    for path in paths:
        answer = page.goto(path)
        assert answer.status == 200, path
        found += faults(page, path, widths)
    return found


# -- desk, figures, downloads, search ---------------------------------------------------------------------------------------

FIGURES = ("/reportes/", *(f"/reportes/{code}" for code in ("R01", "R04", "R08", "R13")))


def in_both(live_server: LiveServer, page: Any, user: str, paths: Sequence[str]) -> list[str]:
    """The faults of those pages in Spanish, and then in English."""
    found = all_faults(page, paths)
    in_english(live_server, user)
    return found + all_faults(page, paths, ENGLISH)


@pytest.mark.parametrize(("user", "more"), [("analista", ["/reportes/microdatos"]), ("agencia", ["/reportes/mensual"])])
def test_axe_finds_nothing_on_figures(
    page_of: Callable[[str], Any], live_server: LiveServer, user: str, more: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "SETTLING", -timedelta(minutes=1))
    three_folders(live_server)
    page = page_of(user)
    found = in_both(live_server, page, user, [*FIGURES, *more])
    page.goto("/reportes/R01?desde=nunca")
    assert page.locator(".govuk-error-summary").count() == 1
    found += faults(page, "/reportes/R01 refused")
    page.goto("/reportes/R01")
    assert page.locator("svg.s-chart").count() >= 1 or user == "agencia"
    assert not found, "\n".join(found)


def test_axe_finds_nothing_on_downloads_in_any_state(
    page_of: Callable[[str], Any], live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page that looks again by itself does so for who asked for that, and a link stops it."""
    monkeypatch.setitem(live_server.app.config, "EXPORT_AT_ONCE", -1)
    three_folders(live_server)
    page = page_of("fiscal.mdd")
    page.goto("/denuncias/exportar")
    page.select_option("select[name=reason_code]", "ACT")
    follow(page.locator("main form button.govuk-button").first)
    run, found = urlsplit(page.url).path, []
    assert run.startswith("/descargas/")
    for state in ("queued", "running", "done", "refused"):
        with live_server.app.app_context(), unit_of_work():
            values = {"state": state, "reason": "changed" if state == "refused" else None, "file_name": "sistra-denuncias.xlsx"}
            db.session.execute(update(ExportRun).values(**values, size_bytes=2048, expires_at=datetime.now(UTC) + timedelta(1)))
        found += all_faults(page, [run, "/descargas"], SPANISH if state == "running" else ENGLISH)
    with live_server.app.app_context(), unit_of_work():
        db.session.execute(update(ExportRun).values(state="running", reason=None))
    page.goto(f"{run}?refresco=auto")
    found += faults(page, f"{run} by itself", ENGLISH, but=["meta-refresh"])
    in_english(live_server, "fiscal.mdd")
    found += all_faults(page, [run, "/descargas"], ENGLISH)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("words", ["captación", "SIS-2026"])
def test_axe_finds_nothing_on_what_a_search_found(page_of: Callable[[str], Any], live_server: LiveServer, words: str) -> None:
    three_folders(live_server)
    page, found = page_of("fiscal.mdd"), []
    for widths in (SPANISH, ENGLISH):
        page.goto("/buscar/?palabras=si")
        page.fill("#numero", words)
        with page.expect_navigation():
            page.press("#numero", "Enter")
        assert page.locator(".s-found li, .s-lines li").count() >= 2
        found += faults(page, f"/buscar/ {words}", widths)
        in_english(live_server, "fiscal.mdd")
    assert not found, "\n".join(found)


# -- folders and desks ------------------------------------------------------------------------------------------------------


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
    desks = ["/mesa", f"/mesa?despacho={office}"] if user == "coordinadora" else ["/mesa"]
    assert not (found := in_both(live_server, page_of(user), user, desks)), "\n".join(found)


def test_axe_finds_nothing_on_refused_forms(page_of: Callable[[str], Any], live_server: LiveServer) -> None:
    with live_server.app.app_context():
        full_folder(live_server.world)
    page, found, refused = page_of("fiscal.mdd"), [], 0
    for path in reached(live_server.app, page, "/"):
        main = page.locator("main form[method=post] button.govuk-button:not([type=button])")
        button = main.and_(page.locator(":not(.s-find):not([data-draft])")).first
        if button.count() == 0 or not button.is_visible():
            continue
        follow(button)
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
