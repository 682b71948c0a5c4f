"""The course of a charge, derived from its counts and events, and written back to the rows that show it."""
from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date

from sqlalchemy import CompoundSelect, ScalarSelect, String, Table, cast, func, select, union_all

from sistra.codebook.event_types import event_type, event_types, regime_set, reversal_types
from sistra.codebook.terms import Unknown
from sistra.db import db, remembered
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.court_cases import ChargeCourtCase, charge_court_case_accused_link
from sistra.models.events import Deadline, Event, event_accused_link, event_counts_link
from sistra.models.judgments import Ruling
from sistra.models.people import Accused
from sistra.rules.charge_course import ChargeCourse, act_effects, charge_course
from sistra.rules.partial_dates import PartialDate
from sistra.rules.stages import CLOSED, Act, CountRef, When, in_order, standing_acts
from sistra.services.folder_rows import WITHOUT_PARTS, accused_of, counts_of, rows_of, with_parts
from sistra.services.records import derive

ENTERED_STATUSES = ("RCO", "LQR")
"""What a person enters of an accused (absconded; those who may be found responsible); every other status is derived."""

_REGIME_ACTS = frozenset(code for code, kind in event_types().items() if regime_set(kind))
_CLOSING_ACTS = frozenset({"CIE-CAS"})
_JOINDER_ACTS = frozenset({"ACM-DIS", "ACM-REV"})
_RESTRICTING_ACTS = frozenset({"RTA-PON"})


@remembered
def course_of(charge_id: int) -> ChargeCourse:
    """Everything that the events of a charge, and of the court cases it is linked to, say of its counts."""
    return charge_course(*history_of(charge_id))


def history_of(charge_id: int) -> tuple[list[CountRef], list[Act]]:
    """The counts of a charge and the acts about them, as the rules of the course take them: as the database holds them."""
    return history_among(charge_id, counts_of(charge_id), accused_of(charge_id))


