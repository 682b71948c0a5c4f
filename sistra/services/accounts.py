"""Agencies, offices and users: who exists, who is invited, suspended, given roles. Nothing is deleted."""
from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, literal, or_, select, update

from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.codebook.roles import CASE_READERS, Role, may_stand_together
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Agency, Invitation, Office, RecoveryCode, SignInSession, User
from sistra.models.charges import Charge, ChargeAccess, ChargeMember
from sistra.rules.entries import required
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import access_ends, audit, charge_access, records

INVITATION_LASTS = timedelta(hours=48)
RESET_LASTS = timedelta(minutes=30)
STATES = ("invitadas", "suspendidas", "bloqueadas")
"""How users stand of whom an administrator should know: link not used yet, suspended, shut out after too many attempts."""
PROSECUTION = "FIS"
"""The kind of agency (`agency_type`) that the prosecution is."""


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as the administrator's list and page show it."""

    id: int
    username: str
    full_name: str
    email: str | None
    job_title: str | None
    office_id: int
    office: str
    agency: str
    roles: tuple[str, ...]
    suspended: bool
    last_signed_in_at: datetime | None
    second_factor: bool
    invited: bool
    version: int


def _row(user: User, office: Office, agency: Agency, at: datetime) -> UserRow:
    return UserRow(user.id, user.username, user.full_name, user.email, user.job_title, office.id, office.name, agency.name,
                   user.roles, suspended(user, at), user.last_signed_in_at, user.totp_secret is not None,
                   user.password_hash is None, user.version)


def suspended(user: User, at: datetime) -> bool:
    """Whether the user's validity has ended on the day of `at`."""
    return user.valid_to is not None and user.valid_to <= at.date()


def _stands(viewer: Viewer, state: str, shut_out: Iterable[int]) -> ColumnElement[bool]:
    ended = and_(User.valid_to.is_not(None), User.valid_to <= viewer.at.date())
    invited, shut = and_(User.password_hash.is_(None), ~ended), User.id.in_(set(shut_out))
    return dict(zip(STATES, (invited, ended, shut), strict=True))[state]


def counted(viewer: Viewer, *, state: str, shut_out: Iterable[int] = ()) -> int:
    """How many users stand so (one of `STATES`); `shut_out` are the keys that `signin.shut_out` gives. Raises Forbidden."""
    require(viewer, "accounts.manage")
    return db.session.scalar(select(func.count(User.id)).where(_stands(viewer, state, shut_out))) or 0


def users(viewer: Viewer, *, text: str = "", role: str = "", state: str = "", shut_out: Iterable[int] = (), after: str = "",
          before: str = "", limit: int = 50) -> list[UserRow]:
    """Users by user name: those after `after`, or the last ones before `before`. Raises Forbidden.

    `text` matches user name, name or office; `state` is one of `STATES`, with `shut_out` as in `counted`.
    """
    require(viewer, "accounts.manage")
    query = (select(User, Office, Agency).join(Office, User.office_id == Office.id).join(Agency, Office.agency_id == Agency.id)
             .order_by(User.username.desc() if before else User.username).limit(limit))
    if text:
        query = query.where(or_(*(func.lower(column).contains(text.lower(), autoescape=True)
                                  for column in (User.username, User.full_name, Office.name))))
    if role:
        query = query.where(User.roles.like(f"%;{role};%"))
    if state:
        query = query.where(_stands(viewer, state, shut_out))
    if before:
        query = query.where(User.username < before)
    elif after:
        query = query.where(User.username > after)
    rows = [_row(*found, viewer.at) for found in db.session.execute(query)]
    return rows[::-1] if before else rows


def user(viewer: Viewer, username: str) -> UserRow:
    """One user. Raises Forbidden, NotVisible."""
    require(viewer, "accounts.manage")
    return _row(*_load(username), viewer.at)


