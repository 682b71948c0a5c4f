"""Court cases: opened from a charge or alone, amended, linked to charges, read; the incident dockets below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.access.views import CountView, CourtCaseView, PenaltyView
from sistra.codebook.dictionary import Field
from sistra.codebook.dictionary import record as record_named
from sistra.codebook.offences import is_core
from sistra.codebook.terms import Unknown, codelist
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Deadline, Event
from sistra.models.judgments import Penalty
from sistra.rules.ages import is_minor
from sistra.rules.charge_course import ChargeCourse, charge_course
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.entries import Entry, required
from sistra.rules.masking import Clearance, Reserved
from sistra.rules.numbering import docket_warning
from sistra.rules.outcomes import CONVICTED
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.stages import Act, CountRef
from sistra.services import (
    audit,
    case_sight,
    court_case_links,
    court_course,
    judgment_entries,
    judgment_reading,
    records,
    remedies,
)
from sistra.services import course as courses
from sistra.services.case_sight import Sight
from sistra.services.charges import DueSoon
from sistra.services.court_case_links import LinkLine, link_line

INCIDENTS = ("INC", "PPR", "MED", "REC", "DEB", "EJE")
"""Kinds of docket that stand below a main one."""


def entered_fields() -> list[Field]:
    """What a person enters of a court case. The main docket is given by where an incident is opened."""
    return [field for field in record_named("court_case").fields.values() if field.entered and field.type != "ref"]


def opening_values(viewer: Viewer, number: str | None = None, main_key: int | None = None) -> dict[str, Any]:
    """What the form of a new court case starts from: the charge's, or the main docket's, code and district.

    Raises NotVisible, Forbidden.
    """
    require(viewer, "court_case.open")
    if main_key is not None:
        main = case_sight.to_write(viewer, main_key).case
        return {
            "court_case_kind": "INC",
            "procedure_code": main.procedure_code,
            "fiscal_district": main.fiscal_district,
            "court_instance": main.court_instance,
            "court_name": main.court_name,
            "state": "TRA",
        }
    values: dict[str, Any] = {"court_case_kind": "PRI", "state": "TRA", "fiscal_district": viewer.fiscal_district}
    if number is not None:
        charge, stands = scope.charge(viewer, number)
        require(viewer, "event.record", stands)
        values |= {"procedure_code": charge.procedure_code, "fiscal_district": charge.fiscal_district}
    return values


def open_case(viewer: Viewer, entry: Entry, *, number: str | None = None, accused: Sequence[int] = ()) -> int:
    """Opens a court case and gives its key. With the number of a charge it is linked to it, with all or some of its accused.

    Raises NotVisible, Forbidden, Rejected.
    """
    require(viewer, "court_case.open")
    charge = None
    if number is not None:
        charge, stands = scope.charge(viewer, number)
        require(viewer, "event.record", stands)
    case = _create(viewer, entry, None)
    if charge is not None:
        court_case_links.attach(viewer, case, charge, "ORI", accused)
    court_case_links.settle(viewer, case)
    return case.id


def open_incident(viewer: Viewer, main_key: int, entry: Entry) -> int:
    """Opens an incident docket (cuaderno) below a main one, linked to the same charges and accused, and gives its key.

    Raises NotVisible, Forbidden, Rejected.
    """
    main = case_sight.to_write(viewer, main_key)
    if entry.values.get("court_case_kind") not in INCIDENTS:
        raise Rejected(Problem("court_case_kind", said("Elija qué clase de cuaderno es")))
    case = _create(viewer, entry, main.case.main_docket_id or main.case.id)
    for link in main.current:
        court_case_links.attach(viewer, case, main.charges[link.charge_id], "REC", [one.id for one in link.accused])
    court_case_links.settle(viewer, case)
    return case.id


def _create(viewer: Viewer, entry: Entry, main_id: int | None) -> CourtCase:
    _check(viewer, entry.values)
    names = {field.name for field in entered_fields()}
    values = {name: value for name, value in entry.values.items() if name in names}
    case = CourtCase(main_docket_id=main_id, prosecution_office_id=viewer.office_id)
    return records.create(viewer, case, {"state": "TRA"} | values, "court_case.opened")


def _check(viewer: Viewer, values: Mapping[str, Any]) -> None:
    fields = record_named("court_case").fields
    problems = required([fields["court_case_kind"]], {"court_case_kind": values.get("court_case_kind")})
    for name in ("opened_on", "concluded_on"):
        when = values.get(name)
        if isinstance(when, PartialDate) and when.earliest and when.earliest > viewer.today:
            problems.append(Problem(name, said("Esta fecha no puede ser futura")))
    opened, concluded = values.get("opened_on"), values.get("concluded_on")
    if isinstance(opened, PartialDate) and isinstance(concluded, PartialDate) and concluded.surely_before(opened):
        problems.append(Problem("concluded_on", said("No puede concluir antes de ingresar al órgano")))
    if problems:
        raise Rejected(problems)


def amend(viewer: Viewer, key: int, entry: Entry) -> list[str]:
    """Writes what the entry changes of a court case and gives the labels of the fields changed.

    Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    sight = case_sight.to_write(viewer, key)
    names = {field.name for field in entered_fields()}
    _check(
        viewer,
        {name: getattr(sight.case, name) for name in ("court_case_kind", "opened_on", "concluded_on")} | dict(entry.values),
    )
    values = {name: value for name, value in entry.values.items() if name in names}
    changed = records.amend(viewer, sight.case, replace(entry, values=values), "court_case.amended")
    return [field.label(viewer.language) for field in changed]


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CountLine:
    """A count before the court: `accused` and `victims` by code; `first_offence` where the count was re-typified.

    `accused_open`: the page of the accused is open to the viewer.
    """

    view: CountView
    number: str
    accused: str
    accused_code: str
    victims: tuple[str, ...]
    former_offence: str | None
    accused_open: bool


