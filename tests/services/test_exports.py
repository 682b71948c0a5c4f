"""What leaves in a file: the rows of the viewer's own list, every field that may leave, and nothing else."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pandas
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import event, select

from sistra.access import fields
from sistra.access.standing import Forbidden, NotVisible
from sistra.codebook.dictionary import record
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.formats.dossier import Grid
from sistra.formats.pdf import write_dossier
from sistra.models.audit import TrailEntry
from sistra.models.charges import ChargeAccess, RouteLeg
from sistra.models.counts import Count, CountVictim
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Ruling
from sistra.models.measures import Measure
from sistra.models.people import Victim
from sistra.models.services import Service
from sistra.rules.partial_dates import PartialDate
from sistra.services import charge_list, exports
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.rows import a_charge, a_victim, an_accused, an_identity, made
from tests.factories.sharing import shared
from tests.factories.world import World

UNITS = tuple(exports.UNITS)


def _ask(*units: str, of_format: str = "csv", **chosen: tuple[str, ...]) -> exports.Ask:
    return exports.Ask(charge_list.asked(chosen), units or UNITS, of_format, "ACT")


def _rows(content: bytes, sheet: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(zipfile.ZipFile(BytesIO(content)).read(f"{sheet}.csv").decode("utf-8-sig"))))


def _exported(world: World, username: str = "fiscal.mdd", ask: exports.Ask | None = None) -> exports.Exported:
    return exports.make(world.viewer(username), ask or _ask())


def _full_charge(world: World, **values: Any) -> Any:
    """A charge with a row in every unit."""
    charge = a_charge(world.offices["mdd"], world.users["fiscal.mdd"], **values)
    victim, accused = a_victim(charge), an_accused(charge)
    count = made(Count, charge_id=charge.id, accused_id=accused.id, offence="PE-129A")
    made(CountVictim, count_id=count.id, victim_id=victim.id)
    made(Event, charge_id=charge.id, number=1, event_type="NOT-REC")
    made(Service, charge_id=charge.id, victim_id=victim.id, service_type="ALO", status="CUR")
    case = made(CourtCase, court_case_kind="PRI")
    made(ChargeCourtCase, charge_id=charge.id, court_case_id=case.id, link="PRI")
    judgment = made(Judgment, court_case_id=case.id, decision_kind="SEN", instance="1")
    made(Ruling, court_case_id=case.id, judgment_id=judgment.id, count_id=count.id, verdict="CON")
    return charge


# -- scope --------------------------------------------------------------------------------------------------------------


def test_a_charge_has_a_row_in_each_unit_with_its_keys(session: Any, world: World) -> None:
    with unit_of_work():
        number = _full_charge(world).number
    content = _exported(world).content
    assert [row["denuncia"] for row in _rows(content, "denuncias")] == [number]
    assert [(row["denuncia"], row["agraviada"]) for row in _rows(content, "agraviadas")] == [(number, "A-1")]
    (service,) = _rows(content, "atenciones")
    assert (service["denuncia"], service["agraviada"], service["service_type"]) == (number, "A-1", "ALO")
    assert not {"provider_contact", "location", "result", "victim"} & set(service)
    (count,) = _rows(content, "imputaciones")
    assert (count["denuncia"], count["imputado"], count["agraviadas"]) == (number, "I-1", "A-1")
    assert [row["denuncias"] for sheet in ("expedientes", "sentencias") for row in _rows(content, sheet)] == [number, number]


@pytest.mark.parametrize("username", ["fiscal.lim", "coordinadora", "presidencia.mdd", "agencia", "victimas"])
def test_who_does_not_see_a_charge_exports_nothing_of_it(session: Any, world: World, username: str) -> None:
    with unit_of_work():
        number = _full_charge(world).number
    exported = _exported(world, username)
    assert set(exported.written.rows.values()) == {0}
    assert number.encode() not in b"".join(
        zipfile.ZipFile(BytesIO(exported.content)).read(name) for name in zipfile.ZipFile(BytesIO(exported.content)).namelist()
    )


@pytest.mark.parametrize("username", ["asistente.mdd", "analista", "auditora", "admin"])
def test_a_role_that_may_not_export_does_not(session: Any, world: World, username: str) -> None:
    with pytest.raises(Forbidden):
        _exported(world, username)


def test_a_sealed_charge_seen_in_outline_is_left_out_and_counted(session: Any, world: World) -> None:
    with unit_of_work():
        charge = _full_charge(world, confidentiality="SEL")
        made(ChargeAccess, principal="subsystem", charge_id=charge.id, outline=True)
    exported = _exported(world, "coordinadora")
    assert (set(exported.written.rows.values()), exported.selection.outlines) == ({0}, 1)
    notes = [row["valor"] for row in _rows(exported.content, "consulta") if row["grupo"] == "nota"]
    assert any(note.startswith("1 denuncias selladas") for note in notes)


def test_the_rows_are_those_of_the_filter(session: Any, world: World) -> None:
    with unit_of_work():
        _full_charge(world, purpose_known=("SEX",), status="TRA")
        kept = _full_charge(world, status="RES").number
    content = _exported(world, ask=_ask(estado=("RES",))).content
    assert {row["denuncia"] for sheet in ("denuncias", "agraviadas", "imputados") for row in _rows(content, sheet)} == {kept}


def test_a_withdrawn_person_is_in_no_sheet(session: Any, world: World) -> None:
    with unit_of_work():
        charge = a_charge(world.offices["mdd"], world.users["fiscal.mdd"])
        a_victim(charge, withdrawn_at=world.viewer("fiscal.mdd").at)
    assert _rows(_exported(world).content, "agraviadas") == []


def _shared_case(world: World) -> tuple[str, int, int]:
    """A court case of two charges, of Madre de Dios and of Lima: number of the first, and each accused's key."""
    own, other = (a_charge(world.offices[office], world.users[f"fiscal.{office}"]) for office in ("mdd", "lim"))
    case = made(CourtCase, court_case_kind="PRI")
    for charge in (own, other):
        made(ChargeCourtCase, charge_id=charge.id, court_case_id=case.id, link="PRI")
    mine, theirs = an_accused(own), an_accused(other, "I-1")
    judgment = made(Judgment, court_case_id=case.id, decision_kind="SEN", instance="1", verdict="MIX")
    for accused, charge, verdict in ((mine, own, "CON"), (theirs, other, "ABS")):
        count = made(Count, charge_id=charge.id, accused_id=accused.id, offence="PE-129A")
        made(Ruling, court_case_id=case.id, judgment_id=judgment.id, count_id=count.id, verdict=verdict)
    for number, accused in enumerate(((mine,), (theirs,), (mine, theirs), ()), 1):
        made(Event, court_case_id=case.id, number=number, event_type="AUD-REA", accused=list(accused))
    return own.number, mine.id, theirs.id


