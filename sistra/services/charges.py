"""Charges: opened, read, amended, completed, sealed; their team. Reached by number, through the scope."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.orm import aliased

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.access.views import ChargeView
from sistra.codebook.dictionary import record
from sistra.codebook.offences import is_core
from sistra.codebook.roles import Role
from sistra.codebook.terms import Unknown, codelist
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge, ChargeMember, ChargePurpose, NumberSequence
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.events import Deadline, Event
from sistra.models.people import Accused, Identity, Victim
from sistra.rules.ages import is_minor
from sistra.rules.charge_checks import check_charge
from sistra.rules.charge_course import ChargeCourse
from sistra.rules.completeness import Completeness, completeness, number
from sistra.rules.entries import Entry, required
from sistra.rules.masking import Clearance, outside_team
from sistra.rules.numbering import carpeta_warning, charge_number, folded_number
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import accounts, audit, charge_access, course, records
from sistra.services.folder_rows import accused_of, counts_of, victims_of
from sistra.services.parts import rederive_ages

REASON_LENGTH = 1000

OPENING = "denuncia"
"""The dictionary section whose twelve fields open a charge."""


def standing(viewer: Viewer, number: str) -> Standing:
    """How the viewer stands to the charge of that number. Raises NotVisible."""
    return scope.charge(viewer, number)[1]


def opening_values(viewer: Viewer) -> dict[str, Any]:
    """What the form of a new charge starts from: today, the own office, and oneself where one is a prosecutor."""
    offered = accounts.prosecutors(viewer.office_id, viewer.at)
    own = viewer.user_id if any(key == viewer.user_id for key, _ in offered) else (offered[0][0] if len(offered) == 1 else None)
    return {"received_on": PartialDate.of_day(viewer.today), "office": viewer.office_id, "responsible": own}


def open_charge(viewer: Viewer, entry: Entry) -> str:
    """Opens a charge in the viewer's office and gives its number. Raises Forbidden, Rejected."""
    require(viewer, "charge.open")
    values = dict(entry.values)
    values["office"] = values.get("office") or viewer.office_id
    values["responsible"] = values.get("responsible") or opening_values(viewer)["responsible"]
    fields = record("charge").of_section(OPENING)
    problems = required(fields, {field.name: values.get(field.name) for field in fields}) + check_charge(values)
    problems += _office_problems(viewer, values)
    if problems:
        raise Rejected(problems)
    office = db.session.get_one(Office, viewer.office_id)
    charge = Charge(number="", year=_year(viewer, values), status="TRA", stage="10-NOT", procedure_code="ncpp", regime="ordinary",
                    fiscal_district=office.fiscal_district or "", completeness=0, confidentiality="RES",
                    core_at_registration=_core(values), carpeta_folded=_folded(values))
    charge.number = _next_number(charge.year, charge.fiscal_district)
    records.create(viewer, charge, values, "charge.opened", detail={"number": charge.number})
    _first_members(viewer, charge)
    _put_purposes(charge)
    records.create(viewer, Event(charge_id=charge.id, number=1),
                   {"event_type": "NOT-REC", "occurred_on": values["received_on"]}, "event.recorded")
    settle(viewer, charge)
    return charge.number


