"""What pages show of the events of a charge: its list, one act with all that hangs on it, the types a form offers."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import literal, or_, select

from sistra.access import lens, scope
from sistra.access.may import may
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.access.views import EventView
from sistra.codebook import event_types as catalogue
from sistra.codebook.event_types import EventType, Offer, event_type
from sistra.db import db
from sistra.models.accounts import Agency, Office
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.events import Event
from sistra.models.measures import Measure
from sistra.models.people import Accused, Victim
from sistra.models.services import Service
from sistra.rules import acts
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.masking import Reserved
from sistra.rules.problems import Problem, said
from sistra.rules.stages import in_order
from sistra.services import accounts, audit, course, deadline_pages, events
from sistra.services.folder_rows import counts_of
from sistra.services.parts import codes, in_charge


@dataclass(frozen=True, slots=True)
class EventLine:
    """An act in a list. `accused` and `victims` are codes (I-1, A-1); `counts` say accused and offence.

    `contributed_by`: the agency that entered it under a grant, "" for the prosecution's own. `court_case`: the key of the
    case in which it happened, None for an act of the charge's own.
    """

    view: EventView
    number: int
    author: str
    recorded_at: datetime | None
    accused: tuple[str, ...]
    victims: tuple[str, ...]
    counts: tuple[tuple[str, str], ...]
    reversed: bool
    sealed: bool
    own: bool
    contributed_by: str = ""
    court_case: int | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """One act with its deadlines, warnings, the names of what it refers to, and what the viewer may do with it.

    `hidden` are the fields that refer to a document, service or charge out of the viewer's sight; `follows` is the task that
    the act leaves to be done, "" where none.
    """

    line: EventLine
    deadlines: Sequence[deadline_pages.DeadlineLine]
    warnings: Sequence[Problem]
    named: Mapping[str, str]
    hidden: frozenset[str]
    reverses: EventLine | None
    reversed_by: EventLine | None
    may_amend: bool
    may_notify: bool
    may_reverse: bool
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields of a charge that name something may name: (key, words). Nobody is named but by code."""

    counts: Sequence[tuple[int, str, str]]
    accused: Sequence[tuple[int, str]]
    victims: Sequence[tuple[int, str]]
    measures: Sequence[tuple[int, str, str]]
    attachments: Sequence[tuple[int, str]]
    agencies: Sequence[tuple[int, str]]
    offices: Sequence[tuple[int, str]]
    prosecutors: Sequence[tuple[int, str]]
    charges: Sequence[tuple[int, str]]
    services: Sequence[Serving]


@dataclass(frozen=True, slots=True)
class Serving:
    """A service that an act may name, by its victim's code and type; not `held`: it was taken back."""

    id: int
    code: str
    service_type: str
    held: bool


def listed(viewer: Viewer, number: str) -> list[EventLine]:
    """The acts about a charge, its court cases' included, newest first; sealed ones only for the team.

    Where the court cases are not shared, their acts are not either. Raises NotVisible, Forbidden.
    """
    charge, stands = in_charge(viewer, number, "events.read")
    audit.note(viewer, "events.read", audit.subject_of(charge))
    places = {act.id: place for place, act in enumerate(in_order(course.history_of(charge.id)[1], ))}
    rows = [
        row
        for row in course.events_about(charge.id)
        if row.id in places and (stands.on_team or row.confidentiality not in TEAM_ONLY)
        and (row.charge_id == charge.id or stands.reads("EXP"))
    ]
    rows.sort(key=lambda row: places[row.id], reverse=True)
    return _lines(charge, stands, rows)


def _lines(charge: Charge, stands: Standing, rows: Sequence[Event]) -> list[EventLine]:
    accused, victims = codes(charge.id, Accused), codes(charge.id, Victim)
    recorded = counts_of(charge.id) if stands.reads("DEL") else ()
    counts = {one.id: (accused.get(one.accused_id, ""), one.offence) for one in recorded}
    authors = accounts.user_names([row.created_by_id for row in rows])
    given = accounts.affiliations([row.created_by_id for row in rows if row.origin == events.CONTRIBUTED])
    clear = lens.clearance(stands)
    views = lens.see_all(list(rows), clear, team=stands.on_team) if rows else []
    return [EventLine(
        _of_charge(view, accused, victims, counts), row.number, authors.get(row.created_by_id or 0, ""), row.created_at,
        tuple(accused[one.id] for one in row.accused if one.id in accused),
        tuple(victims[one.id] for one in row.victims if one.id in victims),
        tuple(counts[one.id] for one in row.counts if one.id in counts),
        row.reversed_by_id is not None, row.confidentiality in TEAM_ONLY, row.charge_id == charge.id,
        given[row.created_by_id or 0].label if (row.created_by_id or 0) in given else "",
        row.court_case_id if row.charge_id != charge.id else None)
        for row, view in zip(rows, views, strict=True)]