@dataclass(frozen=True, slots=True)
class Hearing:
    event_id: int
    event_type: str
    hearing_type: str | None
    at: datetime
    accused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseFolder:
    """What every page of a court case shows around its own matter, as far as this viewer sees.

    `opened` are the sections (`grant_section`) that are open to them for one of its charges; all of them `by_right`.
    """

    case: CourtCaseView
    key: int
    offence: str | None
    office: str
    course: ChargeCourse | None
    charges: Mapping[str, int]
    accused: int
    victims: int
    minors: int
    counted: Mapping[str, int]
    main: tuple[int, str] | None
    deadline: tuple[DueSoon, str] | None
    may_write: bool
    may_judge: bool
    team: bool
    by_right: bool
    opened: frozenset[str]


NUMBERS = frozenset({"docket_number", "other_number"})
"""The fields that a court case is called by."""


def label_of(case: Any) -> str | None:
    """The number by which a court case is called: its docket, else its other number; None where neither is known or open."""
    for number in (case.docket_number, case.other_number):
        if number is not None and number not in tuple(Unknown) and not isinstance(number, Reserved):
            return str(number)
    return None


def called(viewer: Viewer, key: int | None) -> tuple[int, str] | None:
    """Key of a court case in sight and what it is called, as far as its numbers are open; empty where they are not."""
    found = _with_reach(viewer, CourtCase.id == key) if key is not None else []
    return next(((case.id, label_of(lens.see(case, reach, only=NUMBERS)) or "") for case, reach in found), None)


def folder(viewer: Viewer, key: int, *, act: str = "court_case.read") -> CaseFolder:
    """The court case with its frame. A reading, on the trail. Raises NotVisible, Forbidden."""
    require(viewer, "court_case.read")
    sight = case_sight.find(viewer, key)
    audit.note(viewer, act, audit.subject_of(sight.case), detail={"charges": sorted(sight.numbers)})
    case: CourtCaseView = lens.see(sight.case, sight.reach, team=sight.team)
    counts = sight.shown_counts
    offences = [one.offence for one in sorted(counts, key=lambda one: (not one.main, not is_core(one.offence), one.id))]
    office, below = _office_and_incidents(viewer, sight.case)
    return CaseFolder(
        case=case,
        key=key,
        offence=offences[0] if offences else None,
        office=office,
        course=course_in_sight(sight),
        charges={number: charge_id for charge_id, number in sight.numbers.items()},
        accused=len(sight.shown_accused),
        victims=len(sight.shown_victims),
        minors=sum(map(is_minor, sight.shown_victims)),
        counted=_counted(sight, below),
        main=called(viewer, sight.case.main_docket_id),
        deadline=_next_deadline(sight),
        may_write=case_sight.may_write(viewer, sight),
        may_judge=case_sight.may_write(viewer, sight, judging=True),
        team=sight.team,
        by_right=sight.by_right,
        opened=frozenset(code for code in codelist("grant_section") if sight.opens(code)),
    )


