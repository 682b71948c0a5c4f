"""Remedies against rulings: filed, amended, decided. Filing writes an act; the decision is a judgment, or an act of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from sistra.access import lens
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.access.views import RemedyView
from sistra.codebook.dictionary import Field
from sistra.codebook.dictionary import record as record_named
from sistra.codebook.event_types import event_type
from sistra.codebook.terms import Unknown
from sistra.db import db, remembered
from sistra.models.court_cases import Remedy
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Ruling
from sistra.rules import judgments as rules
from sistra.rules.entries import Entry, required
from sistra.rules.masking import Clearance, shows
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import case_sight, court_course, court_events, judgments, records
from sistra.services.case_sight import Sight
from sistra.services.folder_rows import rows_of

FILING = ("kind", "number", "against", "filed_by", "filed_on", "court_instance", "court_name", "note")
DECIDING = ("decided_on", "outcome", "court_instance", "court_name", "note")
AMENDED = ("number", "filed_on", "granted", "court_instance", "court_name", "heard_on", "note")
BY_JUDGMENT = ("APE", "CAS", "RN")
"""Kinds of remedy against a judgment: a judgment of a higher instance decides them."""

WITHOUT_JUDGMENT = ("QUE", "REP", "REV", "HC")
"""Kinds of remedy that can be filed where no judgment of the case was entered, beside an appeal against an order."""


@dataclass(frozen=True, slots=True)
class Attacked:
    """A ruling that a remedy may be filed against."""

    ruling_id: int
    judgment_id: int
    decided_on: Any
    accused: str
    offence: str
    verdict: str


@dataclass(frozen=True, slots=True)
class RemedyFile:
    """A remedy as far as the viewer sees it.

    `filed_event` is the act that filed it; `decision` the key of the judgment that decided it, in the case `decision_case`.
    """

    view: RemedyView
    against: Sequence[Attacked]
    party_detail: str | None
    filed_event: int
    decision: int | None
    decision_case: int | None
    reversed: bool
    by_judgment: bool

    @property
    def open(self) -> bool:
        """Filed and not decided."""
        return not self.reversed and self.decision is None and self.view.outcome is None


def filing_fields() -> list[Field]:
    """What the form of a new remedy asks: of the remedy, and who exactly files it."""
    fields = record_named("remedy").fields
    asked = [fields[name] for name in FILING]
    asked.insert(FILING.index("filed_by") + 1, record_named("event").fields["party_detail"])
    return asked


def fields_of(names: Sequence[str]) -> list[Field]:
    """Fields of a remedy by name."""
    return [record_named("remedy").fields[name] for name in names]


def file(viewer: Viewer, key: int, entry: Entry, *, regress_reason: str = "") -> int:
    """Registers a remedy with the act that files it, and gives its key.

    Without rulings named it is against all those of the last judgment in sight. Raises NotVisible, Forbidden, Rejected.
    """
    sight = case_sight.to_write(viewer, key)
    case_sight.lock(sight)
    values: dict[str, Any] = {name: entry.values[name] for name in FILING if name in entry.values}
    attacked = _rulings(sight)
    _check(viewer, values, attacked)
    chosen = [attacked[one] for one in values.get("against") or ()] or _of_last_judgment(sight)
    _check_against(values, chosen)
    values["against"] = tuple(sorted(one.id for one in chosen))
    remedy = records.create(viewer, Remedy(court_case_id=sight.case.id), values, "remedy.filed", links={"against": chosen})
    code = rules.filing_event(remedy.kind, against_judgment=bool(chosen))
    court_events.write(viewer, sight, event_type(code), _filing(values, entry, chosen, remedy.id, regress_reason))
    for judgment_id in {one.judgment_id for one in chosen}:
        judgment = db.session.get_one(Judgment, judgment_id)
        if judgment.finality is None:
            records.amend(viewer, judgment, Entry("judgment", {"finality": "NFI"}), "judgment.amended")
    court_course.settle(viewer, sight)
    return remedy.id


def _check(viewer: Viewer, values: Mapping[str, Any], attacked: Mapping[int, Ruling]) -> None:
    needed = [one for one in fields_of(FILING) if one.need == "R"]
    problems = required(needed, {one.name: values.get(one.name) for one in needed})
    filed = values.get("filed_on")
    if isinstance(filed, PartialDate) and filed.earliest and filed.earliest > viewer.today:
        problems.append(Problem("filed_on", said("Esta fecha no puede ser futura")))
    against = values.get("against") or ()
    if not set(against) <= set(attacked):
        problems.append(Problem("against", said("Elija una opción de la lista")))
    if problems:
        raise Rejected(problems)


def _check_against(values: Mapping[str, Any], chosen: Sequence[Ruling]) -> None:
    filed = values.get("filed_on")
    if not chosen and rules.needs_judgment(values.get("kind")):
        raise Rejected(Problem("kind", said("Primero registre la decisión impugnada")))
    if not chosen and filed is None:
        raise Rejected(Problem("filed_on", said("Responda «%(label)s»"), {"label": fields_of(("filed_on",))[0].label_es}))
    if problems := rules.check_filed(filed, _days_of(chosen)):
        raise Rejected(problems)


def _days_of(rulings: Sequence[Ruling]) -> list[Any]:
    keys = {one.judgment_id for one in rulings}
    return [row.decided_on for row in db.session.scalars(select(Judgment).where(Judgment.id.in_(keys)))]


def _filing(
    values: Mapping[str, Any], entry: Entry, chosen: Sequence[Ruling], remedy_id: int, regress_reason: str
) -> dict[str, Any]:
    filed_by = values.get("filed_by")
    party = filed_by if isinstance(filed_by, Unknown) else (filed_by or (None,))[0]
    found: dict[str, Any] = {
        "occurred_on": values.get("filed_on") or Unknown.NOT_KNOWN,
        "party": party,
        "party_detail": entry.values.get("party_detail"),
        "remedy": remedy_id,
        "regress_reason": regress_reason or None,
    }
    if chosen:
        found |= {"judgment": max(one.judgment_id for one in chosen), "counts": tuple(sorted({one.count_id for one in chosen}))}
    return {name: value for name, value in found.items() if value is not None}


def _rulings(sight: Sight) -> dict[int, Ruling]:
    """The rulings in sight that can be attacked: of standing judgments in the family of dockets, on counts held here."""
    counts = [one.id for one in sight.shown_counts]
    return {
        one.id: one
        for one in db.session.scalars(
            select(Ruling)
            .where(
                Ruling.court_case_id.in_(case_sight.family(sight.case)),
                Ruling.count_id.in_(counts),
                Ruling.judgment_id.not_in(judgments.without_effect()),
            )
            .order_by(Ruling.id)
        )
    }


def _of_last_judgment(sight: Sight) -> list[Ruling]:
    rulings = list(_rulings(sight).values())
    last = max((one.judgment_id for one in rulings), default=None)
    return [one for one in rulings if one.judgment_id == last]


def amend(viewer: Viewer, key: int, remedy_id: int, entry: Entry) -> list[str]:
    """Puts a slip right, or enters what became known. The act of filing follows its date.

    Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    sight, remedy = _own(case_sight.to_write(viewer, key), remedy_id)
    values = {name: value for name, value in entry.values.items() if name in AMENDED}
    problems = [
        Problem(name, said("Esta fecha no puede ser futura"))
        for name in ("filed_on", "heard_on")
        if isinstance(when := values.get(name), PartialDate)
        and when.earliest
        and when.earliest > viewer.today
        and name == "filed_on"
    ]
    problems += rules.check_filed(values.get("filed_on"), _days_of(remedy.against))
    if rules.out_of_order(values.get("filed_on"), remedy.decided_on):
        problems.append(Problem("filed_on", said("El recurso no puede ser posterior a la decisión que lo resuelve")))
    if problems:
        raise Rejected(problems)
    changed = records.amend(viewer, remedy, replace(entry, values=values), "remedy.amended")
    filing = filing_event_of(remedy.id)
    if filing is not None and "filed_on" in {one.name for one in changed}:
        records.amend(viewer, filing, Entry("event", {"occurred_on": values["filed_on"] or Unknown.NOT_KNOWN}), "event.amended")
        court_events.follow_dates(viewer, sight, filing)
        court_course.settle(viewer, sight)
    return [one.label(viewer.language) for one in changed]