def history_among(
    charge_id: int, counts: Sequence[Count], accused: Sequence[Accused], events: Sequence[Event] | None = None
) -> tuple[list[CountRef], list[Act]]:
    """The same, of counts and accused (those withdrawn left out) that are at hand; `events` about the charge, if they are too."""
    parts = {one.id: one for one in accused}
    recorded = _recorded(charge_id) if events is None else [_record_of(one) for one in events]
    held = _held_by_cases(charge_id) if any(one.court_case_id is not None for one in recorded) else {}
    acts = _acts(recorded, {one.id for one in counts}, set(parts), held)
    told = _told_absent(acts, set(parts))
    return [_count_ref(one, parts, told) for one in counts], acts


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What the course reads of an event: the whole history of a charge is one statement."""

    id: int
    event_type: str
    occurred: When
    court_case_id: int | None
    judgment_id: int | None
    reversed_event_id: int | None
    appeal_outcome: str | None
    counts: frozenset[int]
    accused: frozenset[int]


def _record_of(event: Event) -> _Recorded:
    return _Recorded(
        event.id, event.event_type, when(event.occurred_on), event.court_case_id, event.judgment_id, event.reversed_event_id,
        event.appeal_outcome, frozenset(one.id for one in event.counts), frozenset(one.id for one in event.accused),
    )


@remembered
def _recorded(charge_id: int) -> list[_Recorded]:
    columns = Event.__table__.c
    rows = db.session.execute(
        select(
            Event.id, Event.event_type, columns.occurred_on_earliest, columns.occurred_on_latest, Event.court_case_id,
            Event.judgment_id, Event.reversed_event_id, Event.appeal_outcome,
            _keys_in(event_counts_link, "count_id"), _keys_in(event_accused_link, "accused_id"),
        )
        .where(Event.id.in_(_keys_about(charge_id)))
        .order_by(Event.id)
    )
    return [
        _Recorded(key, kind, (earliest, latest), case, judgment, reversed_event, appeal, _keys(counts), _keys(accused))
        for key, kind, earliest, latest, case, judgment, reversed_event, appeal, counts, accused in rows
    ]


def _keys_in(link: Table, column: str) -> ScalarSelect[str]:
    """The keys that a link table holds for the event of the row, as text: 3,8."""
    return (
        select(func.aggregate_strings(cast(link.c[column], String), ","))
        .where(link.c.event_id == Event.id)
        .correlate(Event)
        .scalar_subquery()
    )


def _keys(text: str | None) -> frozenset[int]:
    return frozenset(map(int, text.split(","))) if text else frozenset()


def _keys_about(charge_id: int) -> CompoundSelect[int]:
    linked = select(ChargeCourtCase.court_case_id).where(ChargeCourtCase.charge_id == charge_id)
    own, of_cases = (select(Event.id).where(which) for which in (Event.charge_id == charge_id, Event.court_case_id.in_(linked)))
    return union_all(own, of_cases)


def events_about(charge_id: int) -> list[Event]:
    """The events of a charge and those of the court cases it is linked to, in order of entry."""
    return with_parts(rows_of(Event, [one.id for one in _recorded(charge_id)], *WITHOUT_PARTS))


def _count_ref(count: Count, accused: dict[int, Accused], told: set[int]) -> CountRef:
    part = accused.get(count.accused_id)
    return CountRef(
        count.id, count.accused_id, count.offence, part.status if part is not None and _entered(part, told) else None
    )


def _told_absent(acts: list[Act], accused: set[int]) -> set[int]:
    """The accused whose absence some act tells of, reversed or not: theirs is derived, not entered."""
    told: set[int] = set()
    for act in acts:
        if act.event_type in ("REO-CON", "REO-PUE"):
            told |= act.accused or accused
    return told


def _entered(part: Accused, told: set[int]) -> bool:
    return part.status in ENTERED_STATUSES and not (part.status == "RCO" and part.id in told)


def when(value: PartialDate | None) -> When:
    """A partial date as the rules of the course take it."""
    return (value.earliest, value.latest) if value is not None else (None, None)


@remembered
def _held_by_cases(charge_id: int) -> dict[int, frozenset[int]]:
    """Court case -> the accused of this charge that it holds, where it does not hold them all."""
    named = charge_court_case_accused_link
    links: dict[tuple[int, int], set[int]] = {}
    for case, link, accused in db.session.execute(
        select(ChargeCourtCase.court_case_id, ChargeCourtCase.id, named.c.accused_id)
        .join(named, named.c.charge_court_case_id == ChargeCourtCase.id)
        .where(ChargeCourtCase.charge_id == charge_id)
        .order_by(ChargeCourtCase.id)
    ):
        links.setdefault((case, link), set()).add(accused)
    return {case: frozenset(held) for (case, _link), held in links.items()}


def _acts(events: Sequence[_Recorded], counts: set[int], accused: set[int], held: dict[int, frozenset[int]]) -> list[Act]:
    """The events as acts on these counts. One that names only parts of another charge is about that one alone.

    An act in a court case that names nobody reaches the accused that the case holds.
    """
    rulings = _rulings(frozenset(event.judgment_id for event in events if event.judgment_id is not None))
    acts = []
    for event in events:
        named_counts, named_accused = event.counts, event.accused
        if (named_counts and not named_counts & counts) or (named_accused and not named_accused & accused):
            continue
        if not named_counts and not named_accused and event.court_case_id is not None:
            named_accused = held.get(event.court_case_id, frozenset())
        decided = [one for one in rulings.get(event.judgment_id or 0, []) if one.count_id in counts]
        acts.append(
            Act(
                id=event.id,
                event_type=event.event_type,
                occurred=event.occurred,
                order=event.id,
                counts=named_counts & counts,
                accused=named_accused & accused,
                reverses=event.reversed_event_id,
                appeal_outcome=event.appeal_outcome,
                verdicts={one.count_id: one.verdict for one in decided} or None,
                effects={one.count_id: one.remedy_outcome for one in decided if one.remedy_outcome} or None,
            )
        )
    return acts


@remembered
def _rulings(judgments: frozenset[int]) -> dict[int, list[Ruling]]:
    found: dict[int, list[Ruling]] = {}
    if judgments:
        for one in db.session.scalars(select(Ruling).where(Ruling.judgment_id.in_(judgments))):
            found.setdefault(one.judgment_id, []).append(one)
    return found


def rederive(
    charge: Charge,
    counted: Sequence[Count] | None = None,
    accused: Sequence[Accused] | None = None,
    opening: Event | None = None,
) -> ChargeCourse:
    """Works the course out anew and writes what the charge, its counts, its accused and its events show of it.

    `counted` and `accused` (those withdrawn left out) are what the charge holds of each, where it is at hand. `opening` is the
    first act of a charge that is just being opened, written or not: there is no other act yet, and no deadline.
    """
    events = events_about(charge.id) if opening is None else [opening]
    counted = counts_of(charge.id) if counted is None else counted
    counts, acts = history_among(charge.id, counted, accused_of(charge.id) if accused is None else accused, events)
    course = charge_course(counts, acts)
    derive(charge, "stage", course.stage)
    derive(charge, "status", course.status)
    derive(charge, "closed_on", course.closed_on[0] if course.closed_on else None)
    _derive_counts(course)
    told = _told_absent(acts, {ref.accused_id for ref in counts})
    for part in rows_of(Accused, course.accused):
        if not _entered(part, told):
            derive(part, "status", course.accused[part.id].status)
    _derive_from_acts(charge, counts, acts, {one.id: one for one in events if one.charge_id == charge.id})
    if opening is None:
        charge.next_due_on = next_due(charge.id)
    db.session.flush()
    return course


def _derive_counts(course: ChargeCourse) -> None:
    for count in rows_of(Count, course.counts):
        one = course.counts[count.id]
        for name, value in (("stage", one.stage), ("outcome", one.outcome), ("state", one.state)):
            derive(count, name, value)
        for name, dated in (("prosecuted_on", one.prosecuted_on), ("accusation_on", one.accusation_on),
                            ("first_instance_on", one.first_instance_on), ("final_on", one.final_on)):
            derive(count, name, _partial(dated))


def _derive_from_acts(charge: Charge, counts: list[CountRef], acts: list[Act], events: dict[int, Event]) -> None:
    """What each act did, and what the last standing act of a kind leaves: regime, closing reason, joinder.

    `events` are the charge's own, by key.
    """
    effects = act_effects(counts, acts)
    for key, event in events.items():
        if key in effects and event.event_type not in reversal_types():
            derive(event, "stage_before", effects[key].stage_before)
            derive(event, "stage_after", effects[key].stage_after)
            derive(event, "outcome", effects[key].outcome or None)
    standing = [events[act.id] for act in in_order(standing_acts(acts)) if act.id in events]
    _derive_from_last(charge, {event.event_type for event in events.values()}, standing)


def _derive_from_last(charge: Charge, entered: Set[str], standing: Sequence[Event]) -> None:
    """Derives only what an act was ever `entered` for, in effect or not: the rest is what somebody wrote into the charge."""

    def last(codes: Set[str]) -> Event | None:
        return next((one for one in reversed(standing) if one.event_type in codes), None)

    if entered & _REGIME_ACTS:
        regime = last(_REGIME_ACTS)
        derive(charge, "regime", regime_set(event_type(regime.event_type)) if regime else "ordinary")
    if entered & _CLOSING_ACTS:
        closing = last(_CLOSING_ACTS)
        derive(charge, "closing_reason", closing.closing_reason if closing and charge.stage == CLOSED else None)
    if entered & _JOINDER_ACTS:
        joinder = last(_JOINDER_ACTS)
        derive(charge, "joined_into", joinder.target_charge_id if joinder and joinder.event_type == "ACM-DIS" else None)
    if entered & _RESTRICTING_ACTS:
        derive(charge, "restricted_after_archive", last(_RESTRICTING_ACTS) is not None)


def next_due(charge_id: int) -> date | None:
    """The earliest due day among the charge's open deadlines."""
    found: date | None = db.session.scalar(
        select(Deadline.due_on)
        .where(Deadline.charge_id == charge_id, Deadline.closed_on.is_(None), Deadline.due_on.is_not(None))
        .order_by(Deadline.due_on)
        .limit(1)
    )
    return found


def _partial(dated: When | None) -> object:
    if dated is None:
        return None
    earliest, latest = dated
    if earliest is None or latest is None:
        return Unknown.NOT_KNOWN
    return PartialDate.of_range(earliest, latest)