def _next_deadline(sight: Sight) -> tuple[DueSoon, str] | None:
    """The first open deadline among the linked charges in sight, and the number of its charge; sealed acts' only for the team."""
    query = (
        select(Deadline)
        .join(Event, Deadline.opened_by_id == Event.id)
        .where(Deadline.charge_id.in_(sight.open_in("PLA") & sight.numbers.keys()), Deadline.closed_on.is_(None),
               Deadline.due_on.is_not(None))
        .order_by(Deadline.due_on, Deadline.id)
    )
    if not sight.team:
        query = query.where(Event.confidentiality.is_(None) | Event.confidentiality.not_in(TEAM_ONLY))
    row = db.session.scalar(query.limit(1))
    if row is None or row.charge_id is None:
        return None
    return DueSoon(row.rule, row.due_on, row.accused_id), sight.numbers[row.charge_id]


def _office_and_incidents(viewer: Viewer, case: CourtCase) -> tuple[str, int]:
    """The name of the prosecution office, and how many dockets in sight stand below the case."""
    below = scope.court_cases_for(viewer).where(CourtCase.main_docket_id == case.id).with_only_columns(func.count(CourtCase.id))
    named = select(Office.name).where(Office.id == case.prosecution_office_id)
    office, incidents = db.session.execute(select(named.scalar_subquery(), below.scalar_subquery())).one()
    return office or "", incidents


def _counted(sight: Sight, incidents: int) -> dict[str, int]:
    return {
        "charges": len(sight.numbers),
        "events": len(sight.acts),
        "judgments": len(judgment_reading.in_sight(sight)),
        "remedies": len(remedies.in_sight(sight)),
        "incidents": incidents,
        "attachments": len(sight.last_documents),
    }


def course_in_sight(sight: Sight) -> ChargeCourse | None:
    """The course of the counts that the case holds in sight, over all of their charges; None without any."""
    refs: list[CountRef] = []
    acts: dict[int, Act] = {}
    shown = {one.id for one in sight.shown_counts}
    for charge_id in sight.numbers:
        counts, history = courses.history_among(
            charge_id,
            [one for one in sight.counts.values() if one.charge_id == charge_id],
            [one for one in sight.accused.values() if one.charge_id == charge_id and one.withdrawn_at is None],
        )
        refs += [one for one in counts if one.id in shown]
        everybody = frozenset(one.accused_id for one in counts)
        for act in history:
            own = replace(act, accused=act.accused or everybody) if len(sight.numbers) > 1 and not act.counts else act
            held = acts.get(act.id)
            acts[act.id] = own if held is None else _together(held, own)
    return charge_course(refs, acts.values()) if refs else None


def _together(one: Act, other: Act) -> Act:
    """An act that is about several charges, as one."""
    return replace(
        one,
        counts=one.counts | other.counts,
        accused=one.accused | other.accused,
        verdicts={**(one.verdicts or {}), **(other.verdicts or {})} or None,
        effects={**(one.effects or {}), **(other.effects or {})} or None,
    )


def counts(viewer: Viewer, key: int) -> list[CountLine]:
    """The counts before the court in sight, by charge and accused. Raises NotVisible."""
    return count_lines(case_sight.find(viewer, key))


def count_lines(sight: Sight) -> list[CountLine]:
    """The same, of a sight that is already known."""
    views = [lens.see(one, sight.reach_of(one.charge_id), team=sight.team) for one in sight.shown_counts]
    lines = []
    for row, view in zip(sight.shown_counts, views, strict=True):
        accused = sight.accused[row.accused_id]
        victims = tuple(sight.code(sight.victims[one]) for one in sight.count_victims.get(row.id, ()) if one in sight.victims)
        former = row.first_offence if row.first_offence not in (None, row.offence) else None
        lines.append(CountLine(view, sight.numbers[row.charge_id], sight.code(accused), accused.code, victims, former,
                               row.charge_id in sight.open_in("IMP")))
    return lines


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A count with what became of it: its stage and state, the last verdict, and the penalty where the conviction stands."""

    line: CountLine
    stage: str | None
    state: str | None
    verdict: str | None
    judgment_id: int | None
    penalty: PenaltyView | None


def board(viewer: Viewer, key: int) -> list[BoardRow]:
    """The counts before the court in sight with their rulings and penalties. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    rulings = judgment_reading.last_rulings(sight)
    penalties = {
        row.accused_id: row
        for row in db.session.scalars(
            select(Penalty)
            .where(
                Penalty.accused_id.in_({one.accused_id for one in sight.shown_counts}),
                Penalty.judgment_id.not_in(judgment_entries.without_effect()),
            )
            .order_by(Penalty.id)
        )
    }
    rows = []
    for count, line in zip(sight.shown_counts, count_lines(sight), strict=True):
        judged = count.charge_id in sight.open_in("SEN")
        ruling = rulings.get(count.id) if judged else None
        penalty = penalties.get(count.accused_id) if judged and count.state in CONVICTED else None
        judgment_id = ruling.judgment_id if ruling is not None and ruling.court_case_id == key else None
        rows.append(
            BoardRow(
                line,
                sight.stage_told(count.charge_id, count.stage),
                count.state,
                ruling.verdict if ruling else None,
                judgment_id,
                lens.see(penalty, sight.reach_of(count.charge_id)) if penalty else None,
            )
        )
    return rows