def test_of_a_shared_court_case_only_the_acts_of_charges_in_sight_leave(session: Any, world: World) -> None:
    with unit_of_work():
        number, _mine, _theirs = _shared_case(world)
    rows = _rows(_exported(world).content, "actuaciones")
    assert [(row["actuacion"], row["accused"]) for row in rows] == [("1", f"{number}/I-1"), ("3", f"{number}/I-1"), ("4", "")]
    assert exports.count_rows(world.viewer("fiscal.mdd"), charge_list.asked({}), ("events",)) == {"events": 3}


def test_the_verdict_of_a_shared_judgment_is_that_of_the_rulings_in_sight(session: Any, world: World) -> None:
    with unit_of_work():
        number, _mine, _theirs = _shared_case(world)
    (row,) = _rows(_exported(world).content, "sentencias")
    assert (row["verdict"], row["denuncias"]) == ("CON", number)


def test_a_sealed_act_leaves_with_the_case_team_only(session: Any, world: World) -> None:
    with unit_of_work():
        charge = a_charge(world.offices["mdd"], world.users["fiscal.mdd"])
        made(Event, charge_id=charge.id, number=7, event_type="ALL-REQ", confidentiality="SEL")
    assert [row["actuacion"] for row in _rows(_exported(world).content, "actuaciones")] == ["7"]
    assert _rows(_exported(world, "fiscal2.mdd").content, "actuaciones") == []


