"""Desk, search, figures and downloads tell nobody what is not theirs: in each state of sharing, by each role, to the last part
of each file. What each surface could leak is planted once, and must be found.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from pypdf import PdfReader, PdfWriter
from sqlalchemy import func, select

from sistra.access import scope
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge
from sistra.rules.partial_dates import PartialDate
from sistra.rules.reports.definitions import REPORTS
from sistra.services import charges, exports, fact_book, fact_rebuilding, jobs, report_files, reports, search
from sistra.services.export_runs.charges import ChargeList
from sistra.services.hand_over import joining
from sistra.services.sharing import offers, shares
from sistra.services.unit import unit_of_work
from sistra.web.home import routes as home_room
from sistra.web.search import routes as search_room
from tests.conftest import Visitor
from tests.factories.canaries import (
    ACTED,
    DOCKET,
    DUE,
    MEASURED,
    NOBODYS,
    OF_CHARGE,
    OF_RECORD,
    Folder,
    canary,
    folder_with_canaries,
    unshared,
)
from tests.factories.databases import Databases, one_transaction
from tests.factories.hand_over import joinder_entry
from tests.factories.sharing import ALL_SECTIONS, brought_to
from tests.factories.world import World
from tests.web import matrix
from tests.web.crawling import Crawl, parts

SignIn = Callable[[str], Visitor]
WORDS = tuple(canary(code) for code in sorted({*OF_RECORD.values(), *OF_CHARGE.values(), "MCO", "MPR", "ACT+EXP", *NOBODYS}))
"""The word of every text that there is."""
HAPPENED = (DUE, MEASURED, MEASURED - timedelta(days=366), ACTED.earliest)
DAYS = tuple(text for day in HAPPENED for text in (f"{day:%Y-%m-%d}", f"{day:%d/%m/%Y}"))
SHEETS = list(fact_book.SHEETS)
LIST, BOOK = "/denuncias/exportar", "/reportes/microdatos"


@dataclass(frozen=True, slots=True)
class State:
    """A grant to an agency, what came of it, and the addresses that may still name the charge by its number."""

    came_to: str
    profile: str = "COM"
    sections: tuple[str, ...] = ALL_SECTIONS
    permission: str = "LEE"
    named: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        return self.came_to in ("accepted", "referred", "joined", "receives")


_CLOSED = ("/derivaciones/", "/reportes/mensual")
STATES = {
    "offered": State("offered", named=("/mesa", *_CLOSED)),
    "declined": State("declined", named=_CLOSED),
    "withdrawn": State("withdrawn", named=_CLOSED),
    "revoked": State("revoked", named=_CLOSED),
    "expired": State("expired", named=_CLOSED),
    "sealed since": State("sealed"),
    "effective collaboration": State("collaboration"),
    "read": State("accepted", "SID", ("RES", "AGR", "ACT")),
    "coded data only": State("accepted", "RES"),
    "contribute": State("accepted", "SID", ("RES", "ACT", "ATE", "DOC"), "APO"),
    "referred": State("referred", "SID", ("RES", "HEC", "DEL")),
    "joined": State("joined", "SID", ("RES", "IMP", "PLA")),
    "receives another": State("receives", "COM", ("RES", "EXP", "SEN", "ACT")),
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Flask, World, Folder]:
    """A database with the small world and the folder, its facts made anew of what is in every field."""
    app, world = Databases(tmp_path_factory.mktemp("filled"), None).peopled
    with app.app_context():
        made = folder_with_canaries(world)
        with unit_of_work():
            admin = world.viewer("admin", at=datetime.now(UTC))
            for unit, keys in fact_rebuilding.chunks():
                fact_rebuilding.rebuild(admin, unit, keys)
    return app, world, made


@pytest.fixture
def app(filled: tuple[Flask, World, Folder]) -> Iterator[Flask]:
    """The application on that database; whatever a test writes is undone after it."""
    with one_transaction(filled[0]):
        yield filled[0]


@pytest.fixture
def world(filled: tuple[Flask, World, Folder]) -> World:
    return filled[1]


@pytest.fixture
def folder(app: Flask, filled: tuple[Flask, World, Folder]) -> Folder:
    return filled[2]


@pytest.fixture(autouse=True)
def places(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Store and queue of the test's own."""
    for name in ("FILES", "INSTANCE"):
        monkeypatch.setitem(app.config, name, str(tmp_path / name.lower()))


