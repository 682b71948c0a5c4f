"""Judgments of a court case: one row per count judged, penalties per accused, reparations; each writes its act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from sistra.access import lens
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.access.views import JudgmentView, PenaltyView, ReparationView, RulingView
from sistra.codebook.dictionary import record as record_named
from sistra.codebook.event_types import event_type
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.court_cases import Remedy
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Penalty, Reparation, Ruling
from sistra.rules import judgments as rules
from sistra.rules.entries import Entry, required
from sistra.rules.judgments import Ruled
from sistra.rules.masking import Clearance
from sistra.rules.outcomes import EFFECTS
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit, case_sight, court_events, records
from sistra.services.case_sight import Sight
from sistra.services.judgment_entries import JudgmentEntry as JudgmentEntry
from sistra.services.judgment_entries import added_penalty_problems, answered, check, parties, reparation_problems, ruled_in
from sistra.services.judgment_entries import fields_of as fields_of
from sistra.services.judgment_entries import without_effect as without_effect

# --- recording -----------------------------------------------------------------------------------------------------


def record(viewer: Viewer, key: int, entry: JudgmentEntry) -> int:
    """Records a judgment with its act and gives its key. Raises NotVisible, Forbidden, Rejected."""
    sight = case_sight.to_write(viewer, key, judging=True)
    case_sight.lock(sight)
    remedy = _remedy(viewer, sight, entry)
    ruled = ruled_in(sight, entry, remedy)
    check(viewer, sight, entry, ruled, remedy)
    code = _event_type(sight, entry, ruled, remedy)
    judgment = _write(viewer, sight, entry, ruled, remedy)
    event = _write_event(viewer, sight, code, judgment, entry, ruled, remedy)
    if remedy is not None:
        _decide(viewer, remedy, judgment, event, ruled)
    _put_finality(viewer, judgment, event, entry, ruled)
    court_events.settle(viewer, sight)
    return judgment.id


def _remedy(viewer: Viewer, sight: Sight, entry: JudgmentEntry) -> Remedy | None:
    if entry.remedy is None:
        return None
    row: Remedy | None = db.session.scalar(
        select(Remedy).where(Remedy.id == entry.remedy, Remedy.court_case_id.in_(case_sight.family(sight.case)))
    )
    if row is None or not case_sight.find(viewer, row.court_case_id).sees_remedy(row):
        raise NotVisible
    return row


def _event_type(sight: Sight, entry: JudgmentEntry, ruled: Mapping[int, Ruled], remedy: Remedy | None) -> str:
    if remedy is not None:
        code = rules.deciding_event(remedy.kind, ruled.values(), remand_to=entry.remand_to)
        if code is None:
            raise Rejected(Problem("", said("Indique el fallo o el efecto del recurso en al menos una imputación")))
        return code
    types = [row.values.get("sentence_types") for row in entry.penalties.values()]
    reserved = any(isinstance(told, tuple) and "RFC" in told for told in types)
    return rules.first_instance_event(
        procedure_code(sight), str(entry.judgment.values["decision_kind"]), ruled.values(), reserved=reserved
    )


def procedure_code(sight: Sight) -> str | None:
    """The code of procedure of the case, else that of its charges."""
    if sight.case.procedure_code not in (None, "any", *Unknown):
        return sight.case.procedure_code
    return next((charge.procedure_code for charge in sight.charges.values() if charge.procedure_code), None)


def _write(viewer: Viewer, sight: Sight, entry: JudgmentEntry, ruled: Mapping[int, Ruled], remedy: Remedy | None) -> Judgment:
    names = {one.name for one in fields_of("judgment")}
    values = {name: value for name, value in entry.judgment.values.items() if name in names}
    judgment = records.create(
        viewer,
        Judgment(court_case_id=sight.case.id),
        values | {"verdict": rules.verdict_of(_verdict(one) for one in ruled.values()), "remedy": remedy.id if remedy else None},
        "judgment.recorded",
    )
    for count_id, one in ruled.items():
        records.create(
            viewer,
            Ruling(court_case_id=sight.case.id, judgment_id=judgment.id, count_id=count_id),
            dict(entry.rulings[count_id].values) | {"verdict": _verdict(one)},
            "ruling.recorded",
        )
    for accused_id, row in entry.penalties.items():
        if answered(row.values):
            records.create(
                viewer,
                Penalty(court_case_id=sight.case.id, judgment_id=judgment.id, accused_id=accused_id),
                row.values,
                "penalty.recorded",
            )
    for row in entry.reparations:
        _add_reparation(viewer, sight, judgment, row)
    return judgment


def _verdict(ruled: Ruled) -> Any:
    return ruled.meaning or Unknown.NOT_KNOWN


def _add_reparation(viewer: Viewer, sight: Sight, judgment: Judgment, row: Entry) -> Reparation:
    values = {"status": "PEN"} | {name: value for name, value in row.values.items() if value is not None}
    return records.create(
        viewer,
        Reparation(court_case_id=sight.case.id, judgment_id=judgment.id),
        values,
        "reparation.recorded",
        links=parties(sight),
    )


def _write_event(
    viewer: Viewer,
    sight: Sight,
    code: str,
    judgment: Judgment,
    entry: JudgmentEntry,
    ruled: Mapping[int, Ruled],
    remedy: Remedy | None,
) -> Event:
    """The act that the judgment is, on the counts of which something is known."""
    told = {count_id: one for count_id, one in ruled.items() if code == "SEN-NSP" or not one.silent}
    values: dict[str, Any] = {
        "occurred_on": entry.judgment.values["decided_on"],
        "notified_on": _day(entry.judgment.values.get("notified_on")),
        "counts": tuple(sorted(told)),
        "judgment": judgment.id,
        "court_instance": judgment.court_instance,
        "court_name": judgment.court_name,
        "resolution_number": judgment.resolution_number,
        "regress_reason": entry.regress_reason or None,
    }
    if remedy is not None:
        values |= {"remedy": remedy.id, "appeal_outcome": rules.outcome_of(one.effect for one in ruled.values())}
    known = {count_id: replace(one, verdict=one.meaning) for count_id, one in told.items()}
    return court_events.write(
        viewer, sight, event_type(code), {name: value for name, value in values.items() if value is not None}, rulings=known
    )


def _day(value: Any) -> Any:
    return value.day if isinstance(value, PartialDate) else None


def _decide(viewer: Viewer, remedy: Remedy, judgment: Judgment, event: Event, ruled: Mapping[int, Ruled]) -> None:
    """What the remedy shows of the decision, and what the decision makes of the judgment that was attacked."""
    values: dict[str, Any] = {
        "decided_on": _asked(judgment.decided_on),
        "outcome": rules.outcome_of(one.effect for one in ruled.values()),
        "remand": True if event.event_type in ("CAS-FRA", "CAS-FRJ") else None,
        "court_instance": judgment.court_instance,
        "court_name": judgment.court_name,
    }
    records.amend(
        viewer, remedy, Entry("remedy", {name: value for name, value in values.items() if value is not None}), "remedy.decided"
    )
    if ruled and all(one.meaning == rules.ANNULLING for one in ruled.values()):
        for key in {one.judgment_id for one in remedy.against}:
            former = db.session.get_one(Judgment, key)
            records.amend(viewer, former, Entry("judgment", {"finality": "ANU", "final_on": None}), "judgment.amended")


def _asked(value: PartialDate | None) -> Any:
    return Unknown.NOT_KNOWN if value is not None and not value.known else value


def _put_finality(viewer: Viewer, judgment: Judgment, event: Event, entry: JudgmentEntry, ruled: Mapping[int, Ruled]) -> None:
    """A decision against which nothing ordinary lies is final from its day, unless the form says otherwise."""
    kind = event_type(event.event_type)
    if entry.judgment.values.get("finality") is None and kind.outcome and EFFECTS[kind.outcome].final:
        records.amend(
            viewer, judgment, Entry("judgment", {"finality": "EJE", "final_on": _asked(judgment.decided_on)}), "judgment.amended"
        )


# --- putting right -------------------------------------------------------------------------------------------------

AMENDED = (
    "decided_on",
    "read_on",
    "notified_on",
    "published_on",
    "resolution_number",
    "court_instance",
    "court_name",
    "judges",
    "dissenting",
    "finality",
    "final_on",
    "procedural_remark",
)
"""What may be put right of a judgment; what it decided changes by leaving its act without effect and recording it anew."""


def amend(viewer: Viewer, key: int, judgment_id: int, entry: Entry) -> list[str]:
    """Puts a slip right and gives the labels of the fields changed. Raises NotVisible, Forbidden, Rejected, Conflict."""
    sight, judgment = _own(case_sight.to_write(viewer, key, judging=True), judgment_id)
    values = {name: value for name, value in entry.values.items() if name in AMENDED}
    fields = record_named("judgment").fields
    held = {name: getattr(judgment, name) for name in ("decided_on", "instance", "decision_kind")}
    problems = required([fields[name] for name in values], values) + rules.check_judgment(held | values, viewer.today)
    problems += _order_problems(judgment, values.get("decided_on"))
    if problems:
        raise Rejected(problems)
    changed = records.amend(viewer, judgment, replace(entry, values=values), "judgment.amended")
    event = event_of(judgment.id)
    if event is not None and {one.name for one in changed} & {"decided_on", "notified_on"}:
        dates = {"occurred_on": _asked(judgment.decided_on), "notified_on": _day(_asked(judgment.notified_on))}
        records.amend(viewer, event, Entry("event", dates), "event.amended")
        court_events.follow_dates(viewer, sight, event)
        court_events.settle(viewer, sight)
    return [one.label(viewer.language) for one in changed]


def _keys_in_sight(sight: Sight) -> set[int]:
    return {one.judgment.id for one in in_sight(sight)}


def _order_problems(judgment: Judgment, decided: Any) -> list[Problem]:
    """Problems of a new date with the remedy that the judgment decides, and with those filed against it."""
    remedy = db.session.get(Remedy, judgment.remedy_id) if judgment.remedy_id is not None else None
    problems = rules.check_decided(decided, remedy.filed_on) if remedy is not None else []
    against = db.session.scalars(select(Remedy).where(Remedy.against.any(Ruling.judgment_id == judgment.id)))
    if any(rules.out_of_order(decided, one.filed_on) for one in against):
        problems.append(Problem("decided_on", said("La decisión no puede ser posterior al recurso que la impugna")))
    return problems


def add_penalty(viewer: Viewer, key: int, judgment_id: int, accused_id: int, entry: Entry) -> int:
    """Adds the penalty of a person whom the judgment convicts and gives its key.

    Raises NotVisible (also where nobody of that key lacks one), Forbidden, Rejected.
    """
    sight, judgment = _own(case_sight.to_write(viewer, key, judging=True), judgment_id)
    case_sight.lock(sight)
    if accused_id not in _unpunished(sight, judgment_id) or judgment_id in set(db.session.scalars(without_effect())):
        raise NotVisible
    rows = [one for one in court_events.shown_rulings(sight)[judgment_id] if sight.counts[one.count_id].accused_id == accused_id]
    if problems := added_penalty_problems(sight, rows, entry.values):
        raise Rejected(problems)
    row = Penalty(court_case_id=sight.case.id, judgment_id=judgment.id, accused_id=accused_id)
    penalty = records.create(viewer, row, entry.values, "penalty.recorded")
    court_events.settle(viewer, sight)
    return penalty.id


def without_penalty(viewer: Viewer, key: int, judgment_id: int) -> list[tuple[int, str]]:
    """(key, code) of those in sight whom a standing judgment convicts and whose penalty was not entered. Raises NotVisible."""
    sight, judgment = _own(case_sight.find(viewer, key), judgment_id)
    if judgment.id in set(db.session.scalars(without_effect())):
        return []
    return [(one, sight.code(sight.accused[one])) for one in _unpunished(sight, judgment.id)]


def _unpunished(sight: Sight, judgment_id: int) -> list[int]:
    punished = set(db.session.scalars(select(Penalty.accused_id).where(Penalty.judgment_id == judgment_id)))
    convicted = {
        sight.counts[one.count_id].accused_id
        for one in court_events.shown_rulings(sight).get(judgment_id, [])
        if one.verdict in rules.CONVICTING and one.remedy_outcome not in rules.PENALTY_KEPT
    }
    return sorted(convicted - punished)


def add_reparation(viewer: Viewer, key: int, judgment_id: int, entry: Entry) -> int:
    """Adds a reparation to a judgment and gives its key. Raises NotVisible, Forbidden, Rejected."""
    sight, judgment = _own(case_sight.to_write(viewer, key, judging=True), judgment_id)
    if problems := reparation_problems(sight, entry.values):
        raise Rejected(problems)
    return _add_reparation(viewer, sight, judgment, entry).id


def amend_reparation(viewer: Viewer, key: int, reparation_id: int, entry: Entry) -> list[str]:
    """Writes what the entry changes of a reparation. Raises NotVisible, Forbidden, Rejected, Conflict."""
    sight = case_sight.to_write(viewer, key, judging=True)
    row = db.session.scalar(select(Reparation).where(Reparation.id == reparation_id, Reparation.court_case_id == sight.case.id))
    if row is None or row.id not in {one.id for one in court_events.reparations_in_sight(sight, _keys_in_sight(sight))}:
        raise NotVisible
    held = {"amount_ordered": row.amount_ordered if row.amount_ordered is not None else Unknown.NOT_KNOWN}
    if problems := reparation_problems(sight, held | dict(entry.values)):
        raise Rejected(problems)
    changed = court_events.amend_in_sight(viewer, row, entry, "reparation.amended", offered=parties(sight))
    if "amount_ordered" in {one.name for one in changed}:
        court_events.follow_payments(viewer, row.id)
    return [one.label(viewer.language) for one in changed]


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RulingLine:
    """A ruling in sight: on which count of which accused, and the offence as it stands in the count."""

    view: RulingView
    number: str
    accused: str
    offence: str


@dataclass(frozen=True, slots=True)
class PenaltyLine:
    view: PenaltyView
    accused: str


@dataclass(frozen=True, slots=True)
class ReparationLine:
    """A reparation in sight. Empty `victims` or `debtors`: nobody named in particular."""

    view: ReparationView
    victims: tuple[str, ...]
    debtors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JudgmentFile:
    """A judgment as far as the viewer sees it. `verdict` is that of the rulings in sight; `event_id` its act."""

    view: JudgmentView
    verdict: str | None
    rulings: Sequence[RulingLine]
    penalties: Sequence[PenaltyLine]
    reparations: Sequence[ReparationLine]
    event_id: int
    event_type: str
    reversed: bool
    warnings: Sequence[Problem]


def event_of(judgment_id: int) -> Event | None:
    """The act that the judgment is: the first one that names it."""
    return db.session.scalar(
        select(Event)
        .where(Event.judgment_id == judgment_id, Event.event_type.in_(court_events.DECIDED_BY_FORM))
        .order_by(Event.id)
        .limit(1)
    )


class Seen(NamedTuple):
    """A judgment with its rulings in sight and the act that it is."""

    judgment: Judgment
    rulings: list[Ruling]
    event: Event


def in_sight(sight: Sight) -> list[Seen]:
    """The judgments of the case of which the viewer sees a ruling, newest first."""
    rows = list(db.session.scalars(select(Judgment).where(Judgment.court_case_id == sight.case.id)))
    rulings, events = court_events.shown_rulings(sight), court_events.judging_acts(sight)
    return [Seen(row, rulings[row.id], events[row.id]) for row in _newest_first(rows) if row.id in rulings and row.id in events]


def _newest_first(rows: Sequence[Judgment]) -> list[Judgment]:
    """By date; one whose date is not known stands right after the one entered before it."""
    keyed, last = [], date.min
    for row in sorted(rows, key=lambda row: row.id):
        last = (row.decided_on.earliest if row.decided_on else None) or last
        keyed.append((last, row.id, row))
    return [row for *_, row in sorted(keyed, key=lambda one: one[:2], reverse=True)]


def _own(sight: Sight, judgment_id: int) -> tuple[Sight, Judgment]:
    for one in in_sight(sight):
        if one.judgment.id == judgment_id:
            return sight, one.judgment
    raise NotVisible


def listed(viewer: Viewer, key: int) -> list[JudgmentFile]:
    """The judgments of the case in sight, newest first. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    return _files(sight, in_sight(sight))