def hearings(viewer: Viewer, key: int) -> list[Hearing]:
    """The hearings still to come in sight, the next one first. Raises NotVisible."""
    return hearings_of(case_sight.find(viewer, key), viewer.at)


def hearings_of(sight: Sight, at: datetime, acts: Sequence[Event] | None = None) -> list[Hearing]:
    """The same, of a sight that is already known; `acts` are those of the case in sight where they were loaded already."""
    return [
        Hearing(
            one.id,
            one.event_type,
            one.hearing_type,
            one.scheduled_for,
            tuple(sight.code(part) for part in one.accused if part.charge_id in sight.in_sight),
        )
        for one in court_course.upcoming(sight.acts if acts is None else acts, at)
        if one.scheduled_for is not None
    ]


def incidents(viewer: Viewer, key: int) -> list[CourtCaseView]:
    """The incident dockets below the case. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    below = _with_reach(viewer, CourtCase.main_docket_id == sight.case.id)
    return [lens.see(case, reach) for case, reach in below]


def _with_reach(viewer: Viewer, which: ColumnElement[bool]) -> list[tuple[CourtCase, lens.Reach]]:
    """Court cases in sight, each with how far the viewer sees into it: all of it by right, else what its grants open."""
    rows = db.session.execute(
        scope.court_cases_for(viewer).where(which).add_columns(scope.court_case_by_right(viewer)).order_by(CourtCase.id)).all()
    shared = [case for case, by_right in rows if not by_right]
    reaches = {one.case.id: one.reach for one in case_sight.many(viewer, shared)} if shared else {}
    return [(case, reaches.get(case.id, Clearance.CASE)) for case, _by_right in rows]


def of_charge(viewer: Viewer, number: str) -> list[tuple[CourtCaseView, LinkLine]]:
    """The court cases of a charge, with the link to each. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "court_case.of_charge", stands)
    rows = db.session.execute(
        select(CourtCase, ChargeCourtCase)
        .join(ChargeCourtCase, ChargeCourtCase.court_case_id == CourtCase.id)
        .where(ChargeCourtCase.charge_id == charge.id)
        .order_by(ChargeCourtCase.unlinked_on.is_not(None), CourtCase.id)
    )
    found = [(case, link) for case, link in rows]
    sights = case_sight.many(viewer, [case for case, _ in found])
    return [
        (lens.see(case, sight.reach), link_line(viewer, sight, row, {}))
        for (case, row), sight in zip(found, sights, strict=True)
    ]


def warnings(viewer: Viewer, key: int) -> list[Problem]:
    """What looks unusual and was kept as typed: the docket's shape, or one that another court case in sight has too."""
    case = case_sight.find(viewer, key).case
    docket = case.docket_number
    if docket is None or docket in tuple(Unknown):
        return []
    found = [warning] if (warning := docket_warning(docket)) else []
    same = scope.court_cases_for(viewer).where(CourtCase.id != case.id, CourtCase.docket_number == docket).limit(1)
    if db.session.scalar(same) is not None:
        found.append(Problem("docket_number", said("Otro expediente a su alcance tiene el mismo número")))
    return found


def parties(viewer: Viewer, key: int) -> dict[str, list[tuple[int, str]]]:
    """Whom a reparation may name: (key, code) of victims and of accused, as its `debtors`, in sight. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    return {
        "victims": [(one.id, sight.code(one)) for one in sight.shown_victims],
        "debtors": [(one.id, sight.code(one)) for one in sight.shown_accused],
    }
