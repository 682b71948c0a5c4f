"""Charges: opened, read, amended, completed, sealed; their team. Reached by number, through the scope."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select, update

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.codebook.offences import is_core
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import Charge, ChargePurpose, NumberSequence
from sistra.models.events import Event
from sistra.rules.charge_checks import check_charge
from sistra.rules.confidentiality import LEVELS, TEAM_ONLY, lowers
from sistra.rules.entries import Entry, required
from sistra.rules.masking import Clearance
from sistra.rules.numbering import carpeta_warning, charge_number, folded_number
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import accounts, audit, charge_access, records
from sistra.services.charge_folder import DueSoon, Folder, TimelineItem, folder, timeline
from sistra.services.charge_settling import NO_PARTS, PLAIN_FIELDS, completeness_of, held_parts, settle, settled_together, sum_up
from sistra.services.charge_team import add_member, candidates, first_members, remove_member, team, team_of
from sistra.services.course import rederive
from sistra.services.parts import rederive_ages

__all__ = [
    "OPENING", "DueSoon", "Folder", "TimelineItem", "add_member", "amend", "candidates", "complete", "folder",
    "likely_duplicates", "open_charge", "opening_values", "remove_member", "seal", "settle", "settled_together", "standing",
    "team", "team_of", "timeline", "warnings",
]

REASON_LENGTH = 1000


OPENING = "denuncia"
"""The dictionary section whose twelve fields open a charge."""


def standing(viewer: Viewer, number: str) -> Standing:
    """How the viewer stands to the charge of that number. Raises NotVisible."""
    return scope.charge(viewer, number)[1]


def opening_values(viewer: Viewer) -> dict[str, Any]:
    """What the form of a new charge starts from: today, the own office, and oneself where one is a prosecutor."""
    responsible = _likely_responsible(viewer, accounts.prosecutors(viewer.office_id, viewer.at))
    return {"received_on": PartialDate.of_day(viewer.today), "office": viewer.office_id, "responsible": responsible}


def _likely_responsible(viewer: Viewer, offered: Sequence[tuple[int, str]]) -> int | None:
    if any(key == viewer.user_id for key, _ in offered):
        return viewer.user_id
    return offered[0][0] if len(offered) == 1 else None


def open_charge(viewer: Viewer, entry: Entry) -> str:
    """Opens a charge in the viewer's office and gives its number. Raises Forbidden, Rejected."""
    require(viewer, "charge.open")
    office, offered = accounts.office_and_prosecutors(viewer.office_id, viewer.at)
    values = dict(entry.values)
    values["office"] = values.get("office") or viewer.office_id
    values["responsible"] = values.get("responsible") or _likely_responsible(viewer, offered)
    fields = record("charge").of_section(OPENING)
    problems = required(fields, {field.name: values.get(field.name) for field in fields}) + check_charge(values)
    problems += _office_problems(viewer, values, offered)
    if problems:
        raise Rejected(problems)
    charge = Charge(number="", year=_year(viewer, values), status="TRA", stage="10-NOT", procedure_code="ncpp", regime="ordinary",
                    fiscal_district=viewer.fiscal_district or "", completeness=0, confidentiality="RES",
                    core_at_registration=_core(values), carpeta_folded=_folded(values))
    charge.number = _next_number(charge.year, charge.fiscal_district)
    records.create(viewer, charge, values, "charge.opened", detail={"number": charge.number},
                   first=lambda: sum_up(charge, NO_PARTS))
    first_members(viewer, charge)
    _put_purposes(charge, {})
    opening = Event(charge_id=charge.id, number=1)
    records.create(viewer, opening, {"event_type": "NOT-REC", "occurred_on": values["received_on"]}, "event.recorded",
                   first=lambda: rederive(charge, (), (), opening))
    charge_access.open_to(viewer, charge, office)
    return charge.number


def _office_problems(viewer: Viewer, values: Mapping[str, Any], offered: Sequence[tuple[int, str]]) -> list[Problem]:
    problems = []
    if values["office"] != viewer.office_id:
        problems.append(Problem("office", said("Una denuncia se abre en el propio despacho")))
    if values["responsible"] is None:
        problems.append(Problem("responsible", said("Elija al fiscal responsable")))
    elif values["responsible"] not in {key for key, _ in offered}:
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
    last = db.session.execute(
        update(NumberSequence).where(NumberSequence.year == year, NumberSequence.fiscal_district == fiscal_district)
        .values(last=NumberSequence.last + 1).returning(NumberSequence.last),
        execution_options={"synchronize_session": False}).scalar_one_or_none()
    if last is None:
        last = 1
        db.session.add(NumberSequence(year=year, fiscal_district=fiscal_district, last=last))
        db.session.flush()
    return charge_number(year, fiscal_district, last)


def _purposes_of(charge: Charge) -> dict[str, ChargePurpose]:
    return {row.code: row for row in db.session.scalars(select(ChargePurpose).where(ChargePurpose.charge_id == charge.id))}


def _put_purposes(charge: Charge, held: Mapping[str, ChargePurpose]) -> None:
    wanted = set(charge.purpose_known or ())
    for code in wanted - held.keys():
        db.session.add(ChargePurpose(charge_id=charge.id, code=code))
    for code in held.keys() - wanted:
        db.session.delete(held[code])
    db.session.flush()


