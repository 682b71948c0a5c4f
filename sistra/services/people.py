"""Victims and accused as parts of a charge. Their names stand in `identities`, their lists in `victim_lists`."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, exists, or_, select

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.access.views import AccusedView, ExploitationView, RecruitmentView, VictimAccusedRelationView, VictimView
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.attachments import Attachment, attachment_accused_link, attachment_victims_link
from sistra.models.charges import Charge, route_leg_victims_link
from sistra.models.counts import Count, CountVictim
from sistra.models.court_cases import charge_court_case_accused_link
from sistra.models.events import Deadline, event_accused_link, event_victims_link
from sistra.models.measures import Measure
from sistra.models.people import Accused, Victim, VictimAccusedRelation
from sistra.models.services import Service
from sistra.rules.entries import Entry
from sistra.rules.person_checks import check_accused, check_victim
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit, charges, parts, records, victim_lists
from sistra.services.course import ENTERED_STATUSES
from sistra.services.folder_rows import known_of
from sistra.services.parts import Part, Saved

SHARED = ("citizenships", "primary_language", "residence_before", "relation_to_accused", "main_purpose", "condition",
          "condition_on", "control_methods")
"""What victims of one charge often have in common and the form of the next one starts from. Never an identity."""


@dataclass(frozen=True, slots=True)
class PartFile:
    """Everything of one part, as this viewer may see it. `identity_version` is None where no identity was entered."""

    part: VictimView | AccusedView
    minor: bool
    identity_version: int | None
    identity_blank: bool
    recruitments: Sequence[RecruitmentView] = ()
    exploitations: Sequence[ExploitationView] = ()
    relations: Sequence[VictimAccusedRelationView] = ()


def victims(viewer: Viewer, number: str) -> list[VictimView]:
    """The victims of a charge by code. Raises NotVisible, Forbidden."""
    charge, stands = parts.in_charge(viewer, number, "victims.read")
    return parts.seen(parts.of_charge(charge.id, Victim), stands)


def accused(viewer: Viewer, number: str) -> list[AccusedView]:
    """The accused of a charge by code. Raises NotVisible, Forbidden."""
    charge, stands = parts.in_charge(viewer, number, "accused.read")
    return parts.seen(parts.of_charge(charge.id, Accused), stands)


def named(viewer: Viewer, number: str) -> frozenset[str]:
    """The codes of the parts of which some identity was entered. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    shown = [model for model, section in ((Victim, "AGR"), (Accused, "IMP")) if stands.reads(section)]
    return frozenset(one.part.code for model in shown for one in known_of(model, charge.id) if one.named)


def read(viewer: Viewer, number: str, code: str) -> PartFile:
    """One part with its lists. A reading, on the trail. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "victims.read" if code.startswith("A") else "accused.read", stands)
    part = parts.find(charge, code)
    audit.note(viewer, f"{part.__tablename__}.read", audit.subject_of(part))
    identity = parts.identity_of(part)
    lists = {name: parts.seen(victim_lists.rows(part, name), stands) for name in victim_lists.ROWS
             if name != "victim_accused_relation" or (stands.reads("AGR") and stands.reads("IMP"))}
    return PartFile(
        parts.seen([part], stands)[0], parts.minor(part), identity.version if identity else None, identity is None,
        lists.get("recruitment", ()), lists.get("exploitation", ()), lists.get("victim_accused_relation", ()))


# -- victims and accused ----------------------------------------------------------------------------------------------


def add_victim(viewer: Viewer, number: str, entry: Entry, *, like: str | None = None) -> str:
    """Adds a victim and gives its code. Raises NotVisible, Forbidden, Rejected.

    `like` names a victim of the charge whose recruitments and exploitations are copied, without identities.
    """
    charge, _ = parts.in_charge(viewer, number, "person.amend")
    values = {"status": "PRE"} | parts.ready(entry, {})[0]
    parts.refuse(entry, values)
    parts.fresh(check_victim(values), ())
    victim = Victim(charge_id=charge.id, code=parts.next_code(charge, "A"))
    records.create(viewer, victim, values, "victim.added", detail={"code": victim.code})
    if like:
        victim_lists.copy(viewer, parts.find(charge, like), victim)
    victim_lists.settle(viewer, charge, victim)
    return victim.code


def add_accused(viewer: Viewer, number: str, entry: Entry) -> str:
    """Adds an accused, identified or not, and gives its code. Raises NotVisible, Forbidden, Rejected."""
    charge, _ = parts.in_charge(viewer, number, "person.amend")
    values = parts.ready(entry, {})[0]
    if values.get("identified") is True and not values.get("kind"):
        values["kind"] = "NAT"
    if values.get("identified") is False and not values.get("status"):
        values["status"] = "LQR"
    parts.refuse(entry, {"identified": None} | values)
    parts.fresh([*check_accused(values), *_status_problems(None, values)], ())
    one = Accused(charge_id=charge.id, code=parts.next_code(charge, "I"))
    records.create(viewer, one, values, "accused.added", detail={"code": one.code})
    charges.settle(viewer, charge)
    return one.code


def amend_victim(viewer: Viewer, number: str, code: str, entry: Entry) -> Saved:
    """Writes what the entry changes of a victim. Raises NotVisible, Forbidden, Rejected, Conflict."""
    return _amend(viewer, number, code, entry, "A")


def amend_accused(viewer: Viewer, number: str, code: str, entry: Entry) -> Saved:
    """Writes what the entry changes of an accused. Raises as `amend_victim`."""
    return _amend(viewer, number, code, entry, "I")


def _amend(viewer: Viewer, number: str, code: str, entry: Entry, letter: str) -> Saved:
    charge, _ = parts.in_charge(viewer, number, "person.amend")
    part = parts.find(charge, code)
    if not code.startswith(letter):
        raise NotVisible
    before = parts.recorded(part)
    values, lost = parts.ready(entry, before)
    if isinstance(part, Accused):
        values = _entered_status(before, values)
    parts.refuse(entry, values)
    _check_part(charge, part, before, values)
    changed = records.amend(viewer, part, Entry(entry.record, values, entry.version), f"{part.__tablename__}.amended")
    if changed:
        parts.rederive_age(part, charge)
        if isinstance(part, Victim):
            victim_lists.settle(viewer, charge, part)
        else:
            charges.settle(viewer, charge)
    return parts.saved(viewer, part, changed, lost)


def _entered_status(before: Mapping[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """The form offers RCO and LQR: a blank leaves a derived status, and who becomes identified is no longer LQR."""
    if "status" in values and values["status"] is None and before["status"] not in ENTERED_STATUSES:
        values = {name: value for name, value in values.items() if name != "status"}
    if values.get("identified") is True and before["status"] == "LQR" and values.get("status", "LQR") == "LQR":
        values = {**values, "status": None}
    if values.get("identified") is True and not values.get("kind") and not before["kind"]:
        values = {**values, "kind": "NAT"}
    return values


def _status_problems(current: Any, values: Mapping[str, Any]) -> list[Problem]:
    status = values.get("status")
    if status in (None, current, Unknown.NOT_KNOWN) or status in ENTERED_STATUSES:
        return []
    return [Problem("status", said(
        "La situación jurídica resulta de las actuaciones: aquí solo se registra a ausentes y no identificados"))]


def _check_part(charge: Charge, part: Part, before: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Raises Rejected for problems that the record did not have before, those with a recorded birth date included."""
    dates = {"facts_from": charge.facts_from}
    if values.keys() & {"age_at_facts", "age_group"}:
        dates["birth_date"] = parts.birth_date(part)
    after = {**before, **values}
    if isinstance(part, Victim):
        codes = {"purposes": [row.purpose for row in victim_lists.rows(part, "exploitation")],
                 "relations": [row.relation for row in victim_lists.rows(part, "victim_accused_relation")]}
        parts.fresh(check_victim(after | dates, **codes), check_victim({**before, **dates}, **codes))
    else:
        parts.fresh([*check_accused(after | dates), *_status_problems(before["status"], values)],
                    check_accused({**before, **dates}))


