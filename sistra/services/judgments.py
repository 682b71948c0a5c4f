"""Judgments of a court case: one row per count judged, penalties per accused, reparations; each writes its act.

Problems of a row of the grid are named after the row: `r<count>-<field>`, `p<accused>-<field>`, `d<place>-<field>` (reparation).
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from sistra.access import lens
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.access.views import JudgmentView, PenaltyView, ReparationView, RulingView
from sistra.codebook.dictionary import Field
from sistra.codebook.dictionary import record as record_named
from sistra.codebook.event_types import event_type
from sistra.codebook.terms import Unknown
from sistra.db import Base, db
from sistra.models.counts import Count
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

_DERIVED = frozenset({"judgment", "count", "accused", "court_case", "remedy", "attachment", "secured_by", "verdict"})


@dataclass(frozen=True, slots=True)
class JudgmentEntry:
    """A judgment as entered: itself, its rulings by count, penalties by accused, reparations; counts not judged are left out.

    `remedy` is the key of the remedy that it decides; `remand_to` where a cassation sends the case; `regress_reason` why the
    stage goes back where its act does not foresee it.
    """

    judgment: Entry
    rulings: Mapping[int, Entry]
    penalties: Mapping[int, Entry] = field(default_factory=dict)
    reparations: Sequence[Entry] = ()
    remedy: int | None = None
    remand_to: str | None = None
    regress_reason: str = ""


def fields_of(record: str) -> list[Field]:
    """What a person enters of a judgment, ruling, penalty or reparation."""
    return [one for one in record_named(record).fields.values()
            if one.entered and (one.name not in _DERIVED or (record, one.name) == ("ruling", "verdict"))]


# --- recording -----------------------------------------------------------------------------------------------------

def record(viewer: Viewer, key: int, entry: JudgmentEntry) -> int:
    """Records a judgment with its act and gives its key. Raises NotVisible, Forbidden, Rejected."""
    sight = case_sight.to_write(viewer, key, judging=True)
    case_sight.lock(sight)
    remedy = _remedy(sight, entry)
    ruled = _ruled(sight, entry, remedy)
    _check(viewer, sight, entry, ruled, remedy)
    code = _event_type(sight, entry, ruled, remedy)
    judgment = _write(viewer, sight, entry, ruled, remedy)
    event = _write_event(viewer, sight, code, judgment, entry, ruled, remedy)
    if remedy is not None:
        _decide(viewer, remedy, judgment, event, ruled)
    _put_finality(viewer, judgment, event, entry, ruled)
    court_events.settle(viewer, sight)
    return judgment.id


def _remedy(sight: Sight, entry: JudgmentEntry) -> Remedy | None:
    if entry.remedy is None:
        return None
    row = db.session.scalar(select(Remedy).where(Remedy.id == entry.remedy, Remedy.court_case_id.in_(case_sight.family(sight.case))))
    if row is None:
        raise NotVisible
    return row


def _ruled(sight: Sight, entry: JudgmentEntry, remedy: Remedy | None) -> dict[int, Ruled]:
    """What the entry says of each count that it judges, beside the verdict that it reviews."""
    shown = {one.id for one in sight.shown_counts}
    former = {one.count_id: one.verdict for one in remedy.against} if remedy else {}
    found = {}
    for count_id, row in entry.rulings.items():
        verdict, effect = row.values.get("verdict"), row.values.get("remedy_outcome")
        if count_id not in shown:
            raise Rejected(Problem("", said("Elija una opción de la lista")))
        if verdict is not None or effect is not None:
            found[count_id] = Ruled(_word(verdict), _word(effect), former.get(count_id) or _last_verdict(count_id))
    return found


def _word(value: Any) -> str | None:
    return str(value) if value is not None else None


def _last_verdict(count_id: int) -> str | None:
    return db.session.scalar(select(Ruling.verdict).where(Ruling.count_id == count_id, Ruling.judgment_id.not_in(without_effect()))
                             .order_by(Ruling.id.desc()).limit(1))


def without_effect() -> Any:
    """The keys of judgments whose act was reversed, as a subquery."""
    return select(Event.judgment_id).where(
        Event.judgment_id.is_not(None), Event.reversed_by_id.is_not(None), Event.event_type.in_(court_events.DECIDED_BY_FORM))


def _check(viewer: Viewer, sight: Sight, entry: JudgmentEntry, ruled: Mapping[int, Ruled], remedy: Remedy | None) -> None:
    values = entry.judgment.values
    needed = [one for one in fields_of("judgment") if one.need == "R"]
    problems = required(needed, {one.name: values.get(one.name) for one in needed}) + rules.check_judgment(values, viewer.today)
    if not ruled:
        problems.append(Problem("", said("Indique el fallo de al menos una imputación")))
    instance = str(values.get("instance") or "")
    if instance not in ("", "1") and remedy is None:
        problems.append(Problem("instance", said("Una decisión de segunda instancia o de la Corte Suprema se registra desde el recurso que resuelve")))
    if instance == "1" and remedy is not None:
        problems.append(Problem("instance", said("La decisión que resuelve un recurso no es de primera instancia")))
    for count_id, one in ruled.items():
        problems += _named(f"r{count_id}", rules.check_ruling(one, instance, entry.rulings[count_id].values))
    convicted = {sight.counts[count_id].accused_id for count_id, one in ruled.items() if one.meaning in rules.CONVICTING}
    problems += _penalty_problems(sight, entry, ruled, convicted)
    for place, row in enumerate(entry.reparations):
        problems += _named(f"d{place}", _reparation_problems(sight, row.values))
    if problems:
        raise Rejected(problems)


def _named(prefix: str, problems: Sequence[Problem]) -> list[Problem]:
    return [replace(one, field=f"{prefix}-{one.field}") for one in problems]


def _penalty_problems(sight: Sight, entry: JudgmentEntry, ruled: Mapping[int, Ruled], convicted: set[int]) -> list[Problem]:
    problems = []
    for accused_id, row in entry.penalties.items():
        if not _answered(row.values):
            continue
        name = f"p{accused_id}"
        if accused_id not in convicted:
            problems.append(Problem(f"{name}-sentence_types", said("Solo quien es condenado recibe una pena: revise los fallos")))
            continue
        least = max((years for count_id, one in ruled.items() if sight.counts[count_id].accused_id == accused_id
                     and one.meaning in rules.CONVICTING and (years := _least(sight.counts[count_id], entry, row)) is not None), default=None)
        if least is not None and row.values.get("below_minimum_reason") in (None, ""):
            problems.append(Problem(f"{name}-below_minimum_reason", said(
                "La pena es menor que el mínimo legal de %(years)s años: indique el motivo"), {"years": least}))
    return problems


def _least(count: Count, entry: JudgmentEntry, penalty: Entry) -> int | None:
    ruling = entry.rulings[count.id].values
    offence, degree = ruling.get("convicted_offence"), ruling.get("convicted_degree")
    return rules.below_minimum(count.offence if offence in (None, *Unknown) else str(offence),
                               count.degree if degree in (None, *Unknown) else str(degree), penalty.values.get("imprisonment"))


def _reparation_problems(sight: Sight, values: Mapping[str, Any]) -> list[Problem]:
    problems = required([record_named("reparation").fields["amount_ordered"]], {"amount_ordered": values.get("amount_ordered")})
    for name, rows in _parties(sight).items():
        chosen = values.get(name)
        if not isinstance(chosen, Unknown) and not set(chosen or ()) <= {row.id for row in rows}:  # type: ignore[attr-defined]
            problems.append(Problem(name, said("Elija una opción de la lista")))
    return problems


def _parties(sight: Sight) -> dict[str, Sequence[Base]]:
    return {"victims": sight.shown_victims, "debtors": sight.shown_accused}


def _answered(values: Mapping[str, Any]) -> bool:
    return any(value not in (None, "", ()) for value in values.values())


def _event_type(sight: Sight, entry: JudgmentEntry, ruled: Mapping[int, Ruled], remedy: Remedy | None) -> str:
    if remedy is not None:
        code = rules.deciding_event(remedy.kind, ruled.values(), remand_to=entry.remand_to)
        if code is None:
            raise Rejected(Problem("", said("Indique el fallo o el efecto del recurso en al menos una imputación")))
        return code
    reserved = any("RFC" in (row.values.get("sentence_types") or ()) for row in entry.penalties.values()
                   if not isinstance(row.values.get("sentence_types"), Unknown))
    return rules.first_instance_event(procedure_code(sight), str(entry.judgment.values["decision_kind"]), ruled.values(), reserved=reserved)


def procedure_code(sight: Sight) -> str | None:
    """The code of procedure of the case, else that of its charges."""
    if sight.case.procedure_code not in (None, "any", *Unknown):
        return sight.case.procedure_code
    return next((charge.procedure_code for charge in sight.charges.values() if charge.procedure_code), None)


def _write(viewer: Viewer, sight: Sight, entry: JudgmentEntry, ruled: Mapping[int, Ruled], remedy: Remedy | None) -> Judgment:
    names = {one.name for one in fields_of("judgment")}
    values = {name: value for name, value in entry.judgment.values.items() if name in names}
    judgment = records.create(viewer, Judgment(court_case_id=sight.case.id), values | {
        "verdict": rules.verdict_of(_verdict(one) for one in ruled.values()), "remedy": remedy.id if remedy else None}, "judgment.recorded")
    for count_id, one in ruled.items():
        records.create(viewer, Ruling(court_case_id=sight.case.id, judgment_id=judgment.id, count_id=count_id),
                       dict(entry.rulings[count_id].values) | {"verdict": _verdict(one)}, "ruling.recorded")
    for accused_id, row in entry.penalties.items():
        if _answered(row.values):
            records.create(viewer, Penalty(court_case_id=sight.case.id, judgment_id=judgment.id, accused_id=accused_id), row.values,
                           "penalty.recorded")
    for row in entry.reparations:
        _add_reparation(viewer, sight, judgment, row)
    return judgment


def _verdict(ruled: Ruled) -> Any:
    return ruled.meaning or Unknown.NOT_KNOWN


def _add_reparation(viewer: Viewer, sight: Sight, judgment: Judgment, row: Entry) -> Reparation:
    values = {"status": "PEN"} | {name: value for name, value in row.values.items() if value is not None}
    return records.create(viewer, Reparation(court_case_id=sight.case.id, judgment_id=judgment.id), values, "reparation.recorded",
                          links=_parties(sight))


def _write_event(viewer: Viewer, sight: Sight, code: str, judgment: Judgment, entry: JudgmentEntry, ruled: Mapping[int, Ruled],
                 remedy: Remedy | None) -> Event:
    """The act that the judgment is, on the counts of which something is known."""
    told = {count_id: one for count_id, one in ruled.items() if code == "SEN-NSP" or not one.silent}
    values: dict[str, Any] = {
        "occurred_on": entry.judgment.values["decided_on"], "notified_on": _day(entry.judgment.values.get("notified_on")),
        "counts": tuple(sorted(told)), "judgment": judgment.id, "court_instance": judgment.court_instance, "court_name": judgment.court_name,
        "resolution_number": judgment.resolution_number, "regress_reason": entry.regress_reason or None}
    if remedy is not None:
        values |= {"remedy": remedy.id, "appeal_outcome": rules.outcome_of(one.effect for one in ruled.values())}
    known = {count_id: replace(one, verdict=one.meaning) for count_id, one in told.items()}
    return court_events.write(viewer, sight, event_type(code), {name: value for name, value in values.items() if value is not None},
                              rulings=known)


def _day(value: Any) -> Any:
    return value.day if isinstance(value, PartialDate) else None


def _decide(viewer: Viewer, remedy: Remedy, judgment: Judgment, event: Event, ruled: Mapping[int, Ruled]) -> None:
    """What the remedy shows of the decision, and what the decision makes of the judgment that was attacked."""
    values: dict[str, Any] = {
        "decided_on": _asked(judgment.decided_on), "outcome": rules.outcome_of(one.effect for one in ruled.values()),
        "remand": True if event.event_type in ("CAS-FRA", "CAS-FRJ") else None,
        "court_instance": judgment.court_instance, "court_name": judgment.court_name}
    records.amend(viewer, remedy, Entry("remedy", {name: value for name, value in values.items() if value is not None}), "remedy.decided")
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
        records.amend(viewer, judgment, Entry("judgment", {"finality": "EJE", "final_on": _asked(judgment.decided_on)}), "judgment.amended")


# --- putting right -------------------------------------------------------------------------------------------------

AMENDED = ("decided_on", "read_on", "notified_on", "published_on", "resolution_number", "court_instance", "court_name", "judges",
           "dissenting", "finality", "final_on", "procedural_remark")
"""What may be put right of a judgment; what it decided changes by leaving its act without effect and recording it anew."""


def amend(viewer: Viewer, key: int, judgment_id: int, entry: Entry) -> list[str]:
    """Puts a slip right and gives the labels of the fields changed. Raises NotVisible, Forbidden, Rejected, Conflict."""
    sight, judgment = _own(case_sight.to_write(viewer, key, judging=True), judgment_id)
    values = {name: value for name, value in entry.values.items() if name in AMENDED}
    fields = record_named("judgment").fields
    held = {name: getattr(judgment, name) for name in ("decided_on", "instance", "decision_kind")}
    problems = required([fields[name] for name in values], values) + rules.check_judgment(held | values, viewer.today)
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


def add_reparation(viewer: Viewer, key: int, judgment_id: int, entry: Entry) -> int:
    """Adds a reparation to a judgment and gives its key. Raises NotVisible, Forbidden, Rejected."""
    sight, judgment = _own(case_sight.to_write(viewer, key, judging=True), judgment_id)
    if problems := _reparation_problems(sight, entry.values):
        raise Rejected(problems)
    return _add_reparation(viewer, sight, judgment, entry).id


def amend_reparation(viewer: Viewer, key: int, reparation_id: int, entry: Entry) -> list[str]:
    """Writes what the entry changes of a reparation. Raises NotVisible, Forbidden, Rejected, Conflict."""
    sight = case_sight.to_write(viewer, key, judging=True)
    row = db.session.scalar(select(Reparation).where(Reparation.id == reparation_id, Reparation.court_case_id == sight.case.id))
    if row is None or not sight.sees_charge_of([*row.victims, *row.debtors]):
        raise NotVisible
    held = {"amount_ordered": row.amount_ordered if row.amount_ordered is not None else Unknown.NOT_KNOWN}
    if problems := _reparation_problems(sight, held | dict(entry.values)):
        raise Rejected(problems)
    changed = records.amend(viewer, row, entry, "reparation.amended", links=_parties(sight))
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
    event_id: int | None
    event_type: str | None
    reversed: bool
    warnings: Sequence[Problem]


def event_of(judgment_id: int) -> Event | None:
    """The act that the judgment is: the first one that names it."""
    return db.session.scalar(select(Event).where(Event.judgment_id == judgment_id, Event.event_type.in_(court_events.DECIDED_BY_FORM))
                             .order_by(Event.id).limit(1))


def in_sight(sight: Sight) -> list[tuple[Judgment, list[Ruling], Event | None]]:
    """The judgments of the case of which the viewer sees a ruling, with those rulings, newest first."""
    rows = list(db.session.scalars(select(Judgment).where(Judgment.court_case_id == sight.case.id)))
    rulings: dict[int, list[Ruling]] = {}
    for one in db.session.scalars(select(Ruling).where(Ruling.judgment_id.in_([row.id for row in rows])).order_by(Ruling.id)):
        if one.count_id in sight.counts and sight.counts[one.count_id].charge_id in sight.in_sight:
            rulings.setdefault(one.judgment_id, []).append(one)
    events = {row.id: event_of(row.id) for row in rows if row.id in rulings}
    shown = [row for row in rows if row.id in rulings and ((event := events[row.id]) is None or sight.sees_event(event))]
    return [(row, rulings[row.id], events[row.id]) for row in _newest_first(shown)]


def _newest_first(rows: Sequence[Judgment]) -> list[Judgment]:
    """By date; one whose date is not known stands right after the one entered before it."""
    keyed, last = [], date.min
    for row in sorted(rows, key=lambda row: row.id):
        last = (row.decided_on.earliest if row.decided_on else None) or last
        keyed.append((last, row.id, row))
    return [row for *_, row in sorted(keyed, key=lambda one: one[:2], reverse=True)]


def _own(sight: Sight, judgment_id: int) -> tuple[Sight, Judgment]:
    for row, _, _ in in_sight(sight):
        if row.id == judgment_id:
            return sight, row
    raise NotVisible


def listed(viewer: Viewer, key: int) -> list[JudgmentFile]:
    """The judgments of the case in sight, newest first. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    return [_file(sight, *found) for found in in_sight(sight)]


