"""What pages show of the services for victims: those of a charge, one of them, those of all charges in sight."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from sistra.access import lens, scope
from sistra.access.may import may, require
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.access.views import ServiceView
from sistra.db import db, remembered
from sistra.models.charges import Charge, ChargeAccess
from sistra.models.people import Victim
from sistra.models.services import Service
from sistra.rules.facets import SERVICES
from sistra.rules.services import OPEN
from sistra.services import accounts, audit, victim_services
from sistra.services.parts import codes, in_charge

SIZE = 25
"""Rows of a page of the list over all charges."""
LISTED = frozenset({"victim", "service_type", "status", "provider", "starts_on", "planned_end_on", "ended_on"})
"""What that list shows of a service: nothing that is encrypted."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service as the pages of its charge show it. `contributed_by`: who entered it under a grant, "" for the office's own."""

    view: ServiceView
    code: str
    provider: str
    author: str
    contributed_by: str
    may_amend: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields of a service may name: (key, words)."""

    victims: Sequence[tuple[int, str]]
    agencies: Sequence[tuple[int, str]]


def listed(viewer: Viewer, number: str, *, code: str = "") -> list[ServiceLine]:
    """The services of a charge, or of one victim of it (A-1), the newest first. Raises NotVisible, Forbidden."""
    charge, stands = in_charge(viewer, number, "services.read")
    audit.note(viewer, "services.read", audit.subject_of(charge))
    victims = codes(charge.id, Victim)
    rows = db.session.scalars(select(Service).where(Service.charge_id == charge.id, Service.withdrawn_at.is_(None))
                              .order_by(Service.id.desc()))
    return _lines(viewer, stands, victims, [row for row in rows if code in ("", victims.get(row.victim_id))])


def show(viewer: Viewer, number: str, service_id: int) -> ServiceLine:
    """One service. Raises NotVisible, Forbidden."""
    charge, stands = in_charge(viewer, number, "services.read")
    row = victim_services.own(charge, service_id)
    audit.note(viewer, "service.read", audit.subject_of(row))
    return _lines(viewer, stands, codes(charge.id, Victim), [row])[0]


def _lines(viewer: Viewer, stands: Standing, victims: Mapping[int, str], rows: Sequence[Service]) -> list[ServiceLine]:
    if not rows:
        return []
    names = accounts.user_names([row.created_by_id for row in rows])
    authors = accounts.affiliations([row.created_by_id for row in rows])
    views = lens.see_all(list(rows), lens.clearance(stands), team=stands.on_team)
    agencies = accounts.agency_names([view.provider for view in views])
    writes = may(viewer, "service.amend", stands)
    lines = []
    for row, view in zip(rows, views, strict=True):
        author = authors.get(row.created_by_id or 0)
        lines.append(ServiceLine(
            view, victims.get(row.victim_id, ""), _name(agencies, view), names.get(row.created_by_id or 0, ""),
            author.label if author and row.origin == victim_services.CONTRIBUTED else "",
            writes and victim_services.changes(viewer, stands, row, author.office_id if author else None)))
    return lines


def choices(viewer: Viewer, number: str) -> Choices:
    """What a service of the charge may name. Raises NotVisible, Forbidden."""
    charge, _ = in_charge(viewer, number, "services.read")
    return Choices(list(codes(charge.id, Victim).items()), [(one.id, one.name) for one in accounts.agencies()])


# -- over all charges in sight ------------------------------------------------------------------------------------------

Edge = tuple[int, int, int]
"""Where a page begins or ends: charge, victim and service (0 where the victim has none)."""


@dataclass(frozen=True, slots=True)
class Query:
    """What the list is asked: choices of its filters (`rules.facets.SERVICES`), and the edge of a page."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    after: Edge | None = None
    before: Edge | None = None


