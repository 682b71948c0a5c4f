"""Links between court cases and charges: many to many, with all or some of the accused; ended, never deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from sistra.access import scope
from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.charges import Charge
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.people import Accused
from sistra.rules.entries import Entry
from sistra.rules.numbering import normalise_charge_number
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import case_sight, court_course, records
from sistra.services.case_sight import Sight


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link to a charge in sight. `accused` are the codes that the case holds; `all_accused` whether it holds them all."""

    id: int
    number: str
    reason: str
    accused: tuple[str, ...]
    all_accused: bool
    victims: tuple[str, ...]
    status: str
    stage: str | None
    office: str
    linked_on: date | None
    unlinked_on: date | None
    may_unlink: bool


def link(viewer: Viewer, key: int, *, number: str, reason: str, accused: Sequence[int] = ()) -> None:
    """Links a charge of the own office, with all of its accused or some. Raises NotVisible, Forbidden, Rejected."""
    sight = case_sight.to_write(viewer, key)
    number = normalise_charge_number(number) or number
    try:
        charge, stands = scope.charge(viewer, number)
    except NotVisible:
        raise Rejected(Problem("number", said("No hay una denuncia con ese número a su alcance"))) from None
    require(viewer, "event.record", stands)
    if any(one.charge_id == charge.id for one in sight.current):
        raise Rejected(Problem("number", said("Esa denuncia ya está vinculada al expediente")))
    if reason not in codelist("court_case_link"):
        raise Rejected(Problem("link", said("Elija una opción de la lista")))
    attach(viewer, sight.case, charge, reason, accused)
    settle(viewer, sight.case)


def attach(viewer: Viewer, case: CourtCase, charge: Charge, reason: str, accused: Sequence[int]) -> ChargeCourtCase:
    """Writes a link; naming all of the accused is naming none. Raises Rejected."""
    offered = list(db.session.scalars(select(Accused).where(Accused.charge_id == charge.id, Accused.withdrawn_at.is_(None))))
    if not set(accused) <= {one.id for one in offered}:
        raise Rejected(Problem("accused", said("Elija una opción de la lista")))
    row = ChargeCourtCase(charge_id=charge.id, court_case_id=case.id)
    named = tuple(sorted(set(accused))) if len(set(accused)) < len(offered) else ()
    return records.create(
        viewer,
        row,
        {"link": reason, "linked_on": viewer.today, "accused": named},
        "court_case.linked",
        links={"accused": offered},
    )


def change_link(viewer: Viewer, key: int, link_id: int, *, accused: Sequence[int]) -> None:
    """Says anew which accused of a linked charge the case holds; none named: all. Raises NotVisible, Forbidden, Rejected."""
    sight, row = _linked(viewer, key, link_id)
    offered = list(db.session.scalars(select(Accused).where(Accused.charge_id == row.charge_id, Accused.withdrawn_at.is_(None))))
    if not set(accused) <= {one.id for one in offered}:
        raise Rejected(Problem("accused", said("Elija una opción de la lista")))
    named = tuple(sorted(set(accused))) if len(set(accused)) < len(offered) else ()
    records.amend(
        viewer, row, Entry("charge_court_case", {"accused": named}), "court_case.link_amended", links={"accused": offered}
    )
    settle(viewer, sight.case)


def unlink(viewer: Viewer, key: int, link_id: int, *, reason: str) -> None:
    """Ends a link today. The row, and what the case decided on that charge, stay. Raises NotVisible, Forbidden, Rejected."""
    sight, row = _linked(viewer, key, link_id)
    if not reason.strip():
        raise Rejected(Problem("reason", said("Escriba el motivo")))
    records.amend(
        viewer, row, Entry("charge_court_case", {"unlinked_on": viewer.today}), "court_case.unlinked", reason=reason.strip()
    )
    settle(viewer, sight.case)


def _linked(viewer: Viewer, key: int, link_id: int) -> tuple[Sight, ChargeCourtCase]:
    """A standing link to a charge in sight that the viewer may work on."""
    sight = case_sight.to_write(viewer, key)
    row = next((one for one in sight.current if one.id == link_id and one.charge_id in sight.in_sight), None)
    if row is None:
        raise NotVisible
    require(viewer, "event.record", sight.standings[row.charge_id])
    return sight, row


def settle(viewer: Viewer, case: CourtCase) -> None:
    """After the links of a case changed: everything that follows from its acts, in every charge ever linked."""
    db.session.flush()
    db.session.expire(case)
    court_course.settle(viewer, case_sight.of(viewer, case))


def links(viewer: Viewer, key: int) -> list[LinkLine]:
    """The charges linked to the case that the viewer sees, former ones last. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    shown = [row for row in sight.links if row.charge_id in sight.in_sight]
    offices = {
        one.id: one.name
        for one in db.session.scalars(
            select(Office).where(Office.id.in_({sight.charges[row.charge_id].office_id for row in shown}))
        )
    }
    return [
        link_line(viewer, sight, row, offices) for row in sorted(shown, key=lambda row: (row.unlinked_on is not None, row.id))
    ]


def link_line(viewer: Viewer, sight: Sight, row: ChargeCourtCase, offices: Mapping[int, str]) -> LinkLine:
    """A link as a page shows it; `offices` are names by key."""
    charge = sight.charges[row.charge_id]
    own = [one for one in sight.accused.values() if one.charge_id == charge.id]
    held = row.accused or own
    standing = sight.standings[charge.id]
    workable = standing.own_office and not standing.joined and not standing.referred
    return LinkLine(
        row.id,
        charge.number,
        row.link,
        tuple(one.code for one in sorted(held, key=lambda one: one.id)),
        not row.accused,
        tuple(one.code for one in sight.victims.values() if one.charge_id == charge.id),
        charge.status,
        sight.stage_told(charge.id, charge.stage),
        offices.get(charge.office_id, ""),
        row.linked_on,
        row.unlinked_on,
        row.unlinked_on is None and workable and case_sight.may_write(viewer, sight),
    )


def link_choices(viewer: Viewer, key: int, link_id: int) -> tuple[LinkLine, list[tuple[int, str]], set[int]]:
    """A standing link, the accused of its charge to choose from, and those it names. Raises NotVisible, Forbidden."""
    sight, row = _linked(viewer, key, link_id)
    offered = [
        (one.id, one.code) for one in sight.accused.values() if one.charge_id == row.charge_id and one.withdrawn_at is None
    ]
    offices = {sight.charges[row.charge_id].office_id: ""}
    return link_line(viewer, sight, row, offices), offered, {one.id for one in row.accused}


def accused_of_charge(viewer: Viewer, number: str) -> list[tuple[int, str]]:
    """The accused of a charge to choose from: (key, code). Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "event.record", stands)
    return [
        (one.id, one.code)
        for one in db.session.scalars(
            select(Accused).where(Accused.charge_id == charge.id, Accused.withdrawn_at.is_(None)).order_by(Accused.id)
        )
    ]