def _of_charge(view: EventView, *known: Mapping[int, object]) -> EventView:
    """The view without the parts of other charges that an act in a shared court case names."""
    accused, victims, counts = (
        tuple(key for key in getattr(view, name) or () if key in keys)
        for name, keys in zip(("accused", "victims", "counts"), known, strict=True)
    )
    return replace(view, accused=accused, victims=victims, counts=counts)


def show(viewer: Viewer, number: str, event_id: int) -> EventPage:
    """One act of the charge. Raises NotVisible, also for a sealed act where the viewer is not on the team."""
    charge, stands = in_charge(viewer, number, "events.read")
    event = events.own(charge, stands, event_id)
    audit.note(viewer, "event.read", audit.subject_of(event))
    linked = [event] + [other for key in (event.reversed_event_id, event.reversed_by_id)
                        if key is not None and (other := db.session.get(Event, key)) is not None]
    lines = {line.view.id: line for line in _lines(charge, stands, linked)}
    kind = event_type(event.event_type)
    acts_on = may(viewer, events.entering(kind, charge, stands), stands) and event.reversed_by_id is None
    hidden = _hidden(viewer, stands, event)
    return EventPage(
        lines[event.id],
        deadline_pages.of_event(viewer, stands, event) if stands.reads("PLA") else (),
        warnings_of(charge, event),
        _named(event, hidden), hidden,
        lines.get(event.reversed_event_id or 0), lines.get(event.reversed_by_id or 0),
        may_amend=acts_on and kind.code not in acts.OWN_PAGE - {"NOT-REC"} and events.amends_here(viewer, stands, event),
        may_notify=acts_on and stands.shared is None and event.notified_on is None and catalogue.asks_notified_on(kind),
        may_reverse=_may_reverse(viewer, stands, charge, event),
        follows=_follows(viewer, stands, event),
    )


def _follows(viewer: Viewer, stands: Standing, event: Event) -> str:
    """The task that the catalogue says follows the act, for who may add it; none of an act sealed or without effect."""
    offers = may(viewer, "task.amend", stands) and event.reversed_by_id is None and event.confidentiality not in TEAM_ONLY
    return event_type(event.event_type).task(viewer.language) if offers else ""


def _may_reverse(viewer: Viewer, stands: Standing, charge: Charge, event: Event) -> bool:
    kind = event_type(event.event_type)
    return (
        event.reversed_by_id is None
        and event.referral_id is None
        and kind.code not in events.NOT_REVERSED
        and not (event.number == 1 and kind.code == "NOT-REC")
        and may(viewer, events.reversing(kind, charge), stands)
    )


def _hidden(viewer: Viewer, stands: Standing, event: Event) -> frozenset[str]:
    """The fields of an act that refer to a sealed document or to a charge that the viewer does not see."""
    found = set()
    document = db.session.get(Attachment, event.attachment_id) if event.attachment_id is not None else None
    if document is not None and not (events.may_know(document, stands) and _shows_title(stands, document)):
        found.add("attachment")
    if event.service_id is not None and not stands.reads("ATE"):
        found.add("service")
    target = event.target_charge_id
    if target is not None and not db.session.scalar(
        scope.charges_for(viewer).with_only_columns(Charge.id).where(Charge.id == target)
    ):
        found.add("target_charge")
    return frozenset(found)


def _shows_title(stands: Standing, document: Attachment) -> bool:
    """Whether the title of a document is open: documents are, and texts are."""
    return not isinstance(lens.see(document, lens.clearance(stands), only=frozenset({"title"})).title, Reserved)


def _named(event: Event, hidden: frozenset[str]) -> dict[str, str]:
    """The names of the agencies, offices, documents and officials that an act refers to, by field; none of the hidden."""
    found: dict[str, str] = {}
    for name, model, words in (
        ("authority", Agency, "name"),
        ("target_office", Office, "name"),
        ("attachment", Attachment, "title"),
        ("target_charge", Charge, "number"),
    ):
        key = None if name in hidden else getattr(event, f"{name}_id")
        if key is not None and (thing := db.session.get(model, key)) is not None:
            found[name] = getattr(thing, words)
    if event.responsible_id is not None:
        found["responsible"] = accounts.user_names([event.responsible_id]).get(event.responsible_id, "")
    return found


def warnings_of(charge: Charge, event: Event) -> list[Problem]:
    """What looks unusual about an act and was kept as entered."""
    kind = event_type(event.event_type)
    found = []
    if not kind.fits(None, charge.procedure_code):
        found.append(Problem("event_type", said("Esta actuación es de otro código procesal que el de la denuncia")))
    if event.stage_before and not kind.allowed_from(event.stage_before):
        found.append(
            Problem("event_type", said("El código procesal no prevé esta actuación en la etapa en que se registró"))
        )
    if event.scheduled_for is not None and event.created_at is not None and event.scheduled_for < event.created_at:
        found.append(Problem("scheduled_for", said("La próxima fecha ya había pasado al registrarla")))
    return found