def _load(username: str) -> tuple[User, Office, Agency]:
    found = db.session.execute(
        select(User, Office, Agency).join(Office, User.office_id == Office.id).join(Agency, Office.agency_id == Agency.id)
        .where(User.username == username)).one_or_none()
    if found is None:
        raise NotVisible
    return found[0], found[1], found[2]


def offices() -> list[Office]:
    """Every office in force, by name."""
    return list(db.session.scalars(select(Office).where(Office.valid_to.is_(None)).order_by(Office.name)))


def agencies() -> list[Agency]:
    """Every agency in force, by name."""
    return list(db.session.scalars(select(Agency).where(Agency.valid_to.is_(None)).order_by(Agency.name)))


def office_names(keys: Sequence[int]) -> Mapping[int, str]:
    """The names of the offices with these keys."""
    rows = db.session.execute(select(Office.id, Office.name).where(Office.id.in_(set(keys))))
    return {row.id: row.name for row in rows}


def user_names(keys: Sequence[int | None]) -> Mapping[int, str]:
    """The full names of the users with these keys (users are officials, never parts of a file)."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    rows = db.session.execute(select(User.id, User.full_name).where(User.id.in_(wanted)))
    return {row.id: row.full_name for row in rows}


def agency_names(keys: Iterable[object]) -> Mapping[int, str]:
    """The names of the agencies with these keys; what is no key is passed over."""
    wanted = {key for key in keys if isinstance(key, int)}
    if not wanted:
        return {}
    return dict(db.session.execute(select(Agency.id, Agency.name).where(Agency.id.in_(wanted))).all())


@dataclass(frozen=True, slots=True)
class Affiliation:
    """Where a user works. `label` says it to others: the agency, or of the prosecution's own people the office."""

    office_id: int
    agency_id: int
    label: str


def affiliations(keys: Iterable[int | None]) -> Mapping[int, Affiliation]:
    """Where the users with these keys work."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(User.id, Office.id, Office.name, Agency.id, Agency.name, Agency.agency_type)
        .join(Office, User.office_id == Office.id).join(Agency, Office.agency_id == Agency.id).where(User.id.in_(wanted)))
    return {key: Affiliation(office_id, agency_id, office if kind == PROSECUTION else agency)
            for key, office_id, office, agency_id, agency, kind in rows}


def prosecutors(office_id: int, at: datetime) -> list[tuple[int, str]]:
    """(key, full name) of the office's users who may be responsible for a charge."""
    rows = db.session.scalars(
        select(User).where(User.office_id == office_id, User.roles.like("%;FISCAL;%")).order_by(User.full_name))
    return [(one.id, one.full_name) for one in rows if not suspended(one, at)]


def office_and_prosecutors(office_id: int, at: datetime) -> tuple[Office, list[tuple[int, str]]]:
    """The office of that key, and what `prosecutors` says of it, in one statement."""
    belongs = and_(User.office_id == Office.id, User.roles.like("%;FISCAL;%"))
    rows = db.session.execute(
        select(Office, User).outerjoin(User, belongs).where(Office.id == office_id).order_by(User.full_name)).all()
    people = [person for _, person in rows if person is not None]
    return rows[0][0], [(one.id, one.full_name) for one in people if not suspended(one, at)]


def prosecution(office_id: int, at: datetime) -> list[tuple[int, str]]:
    """(key, full name) of the prosecutors and assistants of an office."""
    rows = db.session.scalars(select(User).where(User.office_id == office_id, or_(
        User.roles.like("%;FISCAL;%"), User.roles.like("%;ASISTENTE;%"))).order_by(User.full_name))
    return [(one.id, one.full_name) for one in rows if not suspended(one, at)]


def office_members(office_id: int, at: datetime) -> list[tuple[int, str]]:
    """(key, full name) of everybody of an office who may be on a case team."""
    rows = db.session.scalars(select(User).where(User.office_id == office_id).order_by(User.full_name))
    return [(one.id, one.full_name) for one in rows if not suspended(one, at)]