def decide(viewer: Viewer, key: int, remedy_id: int, entry: Entry) -> None:
    """Enters the decision of a remedy that no judgment decides (complaint, review, habeas corpus, an appeal against an order).

    Raises NotVisible, Forbidden, Rejected.
    """
    sight, remedy = _own(case_sight.to_write(viewer, key), remedy_id)
    case_sight.lock(sight)
    if _by_judgment(remedy):
        raise Rejected(Problem("", said("Este recurso se resuelve con una sentencia o ejecutoria: regístrela")))
    values = {name: entry.values[name] for name in DECIDING if name in entry.values}
    problems = [
        Problem(name, said("Responda «%(label)s»"), {"label": record_named("remedy").fields[name].label_es})
        for name in ("decided_on", "outcome")
        if values.get(name) is None
    ]
    decided = values.get("decided_on")
    if isinstance(decided, PartialDate) and decided.earliest and decided.earliest > viewer.today:
        problems.append(Problem("decided_on", said("Esta fecha no puede ser futura")))
    problems += rules.check_decided(decided, remedy.filed_on)
    if problems:
        raise Rejected(problems)
    records.amend(viewer, remedy, Entry("remedy", values), "remedy.decided")
    court_events.write(
        viewer,
        sight,
        event_type("AUT-RES"),
        {"occurred_on": values["decided_on"], "appeal_outcome": values["outcome"], "remedy": remedy.id},
    )
    court_course.settle(viewer, sight)


