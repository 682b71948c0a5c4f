"""Events of a charge: what forms ask, recording, amending slips, notifying, reversing. Reached through the scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from sys import maxsize
from typing import Any

from sqlalchemy import func, select

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.standing import Forbidden, NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.codebook.dictionary import record as record_named
from sistra.codebook.event_types import EventType, event_types, reversal_types
from sistra.codebook.event_types import event_type as catalogued
from sistra.codebook.terms import Unknown
from sistra.db import Base, db
from sistra.models.accounts import Agency, Office, User
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.events import Event
from sistra.models.measures import Measure
from sistra.models.people import Accused, Victim
from sistra.models.services import Service
from sistra.rules import acts
from sistra.rules.charge_course import ActEffect, ChargeCourse, act_effects, charge_course
from sistra.rules.confidentiality import RESERVED, SEALED, TEAM_ONLY
from sistra.rules.entries import Entry, required
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.stages import Act, CountRef
from sistra.services import accounts, charge_access, charges, course, deadlines, joinders, records, retypifications
from sistra.services.charge_team import put_responsible

_LISTS: Mapping[str, type[Base]] = {"counts": Count, "accused": Accused, "victims": Victim}
NAMED_BY_ACTS: Mapping[str, tuple[str, ...]] = {"counts": ("DEL",), "accused": ("IMP",), "victims": ("AGR", "ATE")}
"""What an act names several of -> the sections of which one must be open to who enters it."""
CONTRIBUTED = "APO"
"""Origin (`record_origin`) of an act that a recipient of access entered."""
_THINGS: Mapping[str, type[Base]] = {"measure": Measure, "attachment": Attachment, "service": Service}
_PLACES: Mapping[str, type[Base]] = {"authority": Agency, "target_office": Office}
NOT_REVERSED = frozenset({"SEL-PON", "SEL-LEV", "REA-RES"})
"""Acts that changed another record for good: another act of the kind puts them right."""
_TERM_FIELDS = {"occurred_on", "occurred_at", "term_days", "term_until"}
"""The fields of an act from which a term is counted, or which set it."""


def kind_for(code: str) -> EventType:
    """The type that a charge's form names. Raises NotVisible where the catalogue has none."""
    if code not in event_types():
        raise NotVisible
    return catalogued(code)


def form_fields(viewer: Viewer, number: str, event_type: str) -> list[Field]:
    """The fields that an act of the type asks on this charge, those it cannot do without marked R.

    Raises NotVisible (also for an unknown type), Forbidden.
    """
    charge, stands = scope.charge(viewer, number)
    kind = kind_for(event_type)
    require(viewer, entering(kind, charge, stands), stands)
    if stands.shared is not None:
        return acts.contributable(kind)
    counts, history = course.history_of(charge.id)
    trial = Act(maxsize, kind.code, order=maxsize)
    return acts.asked(kind, regress=act_effects(counts, [*history, trial])[maxsize].backward)


def capability(kind: EventType, charge: Charge) -> str:
    """What it takes to enter an act of the type on the charge."""
    moved = charge.joined_into_id is not None or charge.status == "DER"
    if kind.code in acts.ENDS_TRANSFER or (moved and kind.code in reversal_types()):
        return "event.end_transfer"
    return "event.decide" if acts.decides(kind) else "event.record"


def entering(kind: EventType, charge: Charge, stands: Standing) -> str:
    """What it takes to enter an act of the type for who stands so: a recipient of access contributes what it itself did."""
    return "event.contribute" if stands.shared is not None and acts.contributed(kind) else capability(kind, charge)


def reversing(kind: EventType, charge: Charge) -> str:
    """What it takes to reverse an act: what it took to enter it, or to bring a referred or joined charge back."""
    needed = capability(catalogued("COR-ACT"), charge)
    return capability(kind, charge) if needed == "event.record" else needed


