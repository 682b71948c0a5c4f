"""What pages show of the acts of a court case: the list, one act, the types a form offers and what its fields may name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from sistra.access import lens, scope
from sistra.access.may import may
from sistra.access.viewer import Viewer
from sistra.access.views import EventView
from sistra.codebook import event_types as catalogue
from sistra.codebook.event_types import EventType, Offer, event_type
from sistra.db import db
from sistra.models.accounts import Agency
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.court_cases import CourtCase
from sistra.models.events import Deadline, Event
from sistra.models.judgments import Judgment
from sistra.models.measures import Measure
from sistra.rules import acts
from sistra.rules import judgments as judging
from sistra.rules.acts import DECIDED_BY_FORM
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.judgments import OLD_CODE
from sistra.rules.masking import Clearance, Reserved
from sistra.rules.stages import FIRST_STAGE, rank
from sistra.services import accounts, audit, case_sight, court_cases, court_corrections, court_events, court_references, judgments
from sistra.services.case_sight import Sight


@dataclass(frozen=True, slots=True)
class ActLine:
    """An act in the list, with the parts in sight that it names. `mixed`: a judgment whose rulings in sight differ."""

    view: EventView
    number: int
    counts: tuple[tuple[str, str], ...]
    accused: tuple[str, ...]
    victims: tuple[str, ...]
    author: str
    recorded_at: datetime | None
    reversed: bool
    sealed: bool
    mixed: bool


@dataclass(frozen=True, slots=True)
class ActPage:
    """One act, the names of what it refers to by field (None: reserved), the rules of its time limits, and what may be done."""

    line: ActLine
    named: Mapping[str, str | None]
    deadlines: Sequence[tuple[str, Any, str | None]]
    reversed_by: int | None
    may_amend: bool
    may_reverse: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields of an act may name: (key, words), with codes for the words to come from lists."""

    counts: Sequence[tuple[int, str, str]]
    accused: Sequence[tuple[int, str]]
    victims: Sequence[tuple[int, str]]
    measures: Sequence[tuple[int, str, str]]
    judgments: Sequence[tuple[int, str, Any]]
    reparations: Sequence[tuple[int, Any, tuple[str, ...]]]
    attachments: Sequence[tuple[int, str]]
    agencies: Sequence[tuple[int, str]]
    court_cases: Sequence[tuple[int, str]]


def listed(viewer: Viewer, key: int) -> list[ActLine]:
    """The acts of the case in sight, newest first: by day, then by number. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    rows = sight.acts
    authors = accounts.user_names([row.created_by_id for row in rows])
    mixed = _mixed(sight)
    return [_line(sight, row, authors, mixed) for row in _newest_first(rows)]


def _mixed(sight: Sight) -> set[int]:
    """The keys of the judgments of the case whose rulings in sight differ."""
    rulings = court_references.shown_rulings(sight)
    return {key for key, found in rulings.items() if judging.verdict_of(one.verdict for one in found) == judging.MIXED}


def _newest_first(rows: Sequence[Event]) -> list[Event]:
    """By date; one whose date is not known stands right after the one entered before it."""
    keyed, last = [], ""
    for row in rows:
        day = row.occurred_on.earliest if row.occurred_on else None
        last = day.isoformat() if day else last
        keyed.append((last, row.id, row))
    return [row for *_, row in sorted(keyed, key=lambda one: one[:2], reverse=True)]


def _line(sight: Sight, row: Event, authors: Mapping[int, str], mixed: Collection[int]) -> ActLine:
    view: EventView = lens.see(row, sight.reach, team=sight.team)
    counts = [one for one in row.counts if one.charge_id in sight.open_in("DEL")]
    accused = [one for one in row.accused if one.charge_id in sight.in_sight]
    victims = [one for one in row.victims if one.charge_id in sight.in_sight]
    view = replace(
        view,
        counts=tuple(one.id for one in counts),
        accused=tuple(one.id for one in accused),
        victims=tuple(one.id for one in victims),
    )
    return ActLine(
        view,
        row.number,
        tuple((sight.code(sight.accused[one.accused_id]), one.offence) for one in sorted(counts, key=lambda one: one.id)),
        tuple(map(sight.code, sorted(accused, key=lambda one: one.id))),
        tuple(map(sight.code, sorted(victims, key=lambda one: one.id))),
        authors.get(row.created_by_id or 0, ""),
        row.created_at,
        row.reversed_by_id is not None,
        row.confidentiality in TEAM_ONLY,
        row.judgment_id in mixed and row.event_type in judging.CONVICTIONS,
    )


def show(viewer: Viewer, key: int, event_id: int) -> ActPage:
    """One act. A reading, on the trail. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    row = court_events.own(sight, event_id)
    audit.note(viewer, "event.read", audit.subject_of(row))
    kind = event_type(row.event_type)
    judged = kind.code in DECIDED_BY_FORM
    writes = case_sight.may_write(viewer, sight, judging=judged) and (
        not acts.decides(kind) or may(viewer, "event.decide", case_sight.standing(viewer, sight))
    )
    stands = row.reversed_by_id is None
    return ActPage(
        _line(sight, row, accounts.user_names([row.created_by_id]), _mixed(sight)),
        _named(viewer, sight, row),
        _deadlines(sight, row),
        row.reversed_by_id,
        may_amend=writes and stands and bool(court_corrections.amend_fields(kind)),
        may_reverse=writes and stands,
    )