def _office_problems(viewer: Viewer, values: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if values["office"] != viewer.office_id:
        problems.append(Problem("office", said("Una denuncia se abre en el propio despacho")))
    if values["responsible"] is None:
        problems.append(Problem("responsible", said("Elija al fiscal responsable")))
    elif values["responsible"] not in {key for key, _ in accounts.prosecutors(viewer.office_id, viewer.at)}:
        problems.append(Problem("responsible", said("Elija a un fiscal en ejercicio del despacho")))
    return problems


def _year(viewer: Viewer, values: Mapping[str, Any]) -> int:
    received = values.get("received_on")
    return received.earliest.year if isinstance(received, PartialDate) and received.earliest else viewer.today.year


def _core(values: Mapping[str, Any]) -> bool:
    offence = values.get("reported_offence")
    return isinstance(offence, str) and not isinstance(offence, Unknown) and is_core(offence)


def _folded(values: Mapping[str, Any]) -> str | None:
    carpeta = values.get("carpeta_number")
    return folded_number(carpeta) if isinstance(carpeta, str) and not isinstance(carpeta, Unknown) else None


def _next_number(year: int, fiscal_district: str) -> str:
    """The next number of the year and district; its row is locked until the charge is committed."""
    sequence = db.session.scalar(select(NumberSequence).where(
        NumberSequence.year == year, NumberSequence.fiscal_district == fiscal_district).with_for_update())
    if sequence is None:
        sequence = NumberSequence(year=year, fiscal_district=fiscal_district, last=0)
        db.session.add(sequence)
    sequence.last += 1
    db.session.flush()
    return charge_number(year, fiscal_district, sequence.last)


def _first_members(viewer: Viewer, charge: Charge) -> None:
    parts = {charge.responsible_id: "RESP"}
    if viewer.user_id not in parts:
        parts[viewer.user_id] = "ASI" if viewer.has(Role.ASSISTANT) else "ADJ"
    for user_id, part in parts.items():
        db.session.add(ChargeMember(charge_id=charge.id, user_id=user_id, part=part, from_on=viewer.today, version=1))
    db.session.flush()


def _put_purposes(charge: Charge) -> None:
    held = {row.code: row for row in db.session.scalars(select(ChargePurpose).where(ChargePurpose.charge_id == charge.id))}
    wanted = set(charge.purpose_known or ())
    for code in wanted - held.keys():
        db.session.add(ChargePurpose(charge_id=charge.id, code=code))
    for code in held.keys() - wanted:
        db.session.delete(held[code])
    db.session.flush()


_waiting: ContextVar[dict[int, tuple[Viewer, Charge]] | None] = ContextVar("sistra_settling", default=None)


@contextmanager
def settled_together() -> Iterator[None]:
    """Settles the charges acted on inside once, at the end: for entries in bulk.

    An act that moves stage, regime or access stands outside, and so does whatever reads what it left.
    """
    token = _waiting.set({})
    try:
        yield
        waiting = _waiting.get() or {}
    finally:
        _waiting.reset(token)
    for viewer, charge in waiting.values():
        settle(viewer, charge)


def settle(viewer: Viewer, charge: Charge) -> None:
    """After any act on a charge or its parts: totals, completeness, course, and who sees it, in the same transaction."""
    if (waiting := _waiting.get()) is not None:
        waiting[charge.id] = (viewer, charge)
        return
    parts = _parts(charge.id)
    charge.victims_total = max(number(charge.victims_declared), len(parts.victims))
    charge.minors_total = max(number(charge.minors_declared), sum(map(is_minor, parts.victims)))
    charge.accused_total = max(number(charge.accused_declared), len([one for one in parts.accused if one.identified]))
    charge.completeness = _completeness(charge, parts).percent
    course.rederive(charge)
    charge.updated_at, charge.updated_by_id = viewer.at, viewer.user_id
    db.session.flush()
    charge_access.refresh(viewer, charge)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a charge, as rows: never leaves the services."""

    victims: Sequence[Victim]
    accused: Sequence[Accused]
    counts: int
    births_known: frozenset[int]


def _parts(charge_id: int) -> Parts:
    victims, accused, counts = victims_of(charge_id), accused_of(charge_id), len(counts_of(charge_id))
    births = db.session.scalars(select(Identity.victim_id).join(Victim, Identity.victim_id == Victim.id).where(
        Victim.charge_id == charge_id, Identity.birth_date.is_not(None)))
    return Parts(victims, accused, counts, frozenset(key for key in births if key is not None))


def _completeness(charge: Charge, parts: Parts) -> Completeness:
    def view(row: Any, name: str) -> Any:
        return lens.see(row, Clearance.CASE, only=_COMPLETENESS_FIELDS[name])
    return completeness(view(charge, "charge"), [view(one, "victim") for one in parts.victims],
                        [view(one, "accused") for one in parts.accused], counts=parts.counts, births_known=parts.births_known)


_COMPLETENESS_FIELDS = {
    name: frozenset(field.name for field in record(name).fields.values() if not field.encrypted) for name in ("charge", "victim", "accused")}


def amend(viewer: Viewer, number: str, entry: Entry) -> list[str]:
    """Writes what the entry changes of a charge and gives the labels of the fields changed.

    Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.amend", stands)
    _check_amendment(viewer, charge, stands, entry)
    former, facts_from = charge.carpeta_number, charge.facts_from
    changed = records.amend(viewer, charge, entry, "charge.amended")
    names = {field.name for field in changed}
    if "carpeta_number" in names:
        charge.carpeta_folded = _folded({"carpeta_number": charge.carpeta_number})
        if former and former != Unknown.NOT_KNOWN:
            charge.former_numbers = "; ".join(filter(None, [charge.former_numbers, former]))[:250]
    if "received_on" in names:
        _move_reception(viewer, charge, entry.values["received_on"])
    if "reported_offence" in names:
        charge.core_at_registration = _core({"reported_offence": charge.reported_offence})
    if "responsible" in names:
        _change_responsible(viewer, charge)
    if "purpose_known" in names:
        _put_purposes(charge)
    if "facts_from" in names:
        rederive_ages(charge, facts_from)
    if changed:
        settle(viewer, charge)
    return [field.label(viewer.language) for field in changed]


def _check_amendment(viewer: Viewer, charge: Charge, stands: Standing, entry: Entry) -> None:
    fields = record("charge").fields
    after = {name: getattr(lens.see(charge, Clearance.CASE, only=_COMPLETENESS_FIELDS["charge"]), name)
             for name in ("victims_declared", "minors_declared", "facts_from", "facts_to", "means", "acts")} | dict(entry.values)
    problems = required([fields[name] for name in entry.values], entry.values)
    problems += [problem for problem in check_charge(after) if problem.field in entry.values]
    offered = {key for key, _ in accounts.prosecutors(charge.office_id, viewer.at)}
    if "responsible" in entry.values and entry.values["responsible"] not in {*offered, charge.responsible_id}:
        problems.append(Problem("responsible", said("Elija a un fiscal en ejercicio del despacho")))
    if entry.values.get("responsible", charge.responsible_id) != charge.responsible_id and not stands.on_team:
        problems.append(Problem("responsible", said("Solo quien integra el equipo del caso puede cambiar al responsable")))
    if entry.values.get("office", charge.office_id) != charge.office_id:
        problems.append(Problem("office", said("La denuncia cambia de despacho solo por derivación")))
    if problems:
        raise Rejected(problems)


def _move_reception(viewer: Viewer, charge: Charge, received_on: object) -> None:
    """The act that opened the charge happened on the day of reception."""
    opening = db.session.scalar(
        select(Event).where(Event.charge_id == charge.id, Event.number == 1, Event.event_type == "NOT-REC")
    )
    if opening is not None:
        records.amend(viewer, opening, Entry("event", {"occurred_on": received_on}), "event.amended")


def _change_responsible(viewer: Viewer, charge: Charge) -> None:
    """The team follows the responsible prosecutor: the former one's function ends, the new one's begins."""
    for member in db.session.scalars(select(ChargeMember).where(
            ChargeMember.charge_id == charge.id, ChargeMember.part == "RESP", ChargeMember.until_on.is_(None))):
        member.part = "ADJ"
    held = db.session.scalar(select(ChargeMember).where(
        ChargeMember.charge_id == charge.id, ChargeMember.user_id == charge.responsible_id, ChargeMember.until_on.is_(None)))
    if held is not None:
        held.part = "RESP"
    else:
        db.session.add(ChargeMember(charge_id=charge.id, user_id=charge.responsible_id, part="RESP", from_on=viewer.today, version=1))
    db.session.flush()


def warnings(viewer: Viewer, number: str) -> list[Problem]:
    """What looks unusual and was kept as typed: the shape of the file number, or one that the office uses twice in a year."""
    charge, _ = scope.charge(viewer, number)
    unusual = carpeta_warning(charge.carpeta_number) if charge.carpeta_folded and charge.carpeta_number else None
    found = [unusual] if unusual is not None else []
    same = db.session.scalar(scope.charges_for(viewer, in_full=True).where(
        Charge.carpeta_folded == charge.carpeta_folded, Charge.office_id == charge.office_id, Charge.year == charge.year,
        Charge.id != charge.id).limit(1)) if charge.carpeta_folded else None
    if same is not None:
        found.append(Problem("carpeta_number", said("El despacho ya usa esa carpeta este año en %(number)s"), {"number": same.number}))
    return found


def likely_duplicates(viewer: Viewer, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(number, why) of charges in the viewer's sight that may be the same one: same carpeta; same place within a week."""
    found: dict[str, str] = {}
    if folded := _folded(values):
        for one in db.session.scalars(scope.charges_for(viewer, in_full=True).where(Charge.carpeta_folded == folded).limit(5)):
            found[one.number] = said("Misma carpeta fiscal")
    received, place = values.get("received_on"), values.get("notice_place")
    if isinstance(received, PartialDate) and received.day and isinstance(place, str):
        first, last = date.fromordinal(received.day.toordinal() - 7), date.fromordinal(received.day.toordinal() + 7)
        near = scope.charges_for(viewer, in_full=True).where(
            Charge.notice_place == place, Charge.__table__.c.received_on_earliest.between(first, last)).limit(5)
        for one in db.session.scalars(near):
            found.setdefault(one.number, said("Mismo lugar y fecha cercana"))
    return list(found.items())


@dataclass(frozen=True, slots=True)
class DueSoon:
    """An open deadline as a page names it. `on` is None while it waits for the calendar of working days."""

    rule: str
    on: date | None
    accused_id: int | None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One event or act of sharing on the timeline."""

    event_id: int
    event_type: str
    occurred_on: Any
    author: str
    reversed: bool


@dataclass(frozen=True, slots=True)
class Folder:
    """What every page of a charge shows around its own matter."""

    charge: ChargeView
    standing: Standing
    office: str
    responsible: str
    course: ChargeCourse | None
    counted: Mapping[str, int]
    completeness: Completeness | None
    deadline: DueSoon | None
    sealed: bool
    minors: int
    victims: int
    accused: int


def folder(viewer: Viewer, number: str, *, revealed: bool = False, act: str = "charge.read") -> Folder:
    """The charge with its frame: course, counts of its sections, completeness, next deadline. A reading, on the trail.

    Raises NotVisible.
    """
    charge, stands = scope.charge(viewer, number)
    clear = lens.clearance(stands, revealed=revealed)
    audit.note(viewer, act, audit.subject_of(charge))
    view = lens.see(charge, clear, team=stands.on_team)
    names = _names(charge)
    if stands.outline:
        return Folder(view, stands, names[0], names[1], None, {}, None, None, True, 0, 0, 0)
    parts = _parts(charge.id)
    return Folder(view, stands, names[0], names[1], _course_for(stands, charge), _counted(stands, charge.id, parts),
                  _completeness(charge, parts), _next_deadline(charge.id), stands.sealed,
                  charge.minors_total, charge.victims_total, charge.accused_total)


def _course_for(stands: Standing, charge: Charge) -> ChargeCourse:
    """The course as the viewer may read it: that somebody collaborates shows to the team only."""
    found = course.course_of(charge.id)
    return found if stands.on_team else replace(found, stage=outside_team("procedural_stage", found.stage))


def _names(charge: Charge) -> tuple[str, str]:
    office, responsible = db.session.execute(
        select(Office.name, User.full_name).select_from(Charge).join(Office, Charge.office_id == Office.id)
        .join(User, Charge.responsible_id == User.id).where(Charge.id == charge.id)).one()
    return office, responsible


def _counted(stands: Standing, charge_id: int, parts: Parts) -> dict[str, int]:
    """How many things each section of the folder holds, in one query for those not loaded; sealed ones for the team alone."""
    replaced = aliased(Attachment).replaces_id
    events, cases, documents = db.session.execute(select(
        select(func.count(Event.id)).where(Event.charge_id == charge_id, _open_to(stands)).scalar_subquery(),
        select(func.count(ChargeCourtCase.id)).where(
            ChargeCourtCase.charge_id == charge_id, ChargeCourtCase.unlinked_on.is_(None)).scalar_subquery(),
        select(func.count(Attachment.id)).where(
            Attachment.charge_id == charge_id, _open_to(stands, Attachment.confidentiality),
            Attachment.id.not_in(select(replaced).where(replaced.is_not(None)))).scalar_subquery())).one()
    return {"victims": len(parts.victims), "accused": len(parts.accused), "counts": parts.counts, "events": events,
            "court_cases": cases, "attachments": documents}


def _open_to(stands: Standing, column: Any = Event.confidentiality) -> ColumnElement[bool]:
    """The condition on acts or documents that leaves sealed ones to the case team."""
    return or_(literal(stands.on_team), column.is_(None), column.not_in(("SEL", "COL")))


def _next_deadline(charge_id: int) -> DueSoon | None:
    row = db.session.execute(
        select(Deadline.rule, Deadline.due_on, Deadline.accused_id).where(
            Deadline.charge_id == charge_id, Deadline.closed_on.is_(None))
        .order_by(Deadline.due_on.is_(None), Deadline.due_on, Deadline.id).limit(1)).one_or_none()
    return DueSoon(*row) if row else None


def timeline(viewer: Viewer, number: str, *, limit: int = 5) -> list[TimelineItem]:
    """The last events of a charge, newest first. Raises NotVisible."""
    charge, stands = scope.charge(viewer, number)
    if stands.outline:
        return []
    rows = db.session.execute(
        select(Event.id, Event.event_type, Event.occurred_on, Event.reversed_by_id, User.full_name)
        .outerjoin(User, Event.created_by_id == User.id).where(Event.charge_id == charge.id, _open_to(stands))
        .order_by(Event.__table__.c.occurred_on_earliest.is_(None), Event.__table__.c.occurred_on_earliest.desc(), Event.id.desc())
        .limit(limit))
    return [TimelineItem(key, kind, occurred_on, author or "", reversed_by is not None)
            for key, kind, occurred_on, reversed_by, author in rows]


def complete(viewer: Viewer, number: str, *, version: int) -> None:
    """Declares the record complete (the record, not the investigation). Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.complete", stands)
    state = _completeness(charge, _parts(charge.id))
    if not state.complete:
        raise Rejected(Problem("", said("Faltan datos para completar el registro: vea la lista")))
    charge.completed_at = viewer.at
    records.touch(viewer, charge)
    audit.note(viewer, "charge.completed", audit.subject_of(charge), detail={"version": charge.version, "from_version": version})
    settle(viewer, charge)


def seal(viewer: Viewer, number: str, *, confidentiality: str, reason: str, version: int) -> None:
    """Changes who may see the charge: reserved (RES), sealed to the team (SEL), effective collaboration (COL).

    Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.seal", stands)
    if confidentiality not in ("RES", "SEL", "COL"):
        raise Rejected(Problem("confidentiality", said("Elija una opción de la lista")))
    if not reason.strip() or len(reason) > REASON_LENGTH:
        raise Rejected(Problem("sealed_reason", said("Escriba el motivo, en no más de 1000 caracteres")))
    if viewer.user_id not in {key for key, _, _ in team_of(charge.id, viewer)}:
        raise Rejected(Problem("", said("Solo quien integra el equipo del caso puede sellarlo: agréguese primero")))
    records.amend(viewer, charge, Entry("charge", {"confidentiality": confidentiality, "sealed_reason": reason.strip()}, version),
                  "charge.sealed" if confidentiality != "RES" else "charge.unsealed")
    settle(viewer, charge)


def team_of(charge_id: int, viewer: Viewer) -> list[tuple[int, str, str]]:
    """(user, full name, code of `case_team_role`) of the case team today."""
    rows = db.session.execute(
        select(ChargeMember.user_id, User.full_name, ChargeMember.part).join(User, ChargeMember.user_id == User.id)
        .where(ChargeMember.charge_id == charge_id, ChargeMember.from_on <= viewer.today,
               ChargeMember.until_on.is_(None) | (ChargeMember.until_on >= viewer.today)).order_by(User.full_name))
    return [(key, name, part) for key, name, part in rows]


def team(viewer: Viewer, number: str) -> list[tuple[int, str, str]]:
    """The case team of a charge that the viewer sees. Raises NotVisible."""
    charge, _ = scope.charge(viewer, number)
    return team_of(charge.id, viewer)


def add_member(viewer: Viewer, number: str, *, user_id: int, part: str) -> None:
    """Puts a user of the office on the case team. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.team", stands)
    if part not in codelist("case_team_role") or part == "RESP":
        raise Rejected(Problem("part", said("Elija una opción de la lista")))
    if user_id not in {key for key, _ in accounts.office_members(charge.office_id, viewer.at)}:
        raise Rejected(Problem("user", said("Elija a una persona del despacho")))
    if user_id in {key for key, _, _ in team_of(charge.id, viewer)}:
        raise Rejected(Problem("user", said("Esa persona ya integra el equipo")))
    member = ChargeMember(charge_id=charge.id, user_id=user_id)
    records.create(viewer, member, {"part": part, "from_on": viewer.today}, "team.joined", detail={"user": user_id})
    settle(viewer, charge)


def remove_member(viewer: Viewer, number: str, *, user_id: int) -> None:
    """Ends a membership today; the responsible prosecutor leaves only by naming another. Raises as `add_member`."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.team", stands)
    if user_id == charge.responsible_id:
        raise Rejected(Problem("user", said("El fiscal responsable integra siempre el equipo: cambie primero al responsable")))
    member = db.session.scalar(select(ChargeMember).where(
        ChargeMember.charge_id == charge.id, ChargeMember.user_id == user_id, ChargeMember.until_on.is_(None)))
    if member is None:
        raise Rejected(Problem("user", said("Esa persona no integra el equipo")))
    member.until_on = date.fromordinal(viewer.today.toordinal() - 1)
    records.touch(viewer, member)
    audit.note(viewer, "team.left", audit.subject_of(member), detail={"user": user_id})
    settle(viewer, charge)