def record(viewer: Viewer, number: str, event_type: str, entry: Entry) -> int:
    """Records an act on a charge and gives its key.

    An act that sets an outcome and names no count keeps those it reaches as named: later ones are not its own.
    Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    kind = kind_for(event_type)
    if kind.code in reversal_types():
        return reverse(viewer, number, _reversed_id(entry), reason=_text(entry.values.get("reason")),
                       occurred_on=entry.values.get("occurred_on"))
    require(viewer, entering(kind, charge, stands), stands)
    lock(charge)
    values, links = _checked(viewer, charge, stands, kind, entry)
    return put_down(viewer, charge, kind, values, links, origin=CONTRIBUTED if stands.shared else None).id


def put_down(viewer: Viewer, charge: Charge, kind: EventType, values: dict[str, Any],
             links: Mapping[str, Sequence[Base]] | None = None, *, origin: str | None = None) -> Event:
    """Writes an act whose answers and author were seen to, with all that follows from it, on a charge held by `lock`.

    Raises Rejected.
    """
    links = dict(links or {})
    counts, history = course.history_of(charge.id)
    stage = charge.stage
    effect, after = effect_of(kind, values, counts, history)
    if problems := _course_problems(kind, values, effect, after):
        raise Rejected(problems)
    if kind.outcome and kind.scope != "charge" and not values.get("counts") and effect.reached:
        values["counts"] = tuple(sorted(effect.reached))
        links["counts"] = _rows_of(Count, charge)
    event = Event(
        charge_id=charge.id, number=next_number(charge_id=charge.id), confidentiality=acts.confidentiality(kind), origin=origin
    )
    records.create(viewer, event, {"event_type": kind.code} | values, "event.recorded", links=links)
    deadlines.act_on(viewer, event, charge, stage, after)
    _further_effects(viewer, charge, event, kind, values)
    charges.settle(viewer, charge)
    if kind.code in joinders.ACTS:
        joinders.follow(viewer, charge)
    return event


def lock(charge: Charge) -> None:
    """Holds the charge until the commit, so that numbers of its events follow one another. Raises Stale."""
    charge_access.hold(charge)


def next_number(*, charge_id: int | None = None, court_case_id: int | None = None) -> int:
    """The number of the next event of a charge, or of a court case."""
    of = Event.charge_id == charge_id if charge_id is not None else Event.court_case_id == court_case_id
    return (db.session.scalar(select(func.max(Event.number)).where(of)) or 0) + 1


def effect_of(kind: EventType, values: Mapping[str, Any], counts: Sequence[CountRef],
              history: Sequence[Act]) -> tuple[ActEffect, ChargeCourse]:
    """What an act would do if it were entered now, and the course of the charge with it."""
    occurred = values.get("occurred_on")
    trial = Act(maxsize, kind.code, course.when(occurred if isinstance(occurred, PartialDate) else None), maxsize,
                frozenset(values.get("counts") or ()), frozenset(values.get("accused") or ()),
                appeal_outcome=values.get("appeal_outcome"))
    return act_effects(counts, [*history, trial])[maxsize], charge_course(counts, [*history, trial])


def _checked(viewer: Viewer, charge: Charge, stands: Standing, kind: EventType,
             entry: Entry) -> tuple[dict[str, Any], dict[str, Sequence[Base]]]:
    """The entry's answers to what the act asks, and the rows that they name. Raises Rejected."""
    if not kind.fits("charge", None):
        raise Rejected(Problem("event_type", said("Esta actuación se registra en el expediente judicial")))
    if acts.confidentiality(kind) and not stands.on_team:
        raise Rejected(
            Problem("event_type", said("Solo quien integra el equipo del caso registra actuaciones reservadas"))
        )
    fields = acts.contributable(kind) if stands.shared else acts.asked(kind, regress=True)
    values = {field.name: entry.values[field.name] for field in fields if field.name in entry.values}
    problems = required(fields, {field.name: values.get(field.name) for field in fields}) + acts.check_act(
        values, viewer.today, kind=kind
    )
    links: dict[str, Sequence[Base]] = {
        name: _rows_of(_LISTS[name], charge) if stands.reads(*NAMED_BY_ACTS[name]) else () for name in _LISTS if name in values}
    problems += [_foreign(name) for name, rows in links.items() if not _among(values[name], rows)]
    problems += [
        _foreign(name)
        for name in values
        if values[name] is not None and not _offered(viewer, charge, stands, name, values[name])
    ]
    if kind.code == "REA-RES" and values.get("responsible") != charge.responsible_id and not stands.on_team:
        problems.append(Problem("responsible", said("Solo quien integra el equipo del caso puede cambiar al responsable")))
    if kind.code == joinders.JOINS and not problems:
        problems += joinders.check(viewer, charge, values["target_charge"])
    if problems:
        raise Rejected(problems)
    return values, links