def offered(viewer: Viewer, number: str, *, text: str = "") -> list[Offer]:
    """The types of act that a form offers the viewer: frequent ones, those the stage foresees, the rest.

    `text` searches them. Raises NotVisible, Forbidden.
    """
    charge, stands = in_charge(viewer, number, "event.contribute")
    offers = [one for one in catalogue.offered("charge", charge.procedure_code, charge.stage)
              if one.event_type.code not in acts.OWN_PAGE and _open_to(viewer, stands, charge, one.event_type)]
    if not text.strip():
        return offers
    found = catalogue.search(text, among=[one.event_type for one in offers])
    return [next(one for one in offers if one.event_type is kind) for kind in found]


def _open_to(viewer: Viewer, stands: Standing, charge: Charge, kind: EventType) -> bool:
    return may(viewer, events.entering(kind, charge, stands), stands) and (
        stands.on_team or acts.confidentiality(kind) is None
    )


def choices(viewer: Viewer, number: str) -> Choices:
    """What the fields of an act on the charge may name. Raises NotVisible, Forbidden."""
    charge, stands = in_charge(viewer, number, "event.contribute")
    known = _choices(viewer, charge, stands)
    services = [one for one in known.services if one.held]
    opened = {name: getattr(known, name) if stands.reads(*sections) else () for name, sections in events.NAMED_BY_ACTS.items()}
    return replace(known, services=services, **opened)


def referred(viewer: Viewer, number: str) -> Choices:
    """The words for what the acts of a charge name, as far as it is open to the viewer. Raises NotVisible, Forbidden."""
    return _choices(viewer, *in_charge(viewer, number, "events.read"))


def _choices(viewer: Viewer, charge: Charge, stands: Standing) -> Choices:
    accused, victims = codes(charge.id, Accused), codes(charge.id, Victim)
    return Choices(
        counts=_counts(charge, accused) if stands.reads("DEL") else (),
        accused=list(accused.items()),
        victims=list(victims.items()),
        measures=_measures(charge, stands, accused, victims),
        attachments=_documents(charge, stands),
        agencies=[(one.id, one.name) for one in accounts.agencies()],
        offices=[(one.id, one.name) for one in accounts.offices()],
        prosecutors=accounts.prosecutors(charge.office_id, viewer.at),
        charges=_other_charges(viewer, charge),
        services=_services(charge, victims) if stands.reads("ATE") else (),
    )


def _counts(charge: Charge, accused: Mapping[int, str]) -> list[tuple[int, str, str]]:
    rows = db.session.execute(
        select(Count.id, Count.accused_id, Count.offence).where(Count.charge_id == charge.id).order_by(Count.id))
    return [(key, accused.get(person, ""), offence) for key, person, offence in rows]


def _measures(charge: Charge, stands: Standing, accused: Mapping[int, str],
              victims: Mapping[int, str]) -> list[tuple[int, str, str]]:
    """The measures open to the viewer: coercive ones and protection measures are shared apart."""
    rows = db.session.scalars(select(Measure).where(Measure.charge_id == charge.id).order_by(Measure.id))
    return [
        (one.id, accused.get(one.accused_id or 0) or victims.get(one.victim_id or 0, ""),
         one.coercive_measure or one.protection_measure or "")
        for one in rows if stands.reads("MCO" if one.kind == "COE" else "MPR")
    ]


def _documents(charge: Charge, stands: Standing) -> list[tuple[int, str]]:
    rows = db.session.scalars(
        select(Attachment)
        .where(
            Attachment.charge_id == charge.id,
            Attachment.withdrawn_at.is_(None),
            or_(
                literal(stands.on_team),
                Attachment.confidentiality.is_(None),
                Attachment.confidentiality.not_in(TEAM_ONLY),
            ),
        )
        .order_by(Attachment.id)
    )
    return [(one.id, one.title) for one in rows if _shows_title(stands, one)]


def _services(charge: Charge, victims: Mapping[int, str]) -> list[Serving]:
    rows = db.session.execute(
        select(Service.id, Service.victim_id, Service.service_type, Service.withdrawn_at)
        .where(Service.charge_id == charge.id).order_by(Service.id))
    return [Serving(key, victims.get(victim, ""), kind, taken is None) for key, victim, kind, taken in rows]


def _other_charges(viewer: Viewer, charge: Charge) -> list[tuple[int, str]]:
    """The charges that one may be joined to: the latest of those that the viewer sees in full."""
    rows = db.session.execute(
        scope.charges_for(viewer, in_full=True)
        .with_only_columns(Charge.id, Charge.number)
        .where(Charge.id != charge.id)
        .order_by(Charge.id.desc())
        .limit(100)
    )
    return [(row.id, row.number) for row in rows]