def test_a_related_charge_out_of_sight_is_reserved(session: Any, world: World) -> None:
    with unit_of_work():
        other = a_charge(world.offices["lim"], world.users["fiscal.lim"])
        a_charge(world.offices["mdd"], world.users["fiscal.mdd"], duplicate_of_id=other.id)
    assert [row["duplicate_of"] for row in _rows(_exported(world).content, "denuncias")] == ["Reservado"]


# -- values -------------------------------------------------------------------------------------------------------------


def test_blank_unknown_and_not_applicable_are_three_things(session: Any, world: World) -> None:
    with unit_of_work():
        for place, answer in enumerate((None, Unknown.NOT_KNOWN, Unknown.NOT_APPLICABLE)):
            row = a_charge(world.offices["mdd"], world.users["fiscal.mdd"], number=f"SIS-2026-MDD-0000{place}")
            for name in ("incoming_referral_reason", "persons_rescued"):
                fields.put(row, record("charge").fields[name], answer)
    found = [
        (row["incoming_referral_reason"], row["incoming_referral_reason_label"], row["persons_rescued"])
        for row in _rows(_exported(world).content, "denuncias")
    ]
    assert found == [("", "", ""), ("NSP", "No se sabe", "NSP"), ("N/C", "No corresponde", "N/C")]


def test_a_partial_date_leaves_as_typed_and_as_a_real_date(session: Any, world: World) -> None:
    with unit_of_work():
        a_charge(
            world.offices["mdd"],
            world.users["fiscal.mdd"],
            facts_from=PartialDate.of_month(2025, 3),
            facts_to=PartialDate.not_known(),
        )
    sheet = load_workbook(BytesIO(_exported(world, ask=_ask("charges", of_format="xlsx")).content))["denuncias"]
    heads, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    found = dict(zip(heads, row, strict=True))
    assert (found["facts_from"], found["facts_from_earliest"].date()) == ("2025-03", date(2025, 3, 1))
    assert (found["facts_to"], found["facts_to_earliest"]) == ("NSP", None)


def test_codes_come_with_their_labels_in_the_viewers_language(session: Any, world: World) -> None:
    from dataclasses import replace

    with unit_of_work():
        a_charge(world.offices["mdd"], world.users["fiscal.mdd"], purpose_known=("SEX", "LAB"), border_countries=("BO",))
    viewer = world.viewer("fiscal.mdd")
    spanish, english = (
        _rows(exports.make(replace(viewer, language=language), _ask()).content, "denuncias")[0] for language in ("es", "en")
    )
    assert spanish["purpose_known"] == "SEX;LAB" and spanish["border_countries_label"] == "Bolivia"
    assert spanish["notice_place"] == "170101" and spanish["notice_place_label"].startswith("Madre de Dios")
    assert spanish["purpose_known_label"] != english["purpose_known_label"] and spanish.keys() == english.keys()


def test_numbers_money_and_yes_or_no_are_of_their_types(session: Any, world: World) -> None:
    with unit_of_work():
        a_charge(
            world.offices["mdd"],
            world.users["fiscal.mdd"],
            victims_declared=3,
            economic_benefit=True,
            economic_benefit_amount=Decimal("1250.50"),
        )
    frame = pandas.read_excel(BytesIO(_exported(world, ask=_ask("charges", of_format="xlsx")).content), sheet_name="denuncias")
    (row,) = frame.to_dict("records")
    assert (row["victims_declared"], row["economic_benefit"], row["economic_benefit_amount"]) == (3, True, 1250.5)


@pytest.mark.parametrize("unit", UNITS)
def test_no_free_narrative_leaves_in_a_sheet(unit: str) -> None:
    assert [field.name for field in exports.fields_of(unit) if field.type == "longtext"] == []


