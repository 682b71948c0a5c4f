"""The case team of a charge: who is on it today, who joins and leaves, the responsible prosecutor among them."""
from __future__ import annotations

from datetime import date

from sqlalchemy import select

from sistra.access import scope
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import User
from sistra.models.charges import Charge, ChargeMember
from sistra.rules.entries import Entry
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import accounts, audit, records
from sistra.services.charge_settling import settle


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


SUPPORT = "UDA"
"""The function of those who assist victims: the only one that somebody of another office has on a team."""


def candidates(viewer: Viewer, number: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """(key, full name) of who may be put on the team: people of the office, and of the unit that assists victims.

    Raises NotVisible.
    """
    charge, _ = scope.charge(viewer, number)
    own = accounts.office_members(charge.office_id, viewer.at)
    known = {key for key, _ in own}
    return own, [(key, name) for key, name in accounts.victim_supporters(charge.id, viewer.at) if key not in known]


def add_member(viewer: Viewer, number: str, *, user_id: int, part: str) -> None:
    """Puts a user of the office on the case team, or somebody who assists victims and to whom these are shared.

    Such a person reveals minors among the victims while a complete grant is in force and the charge is not sealed; nothing
    else of the team reaches them. Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.team", stands)
    if part not in codelist("case_team_role") or part == "RESP":
        raise Rejected(Problem("part", said("Elija una opción de la lista")))
    own, supporters = ({key for key, _ in one} for one in candidates(viewer, number))
    if user_id not in own | supporters:
        problem = said("Elija a una persona del despacho, o de UDAVIT con quien se comparten las agraviadas")
        raise Rejected(Problem("user", problem))
    if user_id in supporters and part != SUPPORT:
        raise Rejected(Problem("part", said("Quien es de UDAVIT integra el equipo solo con esa función")))
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


def first_members(viewer: Viewer, charge: Charge) -> None:
    """The team of a charge just opened: the responsible prosecutor, and who opened it."""
    parts = {charge.responsible_id: "RESP"}
    if viewer.user_id not in parts:
        parts[viewer.user_id] = "ASI" if viewer.has(Role.ASSISTANT) else "ADJ"
    for user_id, part in parts.items():
        db.session.add(ChargeMember(charge_id=charge.id, user_id=user_id, part=part, from_on=viewer.today, version=1))
    db.session.flush()


def put_responsible(viewer: Viewer, charge: Charge, user_id: int) -> None:
    """Makes somebody responsible for the charge, and the team follow: what the act REA-RES does, and nothing else leads here."""
    records.amend(viewer, charge, Entry("charge", {"responsible": user_id}), "charge.reassigned")
    follow_responsible(viewer, charge)


def follow_responsible(viewer: Viewer, charge: Charge) -> None:
    """The team follows the responsible prosecutor: the former one's function ends, the new one's begins."""
    for member in db.session.scalars(select(ChargeMember).where(
            ChargeMember.charge_id == charge.id, ChargeMember.part == "RESP", ChargeMember.until_on.is_(None))):
        member.part = "ADJ"
    held = db.session.scalar(select(ChargeMember).where(
        ChargeMember.charge_id == charge.id, ChargeMember.user_id == charge.responsible_id, ChargeMember.until_on.is_(None)))
    if held is not None:
        held.part = "RESP"
    else:
        db.session.add(ChargeMember(
            charge_id=charge.id, user_id=charge.responsible_id, part="RESP", from_on=viewer.today, version=1))
    db.session.flush()