def amend(viewer: Viewer, number: str, entry: Entry) -> list[str]:
    """Writes what the entry changes of a charge and gives the labels of the fields changed.

    Office and responsible stay: a charge is referred, or reassigned, by an act (`hand_over`).
    Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.amend", stands)
    _check_amendment(charge, entry)
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
    if "purpose_known" in names:
        _put_purposes(charge, _purposes_of(charge))
    if "facts_from" in names:
        rederive_ages(charge, facts_from)
    if changed:
        settle(viewer, charge)
    return [field.label(viewer.language) for field in changed]


def _check_amendment(charge: Charge, entry: Entry) -> None:
    fields = record("charge").fields
    after = {name: getattr(lens.see(charge, Clearance.CASE, only=PLAIN_FIELDS["charge"]), name)
             for name in ("victims_declared", "minors_declared", "facts_from", "facts_to", "means", "acts")} | dict(entry.values)
    problems = required([fields[name] for name in entry.values], entry.values)
    problems += [problem for problem in check_charge(after) if problem.field in entry.values]
    if entry.values.get("responsible", charge.responsible_id) != charge.responsible_id:
        problems.append(Problem("responsible", said("El fiscal responsable cambia solo por reasignación, con su motivo")))
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


def warnings(viewer: Viewer, number: str) -> list[Problem]:
    """What looks unusual and was kept as typed: the shape of the file number, or one that the office uses twice in a year.

    Its parameter `number` is the other charge. One that the viewer does not see is told without it, a sealed one not at all.
    """
    charge, _ = scope.charge(viewer, number)
    unusual = carpeta_warning(charge.carpeta_number) if charge.carpeta_folded and charge.carpeta_number else None
    found = [unusual] if unusual is not None else []
    return [*found, *_used_twice(viewer, charge)]


def _used_twice(viewer: Viewer, charge: Charge) -> list[Problem]:
    if not charge.carpeta_folded:
        return []
    seen = scope.sees(viewer, in_full=True)
    same = db.session.execute(
        select(Charge.number, seen.label("seen"))
        .where(Charge.carpeta_folded == charge.carpeta_folded, Charge.office_id == charge.office_id, Charge.year == charge.year,
               Charge.id != charge.id, or_(seen, Charge.confidentiality.not_in(TEAM_ONLY)))
        .order_by(seen.desc(), Charge.number).limit(1)).first()
    if same is None:
        return []
    if not same.seen:
        return [Problem("carpeta_number", said("El despacho ya usa esa carpeta fiscal este año en otra denuncia"))]
    twice = said("El despacho ya usa esa carpeta fiscal este año en la denuncia %(number)s")
    return [Problem("carpeta_number", twice, {"number": same.number})]


def likely_duplicates(viewer: Viewer, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(number, why) of charges in the viewer's sight that may be the same one: same carpeta; same place within a week.

    A reading of each charge that is named, on its trail.
    """
    found: dict[Charge, str] = {}
    if folded := _folded(values):
        for one in db.session.scalars(scope.charges_for(viewer, in_full=True).where(Charge.carpeta_folded == folded).limit(5)):
            found[one] = said("Misma carpeta fiscal")
    received, place = values.get("received_on"), values.get("notice_place")
    if isinstance(received, PartialDate) and received.day and isinstance(place, str):
        first, last = date.fromordinal(received.day.toordinal() - 7), date.fromordinal(received.day.toordinal() + 7)
        near = scope.charges_for(viewer, in_full=True).where(
            Charge.notice_place == place, Charge.__table__.c.received_on_earliest.between(first, last)).limit(5)
        for one in db.session.scalars(near):
            found.setdefault(one, said("Mismo lugar y fecha cercana"))
    for one in found:
        audit.note(viewer, "charge.compared", audit.subject_of(one))
    return [(one.number, why) for one, why in found.items()]


def complete(viewer: Viewer, number: str, *, version: int) -> None:
    """Declares the record complete (the record, not the investigation). Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.complete", stands)
    state = completeness_of(charge, held_parts(charge.id))
    if not state.complete:
        raise Rejected(Problem("", said("Faltan datos para completar el registro: vea la lista")))
    charge.completed_at = viewer.at
    records.touch(viewer, charge)
    audit.note(viewer, "charge.completed", audit.subject_of(charge), detail={"version": charge.version, "from_version": version})
    settle(viewer, charge)


def seal(viewer: Viewer, number: str, *, confidentiality: str, reason: str, version: int) -> None:
    """Closes the charge further: reserved (RES), sealed to the team (SEL), effective collaboration (COL).

    Opening it to more people takes a second person (`unsealing`). Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.seal", stands)
    if confidentiality not in LEVELS:
        raise Rejected(Problem("confidentiality", said("Elija una opción de la lista")))
    if lowers(charge.confidentiality, confidentiality):
        raise Rejected(Problem("", said("Levantar el sello se pide, y lo aprueba otra persona: vea «Reserva y sellado»")))
    if not reason.strip() or len(reason) > REASON_LENGTH:
        raise Rejected(Problem("sealed_reason", said("Escriba el motivo, en no más de 1000 caracteres")))
    if viewer.user_id not in {key for key, _, _ in team_of(charge.id, viewer)}:
        raise Rejected(Problem("", said("Solo quien integra el equipo del caso puede sellarlo: agréguese primero")))
    records.amend(viewer, charge, Entry("charge", {"confidentiality": confidentiality, "sealed_reason": reason.strip()}, version),
                  "charge.sealed" if confidentiality != "RES" else "charge.amended")
    settle(viewer, charge)