@dataclass(frozen=True, slots=True)
class Assisted:
    """A victim by code, with one of her services; `view` is None where she has none."""

    number: str
    code: str
    view: ServiceView | None
    provider: str
    edge: Edge


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list: `counts` tells of each filter what each choice would leave, `total` the rows of all pages."""

    rows: Sequence[Assisted]
    counts: Mapping[str, Mapping[str, int]]
    total: int
    all_rows: int
    has_previous: bool
    has_next: bool


def across(viewer: Viewer, query: Query) -> Page:
    """The victims of all charges whose services are open to the viewer, each with her services; nobody is named.

    A victim without services is listed where victims are open too. A reading of the charges shown. Raises Forbidden.
    """
    require(viewer, "service.list")
    groups = _groups(viewer)
    wanted = SIZE + 1
    found = list(db.session.execute(_ordered(viewer, query).limit(wanted)))
    more = len(found) == wanted
    found = found[:SIZE]
    if query.before:
        found.reverse()
    if shown := sorted({charge.id for charge, _, _ in found}):
        audit.note(viewer, "services.listed", audit.Subject("service"), detail={"charges": shown})
    return Page(_assisted(viewer, found), _counts(groups, query), _matching(groups, query.chosen), sum(groups.values()),
                has_previous=more if query.before else query.after is not None,
                has_next=query.before is not None if query.before else more)


def pending(viewer: Viewer) -> dict[str, int]:
    """How many rows the list has under each choice of its first filter: under way, overdue, without any. Raises Forbidden."""
    require(viewer, "service.list")
    return _counts(_groups(viewer), Query())["situacion"]


@remembered
def any_open(viewer: Viewer) -> bool:
    """Whether some charge opens its services to the viewer by a grant."""
    return bool(db.session.scalar(select(exists().where(
        scope.access_rows(viewer, section="ATE"), ChargeAccess.grant_id != 0))))


def _late(viewer: Viewer) -> ColumnElement[bool]:
    return and_(Service.status.in_(OPEN), Service.planned_end_on < viewer.today)


def _in_sight(viewer: Viewer, *columns: Any) -> Select[Any]:
    return (select(*columns).select_from(Victim).join(Charge, Victim.charge_id == Charge.id)
            .outerjoin(Service, and_(Service.victim_id == Victim.id, Service.withdrawn_at.is_(None)))
            .where(Victim.withdrawn_at.is_(None), scope.among(viewer, section="ATE"),
                   or_(Service.id.is_not(None), scope.sees(viewer, section="AGR"))))


def _ordered(viewer: Viewer, query: Query) -> Select[Any]:
    """Charges from the newest to the oldest, their victims by code, their services as they were entered."""
    keys = (Charge.id, Victim.id, func.coalesce(Service.id, 0))
    statement = _in_sight(viewer, Charge, Victim, Service).where(*_conditions(viewer, query.chosen))
    edge, back = query.before or query.after, query.before is not None
    if edge is not None:
        charge, victim, service = edge
        later = or_(keys[1] < victim, and_(keys[1] == victim, keys[2] < service)) if back else or_(
            keys[1] > victim, and_(keys[1] == victim, keys[2] > service))
        statement = statement.where(or_(keys[0] > charge if back else keys[0] < charge, and_(keys[0] == charge, later)))
    order = (keys[0].asc(), keys[1].desc(), keys[2].desc()) if back else (keys[0].desc(), keys[1].asc(), keys[2].asc())
    return statement.order_by(*order)


def _conditions(viewer: Viewer, chosen: Mapping[str, tuple[str, ...]]) -> list[ColumnElement[bool]]:
    situations = {"sin": Service.id.is_(None), "vencida": _late(viewer), "abierta": Service.status.in_(OPEN)}
    found: list[ColumnElement[bool]] = []
    if "estado" in chosen:
        found.append(Service.status.in_(chosen["estado"]))
    if "atencion" in chosen:
        found.append(Service.service_type.in_(chosen["atencion"]))
    if "situacion" in chosen:
        found.append(or_(*(situations[code] for code in chosen["situacion"])))
    return found


Groups = Mapping[tuple[str | None, str | None, bool], int]
"""(status, type, late) -> how many rows."""


def _groups(viewer: Viewer) -> Groups:
    late = case((_late(viewer), 1), else_=0)
    rows = db.session.execute(_in_sight(viewer, Service.status, Service.service_type, late, func.count())
                              .group_by(Service.status, Service.service_type, late))
    return {(status, kind, bool(is_late)): number for status, kind, is_late, number in rows}


def _codes(status: str | None, kind: str | None, late: bool) -> dict[str, set[str]]:
    """The choices of each filter under which a row of that group falls."""
    situations = {"sin"} if status is None else {"abierta"} if status in OPEN else set()
    return {"estado": {status} if status else set(), "atencion": {kind} if kind else set(),
            "situacion": situations | ({"vencida"} if late else set())}


def _matching(groups: Groups, chosen: Mapping[str, tuple[str, ...]]) -> int:
    return sum(number for group, number in groups.items()
               if all(_codes(*group)[name] & set(wanted) for name, wanted in chosen.items()))


def _counts(groups: Groups, query: Query) -> dict[str, dict[str, int]]:
    """How many rows each choice would leave, the other filters applied."""
    found: dict[str, dict[str, int]] = {name: {} for name in SERVICES}
    for name, counts in found.items():
        others = {other: wanted for other, wanted in query.chosen.items() if other != name}
        for group, number in groups.items():
            falls = _codes(*group)
            if all(falls[other] & set(wanted) for other, wanted in others.items()):
                for code in falls[name]:
                    counts[code] = counts.get(code, 0) + number
    return found


def _name(agencies: Mapping[int, str], view: ServiceView | None) -> str:
    """The name of the agency that gives a service, "" where none is known."""
    return agencies.get(view.provider, "") if view is not None and isinstance(view.provider, int) else ""


def _seen(stands: Standing, row: Service) -> ServiceView:
    view: ServiceView = lens.see(row, lens.clearance(stands), team=stands.on_team, only=LISTED)
    return view


def _assisted(viewer: Viewer, found: Sequence[Any]) -> list[Assisted]:
    stands = scope.standings(viewer, [charge for charge, _, _ in found])
    views = [None if row is None else _seen(stands[charge.id], row) for charge, _, row in found]
    agencies = accounts.agency_names([view.provider for view in views if view is not None])
    return [Assisted(charge.number, victim.code, view, _name(agencies, view),
                     (charge.id, victim.id, row.id if row is not None else 0))
            for (charge, victim, row), view in zip(found, views, strict=True)]