# -- copying and taking back ------------------------------------------------------------------------------------------


def common_values(viewer: Viewer, number: str, code: str) -> dict[str, Any]:
    """The answers of a victim that the form of the next one starts from ("Copiar datos comunes").

    Raises NotVisible, Forbidden.
    """
    charge, stands = parts.in_charge(viewer, number, "charge.read_in_full")
    part = parts.find(charge, code)
    if not isinstance(part, Victim):
        raise NotVisible
    view = lens.see(part, lens.clearance(stands), only=frozenset(SHARED))
    shared = {name: getattr(view, name) for name in SHARED if not lens.blank(view, name)}
    return {name: value for name, value in shared.items() if value != "MIX"}


def withdraw(viewer: Viewer, number: str, code: str, *, reason: str) -> None:
    """Takes back a part that was entered by mistake. It disappears from lists and figures; the trail keeps all of it.

    Only a part that no count, event, measure, service, deadline, court case, document or leg of the route names may go.
    Raises NotVisible, Forbidden, Rejected.
    """
    charge, _ = parts.in_charge(viewer, number, "person.amend")
    part = parts.find(charge, code)
    if db.session.scalar(select(or_(*_dependents(part)))):
        raise Rejected(Problem("", said(
            "Hay imputaciones, actuaciones, medidas, atenciones o documentos que nombran a %(code)s: no se puede retirar"),
            {"code": code}))
    parts.take_back(viewer, part, f"{part.__tablename__}.withdrawn", reason, code)
    charges.settle(viewer, charge)


def _dependents(part: Part) -> list[ColumnElement[bool]]:
    links: tuple[Table, ...]
    own: tuple[Any, ...]
    if isinstance(part, Victim):
        links, column, documents = (event_victims_link, route_leg_victims_link), "victim_id", attachment_victims_link
        own = CountVictim.victim_id, Measure.victim_id
    else:
        links, column, documents = (event_accused_link, charge_court_case_accused_link), "accused_id", attachment_accused_link
        own = Count.accused_id, Measure.accused_id, Deadline.accused_id
    found: list[ColumnElement[bool]] = [exists().where(table.c[column] == part.id) for table in links]
    found += [exists().where(field == part.id) for field in own]
    found.append(exists().where(
        documents.c[column] == part.id, documents.c.attachment_id == Attachment.id, Attachment.withdrawn_at.is_(None)))
    if isinstance(part, Victim):
        found.append(exists().where(Service.victim_id == part.id, Service.withdrawn_at.is_(None)))
    else:
        found.append(exists().where(
            VictimAccusedRelation.accused_id == part.id, VictimAccusedRelation.withdrawn_at.is_(None)))
    return found