@pytest.fixture(autouse=True)
def figures_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures tell what was saved a minute ago: here, what was saved just now."""
    monkeypatch.setattr(reports, "SETTLING", -timedelta(minutes=1))


def brought(app: Flask, world: World, folder: Folder, state: State) -> int:
    with app.app_context():
        came_to = "accepted" if state.came_to == "receives" else state.came_to
        terms = {"profile": state.profile, "sections": state.sections, "permission": state.permission}
        key = brought_to(world, folder.number, came_to, **terms)
        if state.came_to == "receives":
            sender = world.viewer("fiscal.mdd", at=datetime.now(UTC))
            with unit_of_work():
                joining.join(sender, folder.other, folder.number, joinder_entry(occurred_on=PartialDate.of_day(sender.today)))
        return key


def later(app: Flask, patch: pytest.MonkeyPatch) -> None:
    """Makes every file too long to be waited for."""
    patch.setitem(app.config, "EXPORT_AT_ONCE", -1)


def trailed(app: Flask, since: int) -> str:
    """What the trail tells in plain of everything after that entry."""
    with app.app_context():
        rows = db.session.scalars(select(TrailEntry).where(TrailEntry.number > since))
        return " ".join(f"{row.action} {row.reason} {row.detail} {row.changes}" for row in rows)


def last_entry(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.max(TrailEntry.number))) or 0


def seen(app: Flask, crawl: Crawl, numbers: Iterable[str], patch: pytest.MonkeyPatch) -> None:
    """Everything that is no page of a charge, as somebody who may have case files sees it."""
    words = [word for word in crawl.forbidden if word.startswith("Qzx")]
    crawl.desk()
    crawl.search([*words, *numbers])
    crawl.begun(words)
    crawl.figures(["R01"])
    crawl.month()
    crawl.get(BOOK)
    crawl.post(BOOK, units=SHEETS, format="xlsx", reason_code="ACT")
    crawl.ordered(app, LIST, units=list(exports.UNITS), format="xlsx", reason_code="ACT")
    with patch.context() as narrow:
        later(app, narrow)
        for form in ("xlsx", "csv"):
            if run := crawl.ordered(app, LIST, units=list(exports.UNITS), format=form, reason_code="ACT"):
                crawl.fetched(run)


# -- states of sharing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_in_no_state_of_sharing_comes_up_what_is_not_shared(
    app: Flask,
    world: World,
    folder: Folder,
    sign_in: SignIn,
    state: State,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    brought(app, world, folder, state)
    forbidden = unshared(state.profile, state.sections) if state.open else [*WORDS, *DAYS, DOCKET, folder.number]
    since, crawl = last_entry(app), Crawl(sign_in("agencia"), [*forbidden, folder.other])
    crawl.follow(*([f"/denuncias/{folder.number}"] if state.open else []))
    seen(app, crawl, [folder.other, *([] if state.open else [folder.number])], monkeypatch)
    crawl.look("log", caplog.text)
    crawl.look("trail", trailed(app, since))
    named = {one for one in crawl.found if one[1] == folder.number and one[0].startswith(state.named or ("nowhere",))}
    assert crawl.found - named == set()
    assert {LIST, "/reportes/R01/pdf?"} <= crawl.files
    assert sum(file.endswith("/archivo") for file in crawl.files) == 2, crawl.files
    if state.open:
        assert f"/denuncias/{folder.number}" in crawl.read - crawl.refused


def test_what_is_shared_does_come_up_in_search_and_downloads(
    app: Flask, world: World, folder: Folder, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the crawl would find nothing whatever leaked."""
    brought(app, world, folder, State("accepted", "SID", ("RES", "HEC", "AGR")))
    crawl = Crawl(sign_in("agencia"), [canary("RES"), folder.number])
    crawl.begun([canary("RES")])
    assert {word for _, word in crawl.found} == set(crawl.forbidden)
    crawl.found.clear()
    later(app, monkeypatch)
    crawl.fetched(crawl.ordered(app, LIST, units=list(exports.UNITS), format="csv", reason_code="ACT"))
    assert {word for _, word in crawl.found} >= {folder.number}