def _named(viewer: Viewer, sight: Sight, row: Event) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    if row.authority_id is not None:
        found["authority"] = db.session.get_one(Agency, row.authority_id).name
    if row.attachment_id is not None:
        document = db.session.get_one(Attachment, row.attachment_id)
        found["attachment"] = _title(sight, document) if sight.sees_document(document) else None
    if row.target_charge_id is not None:
        charge: Any = db.session.scalar(scope.charges_for(viewer).where(Charge.id == row.target_charge_id))
        found["target_charge"] = charge.number if charge is not None else None
    if row.target_court_case_id is not None:
        other = court_cases.called(viewer, row.target_court_case_id)
        found["target_court_case"] = other[1] if other is not None else None
    return found


def _deadlines(sight: Sight, row: Event) -> list[tuple[str, Any, str | None]]:
    """(rule, due day, state) of each time limit opened in a charge in sight, each rule once."""
    rows = db.session.scalars(select(Deadline).where(Deadline.opened_by_id == row.id,
                                                     Deadline.charge_id.in_(sight.open_in("PLA"))))
    return list(dict.fromkeys((one.rule, one.due_on, one.state) for one in rows))


def offered(viewer: Viewer, key: int, *, text: str = "") -> list[Offer]:
    """The types that may be entered now, frequent ones first; `text` narrows by words. Raises NotVisible, Forbidden."""
    sight = case_sight.to_write(viewer, key)
    code = judgments.procedure_code(sight)
    offers = [
        one
        for one in catalogue.offered("court_case", code, _stage(sight, code))
        if one.event_type.code not in acts.OWN_PAGE
        and one.event_type.code != "SEN-NSP"
        and _allowed(viewer, sight, one.event_type)
    ]
    if not text:
        return offers
    by_code = {one.event_type.code: one for one in offers}
    return [by_code[kind.code] for kind in catalogue.search(text, among=[one.event_type for one in offers])]


def _stage(sight: Sight, procedure_code: str | None) -> str:
    """The stage by which types are offered. A case before a court has left the office's first steps, entered or not."""
    stage = sight.case.stage or FIRST_STAGE
    if rank(stage) >= rank("30-DIP"):
        return stage
    return "X-ANT-INS" if procedure_code == OLD_CODE else "40-IPF"


def _allowed(viewer: Viewer, sight: Sight, kind: EventType) -> bool:
    if acts.confidentiality(kind) and not sight.team:
        return False
    if kind.code in DECIDED_BY_FORM:
        return case_sight.may_write(viewer, sight, judging=True)
    return not acts.decides(kind) or may(viewer, "event.decide", case_sight.standing(viewer, sight))


def choices(viewer: Viewer, key: int) -> Choices:
    """What the fields of an act in the case may name, in sight: to who writes, nothing that is only shared. Raises NotVisible."""
    sight = case_sight.find(viewer, key)
    sight = case_sight.owned(sight) if case_sight.may_write(viewer, sight) else sight
    shown = court_references.judgments_in_sight(viewer, sight)
    held = db.session.scalars(select(Judgment).where(Judgment.id.in_(shown)).order_by(Judgment.id))
    agencies = db.session.scalars(select(Agency).where(Agency.valid_to.is_(None)).order_by(Agency.name))
    others: Any = db.session.scalars(
        scope.court_cases_for(viewer).where(CourtCase.id != key).order_by(CourtCase.updated_at.desc()).limit(200)
    )
    return Choices(
        counts=[(one.id, sight.code(sight.accused[one.accused_id]), one.offence) for one in sight.shown_counts],
        accused=[(one.id, sight.code(one)) for one in sight.shown_accused],
        victims=[(one.id, sight.code(one)) for one in sight.shown_victims],
        measures=_measures(sight),
        judgments=[(one.id, one.decision_kind, one.decided_on) for one in held],
        reparations=_reparations(sight, shown),
        attachments=_documents(sight),
        agencies=[(one.id, one.name) for one in agencies],
        court_cases=[(one.id, court_cases.label_of(one) or str(one.id)) for one in others],
    )


def _measures(sight: Sight) -> list[tuple[int, str, str]]:
    """The measures open to the viewer: coercive ones and protection measures are shared apart."""
    held = db.session.scalars(select(Measure).where(Measure.charge_id.in_(sight.numbers)).order_by(Measure.id))
    return [
        (one.id, _part(sight, one), one.coercive_measure or one.protection_measure or "")
        for one in held
        if one.charge_id in sight.open_in("MCO" if one.kind == "COE" else "MPR")
    ]


def _reparations(sight: Sight, shown: set[int]) -> list[tuple[int, Any, tuple[str, ...]]]:
    """The reparations of the judgments `shown`; their amount to who sees the whole case."""
    return [
        (
            one.id,
            one.amount_ordered if sight.reach is Clearance.CASE else None,
            tuple(sight.code(part) for part in one.victims if part.charge_id in sight.in_sight),
        )
        for one in court_references.reparations_in_sight(sight, shown)
    ]


def _documents(sight: Sight) -> list[tuple[int, str]]:
    held = db.session.scalars(
        select(Attachment)
        .where(Attachment.charge_id.in_(sight.numbers) | (Attachment.court_case_id == sight.case.id))
        .order_by(Attachment.id)
    )
    titles = {one.id: _title(sight, one) for one in held if court_references.offers_document(sight, one)}
    return [(key, title) for key, title in titles.items() if title is not None]


def _title(sight: Sight, document: Attachment) -> str | None:
    """The title of a document in sight; None where its reader sees no text."""
    reach = sight.reach_of(document.charge_id) if document.charge_id is not None else sight.reach
    title = lens.see(document, reach, only=frozenset({"title"})).title
    return None if isinstance(title, Reserved) else title


def _part(sight: Sight, measure: Measure) -> str:
    part = sight.accused.get(measure.accused_id or 0) or sight.victims.get(measure.victim_id or 0)
    return sight.code(part) if part is not None else ""