def victim_supporters(charge_id: int, at: datetime) -> list[tuple[int, str]]:
    """(key, full name) of those of the unit that assists victims to whom the victims of a charge are open by a grant in force.

    A sealed charge has none: sealing suspends its grants.
    """
    reaching = or_(ChargeAccess.principal == literal("agency:") + cast(Office.agency_id, String),
                   ChargeAccess.principal == literal("granted-office:") + cast(User.office_id, String),
                   ChargeAccess.principal == literal("user:") + cast(User.id, String))
    granted = exists().where(
        ChargeAccess.charge_id == charge_id, ChargeAccess.grant_id != 0, ChargeAccess.sections.like("%;AGR;%"), reaching,
        or_(ChargeAccess.valid_until.is_(None), ChargeAccess.valid_until > at))
    rows = db.session.scalars(select(User).join(Office, User.office_id == Office.id).where(
        User.roles.like(f"%;{Role.VICTIM_SUPPORT};%"), granted).order_by(User.full_name))
    return [(one.id, one.full_name) for one in rows if not suspended(one, at)]


def invite(viewer: Viewer, *, username: str, full_name: str, email: str, office_id: int, roles: Sequence[str],
           job_title: str | None = None) -> str:
    """Creates a user without password and gives the token of the link by which the person sets one.

    Raises Forbidden, Rejected.
    """
    require(viewer, "accounts.manage")
    username = username.strip().lower()
    given = {"username": username, "full_name": full_name, "email": email, "job_title": job_title}
    fields = record("user").fields
    problems = required([fields[name] for name in ("full_name", "email")], given) + _roles_problems(roles)
    problems += username_problems(username) + _office_problems(office_id)
    if problems:
        raise Rejected(problems)
    person = User(office_id=office_id, roles=tuple(code for code in codelist("user_role") if code in roles))
    records.create(viewer, person, given, "user.invited", detail={"roles": list(roles), "office": office_id})
    return new_link(person, INVITATION_LASTS, viewer.at)


