"""A shared folder whose every text says which section of a grant it belongs to: what comes up elsewhere was let through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from sistra.access.fields import put, record_of
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.court_cases import CourtCase
from sistra.models.events import Deadline, Event
from sistra.models.measures import Measure
from sistra.models.people import Accused, Victim
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import court_case_links, court_events, events, measures, routes, victim_lists, victim_services
from sistra.services.unit import unit_of_work
from tests.factories.cases import a_judgment, a_remedy
from tests.factories.folder import full_folder
from tests.factories.rows import made
from tests.factories.world import World

TEXTS = ("text", "longtext", "address", "phone", "email", "document_number", "person_name")
_DERIVED = frozenset({"code", "import_run", "file_name", "media_type", "sha256"})
DOCKET = "09977-2019-0-2701-JR-PE-07"
DUE, MEASURED, ACTED = date(2031, 7, 19), date(2032, 5, 13), PartialDate.of_day(date(2025, 8, 23))
SERVICE = next(iter(codelist("victim_service")))
NOBODYS = ("IDENTIDAD", "SELLADO", "AJENA")
"""What no grant shows unasked: identities, what is sealed, what belongs to another charge of the same court case."""

# Which section of a grant opens a text, written by hand and apart from the rules of the code.
OF_RECORD = {
    "route_leg": "HEC",
    "victim": "AGR",
    "recruitment": "AGR",
    "exploitation": "AGR",
    "victim_accused_relation": "AGR+IMP",
    "accused": "IMP",
    "count": "DEL",
    "retypification": "DEL",
    "event": "ACT",
    "deadline": "PLA",
    "court_case": "EXP",
    "charge_court_case": "EXP",
    "judgment": "SEN",
    "ruling": "SEN",
    "penalty": "SEN",
    "reparation": "SEN",
    "remedy": "SEN",
    "attachment": "DOC",
    "service": "ATE",
}
OF_CHARGE = {
    "summary": "RES",
    "reta_id": "RES",
    "other_register_id": "RES",
    "hotline_referral_number": "RES",
    "former_numbers": "RES",
    "case_nickname": "HEC",
    "incoming_referral_details": "HEC",
    "police_report_number": "HEC",
    "economic_benefit_note": "HEC",
    "narrative": "HEC",
    "lead_police_unit": "HEC",
    "closing_note": "HEC",
}


def canary(section: str) -> str:
    """The word that stands in the texts of a section."""
    return f"Qzx{section.replace('+', 'con')}77"


@dataclass(frozen=True, slots=True)
class Folder:
    """The charge that is shared, the key of its court case, and the charge beside it that is not."""

    number: str
    court_case: int
    other: str


def folder_with_canaries(world: World) -> Folder:
    """A full folder and another charge of the office in the same court case, all texts of both filled, committed."""
    viewer = world.viewer("fiscal.mdd", at=datetime.now(UTC))
    number, case = full_folder(world)
    _grown(viewer, number, case)
    other, _ = full_folder(world)
    _joined(viewer, other, case)
    with unit_of_work():
        _mark(number, case, other)
    return Folder(number, case, other)


def _keys(model: Any, number: str) -> list[int]:
    return list(
        db.session.scalars(
            select(model.id).join(Charge, model.charge_id == Charge.id).where(Charge.number == number).order_by(model.id)
        )
    )


def _grown(viewer: Viewer, number: str, case: int) -> None:
    """What `full_folder` lacks.

    Rows below the victims, a leg, a sealed act, a protection measure, documents, a judgment, a remedy.
    """
    accused, victims, counts = (_keys(model, number) for model in (Accused, Victim, Count))
    with unit_of_work():
        routes.add_leg(viewer, number, Entry("route_leg", {"point": "ORI", "country": "PE", "place": "170101"}))
        victim_lists.add(viewer, number, "A-2", Entry("recruitment", {"methods": ("OFE",)}))
        victim_lists.add(viewer, number, "A-2", Entry("exploitation", {"purpose": "LAB"}))
        victim_lists.add(viewer, number, "A-2", Entry("victim_accused_relation", {"accused": accused[0], "relation": "FAM"}))
        measures.add(
            viewer,
            number,
            Entry(
                "measure",
                {"kind": "PRO", "victim": victims[1], "protection_measure": "POL", "state": "VIG", "starts_on": MEASURED},
            ),
        )
        victim_services.add(viewer, number, "A-2", Entry("service", {"service_type": SERVICE, "status": "SOL"}))
        events.record(viewer, number, "DEC-IMP", Entry("event", {"occurred_on": ACTED, "accused": (accused[0],)}))
        court_events.record(viewer, case, "AUD-REA", Entry("event", {"occurred_on": ACTED, "counts": tuple(counts)}))
    a_judgment(
        viewer,
        case,
        {counts[0]: "COND"},
        years={accused[0]: 13},
        reparations=({"amount_ordered": Decimal(73511), "victims": (victims[1],)},),
    )
    a_remedy(viewer, case)
    with unit_of_work():
        charge = db.session.scalars(select(Charge).where(Charge.number == number)).one()
        for values in (
            {"charge_id": charge.id, "confidentiality": "RES"},
            {"charge_id": charge.id, "confidentiality": "SEL"},
            {"court_case_id": case, "confidentiality": "RES"},
        ):
            made(Attachment, kind="DIS", title="-", storage_key="", contains_identity=False, version=1, **values)
        named = db.session.scalars(
            select(Attachment).where(Attachment.charge_id == charge.id, Attachment.confidentiality == "RES")
        ).one()
        for act in db.session.scalars(select(Event).where(Event.charge_id == charge.id, Event.event_type == "DEC-IMP")):
            act.attachment_id = named.id


def _joined(viewer: Viewer, other: str, case: int) -> None:
    """Another charge before the same court, with a judgment and a remedy of its own."""
    with unit_of_work():
        court_case_links.link(viewer, case, number=other, reason="ACM")
        counts = _keys(Count, other)
        court_events.record(viewer, case, "AUD-REA", Entry("event", {"occurred_on": ACTED, "counts": tuple(counts)}))
    a_judgment(viewer, case, {counts[0]: "COND"}, years={_keys(Accused, other)[0]: 17})
    a_remedy(viewer, case, against=())


def _mark(number: str, case: int, other: str) -> None:
    """Writes its canary into every text of every row, and days and numbers that nothing else has."""
    foreign = db.session.scalars(select(Charge.id).where(Charge.number == other)).one()
    for mapper in db.Model.registry.mappers:
        table = mapper.class_.__tablename__
        if table not in {*OF_RECORD, "charge", "identity", "measure"}:
            continue
        for row in db.session.scalars(select(mapper.class_)):
            for field in record_of(row).fields.values():
                if _marked(row, field):
                    put(row, field, canary("AJENA" if _charge_of(row) == foreign else section_of(row, field)))
    for deadline in db.session.scalars(select(Deadline).where(Deadline.closed_on.is_(None))):
        deadline.due_on = DUE
    for measure in db.session.scalars(select(Measure).where(Measure.kind == "COE")):
        measure.starts_on = MEASURED - timedelta(days=366)
    db.session.get_one(CourtCase, case).docket_number = DOCKET
    charge = db.session.scalars(select(Charge).where(Charge.number == number)).one()
    charge.next_due_on = DUE
    sealed = db.session.scalars(select(Event).where(Event.charge_id == charge.id, Event.event_type == "DIP-INI")).one()
    twin = made(Event, charge_id=charge.id, number=90, event_type="DEC-IMP", confidentiality="SEL", occurred_on=ACTED, version=1)
    for row in (twin, *db.session.scalars(select(Attachment).where(Attachment.confidentiality == "SEL"))):
        for field in record_of(row).fields.values():
            if _marked(row, field):
                put(row, field, canary("SELLADO"))
    assert sealed.confidentiality is None


def _marked(row: Any, field: Field) -> bool:
    return field.type in TEXTS and hasattr(row, field.name) and field.name not in _DERIVED


def _charge_of(row: Any) -> int | None:
    """The charge of a row: its own, that of its victim, count or accused, or of the counts that it names."""
    if isinstance(row, Charge):
        return row.id
    if (key := getattr(row, "charge_id", None)) is not None:
        return int(key)
    for model, name in ((Victim, "victim_id"), (Accused, "accused_id"), (Count, "count_id")):
        if (key := getattr(row, name, None)) is not None:
            return int(db.session.get_one(model, key).charge_id)  # type: ignore[attr-defined]
    named: Iterable[Any] = getattr(row, "counts", ()) or getattr(row, "against", ()) or ()
    for one in named:
        return _charge_of(one)
    if row.__tablename__ == "judgment":
        from sistra.models.judgments import Ruling

        return _charge_of(db.session.scalars(select(Ruling).where(Ruling.judgment_id == row.id)).first())
    return None


def section_of(row: Any, field: Field) -> str:
    """What opens a text: by hand, so that a field of which nobody thought has none."""
    if field.record == "identity" or field.sensitivity == "identity":
        return "IDENTIDAD"
    if field.sensitivity == "sealed":
        return "SELLADO"
    if field.record == "charge":
        return OF_CHARGE[field.name]
    if field.record == "measure":
        return "MCO" if row.kind == "COE" else "MPR"
    if field.record == "event" and row.court_case_id is not None:
        return "ACT+EXP"
    return OF_RECORD[field.record]


def unshared(profile: str, sections: Iterable[str]) -> list[str]:
    """Every word that a reader under that grant must never come upon."""
    opened = {"RES", *sections}
    codes = {*OF_RECORD.values(), *OF_CHARGE.values(), "MCO", "MPR", "ACT+EXP"}
    closed = codes if profile == "RES" else {code for code in codes if not set(code.split("+")) <= opened}
    found = [canary(code) for code in sorted({*closed, *NOBODYS})]
    days = {"PLA": DUE, "MPR": MEASURED, "MCO": MEASURED - timedelta(days=366)}
    for code, day in days.items():
        if code not in opened:
            found += [f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}"]
    if "EXP" not in opened:
        found += [DOCKET]
    if "SEN" not in opened:
        found += ["73511.", "73,511"]
    return found