def _foreign(name: str) -> Problem:
    return Problem(name, said("Elija una opción de la lista"))


def _among(keys: Any, rows: Sequence[Any]) -> bool:
    return set(keys or ()) <= {row.id for row in rows}


def _rows_of(model: type[Base], charge: Charge) -> Sequence[Base]:
    rows = db.session.scalars(select(model).where(model.charge_id == charge.id))  # type: ignore[attr-defined]
    return [row for row in rows if getattr(row, "withdrawn_at", None) is None]


def may_know(thing: Attachment, stands: Standing) -> bool:
    """Whether a document exists for who stands so: one withdrawn for nobody, a sealed one for the case team only.

    To who came by a grant, only where documents are shared.
    """
    return thing.withdrawn_at is None and stands.reads("DOC") and (stands.on_team or thing.confidentiality not in TEAM_ONLY)


def _offered(viewer: Viewer, charge: Charge, stands: Standing, name: str, value: Any) -> bool:
    """Whether the one thing that a field names may be named here."""
    if isinstance(value, Unknown):
        return True
    if name in _THINGS:
        thing: Any = db.session.get(_THINGS[name], value)
        known = not isinstance(thing, Attachment) or may_know(thing, stands)
        if isinstance(thing, Measure):
            known = stands.reads("MCO" if thing.kind == "COE" else "MPR")
        if isinstance(thing, Service):
            known = thing.withdrawn_at is None and stands.reads("ATE")
        return thing is not None and thing.charge_id == charge.id and known
    if name in _PLACES:
        return db.session.get(_PLACES[name], value) is not None
    if name == "responsible":
        return value in {key for key, _ in accounts.prosecutors(charge.office_id, viewer.at)}
    if name == "target_charge":
        seen: Any = db.session.scalar(scope.charges_for(viewer).where(Charge.id == value))
        return seen is not None and seen.id != charge.id
    return True


def _course_problems(
    kind: EventType, values: Mapping[str, Any], effect: ActEffect, after: ChargeCourse
) -> list[Problem]:
    if effect.backward and not _text(values.get("regress_reason")):
        return [Problem("regress_reason", said("Esta actuación hace retroceder la etapa: explique el motivo"))]
    if "closing_reason" in kind.needs and any(one.open for one in after.counts.values()):
        return [Problem("", said("Quedan imputaciones abiertas: la denuncia se cierra cuando todas han concluido"))]
    return []


def _further_effects(viewer: Viewer, charge: Charge, event: Event, kind: EventType, values: Mapping[str, Any]) -> None:
    """What an act does beyond course and deadlines, and cannot be derived from the acts: it changes another record."""
    reason = _text(values.get("reason"))
    if "offence" in kind.needs:
        named = event.counts or [row for row in _rows_of(Count, charge) if isinstance(row, Count)]
        retypifications.apply(viewer, event, named, offence=values["offence"], reason=reason)
    elif kind.code == "REA-RES" and values["responsible"] != charge.responsible_id:
        put_responsible(viewer, charge, values["responsible"])
    elif kind.code in ("SEL-PON", "SEL-LEV"):
        charges.seal(viewer, charge.number, confidentiality=SEALED if kind.code == "SEL-PON" else RESERVED, reason=reason,
                     version=charge.version)
    elif kind.code == "VIC-IDE":
        for victim in event.victims:
            day = event.occurred_on.day if event.occurred_on else None
            records.amend(
                viewer,
                victim,
                Entry("victim", {"status": "IDE"} | ({"status_on": day} if day else {})),
                "victim.amended",
            )