def test_the_summary_of_a_charge_does_not_leave(session: Any, world: World) -> None:
    with unit_of_work():
        _full_charge(world, summary="El resumen de los hechos")
    assert "El resumen" not in zipfile.ZipFile(BytesIO(_exported(world).content)).read("denuncias.csv").decode()


def test_every_column_has_its_label_in_the_dictionary_of_the_file(session: Any, world: World) -> None:
    book = load_workbook(BytesIO(_exported(world, ask=_ask(of_format="xlsx")).content))
    told = {(row[0], row[1]): row[2] for row in book["Diccionario"].iter_rows(min_row=2, values_only=True)}
    heads = {(sheet, cell.value) for sheet in {sheet for sheet, _column in told} for cell in book[str(sheet)][1]}
    assert heads == set(told) and all(told.values())


def test_text_that_looks_like_a_formula_is_text(session: Any, world: World) -> None:
    with unit_of_work():
        a_charge(world.offices["mdd"], world.users["fiscal.mdd"], case_nickname="=1+1", police_report_number="@SUM(A1)")
    sheet = load_workbook(BytesIO(_exported(world, ask=_ask("charges", of_format="xlsx")).content))["denuncias"]
    cells = {sheet.cell(1, cell.column).value: cell for cell in sheet[2]}
    assert (cells["case_nickname"].value, cells["case_nickname"].data_type) == ("=1+1", "s")
    (row,) = _rows(_exported(world).content, "denuncias")
    assert (row["case_nickname"], row["police_report_number"]) == ("'=1+1", "'@SUM(A1)")


def test_the_same_question_gives_the_same_digests(session: Any, world: World) -> None:
    with unit_of_work():
        _full_charge(world)
    first, again = (_exported(world, ask=_ask(of_format=of_format)) for of_format in ("csv", "xlsx"))
    assert first.written.digests == again.written.digests


def test_the_query_sheet_counts_the_rows_of_every_unit(session: Any, world: World) -> None:
    with unit_of_work():
        _full_charge(world)
        _full_charge(world)
    exported = _exported(world)
    counted = exports.count_rows(world.viewer("fiscal.mdd"), charge_list.asked({}), UNITS)
    assert {exports.UNITS[unit].sheet: number for unit, number in counted.items()} == exported.written.rows


# -- what stays ---------------------------------------------------------------------------------------------------------


def _canaries(*rows: Any) -> set[str]:
    """Fills every encrypted text of the rows with one of its own, and gives them."""
    found = set()
    for row in rows:
        for field in fields.record_of(row).fields.values():
            if (
                field.encrypted
                and hasattr(type(row), fields.column_name(field))
                and field.type in ("text", "longtext", "person_name", "document_number", "phone", "email", "address")
            ):
                canary = f"canaria{field.record}{field.name}".replace("_", "")
                fields.put(row, field, canary)
                found.add(canary)
    db.session.flush()
    return found


def _everything(content: bytes) -> str:
    """All that a file holds: entries of archives unpacked, streams of a PDF inflated, and the text of its pages."""
    texts = [content]
    if content[:2] == b"PK":
        archive = zipfile.ZipFile(BytesIO(content))
        texts += [archive.read(name) for name in archive.namelist()]
    if content[:4] == b"%PDF":
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.S):
            try:
                texts.append(zlib.decompress(stream))
            except zlib.error:
                continue
        reader = PdfReader(BytesIO(content))
        texts.append("".join(page.extract_text() for page in reader.pages).encode())
        texts.append(str(reader.metadata).encode())
    return b"\n".join(texts).decode("utf-8", "replace").replace("\n", "").replace("_", "")


def _canary_charge(world: World) -> tuple[str, set[str]]:
    charge = _full_charge(world)
    victim = db.session.scalars(select(Victim).where(Victim.charge_id == charge.id)).one()
    return charge.number, _canaries(
        charge,
        victim,
        an_identity(victim),
        *db.session.scalars(select(Count)),
        *db.session.scalars(select(Event)),
        *db.session.scalars(select(Service)),
        *db.session.scalars(select(CourtCase)),
    )


