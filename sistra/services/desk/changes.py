"""What others changed since the viewer signed in the time before: which fields, never their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from sistra.access import scope
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, records
from sistra.codebook.terms import codelist
from sistra.db import Instant, db
from sistra.models.accounts import Office, SignInSession, User
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge, ChargeAccess
from sistra.models.events import Deadline, Event
from sistra.models.measures import Measure
from sistra.models.sharing import Grant
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.sharing import Shared, section_of
from sistra.services.desk.duties import own

MOST = 10
LOOKED_AT = 200
"""Entries of shared charges that are looked through for ten that tell of a section open to the reader."""
_SIGNED_IN = "signin.succeeded"
_TABLES = {"user_account": "user", "charge_grant": "grant"}


@dataclass(frozen=True, slots=True)
class Since:
    """From where on changes are news: an entry's number on the trail and its instant (None: nobody knows when)."""

    number: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Changed:
    """An act of somebody else on a charge: which fields it changed (none where it entered something new), who, when.

    `who` is the person for those who see the charge by right, the office for those to whom it is shared.
    """

    charge_id: int
    number: str
    action: str
    fields: Sequence[Field]
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """The latest changes, newest first; `more` says that there are others."""

    rows: Sequence[Changed]
    more: bool
    since: datetime | None


def last_sign_in(viewer: Viewer) -> Since:
    """When the viewer signed in before the present session; of a first session, when the account was made.

    Read from the trail: rows of sessions are pruned. The number bounds what is looked at, however long the trail.
    """
    entry = aliased(TrailEntry)
    of_user = and_(entry.thing == "user_account", entry.thing_id == viewer.user_id)
    began = func.coalesce(
        select(SignInSession.created_at).where(SignInSession.id == viewer.session_id).scalar_subquery(),
        literal(viewer.at, Instant),
    )
    former = select(func.max(entry.number)).where(of_user, entry.action == _SIGNED_IN, entry.at < began)
    made = select(func.min(entry.number)).where(of_user, entry.action.not_like("signin.%"))
    number, at = db.session.execute(
        select(TrailEntry.number, func.coalesce(TrailEntry.at, User.created_at))
        .select_from(User)
        .outerjoin(TrailEntry, TrailEntry.number == func.coalesce(former.scalar_subquery(), made.scalar_subquery()))
        .where(User.id == viewer.user_id)
    ).one()
    return Since(number or 0, at)


def of_own(viewer: Viewer) -> News:
    """What others changed in the viewer's own charges; what a sealed act or document did is for its team alone.

    Raises Forbidden.
    """
    require(viewer, "task.list")
    since = last_sign_in(viewer)
    rows = db.session.execute(
        _entries(viewer, since, User.full_name)
        .outerjoin(User, TrailEntry.actor_id == User.id)
        .where(own(viewer), or_(~_of_hidden(), scope.on_team(viewer)))
        .limit(MOST + 1)
    ).all()
    found = [
        Changed(key, number, action, _fields(thing, changes, detail), who or "", at)
        for key, number, action, thing, changes, detail, at, who in rows
    ]
    return News(found[:MOST], len(found) > MOST, since.at)


def of_shared(viewer: Viewer) -> News:
    """What others changed in what is shared with the viewer's side, since it was accepted: of open sections only.

    Raises Forbidden.
    """
    require(viewer, "grant.inbox")
    since = last_sign_in(viewer)
    rows = db.session.execute(
        _entries(viewer, since, Office.name)
        .outerjoin(Office, TrailEntry.office_id == Office.id)
        .where(_opened_by_a_grant(viewer), ~_of_hidden(), ~scope.sees(viewer, in_full=True))
        .limit(LOOKED_AT)
    ).all()
    shared = scope.shared(viewer, {row[0] for row in rows})
    found = []
    for key, number, action, thing, changes, detail, at, who in rows:
        one = Changed(key, number, action, _fields(thing, changes, detail), who or "", at)
        if thing != "charge":
            found.append(one)
        elif fields := _open_fields(one.fields, shared.get(key)):
            found.append(replace(one, fields=fields))
    return News(found[:MOST], len(found) > MOST, since.at)