def show(viewer: Viewer, key: int, judgment_id: int) -> JudgmentFile:
    """One judgment. A reading, on the trail. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    for found in _files(sight, [one for one in in_sight(sight) if one.judgment.id == judgment_id]):
        audit.note(viewer, "judgment.read", audit.Subject("judgment", judgment_id, court_case_id=key))
        return found
    raise NotVisible


def reparation(viewer: Viewer, key: int, reparation_id: int) -> ReparationLine:
    """One reparation. Raises NotVisible."""
    for one in listed(viewer, key):
        for line in one.reparations:
            if line.view.id == reparation_id:
                return line
    raise NotVisible


def _files(sight: Sight, found: Sequence[Seen]) -> list[JudgmentFile]:
    keys = [one.judgment.id for one in found]
    penalties: dict[int, list[PenaltyLine]] = {}
    for row in db.session.scalars(select(Penalty).where(Penalty.judgment_id.in_(keys)).order_by(Penalty.id)):
        if sight.accused[row.accused_id].charge_id in sight.in_sight:
            line = PenaltyLine(lens.see(row, Clearance.CASE), sight.code(sight.accused[row.accused_id]))
            penalties.setdefault(row.judgment_id, []).append(line)
    reparations: dict[int, list[ReparationLine]] = {}
    for owed in db.session.scalars(select(Reparation).where(Reparation.judgment_id.in_(keys)).order_by(Reparation.id)):
        if sight.sees_charge_of([*owed.victims, *owed.debtors]):
            reparations.setdefault(owed.judgment_id, []).append(_reparation_line(sight, owed))
    return [_file(sight, one, penalties.get(one.judgment.id, []), reparations.get(one.judgment.id, [])) for one in found]


def _file(sight: Sight, one: Seen, penalties: list[PenaltyLine], reparations: list[ReparationLine]) -> JudgmentFile:
    verdict = rules.verdict_of(row.verdict for row in one.rulings)
    view = replace(lens.see(one.judgment, Clearance.CASE, team=sight.team), verdict=verdict)
    lines = []
    for row in one.rulings:
        count = sight.counts[row.count_id]
        lines.append(
            RulingLine(
                lens.see(row, Clearance.CASE, team=sight.team),
                sight.charges[count.charge_id].number,
                sight.code(sight.accused[count.accused_id]),
                count.offence,
            )
        )
    return JudgmentFile(
        view,
        verdict,
        lines,
        penalties,
        reparations,
        one.event.id,
        one.event.event_type,
        one.event.reversed_by_id is not None,
        _warnings(sight, one.rulings, penalties),
    )


def _reparation_line(sight: Sight, row: Reparation) -> ReparationLine:
    victims = [one for one in row.victims if one.charge_id in sight.in_sight]
    debtors = [one for one in row.debtors if one.charge_id in sight.in_sight]
    view = replace(
        lens.see(row, Clearance.CASE), victims=tuple(one.id for one in victims), debtors=tuple(one.id for one in debtors)
    )
    return ReparationLine(view, tuple(map(sight.code, victims)), tuple(map(sight.code, debtors)))


def _warnings(sight: Sight, rulings: Sequence[Ruling], penalties: Sequence[PenaltyLine]) -> list[Problem]:
    """A conviction without a penalty is a doubt that stops nothing."""
    punished = {int(str(one.view.accused)) for one in penalties}
    convicted = {
        sight.counts[one.count_id].accused_id for one in rulings if one.verdict in rules.CONVICTING and one.remedy_outcome is None
    }
    return [
        Problem("", said("%(code)s fue condenado y no se registró su pena"), {"code": sight.code(sight.accused[key])})
        for key in sorted(convicted - punished)
    ]


def last_rulings(sight: Sight) -> dict[int, Ruling]:
    """The last standing ruling on each count in sight, by count, over the case's whole family of dockets."""
    shown = {one.id for one in sight.shown_counts}
    found: dict[int, Ruling] = {}
    rows = db.session.scalars(
        select(Ruling).where(Ruling.count_id.in_(shown), Ruling.judgment_id.not_in(without_effect())).order_by(Ruling.id)
    )
    for one in rows:
        found[one.count_id] = one
    return found