def _reversed_id(entry: Entry) -> int:
    value = entry.values.get("reversed_event")
    if not isinstance(value, int):
        raise Rejected(Problem("reversed_event", said("Elija la actuación que se deja sin efecto")))
    return value


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def own(charge: Charge, stands: Standing, event_id: int) -> Event:
    """The event of that key on this charge, where the viewer may know of it. Raises NotVisible."""
    event: Event | None = db.session.scalar(select(Event).where(Event.id == event_id, Event.charge_id == charge.id))
    if event is None or stands.outline or (event.confidentiality in TEAM_ONLY and not stands.on_team):
        raise NotVisible
    return event


def reverse(viewer: Viewer, number: str, event_id: int, *, reason: str, occurred_on: Any = None) -> int:
    """Leaves an act without effect by a new one, and gives the new one's key; a reversal can be reversed.

    Stage, outcomes and deadlines are worked out anew without the act, which stays readable.
    Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    former = own(charge, stands, event_id)
    kind = catalogued(former.event_type)
    require(viewer, reversing(kind, charge), stands)
    if former.referral_id is not None:
        raise Rejected(Problem("", said(
            "Esta actuación es de una derivación: retírela o respóndala en «Despacho y responsable»")))
    lock(charge)
    return undo(viewer, charge, former, reason=reason, occurred_on=occurred_on).id


def undo(viewer: Viewer, charge: Charge, former: Event, *, reason: str, occurred_on: Any = None) -> Event:
    """Leaves an act of a charge, held by `lock`, without effect. Raises Rejected."""
    _check_reversal(viewer, former, reason, occurred_on)
    stage = charge.stage
    event = Event(charge_id=charge.id, number=next_number(charge_id=charge.id), confidentiality=former.confidentiality)
    records.create(
        viewer,
        event,
        {
            "event_type": "COR-ACT",
            "occurred_on": occurred_on or PartialDate.of_day(viewer.today),
            "reversed_event": former.id,
            "reason": reason.strip(),
        },
        "event.reversed",
        reason=reason.strip(),
    )
    former.reversed_by_id = event.id
    records.touch(viewer, former)
    deadlines.undo(viewer, former, event)
    retypifications.undo(viewer, former, event, reason=reason.strip())
    if former.event_type in reversal_types() and former.reversed_event_id is not None:
        _restore(viewer, charge, db.session.get_one(Event, former.reversed_event_id), former)
    charges.settle(viewer, charge)
    records.derive(event, "stage_before", stage)
    records.derive(event, "stage_after", charge.stage)
    db.session.flush()
    joinders.follow(viewer, charge)
    return event


def _check_reversal(viewer: Viewer, former: Event, reason: str, occurred_on: Any) -> None:
    problems = acts.check_act({"occurred_on": occurred_on}, viewer.today)
    if not reason.strip():
        problems.append(Problem("reason", said("Escriba el motivo")))
    if former.reversed_by_id is not None:
        problems.append(Problem("", said("Esa actuación ya quedó sin efecto")))
    if former.number == 1 and former.event_type == "NOT-REC":
        problems.append(
            Problem("", said("El ingreso de la denuncia no se deja sin efecto: corrija su fecha en la denuncia"))
        )
    if former.event_type in NOT_REVERSED:
        problems.append(Problem("", said("Esta actuación se corrige con otra del mismo tipo")))
    if problems:
        raise Rejected(problems)


def _restore(viewer: Viewer, charge: Charge, restored: Event, former: Event) -> None:
    restored.reversed_by_id = None
    records.touch(viewer, restored)
    db.session.flush()
    deadlines.redo(viewer, restored, former, charge, course.course_of(charge.id))


def register_notification(
    viewer: Viewer, number: str, event_id: int, notified_on: date | None, *, version: int | None = None
) -> None:
    """Enters when an act was notified, which opens terms. Raises NotVisible, Forbidden, Rejected, Conflict."""
    charge, stands = scope.charge(viewer, number)
    event = own(charge, stands, event_id)
    require(viewer, "event.record", stands)
    problems = acts.check_act({"occurred_on": event.occurred_on, "notified_on": notified_on}, viewer.today)
    if notified_on is None:
        problems.append(Problem("notified_on", said("Indique la fecha de notificación")))
    if event.reversed_by_id is not None:
        problems.append(Problem("", said("Esa actuación ya quedó sin efecto")))
    if problems:
        raise Rejected(problems)
    records.amend(viewer, event, Entry("event", {"notified_on": notified_on}, version), "event.notified")
    deadlines.refresh(viewer, event, charge)
    charges.settle(viewer, charge)


def amend(viewer: Viewer, number: str, event_id: int, entry: Entry) -> list[str]:
    """Puts a slip of the entry right (date, place, document number, note) and gives the labels of the fields changed.

    What the act decided, and on whom, changes only by reversing it. Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    charge, stands = scope.charge(viewer, number)
    event = own(charge, stands, event_id)
    kind = catalogued(event.event_type)
    require(viewer, entering(kind, charge, stands), stands)
    if not amends_here(viewer, stands, event):
        raise Forbidden("event.contribute")
    fields = {field.name: field for field in amend_fields(kind) if field.name != "attachment" or stands.shared is None}
    values = {name: value for name, value in entry.values.items() if name in fields}
    if values.get("attachment") is None and _sealed_from(stands, event):
        values.pop("attachment", None)
    victims = _rows_of(Victim, charge) if stands.reads(*NAMED_BY_ACTS["victims"]) else ()
    problems = required([fields[name] for name in values], values)
    problems += acts.check_act(
        {"occurred_on": values.get("occurred_on", event.occurred_on), "notified_on": event.notified_on}, viewer.today)
    problems += [_foreign(name) for name, value in values.items()
                 if value is not None and not _offered(viewer, charge, stands, name, value)]
    if event.reversed_by_id is not None:
        problems.append(Problem("", said("Esa actuación ya quedó sin efecto")))
    if not _among(values.get("victims"), victims):
        problems.append(_foreign("victims"))
    if problems:
        raise Rejected(problems)
    changed = records.amend(
        viewer, event, replace(entry, values=values), "event.amended", links={"victims": victims}, reach=lens.clearance(stands))
    if {field.name for field in changed} & _TERM_FIELDS:
        deadlines.refresh(viewer, event, charge)
    if changed:
        charges.settle(viewer, charge)
    return [field.label(viewer.language) for field in changed]


def amends_here(viewer: Viewer, stands: Standing, event: Event) -> bool:
    """Whether the act is the viewer's to amend: the office amends any, a recipient of access what its own office contributed."""
    if stands.shared is None:
        return True
    author = db.session.get(User, event.created_by_id) if event.created_by_id is not None else None
    return event.origin == CONTRIBUTED and author is not None and author.office_id == viewer.office_id


def _sealed_from(stands: Standing, event: Event) -> bool:
    """Whether the act refers to a document that its form could not show: left blank, it stays."""
    document = db.session.get(Attachment, event.attachment_id) if event.attachment_id is not None else None
    return document is not None and not may_know(document, stands)


def amend_fields(kind: EventType) -> list[Field]:
    """The fields of a recorded act that may be put right."""
    fields = acts.amendable(kind)
    present = {field.name for field in fields}
    more = [name for name in ("occurred_at", "place", "resolution_number", "note") if name not in present]
    return [*fields, *(replace(record_named("event").fields[name], need="O") for name in more)]