def _entries(viewer: Viewer, since: Since, who: Any) -> Select[*tuple[Any, ...]]:
    """The changes by others to charges after a number of the trail, newest first."""
    return (
        select(
            Charge.id,
            Charge.number,
            TrailEntry.action,
            TrailEntry.thing,
            TrailEntry.changes,
            TrailEntry.detail,
            TrailEntry.at,
            who,
        )
        .join(Charge, TrailEntry.charge_id == Charge.id)
        .where(
            TrailEntry.number > since.number,
            TrailEntry.changes.is_not(None),
            TrailEntry.actor_id.is_distinct_from(viewer.user_id),
        )
        .order_by(TrailEntry.number.desc())
    )


def _of_hidden() -> ColumnElement[bool]:
    """The condition that an entry is about an act or document of a case team alone, or about what such an act opened."""
    hidden = Event.confidentiality.in_(TEAM_ONLY)

    def of(thing: str, *about: ColumnElement[bool]) -> ColumnElement[bool]:
        return and_(TrailEntry.thing == thing, exists().where(*about).correlate(TrailEntry))

    return or_(
        of("event", Event.id == TrailEntry.thing_id, hidden),
        of("deadline", Deadline.id == TrailEntry.thing_id, Event.id == Deadline.opened_by_id, hidden),
        of("attachment", Attachment.id == TrailEntry.thing_id, Attachment.confidentiality.in_(TEAM_ONLY)),
    )


def _sections() -> Mapping[str, list[str]]:
    """Section of a grant -> the tables whose changes it tells, those of measures and of the charge itself left out."""
    found: dict[str, list[str]] = {code: [] for code in codelist("grant_section")}
    for name, one in records().items():
        section = section_of(next(iter(one.fields.values()))) if name != "charge" else None
        if section is not None:
            found[section].append(name)
    return found


def _opened_by_a_grant(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that a grant in force, accepted before the change, opens the section that an entry is about.

    The charges that are shared at all are named by their keys, so that the trail is read of these alone.
    """
    shared = select(ChargeAccess.charge_id).where(scope.access_rows(viewer), ChargeAccess.grant_id != 0)

    def opens(section: str) -> ColumnElement[bool]:
        return ChargeAccess.sections.like(f"%;{section};%")

    def of_kind(kind: str) -> ColumnElement[bool]:
        that = exists().where(Measure.id == TrailEntry.thing_id, Measure.kind == kind).correlate(TrailEntry)
        return and_(TrailEntry.thing == "measure", that)

    told = [and_(TrailEntry.thing.in_(things), opens(section)) for section, things in _sections().items() if things]
    opened = exists().where(
        ChargeAccess.charge_id == TrailEntry.charge_id,
        scope.access_rows(viewer),
        ChargeAccess.grant_id != 0,
        Grant.id == ChargeAccess.grant_id,
        Grant.answered_at <= TrailEntry.at,
        or_(TrailEntry.thing == "charge", *told, and_(of_kind("COE"), opens("MCO")), and_(of_kind("PRO"), opens("MPR"))),
    )
    return and_(Charge.id.in_(shared), opened)


def _fields(thing: str, changes: Sequence[Mapping[str, Any]], detail: Mapping[str, Any] | None) -> list[Field]:
    """The fields that an entry changed; none of the first version of a record: the act says that something new was entered."""
    record = records().get(_TABLES.get(thing, thing))
    if record is None or (detail or {}).get("version") == 1:
        return []
    return [record.fields[change["field"]] for change in changes if change["field"] in record.fields]


def _open_fields(fields: Sequence[Field], shared: Shared | None) -> list[Field]:
    return [field for field in fields if shared is not None and shared.reads(section_of(field))]