def _by_judgment(remedy: Remedy) -> bool:
    return remedy.kind in BY_JUDGMENT and bool(remedy.against)


def filing_event_of(remedy_id: int) -> Event | None:
    """The act that filed the remedy: the first one that names it."""
    return db.session.scalar(select(Event).where(Event.remedy_id == remedy_id).order_by(Event.id).limit(1))


# --- reading -------------------------------------------------------------------------------------------------------


@remembered
def in_sight(sight: Sight) -> list[Remedy]:
    """The remedies of the case about a ruling in sight, or about none in particular."""
    rows = db.session.scalars(select(Remedy).where(Remedy.court_case_id == sight.case.id).order_by(Remedy.id.desc()))
    return [one for one in rows if sight.sees_remedy(one)]


def _own(sight: Sight, remedy_id: int) -> tuple[Sight, Remedy]:
    for one in in_sight(sight):
        if one.id == remedy_id:
            return sight, one
    raise NotVisible


def listed(viewer: Viewer, key: int) -> list[RemedyFile]:
    """The remedies of the case in sight, newest first. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    return _files(sight, in_sight(sight))


def show(viewer: Viewer, key: int, remedy_id: int) -> RemedyFile:
    """One remedy. Raises NotVisible."""
    sight, remedy = _own(case_sight.find(viewer, key), remedy_id)
    return _files(sight, [remedy])[0]


def _files(sight: Sight, rows: Sequence[Remedy]) -> list[RemedyFile]:
    keys = [row.id for row in rows]
    decisions: dict[int, Judgment] = {}
    for one in db.session.scalars(
        select(Judgment).where(Judgment.remedy_id.in_(keys), Judgment.id.not_in(judgments.without_effect())).order_by(Judgment.id)
    ):
        decisions[one.remedy_id or 0] = one
    filings: dict[int, Any] = {}
    columns = (Event.id, Event.remedy_id, Event.party_detail, Event.reversed_by_id)
    for event in db.session.execute(select(*columns).where(Event.remedy_id.in_(keys)).order_by(Event.id)):
        filings.setdefault(event.remedy_id, event)
    attacks = {one.ruling_id: one for one in attacked(sight, [ruling for row in rows for ruling in row.against])}
    return [
        _file(sight, row, [attacks[one.id] for one in row.against if one.id in attacks], filings[row.id], decisions.get(row.id))
        for row in rows
    ]


def _file(sight: Sight, remedy: Remedy, against: list[Attacked], filing: Any, decision: Judgment | None) -> RemedyFile:
    """A remedy with the act that filed it (`filing`: key, detail of who filed it, what reversed it)."""
    view = replace(lens.see(remedy, sight.reach), against=tuple(one.ruling_id for one in against))
    return RemedyFile(
        view,
        against,
        filing.party_detail if _tells_who(sight.reach) else None,
        filing.id,
        decision.id if decision else None,
        decision.court_case_id if decision else None,
        filing.reversed_by_id is not None,
        _by_judgment(remedy),
    )


def _tells_who(reach: lens.Reach) -> bool:
    """Whether who exactly filed a remedy is told: it stands in the act, and is read by whom the texts of acts are open to."""
    clear = reach if isinstance(reach, Clearance) else reach.into("ACT")
    return clear is not None and shows(clear, record_named("event").fields["party_detail"])


def attacked(sight: Sight, rulings: Sequence[Ruling]) -> list[Attacked]:
    """Rulings in sight as a remedy names them."""
    dates = {row.id: row.decided_on for row in rows_of(Judgment, sorted({one.judgment_id for one in rulings}))}
    found = []
    for one in rulings:
        count = sight.counts.get(one.count_id)
        if count is not None and count.charge_id in sight.open_in("SEN"):
            found.append(
                Attacked(
                    one.id,
                    one.judgment_id,
                    dates.get(one.judgment_id),
                    sight.code(sight.accused[count.accused_id]),
                    count.offence,
                    one.verdict,
                )
            )
    return found


def against_choices(viewer: Viewer, key: int) -> list[Attacked]:
    """The rulings that a new remedy may attack, newest judgment first. Raises NotVisible, Forbidden."""
    sight = case_sight.to_write(viewer, key)
    return sorted(attacked(sight, list(_rulings(sight).values())), key=lambda one: (-one.judgment_id, one.ruling_id))
