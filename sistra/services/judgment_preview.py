"""What a judgment does: recorded as it would be, and told. Whether it is kept is decided by the unit of work around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.court_cases import Remedy
from sistra.models.events import Deadline, Event
from sistra.models.judgments import Judgment
from sistra.rules import judgments as rules
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.masking import outside_team
from sistra.services import case_sight, judgment_reading, judgments
from sistra.services.case_sight import Sight
from sistra.services.judgment_entries import JudgmentEntry
from sistra.services.judgment_reading import JudgmentFile


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a count or a charge stood, and where it stands then: codes of `procedural_stage`, and of its state or status.

    `name` is the code of the accused, or the number of the charge; `offence` that of the count.
    """

    name: str
    offence: str
    stage: tuple[str | None, str | None]
    state: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Effects:
    """What follows from a judgment, in sight. `outcome` and `remedy_kind`: of the remedy that it decides.

    `silent` are (accused, offence) of the counts that it does not judge; `opened` and `closed` (rule, day due, charge) of
    time limits; `annulled` says that the decision attacked falls.
    """

    event_type: str
    counts: tuple[Moved, ...]
    charges: tuple[Moved, ...]
    stage: tuple[str | None, str | None]
    silent: tuple[tuple[str, str], ...]
    opened: tuple[tuple[str, date | None, str], ...]
    closed: tuple[tuple[str, date | None, str], ...]
    remedy_kind: str | None
    outcome: str | None
    annulled: bool


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A judgment as its page would show it, and what follows from it."""

    judgment_id: int
    file: JudgmentFile
    effects: Effects


def record(viewer: Viewer, key: int, entry: JudgmentEntry) -> Foreseen:
    """Records a judgment, as `judgments.record` does, and tells what it did. Run inside a unit of work.

    Raises NotVisible, Forbidden, Rejected.
    """
    before = _standing(case_sight.to_write(viewer, key, judging=True))
    judgment_id = judgments.record(viewer, key, entry)
    sight = case_sight.find(viewer, key)
    (file,) = (one for one in judgment_reading.listed(viewer, key) if one.view.id == judgment_id)
    return Foreseen(judgment_id, file, _effects(sight, before, _standing(sight), file))


_Stood = dict[tuple[str, int], tuple[str | None, str | None]]


def _standing(sight: Sight) -> _Stood:
    """(stage, state) of the counts, the charges and the case, as they are now and as the viewer may read them."""
    found: _Stood = {("count", one.id): (sight.stage_told(one.charge_id, one.stage), one.state) for one in sight.shown_counts}
    found |= {("charge", key): (sight.stage_told(key, sight.charges[key].stage), sight.charges[key].status)
              for key in sight.numbers}
    stage = sight.case.stage if sight.team else outside_team("procedural_stage", sight.case.stage)
    return found | {("case", sight.case.id): (stage, None)}


def _effects(sight: Sight, before: _Stood, after: _Stood, file: JudgmentFile) -> Effects:
    event = db.session.get_one(Event, file.event_id)
    judgment = db.session.get_one(Judgment, file.view.id)
    remedy = db.session.get(Remedy, judgment.remedy_id) if judgment.remedy_id is not None else None
    judged = {one.view.count for one in file.rulings}
    case = ("case", sight.case.id)
    return Effects(
        event.event_type,
        tuple(
            _moved(sight.code(sight.accused[one.accused_id]), one.offence, before, after, ("count", one.id))
            for one in sight.shown_counts
            if before[("count", one.id)] != after[("count", one.id)]
        ),
        tuple(_moved(number, "", before, after, ("charge", key)) for key, number in sight.numbers.items()),
        (before[case][0], after[case][0]),
        tuple(
            (sight.code(sight.accused[one.accused_id]), one.offence) for one in sight.shown_counts if one.id not in judged
        ),
        _deadlines(sight, Deadline.opened_by_id == event.id),
        _deadlines(sight, Deadline.closed_by_id == event.id),
        remedy.kind if remedy is not None else None,
        remedy.outcome if remedy is not None else None,
        bool(file.rulings) and all(one.view.verdict == rules.ANNULLING for one in file.rulings),
    )


def _moved(name: str, offence: str, before: _Stood, after: _Stood, what: tuple[str, int]) -> Moved:
    return Moved(name, offence, (before[what][0], after[what][0]), (before[what][1], after[what][1]))


def _deadlines(sight: Sight, condition: Any) -> tuple[tuple[str, date | None, str], ...]:
    """Rule, day due and charge of time limits in sight; those that a sealed act opened are for its case team."""
    rows: Sequence[tuple[Deadline, str | None]] = [
        (row, level)
        for row, level in db.session.execute(
            select(Deadline, Event.confidentiality)
            .join(Event, Deadline.opened_by_id == Event.id)
            .where(condition, Deadline.charge_id.in_(sight.numbers))
            .order_by(Deadline.id)
        )
    ]
    return tuple(
        (row.rule, row.due_on, sight.numbers[row.charge_id])
        for row, level in rows
        if row.charge_id is not None and (level not in TEAM_ONLY or sight.standings[row.charge_id].on_team)
    )