@pytest.mark.parametrize("came_to", ["revoked", "sealed", "collaboration"])
def test_a_file_made_while_a_grant_stood_is_not_handed_out_after_it(
    app: Flask, world: World, folder: Folder, sign_in: SignIn, came_to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = brought(app, world, folder, State("accepted"))
    crawl = Crawl(sign_in("agencia"), WORDS)
    later(app, monkeypatch)
    run = crawl.ordered(app, LIST, units=list(exports.UNITS), format="csv", reason_code="ACT")
    ended(app, world, folder, key, came_to)
    assert crawl.fetched(run) == 303
    assert crawl.found == set() and crawl.files == set()


def ended(app: Flask, world: World, folder: Folder, key: int, came_to: str) -> None:
    with app.app_context():
        sender = world.viewer("fiscal.mdd", at=datetime.now(UTC))
        version = db.session.scalars(select(Charge.version).where(Charge.number == folder.number)).one()
        with unit_of_work():
            if came_to == "revoked":
                offers.revoke(sender, folder.number, key, "Se cumplió la finalidad")
            else:
                level = "SEL" if came_to == "sealed" else "COL"
                charges.seal(sender, folder.number, confidentiality=level, reason="Prueba", version=version)


# -- roles ------------------------------------------------------------------------------------------------------------------

OFFICE = ("fiscal.mdd", "fiscal2.mdd", "asistente.mdd")
SUPERVISING = ("coordinadora", "presidencia.mdd")
THEIRS = (canary("AJENA"), canary("EXP"), canary("ACT+EXP"))
"""What the other charge of the same court case leaves to office and supervisors when the first is sealed."""


def hidden_from(user: str, folder: Folder) -> list[str]:
    """By hand, of an open charge of the office of Madre de Dios that is shared with nobody."""
    names = [canary("IDENTIDAD")]
    if user == "fiscal.mdd":
        return names
    if user in (*OFFICE, *SUPERVISING):
        return [*names, canary("SELLADO")]
    return [*WORDS, *DAYS, DOCKET, folder.number, folder.other]


@pytest.mark.parametrize("user", matrix.USERS)
def test_no_role_comes_upon_more_on_desk_search_and_figures_than_is_its_own(
    app: Flask, world: World, folder: Folder, sign_in: SignIn, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    since, crawl = last_entry(app), Crawl(sign_in(user), hidden_from(user, folder))
    crawl.desk(f"?despacho={world.offices['mdd']}", f"?despacho={world.offices['lim']}")
    crawl.search(crawl.forbidden)
    crawl.get("/reportes/R04?cifras=interna")
    crawl.month()
    crawl.get("/descargas")
    crawl.look("log", caplog.text)
    crawl.look("trail", trailed(app, since))
    assert crawl.found == set()


@pytest.mark.parametrize(("level", "knows"), [("SEL", {"fiscal.mdd", *SUPERVISING}), ("COL", {"fiscal.mdd"})])
def test_a_sealed_charge_is_named_on_desk_list_and_search_to_its_team_and_in_outline_alone(
    app: Flask, world: World, folder: Folder, sign_in: SignIn, level: str, knows: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(app, world, folder, 0, {"SEL": "sealed", "COL": "collaboration"}[level])
    for user in matrix.USERS:
        if user == "fiscal.mdd":
            continue
        words = [word for word in WORDS if word not in (THEIRS if user in (*OFFICE, *SUPERVISING) else ())]
        crawl = Crawl(sign_in(user), words if user in knows else [*words, folder.number])
        crawl.desk(f"?despacho={world.offices['mdd']}")
        crawl.search([] if user in knows else [folder.number, *words])
        for address in ("/denuncias/", "/expedientes/", "/expedientes/1", "/expedientes/1/actuaciones"):
            crawl.get(address)
        crawl.ordered(app, LIST, units=list(exports.UNITS), format="xlsx", reason_code="ACT")
        assert crawl.found == set(), user


# -- figures ----------------------------------------------------------------------------------------------------------------


def unsaid(folder: Folder) -> list[str]:
    """What no figure and no fact tells, whoever asks."""
    return [*WORDS, *DAYS, DOCKET, folder.number, folder.other]


@pytest.mark.parametrize("user", ["analista", "agencia"])
def test_no_report_tells_a_text_a_number_or_a_day_on_screen_or_in_a_file(
    folder: Folder, sign_in: SignIn, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    crawl = Crawl(sign_in(user), unsaid(folder))
    told = crawl.get("/reportes/R01")
    assert ("<b>2</b> Total" in told) == (user == "analista"), "whoever is outside is told rounded figures"
    crawl.figures()
    crawl.look("log", caplog.text)
    assert crawl.found == set()
    assert len(crawl.files) == 3 * len(REPORTS) and not crawl.refused


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_analysts_workbook_tells_no_text_no_number_and_no_day_at_once_or_by_the_worker(
    app: Flask, folder: Folder, sign_in: SignIn, form: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    since, crawl = last_entry(app), Crawl(sign_in("analista"), unsaid(folder))
    asked = {"units": SHEETS, "format": form, "reason_code": "ACT", "desde": "01/2024"}
    crawl.get(BOOK)
    assert crawl.ordered(app, BOOK, **asked) == ""
    later(app, monkeypatch)
    assert crawl.fetched(crawl.ordered(app, BOOK, **asked)) == 200
    assert (Path(app.config["INSTANCE"]) / jobs.FILE).exists()
    crawl.look("log", caplog.text)
    crawl.look("trail", trailed(app, since))
    assert crawl.found == set() and len(crawl.files) == 2


# -- what is planted is found -----------------------------------------------------------------------------------------------


def _as(app: Flask, world: World, user: str) -> Callable[[], Any]:
    """A page that forgets who asks."""
    return lambda: world.viewer(user, at=datetime.now(UTC))


@pytest.mark.parametrize("room", [home_room, search_room], ids=["desk", "search"])
def test_a_page_that_forgets_who_asks_is_found(
    app: Flask, world: World, folder: Folder, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, room: Any
) -> None:
    crawl = Crawl(sign_in("agencia"), [*WORDS, *DAYS, folder.number, folder.other])
    monkeypatch.setattr(room, "viewer", _as(app, world, "fiscal.mdd"))
    crawl.desk()
    crawl.search([canary("RES"), folder.number])
    crawl.begun([canary("RES")])
    assert {where.split("?")[0].split()[0] for where, _ in crawl.found} == {"/mesa" if room is home_room else "/buscar/"}


def test_an_answer_that_tells_only_that_something_is_there_is_found(
    folder: Folder, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that shows no word and no number of what it found."""
    found = search.Found("other", "", "")
    monkeypatch.setattr(search, "by_number", lambda viewer, text: search.Numbered([found] if "nada" not in text else []))
    crawl = Crawl(sign_in("agencia"), WORDS)
    crawl.search([canary("RES")])
    assert crawl.found == {("/buscar/", canary("RES"))}


def test_access_that_never_ends_is_found_on_the_desk(
    app: Flask, world: World, folder: Folder, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(app, world, folder, STATES["expired"])
    monkeypatch.setattr(scope, "in_time", lambda viewer: db.true())
    crawl = Crawl(sign_in("agencia"), [folder.number])
    crawl.get("/denuncias/")
    crawl.desk()
    assert crawl.found


@pytest.mark.parametrize("kind", ["", "/xlsx", "/csv", "/pdf"])
def test_a_report_that_names_a_charge_is_found_in_each_form(
    folder: Folder, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    told = report_files.filters
    monkeypatch.setattr(report_files, "filters", lambda *asked: [*told(*asked), ("Denuncia", folder.number)])
    crawl = Crawl(sign_in("agencia"), [folder.number])
    crawl.get(f"/reportes/R01{kind}")
    assert crawl.found


def test_a_monthly_report_that_names_sealed_charges_is_found(
    app: Flask, world: World, folder: Folder, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(app, world, folder, STATES["sealed since"])
    monkeypatch.setattr(shares, "TEAM_ONLY", ())
    crawl = Crawl(sign_in("agencia"), [folder.number])
    crawl.month()
    assert {where.split("?")[0] for where, _ in crawl.found} == {"/reportes/mensual/pdf"}


def test_facts_that_tell_days_are_found_in_the_workbook(
    app: Flask, folder: Folder, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fact_book, "_month", lambda day: day)
    for form in ("xlsx", "csv"):
        crawl = Crawl(sign_in("analista"), DAYS)
        crawl.ordered(app, BOOK, units=SHEETS, format=form, reason_code="ACT", desde="01/2024")
        assert crawl.found


def test_a_download_that_does_not_ask_again_is_found(
    app: Flask, world: World, folder: Folder, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = brought(app, world, folder, State("accepted"))
    later(app, monkeypatch)
    crawl = Crawl(sign_in("agencia"), [folder.number])
    run = crawl.ordered(app, LIST, units=list(exports.UNITS), format="csv", reason_code="ACT")
    crawl.found.clear()
    ended(app, world, folder, key, "revoked")
    monkeypatch.setattr(ChargeList, "still_allowed", lambda *asked: True)
    assert crawl.fetched(run) == 200 and crawl.found


# -- every part of a file is read -------------------------------------------------------------------------------------------

HIDDEN = "Qzxoculto77"


def _cell(book: Workbook) -> None:
    book.active.cell(2000, 40, HIDDEN)


def _hidden_sheet(book: Workbook) -> None:
    sheet = book.create_sheet("otra")
    sheet["A1"], sheet.sheet_state = HIDDEN, "veryHidden"


def _sheet_name(book: Workbook) -> None:
    book.create_sheet(HIDDEN)


def _name(book: Workbook) -> None:
    book.defined_names["nombre"] = DefinedName("nombre", attr_text=f'"{HIDDEN}"', hidden=True)


def _property(book: Workbook) -> None:
    book.properties.keywords = HIDDEN


def _comment(book: Workbook) -> None:
    book.active["A1"].comment = Comment(HIDDEN, "SISTRA")


def _footer(book: Workbook) -> None:
    book.active.oddFooter.center.text = HIDDEN


@pytest.mark.parametrize("plant", [_cell, _hidden_sheet, _sheet_name, _name, _property, _comment, _footer])
def test_a_word_in_any_part_of_a_workbook_is_read(plant: Callable[[Workbook], None]) -> None:
    book, stream = Workbook(), BytesIO()
    plant(book)
    book.save(stream)
    assert [part for part, text in parts(stream.getvalue()) if HIDDEN in text]


def test_a_day_in_a_workbook_is_read_although_it_is_kept_as_a_number() -> None:
    book, stream = Workbook(), BytesIO()
    book.active["A1"] = DUE
    book.save(stream)
    read = " ".join(text for _, text in parts(stream.getvalue()))
    assert f"{DUE:%Y-%m-%d}" in read and f"{DUE:%d/%m/%Y}" in read


@pytest.mark.parametrize("plant", ["metadata", "attachment", "outline"])
def test_a_word_in_any_part_of_a_printed_file_is_read(plant: str) -> None:
    writer, stream = PdfWriter(), BytesIO()
    writer.add_blank_page(100, 100)
    match plant:
        case "metadata":
            writer.add_metadata({"/Subject": HIDDEN})
        case "attachment":
            writer.add_attachment("datos.txt", HIDDEN.encode())
        case _:
            writer.add_outline_item(title=HIDDEN, page_number=0)
    writer.write(stream)
    assert len(PdfReader(BytesIO(stream.getvalue())).pages) == 1
    assert [part for part, text in parts(stream.getvalue()) if HIDDEN in text]