@pytest.mark.parametrize(("of_format", "units"), [("xlsx", UNITS), ("csv", UNITS), *(("pdf", (unit,)) for unit in UNITS)])
def test_no_encrypted_field_is_anywhere_in_an_export(session: Any, world: World, of_format: str, units: tuple[str, ...]) -> None:
    with unit_of_work():
        number, canaries = _canary_charge(world)
    found = _everything(_exported(world, ask=_ask(*units, of_format=of_format)).content)
    assert len(canaries) > 30 and not {canary for canary in canaries if canary in found}
    assert number in found or set(units) <= {"judgments", "court_cases", "events"}


def test_the_columns_are_open_fields_of_the_dictionary_only() -> None:
    for name, unit in exports.UNITS.items():
        assert exports.fields_of(name)
        assert not [
            field.name for field in exports.fields_of(name) if field.encrypted or record(unit.record).fields[field.name] != field
        ]


def test_no_identity_is_in_a_printed_file_unless_it_was_revealed(session: Any, world: World) -> None:
    with unit_of_work():
        number, canaries = _canary_charge(world)
    with unit_of_work():
        dossier = exports.of_charge(world.viewer("fiscal.mdd"), number, list(exports.CHARGE_SECTIONS), reason_code="ACT")
    stream = BytesIO()
    write_dossier(stream, dossier)
    hidden = {
        f"canaria{field.record}{field.name}".replace("_", "")
        for name in ("identity", "charge", "victim")
        for field in record(name).fields.values()
        if field.sensitivity == "identity"
    } & canaries
    found = _everything(stream.getvalue())
    assert len(hidden) > 15 and not {canary for canary in hidden if canary in found}
    assert "canariachargenarrative" in found, "what the page shows, the paper shows"


def _grid(world: World, number: str, section: str, name: str) -> list[Any]:
    """The rows of a table of the printed file."""
    with unit_of_work():
        dossier = exports.of_charge(world.viewer("fiscal.mdd"), number, [section], reason_code="ACT")
    (found,) = [block.table.rows for one in dossier.sections for block in one.blocks
                if isinstance(block, Grid) and block.table.name == name]
    return [list(row) for row in found]


@pytest.mark.parametrize(("state", "days"), [
    ("DEN", ["", ""]), ("SOL", ["", ""]), ("NEJ", ["", ""]), ("VIG", ["15/01/2026", "15/10/2026"]),
    ("CES", ["15/01/2026", "15/10/2026"])])
def test_a_printed_measure_bears_no_days_where_it_never_ran(session: Any, world: World, state: str, days: list[str]) -> None:
    with unit_of_work():
        charge = a_charge(world.offices["mdd"], world.users["fiscal.mdd"])
        made(Measure, charge_id=charge.id, accused_id=an_accused(charge).id, kind="COE", coercive_measure="PRI-PRE", state=state,
             starts_on=date(2026, 1, 15), ends_on=date(2026, 10, 15))
    assert [row[2:4] for row in _grid(world, charge.number, "medidas", "medidas")] == [days]


def test_a_printed_leg_of_the_route_tells_its_locality(session: Any, world: World) -> None:
    with unit_of_work():
        charge = a_charge(world.offices["mdd"], world.users["fiscal.mdd"])
        told = ({"place": "170101", "locality": "La Pampa"}, {"place": "170101"}, {"locality": "La Paz"})
        for place, values in enumerate(told):
            made(RouteLeg, charge_id=charge.id, sequence=place, point="TRA", country="PE", victims=[], **values)
    printed = [row[2] for row in _grid(world, charge.number, "hechos", "ruta")]
    assert (printed[0], printed[2]) == (f"{printed[1]} · La Pampa", "La Paz") and "Tambopata" in printed[1]


def test_sealed_fields_are_printed_for_the_case_team_only(session: Any, world: World) -> None:
    with unit_of_work():
        number, _ = _canary_charge(world)
    for username, there in (("fiscal.mdd", True), ("fiscal2.mdd", False)):
        with unit_of_work():
            text = exports.charge_json(world.viewer(username), number, reason_code="ACT")
        assert ("canariachargesealedreason" in text) is there


