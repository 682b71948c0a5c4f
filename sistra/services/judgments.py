"""Judgments of a court case: one row per count judged, penalties per accused, reparations; each writes its act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
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
from sistra.rules.outcomes import EFFECTS
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import case_sight, court_course, court_effects, court_events, court_references, judgment_reading, records
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
    _put_finality(viewer, judgment, event, entry)
    court_course.settle(viewer, sight)
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


def _put_finality(viewer: Viewer, judgment: Judgment, event: Event, entry: JudgmentEntry) -> None:
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
    sight, judgment = judgment_reading.own(case_sight.to_write(viewer, key, judging=True), judgment_id)
    values = {name: value for name, value in entry.values.items() if name in AMENDED}
    fields = record_named("judgment").fields
    held = {name: getattr(judgment, name) for name in ("decided_on", "instance", "decision_kind")}
    problems = required([fields[name] for name in values], values) + rules.check_judgment(held | values, viewer.today)
    problems += _order_problems(judgment, values.get("decided_on"))
    if problems:
        raise Rejected(problems)
    changed = records.amend(viewer, judgment, replace(entry, values=values), "judgment.amended")
    event = judgment_reading.event_of(judgment.id)
    if event is not None and {one.name for one in changed} & {"decided_on", "notified_on"}:
        dates = {"occurred_on": _asked(judgment.decided_on), "notified_on": _day(_asked(judgment.notified_on))}
        records.amend(viewer, event, Entry("event", dates), "event.amended")
        court_events.follow_dates(viewer, sight, event)
        court_course.settle(viewer, sight)
    return [one.label(viewer.language) for one in changed]


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
    sight, judgment = judgment_reading.own(case_sight.to_write(viewer, key, judging=True), judgment_id)
    case_sight.lock(sight)
    lacking = judgment_reading.unpunished(sight, judgment_id)
    if accused_id not in lacking or judgment_id in set(db.session.scalars(without_effect())):
        raise NotVisible
    rows = [one for one in court_references.shown_rulings(sight)[judgment_id]
            if sight.counts[one.count_id].accused_id == accused_id]
    if problems := added_penalty_problems(sight, rows, entry.values):
        raise Rejected(problems)
    row = Penalty(court_case_id=sight.case.id, judgment_id=judgment.id, accused_id=accused_id)
    penalty = records.create(viewer, row, entry.values, "penalty.recorded")
    court_course.settle(viewer, sight)
    return penalty.id


def add_reparation(viewer: Viewer, key: int, judgment_id: int, entry: Entry) -> int:
    """Adds a reparation to a judgment and gives its key. Raises NotVisible, Forbidden, Rejected."""
    sight, judgment = judgment_reading.own(case_sight.to_write(viewer, key, judging=True), judgment_id)
    if problems := reparation_problems(sight, entry.values):
        raise Rejected(problems)
    return _add_reparation(viewer, sight, judgment, entry).id


def amend_reparation(viewer: Viewer, key: int, reparation_id: int, entry: Entry) -> list[str]:
    """Writes what the entry changes of a reparation. Raises NotVisible, Forbidden, Rejected, Conflict."""
    sight = case_sight.to_write(viewer, key, judging=True)
    row = db.session.scalar(select(Reparation).where(Reparation.id == reparation_id, Reparation.court_case_id == sight.case.id))
    known = court_references.reparations_in_sight(sight, judgment_reading.keys_in_sight(sight))
    if row is None or row not in known:
        raise NotVisible
    held = {"amount_ordered": row.amount_ordered if row.amount_ordered is not None else Unknown.NOT_KNOWN}
    if problems := reparation_problems(sight, held | dict(entry.values)):
        raise Rejected(problems)
    changed = court_references.amend_in_sight(viewer, row, entry, "reparation.amended", offered=parties(sight))
    if "amount_ordered" in {one.name for one in changed}:
        court_effects.follow_payments(viewer, row.id)
    return [one.label(viewer.language) for one in changed]
