"""Where a court case stands: its stage, its next hearing and what each of its acts did, worked out anew after any act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.codebook.event_types import event_type as catalogued
from sistra.codebook.event_types import reversal_types
from sistra.db import db
from sistra.models.events import Event
from sistra.rules.charge_course import ActEffect, act_effects, furthest_stage
from sistra.rules.stages import NO_COUNT, Act, count_courses, rank
from sistra.services import charges, course, records
from sistra.services.case_sight import Sight


def settle(viewer: Viewer, sight: Sight) -> None:
    """After any act in the case: every charge ever linked, its own derived fields, and those of its acts."""
    for charge in sight.charges.values():
        charges.settle(viewer, charge)
    derive(viewer, sight)


def derive(viewer: Viewer, sight: Sight) -> None:
    """The stage of the case, its next hearing, and what each of its acts did."""
    events = list(db.session.scalars(select(Event).where(Event.court_case_id == sight.case.id).order_by(Event.id)))
    records.derive(sight.case, "stage", _stage(sight, events))
    records.derive(sight.case, "next_hearing_at", min((one.scheduled_for for one in upcoming(events, viewer.at)), default=None))  # type: ignore[type-var]
    _derive_effects(sight, {one.id: one for one in events})
    sight.case.updated_at, sight.case.updated_by_id = viewer.at, viewer.user_id
    db.session.flush()


def _stage(sight: Sight, events: Sequence[Event]) -> str:
    """The furthest stage of the counts that the case holds; without any, that of the charges, or of its own acts alone."""
    held = {one.id for one in sight.held_counts}
    courses = []
    for link in sight.current:
        counts, history = course.history_of(link.charge_id)
        courses += [one for key, one in count_courses(counts or (NO_COUNT,), history).items() if key in held or not counts]
    if not sight.current:
        bare = [
            Act(one.id, one.event_type, course.when(one.occurred_on), one.id, reverses=one.reversed_event_id) for one in events
        ]
        courses = list(count_courses((NO_COUNT,), bare).values())
    return furthest_stage(courses)


def _derive_effects(sight: Sight, events: Mapping[int, Event]) -> None:
    effects: dict[int, list[ActEffect]] = {}
    for charge_id in sight.charges:
        for key, effect in act_effects(*course.history_of(charge_id)).items():
            if key in events:
                effects.setdefault(key, []).append(effect)
    for key, found in effects.items():
        if events[key].event_type in reversal_types():
            continue
        outcomes = {one.outcome for one in found if one.outcome}
        records.derive(events[key], "stage_before", max((one.stage_before for one in found), key=rank))
        records.derive(events[key], "stage_after", max((one.stage_after for one in found), key=rank))
        records.derive(
            events[key], "outcome", outcomes.pop() if len(outcomes) == 1 else catalogued(events[key].event_type).outcome or None
        )


def upcoming(events: Sequence[Event], at: Any) -> list[Event]:
    """The acts whose next date is still to come: of each kind of hearing and group of accused, the last one that sets a date."""
    last: dict[tuple[str, tuple[int, ...]], Event] = {}
    for one in sorted(events, key=lambda one: one.id):
        if one.reversed_by_id is None and one.scheduled_for is not None:
            last[one.hearing_type or one.event_type[:3], tuple(sorted(part.id for part in one.accused))] = one
    return sorted(
        (one for one in last.values() if one.scheduled_for and one.scheduled_for >= at), key=lambda one: str(one.scheduled_for)
    )