def show(viewer: Viewer, key: int, judgment_id: int) -> JudgmentFile:
    """One judgment. A reading, on the trail. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    for found in in_sight(sight):
        if found[0].id == judgment_id:
            audit.note(viewer, "judgment.read", audit.subject_of(found[0]))
            return _file(sight, *found)
    raise NotVisible


def reparation(viewer: Viewer, key: int, reparation_id: int) -> ReparationLine:
    """One reparation. Raises NotVisible."""
    for one in listed(viewer, key):
        for line in one.reparations:
            if line.view.id == reparation_id:
                return line
    raise NotVisible


def _file(sight: Sight, judgment: Judgment, rulings: Sequence[Ruling], event: Event | None) -> JudgmentFile:
    verdict = rules.verdict_of(one.verdict for one in rulings)
    view = replace(lens.see(judgment, Clearance.CASE, team=sight.team), verdict=verdict)
    counts = {one.count_id: sight.counts[one.count_id] for one in rulings}
    lines = [RulingLine(lens.see(one, Clearance.CASE, team=sight.team), sight.charges[counts[one.count_id].charge_id].number,
                        sight.code(sight.accused[counts[one.count_id].accused_id]), counts[one.count_id].offence) for one in rulings]
    penalties = [PenaltyLine(lens.see(one, Clearance.CASE), sight.code(sight.accused[one.accused_id]))
                 for one in _rows(Penalty, judgment.id) if sight.accused[one.accused_id].charge_id in sight.in_sight]
    reparations = [_reparation_line(sight, one) for one in _rows(Reparation, judgment.id)
                   if sight.sees_charge_of([*one.victims, *one.debtors])]
    return JudgmentFile(view, verdict, lines, penalties, reparations, event.id if event else None, event.event_type if event else None,
                        event is not None and event.reversed_by_id is not None, _warnings(sight, rulings, penalties))


def _rows(model: Any, judgment_id: int) -> list[Any]:
    return list(db.session.scalars(select(model).where(model.judgment_id == judgment_id).order_by(model.id)))


def _reparation_line(sight: Sight, row: Reparation) -> ReparationLine:
    victims = [one for one in row.victims if one.charge_id in sight.in_sight]
    debtors = [one for one in row.debtors if one.charge_id in sight.in_sight]
    view = replace(lens.see(row, Clearance.CASE), victims=tuple(one.id for one in victims), debtors=tuple(one.id for one in debtors))
    return ReparationLine(view, tuple(map(sight.code, victims)), tuple(map(sight.code, debtors)))


def _warnings(sight: Sight, rulings: Sequence[Ruling], penalties: Sequence[PenaltyLine]) -> list[Problem]:
    """A conviction without a penalty is a doubt that stops nothing."""
    punished = {int(str(one.view.accused)) for one in penalties}
    convicted = {sight.counts[one.count_id].accused_id for one in rulings if one.verdict in rules.CONVICTING and one.remedy_outcome is None}
    return [Problem("", said("%(code)s fue condenado y no se registró su pena"), {"code": sight.code(sight.accused[key])})
            for key in sorted(convicted - punished)]


def last_rulings(sight: Sight) -> dict[int, Ruling]:
    """The last standing ruling on each count in sight, by count, over the case's whole family of dockets."""
    shown = {one.id for one in sight.shown_counts}
    found: dict[int, Ruling] = {}
    rows = db.session.scalars(select(Ruling).where(
        Ruling.count_id.in_(shown), Ruling.judgment_id.not_in(without_effect())).order_by(Ruling.id))
    for one in rows:
        found[one.count_id] = one
    return found