def username_problems(username: str) -> list[Problem]:
    """Why nobody new can be called so: the letters of the name, or that somebody has it, suspended or not."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{2,59}", username):
        return [Problem("username", said(
            "El usuario tiene de 3 a 60 caracteres: letras sin tilde, números, punto, guion o guion bajo"))]
    if db.session.scalar(select(User.id).where(User.username == username)):
        return [Problem("username", said("Ya existe una persona con ese usuario"))]
    return []


def _office_problems(office_id: int) -> list[Problem]:
    office = db.session.get(Office, office_id)
    if office is None or office.valid_to is not None:
        return [Problem("office", said("Elija un despacho de la lista"))]
    return []


def _roles_problems(roles: Sequence[str]) -> list[Problem]:
    if not all(code in codelist("user_role") for code in roles):
        return [Problem("roles", said("Elija una opción de la lista"))]
    if not may_stand_together(frozenset(roles)):
        return [Problem("roles", said("Elija al menos un rol. Administrador y Auditor no se combinan con ningún otro"))]
    return []


def new_link(person: User, lasts: timedelta, at: datetime) -> str:
    """The token of a new link for a user already flushed; links given before no longer hold."""
    db.session.execute(update(Invitation).where(Invitation.user_id == person.id,
                                                Invitation.used_at.is_(None)).values(used_at=at))
    token = secrets.token_urlsafe(32)
    db.session.add(Invitation(user_id=person.id, token_hash=db.keyring.token_hash(token), created_at=at,
                              expires_at=at + lasts))
    db.session.flush()
    return token


def link_lasts(last_signed_in_at: datetime | None) -> timedelta:
    """How long a new link holds: shorter for who already worked here."""
    return INVITATION_LASTS if last_signed_in_at is None else RESET_LASTS


def renew_link(viewer: Viewer, username: str) -> str:
    """A new link for a person who lost password or second factor: the old password and factor end.

    Raises Forbidden, NotVisible.
    """
    require(viewer, "accounts.manage")
    person, _, _ = _load(username)
    person.password_hash = person.totp_secret = person.totp_last = None
    db.session.execute(update(RecoveryCode).where(RecoveryCode.user_id == person.id, RecoveryCode.used_at.is_(None))
                       .values(used_at=viewer.at))
    _end_sessions(person, viewer.at)
    records.touch(viewer, person)
    audit.note(viewer, "user.link_renewed", audit.subject_of(person))
    return new_link(person, link_lasts(person.last_signed_in_at), viewer.at)


def set_suspended(viewer: Viewer, username: str, *, suspend: bool, reason: str) -> None:
    """Suspends a user (sessions end at once) or lets them back.

    Raises Forbidden, NotVisible, Rejected (oneself, no reason).
    """
    require(viewer, "accounts.manage")
    person, _, _ = _load(username)
    if person.id == viewer.user_id:
        raise Rejected(Problem("", said("No puede suspender su propia cuenta")))
    if not reason.strip():
        raise Rejected(Problem("reason", said("Escriba el motivo")))
    before, person.valid_to = person.valid_to, viewer.today if suspend else None
    records.touch(viewer, person)
    if suspend:
        _end_sessions(person, viewer.at)
    audit.note(viewer, "user.suspended" if suspend else "user.reinstated", audit.subject_of(person),
               reason=reason.strip(),
               changes=[{"field": "valid_to", "before": before.isoformat() if before else None,
                         "after": person.valid_to.isoformat() if person.valid_to else None}])
    db.session.flush()


def set_roles(viewer: Viewer, username: str, *, roles: Sequence[str], office_id: int, reason: str) -> None:
    """Gives a user other roles or another office; their sessions end, so that the change acts at once.

    What was shared with them by name was shared with who they were there: another office ends it, and so do roles that read
    no case.
    Raises Forbidden, NotVisible, Rejected.
    """
    require(viewer, "accounts.manage")
    person, _, _ = _load(username)
    problems = _roles_problems(roles)
    if person.id == viewer.user_id:
        problems.append(Problem("roles", said("No puede cambiar sus propios roles")))
    if not reason.strip():
        problems.append(Problem("reason", said("Escriba el motivo")))
    if office_id != person.office_id:
        problems += _office_problems(office_id)
    if problems:
        raise Rejected(problems)
    new = tuple(code for code in codelist("user_role") if code in roles)
    changes: list[audit.Change] = [
        {"field": "roles", "before": list(person.roles), "after": list(new)},
        {"field": "office", "before": person.office_id, "after": office_id}]
    moves = office_id != person.office_id
    person.roles, person.office_id = new, office_id
    records.touch(viewer, person)
    _end_sessions(person, viewer.at)
    db.session.flush()
    _leave_teams(viewer, person)
    if moves or not CASE_READERS & set(new):
        access_ends.end_personal(viewer, person.id, "La persona cambió de despacho o de rol.")
    audit.note(viewer, "user.roles_changed", audit.subject_of(person), reason=reason.strip(),
               changes=[change for change in changes if change["before"] != change["after"]])
    db.session.flush()


def _leave_teams(viewer: Viewer, person: User) -> None:
    """Memberships of case teams end where the person no longer belongs to the charge's office or to its prosecution."""
    prosecution = {"FISCAL", "ASISTENTE"} & set(person.roles)
    rows = db.session.execute(
        select(ChargeMember, Charge).join(Charge, ChargeMember.charge_id == Charge.id).where(
            ChargeMember.user_id == person.id, ChargeMember.until_on.is_(None)))
    for member, charge in list(rows):
        if charge.office_id == person.office_id and prosecution:
            continue
        member.until_on = viewer.today - timedelta(days=1)
        records.touch(viewer, member)
        audit.note(viewer, "team.left", audit.subject_of(member), detail={"user": person.id})
        db.session.flush()
        charge_access.refresh(viewer, charge)


def _end_sessions(person: User, at: datetime) -> None:
    db.session.execute(update(SignInSession).where(SignInSession.user_id == person.id, SignInSession.ended_at.is_(None))
                       .values(ended_at=at))