def test_a_printed_file_of_what_is_not_in_sight_does_not_exist(session: Any, world: World) -> None:
    with unit_of_work():
        number = _full_charge(world).number
        case = db.session.scalars(select(CourtCase.id)).one()
    with pytest.raises(NotVisible):
        exports.of_charge(world.viewer("fiscal.lim"), number, ["hechos"], reason_code="ACT")
    with pytest.raises(NotVisible):
        exports.of_court_case(world.viewer("fiscal.lim"), case, ["expediente"], reason_code="ACT")


def test_a_printed_court_case_holds_nothing_of_a_charge_out_of_sight(session: Any, world: World) -> None:
    with unit_of_work():
        number, _mine, _theirs = _shared_case(world)
        case = db.session.scalars(select(CourtCase.id)).one()
    with unit_of_work():
        dossier = exports.of_court_case(world.viewer("fiscal.mdd"), case, list(exports.COURT_SECTIONS), reason_code="ACT")
    stream = BytesIO()
    write_dossier(stream, dossier)
    found = _everything(stream.getvalue())
    assert number in found and "LIM" not in found and "Absolución" not in found
    (entry,) = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "court_case.exported"))
    assert entry.court_case_id == case


# -- how ----------------------------------------------------------------------------------------------------------------


@contextmanager
def _statements() -> Iterator[list[str]]:
    said: list[str] = []

    def hear(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        said.append(statement)

    engine = db.session.get_bind()
    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def test_the_number_of_queries_does_not_grow_with_the_charges(session: Any, world: World) -> None:
    counts = []
    for more in (2, 12):
        with unit_of_work():
            for _turn in range(more):
                _full_charge(world, reporting_agency_id=world.agencies["pnp"])
        db.session.expire_all()
        db.session.rollback()
        with _statements() as said:
            _exported(world)
        counts.append(len(said))
    assert counts[0] == counts[1] > 10


def test_each_row_is_told_as_it_is_written_and_who_is_told_may_stop_it(session: Any, world: World) -> None:
    with unit_of_work():
        _full_charge(world)
    told: list[int] = []
    exported = exports.make(world.viewer("fiscal.mdd"), _ask(), progress=told.append)
    assert told == list(range(1, sum(exported.written.rows.values()) + 1))

    def stop(done: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        exports.make(world.viewer("fiscal.mdd"), _ask(), progress=stop)


@pytest.mark.skipif(not shutil.which("soffice"), reason="no LibreOffice on this machine")
def test_libreoffice_reads_the_workbook_as_it_was_written(session: Any, world: World, tmp_path: Path) -> None:
    with unit_of_work():
        number = _full_charge(world, case_nickname="=1+1").number
    (tmp_path / "libro.xlsx").write_bytes(_exported(world, ask=_ask(of_format="xlsx")).content)
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,3",
            "--outdir",
            str(tmp_path),
            str(tmp_path / "libro.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    (converted,) = tmp_path.glob("*.csv")
    (row,) = csv.DictReader(StringIO(converted.read_text("utf-8-sig")))
    assert (row["denuncia"], row["case_nickname"]) == (number, "=1+1")


@pytest.mark.parametrize(("sections", "heading", "said"), [
    (("RES", "MCO"), "Medidas coercitivas", "No hay medidas coercitivas registradas."),
    (("RES", "MPR"), "Medidas de protección", "No hay medidas de protección registradas."),
    (("RES", "MCO", "MPR"), "Medidas", "No hay medidas registradas.")])
def test_the_printed_file_says_that_there_are_no_measures_only_of_those_that_are_shared(
    session: Any, world: World, sections: tuple[str, ...], heading: str, said: str
) -> None:
    number = open_charge(world.viewer("fiscal.mdd"))
    shared(world, number, sections=sections)
    with unit_of_work():
        dossier = exports.of_charge(world.viewer("agencia"), number, ["medidas"], reason_code="ACT")
    [section] = [one for one in dossier.sections if one.title.startswith("Medidas")]
    assert (section.title, [block.empty for block in section.blocks if isinstance(block, Grid)]) == (heading, [said])
