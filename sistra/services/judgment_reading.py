"""Judgments of a court case as a viewer may read them: rulings, penalties and reparations in sight, what is still lacking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from sqlalchemy import select

from sistra.access import lens
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.access.views import JudgmentView, PenaltyView, ReparationView, RulingView
from sistra.db import db, remembered
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Penalty, Reparation, Ruling
from sistra.rules import judgments as rules
from sistra.rules.acts import DECIDED_BY_FORM
from sistra.rules.problems import Problem, said
from sistra.services import audit, case_sight, court_references
from sistra.services.case_sight import Sight
from sistra.services.judgment_entries import without_effect


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
        .where(Event.judgment_id == judgment_id, Event.event_type.in_(DECIDED_BY_FORM))
        .order_by(Event.id)
        .limit(1)
    )


class Seen(NamedTuple):
    """A judgment with its rulings in sight and the act that it is."""

    judgment: Judgment
    rulings: list[Ruling]
    event: Event


@remembered
def in_sight(sight: Sight) -> list[Seen]:
    """The judgments of the case of which the viewer sees a ruling, newest first."""
    rows = list(db.session.scalars(select(Judgment).where(Judgment.court_case_id == sight.case.id)))
    rulings, events = court_references.shown_rulings(sight), court_references.judging_acts(sight)
    return [Seen(row, rulings[row.id], events[row.id]) for row in _newest_first(rows) if row.id in rulings and row.id in events]


def _newest_first(rows: Sequence[Judgment]) -> list[Judgment]:
    """By date; one whose date is not known stands right after the one entered before it."""
    keyed, last = [], date.min
    for row in sorted(rows, key=lambda row: row.id):
        last = (row.decided_on.earliest if row.decided_on else None) or last
        keyed.append((last, row.id, row))
    return [row for *_, row in sorted(keyed, key=lambda one: one[:2], reverse=True)]


def own(sight: Sight, judgment_id: int) -> tuple[Sight, Judgment]:
    """The sight, and the judgment of that key where it is in it. Raises NotVisible."""
    for one in in_sight(sight):
        if one.judgment.id == judgment_id:
            return sight, one.judgment
    raise NotVisible


def keys_in_sight(sight: Sight) -> set[int]:
    """The keys of the judgments of the case in sight."""
    return {one.judgment.id for one in in_sight(sight)}


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
        if sight.accused[row.accused_id].charge_id in sight.open_in("SEN"):
            line = PenaltyLine(lens.see(row, sight.reach_of(sight.accused[row.accused_id].charge_id)),
                               sight.code(sight.accused[row.accused_id]))
            penalties.setdefault(row.judgment_id, []).append(line)
    reparations: dict[int, list[ReparationLine]] = {}
    for owed in db.session.scalars(select(Reparation).where(Reparation.judgment_id.in_(keys)).order_by(Reparation.id)):
        if sight.sees_charge_of([*owed.victims, *owed.debtors], "SEN"):
            reparations.setdefault(owed.judgment_id, []).append(_reparation_line(sight, owed))
    return [_file(sight, one, penalties.get(one.judgment.id, []), reparations.get(one.judgment.id, [])) for one in found]


def _file(sight: Sight, one: Seen, penalties: list[PenaltyLine], reparations: list[ReparationLine]) -> JudgmentFile:
    verdict = rules.verdict_of(row.verdict for row in one.rulings)
    view = replace(lens.see(one.judgment, sight.reach, team=sight.team), verdict=verdict)
    lines = []
    for row in one.rulings:
        count = sight.counts[row.count_id]
        lines.append(
            RulingLine(
                lens.see(row, sight.reach_of(count.charge_id), team=sight.team),
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
        lens.see(row, sight.reach), victims=tuple(one.id for one in victims), debtors=tuple(one.id for one in debtors)
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


def without_penalty(viewer: Viewer, key: int, judgment_id: int) -> list[tuple[int, str]]:
    """(key, code) of those in sight whom a standing judgment convicts and whose penalty was not entered. Raises NotVisible."""
    sight, judgment = own(case_sight.find(viewer, key), judgment_id)
    if judgment.id in set(db.session.scalars(without_effect())):
        return []
    return [(one, sight.code(sight.accused[one])) for one in unpunished(sight, judgment.id)]


def unpunished(sight: Sight, judgment_id: int) -> list[int]:
    """The keys of those in sight whom the judgment convicts and to whom it gives no penalty yet."""
    punished = set(db.session.scalars(select(Penalty.accused_id).where(Penalty.judgment_id == judgment_id)))
    convicted = {
        sight.counts[one.count_id].accused_id
        for one in court_references.shown_rulings(sight).get(judgment_id, [])
        if one.verdict in rules.CONVICTING and one.remedy_outcome not in rules.PENALTY_KEPT
    }
    return sorted(convicted - punished)
