"""What the courses of the counts give their accused, their charge and their court case: stage, status, tracker."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from sistra.codebook.event_types import EventType, event_type
from sistra.codebook.terms import codelist
from sistra.rules.outcomes import Standing
from sistra.rules.stages import (
    CLOSED,
    FIRST_STAGE,
    NO_COUNT,
    UNDATED,
    Act,
    CountCourse,
    CountRef,
    When,
    count_courses,
    group_of,
    in_order,
    passages,
    rank,
    standing_acts,
)

_UNIDENTIFIED, _ABSCONDED = "LQR", "RCO"
_STATUS_OF_STATE = MappingProxyType({
    "ABI": "INV", "RES": "INV", "FOR": "IMP", "ACU": "ACU", "JUI": "ACU", "NUL": "ACU", "CON": "SEN", "REC": "SEN",
    "ABS": "ABS", "SOB": "SOB", "RET": "SOB", "ARC": "ARC", "EXT": "ARC", "DER": "INV", "ACM": "INV"})
_STRONGEST = ("SEN", "ACU", "IMP", "INV", "ABS", "SOB", "ARC")


@dataclass(frozen=True, slots=True)
class AccusedCourse:
    """Where an accused stands: the furthest stage of the open counts, and a code of `defendant_status`."""

    accused_id: int
    stage: str
    status: str
    open: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One of the six stage groups of the tracker, with the number of `accused` who are in it now, `of` all accused.

    A stage that the charge passed without a recorded act is done and has no dates.
    """

    group: str
    state: Literal["done", "current", "pending"]
    starts: When | None
    ends: When | None
    accused: int
    of: int


@dataclass(frozen=True, slots=True)
class ChargeCourse:
    """What a charge shows. `closed_on` is set only while every count is closed; a closed charge has no current step."""

    stage: str
    status: str
    closed_on: When | None
    tracker: tuple[Step, ...]
    accused: Mapping[int, AccusedCourse]
    counts: Mapping[int, CountCourse]


def furthest_stage(courses: Collection[CountCourse]) -> str:
    """The furthest stage of the open counts, else of those judged and not closed, else of the closed ones.

    For an accused, a charge or the part of a charge that a court case holds. 10-NOT where there is no count.
    """
    return max((course.stage for course in _pool(courses)), key=rank, default=FIRST_STAGE)


def _pool(courses: Collection[CountCourse]) -> Collection[CountCourse]:
    return ([course for course in courses if course.open]
            or [course for course in courses if course.stage != CLOSED] or courses)


def stages_held(course: ChargeCourse) -> frozenset[str]:
    """The stages in which the counts stand that decide the stage of the charge; the charge's own where it has no count."""
    return frozenset(one.stage for one in _pool(course.counts.values())) or frozenset({course.stage})


def charge_status(courses: Collection[CountCourse]) -> str:
    """The code of `charge_status` by precedence: ACU or DER > TRA > RES > EJE > SEN > ARC > CER.

    Joined or referred only when every count is: what one accused's referral leaves here decides the status of the rest.
    """
    standings = {course.standing for course in courses}
    if courses and standings <= {Standing.JOINED, Standing.REFERRED}:
        return "ACU" if Standing.JOINED in standings else "DER"
    if not courses or any(course.open for course in courses):
        return "TRA"
    if Standing.RESERVE in {course.standing for course in courses if course.stage != CLOSED}:
        return "RES"
    if any(course.in_enforcement for course in courses):
        return "EJE"
    if Standing.JUDGED in standings:
        return "SEN"
    return "ARC" if Standing.ARCHIVED in standings else "CER"


def charge_course(counts: Sequence[CountRef], acts: Iterable[Act]) -> ChargeCourse:
    """Everything derived of a charge. While it has no count, acts that name nobody move the charge itself."""
    history = in_order(standing_acts(acts))
    courses = count_courses(counts or (NO_COUNT,), history)
    accused = _accused_courses(counts, courses.values(), history)
    own = list(courses.values())
    stage = furthest_stage(own)
    return ChargeCourse(
        stage=stage, status=charge_status(own), closed_on=_closed_on(own), tracker=_tracker(stage, own, accused),
        accused=accused, counts=MappingProxyType(courses if counts else {}))


@dataclass(frozen=True, slots=True)
class ActEffect:
    """What a standing act did: the charge's stage before and after, the outcome set ("" for none), the counts reached.

    `backward`: it took a count back from a stage at which its type is not foreseen, which asks for a reason.
    """

    stage_before: str
    stage_after: str
    outcome: str
    reached: frozenset[int]
    backward: bool


def act_effects(counts: Sequence[CountRef], acts: Iterable[Act]) -> dict[int, ActEffect]:
    """The effect of each standing act, by its id. An outcome that differs among counts is told as that of the type."""
    effects, courses = {}, count_courses(counts or (NO_COUNT,), ())
    for act, reached, after in passages(counts or (NO_COUNT,), acts):
        kind = event_type(act.event_type)
        outcomes = {after[count].outcome for count in reached} if kind.outcome else set()
        effects[act.id] = ActEffect(
            furthest_stage(courses.values()), furthest_stage(after.values()),
            outcomes.pop() if len(outcomes) == 1 else kind.outcome, reached - {NO_COUNT.id},
            any(rank(after[count].stage) < rank(courses[count].stage) and regress_needs_reason(courses[count], kind)
                for count in reached))
        courses = dict(after)
    return effects


def regress_needs_reason(course: CountCourse | ChargeCourse, kind: EventType) -> bool:
    """Whether the act would take the stage back from where its type does not foresee it."""
    return bool(kind.stage_to) and rank(kind.stage_to) < rank(course.stage) and not kind.allowed_from(course.stage)


def _accused_courses(counts: Sequence[CountRef], courses: Iterable[CountCourse],
                     history: Iterable[Act]) -> Mapping[int, AccusedCourse]:
    own: dict[int, list[CountCourse]] = {}
    for course in courses:
        own.setdefault(course.accused_id, []).append(course)
    absconded = _absconded({count.accused_id for count in counts}, history)
    entered = {count.accused_id: count.accused_status for count in counts if count.accused_status}
    entered |= dict.fromkeys(absconded, _ABSCONDED)
    return MappingProxyType({
        accused_id: AccusedCourse(accused_id, furthest_stage(own[accused_id]),
                                  _accused_status(own[accused_id], entered.get(accused_id)),
                                  any(course.open for course in own[accused_id]))
        for accused_id in dict.fromkeys(count.accused_id for count in counts)})


def _absconded(accused: Collection[int], history: Iterable[Act]) -> set[int]:
    """The accused declared absent and not brought before the court since."""
    absent: set[int] = set()
    for act in history:
        if act.event_type == "REO-CON":
            absent |= act.accused or set(accused)
        elif act.event_type == "REO-PUE":
            absent -= act.accused or set(accused)
    return absent


def _accused_status(courses: Collection[CountCourse], entered: str | None) -> str:
    """The strongest status that the counts give: convicted, then by the furthest open count, then how they ended.

    Absence shows while something is open; who is not identified stays so until something is formalised or decided.
    """
    statuses = {_STATUS_OF_STATE[course.state] for course in courses}
    strongest = next(status for status in _STRONGEST if status in statuses)
    if entered == _ABSCONDED and any(course.open for course in courses):
        return _ABSCONDED
    if entered == _UNIDENTIFIED and strongest in ("INV", "ARC"):
        return _UNIDENTIFIED
    if strongest == "INV" and rank(furthest_stage(courses)) < rank("30-DIP"):
        return entered if entered in ("DEN", "INV") else "DEN"
    return strongest


def _closed_on(courses: Collection[CountCourse]) -> When | None:
    closings = [course.closed_on for course in courses if course.stage == CLOSED and course.closed_on]
    return _last(closings) if closings and len(closings) == len(courses) else None


def _first(dates: Iterable[When]) -> When:
    return min(dates, key=lambda when: when[0] or when[1] or date.max, default=UNDATED)


def _last(dates: Iterable[When]) -> When:
    return max(dates, key=lambda when: when[1] or when[0] or date.min, default=UNDATED)


def _tracker(stage: str, courses: Collection[CountCourse], accused: Mapping[int, AccusedCourse]) -> tuple[Step, ...]:
    groups = list(codelist("stage_group"))
    closed = stage == CLOSED
    at = groups.index(group_of(max((course.reached for course in courses), key=rank) if closed else stage))
    now = [group_of(one.stage) for one in accused.values() if one.stage != CLOSED]
    steps = []
    for place, group in enumerate(groups):
        done = place < at or (closed and place == at)
        spans = [course.stage_dates[group] for course in courses if group in course.stage_dates and place <= at]
        steps.append(Step(
            group=group, state="done" if done else "current" if place == at else "pending",
            starts=_first(span.starts for span in spans) if spans else None,
            ends=_last(span.ends for span in spans if span.ends) if spans and done else None,
            accused=now.count(group), of=len(accused)))
    return tuple(steps)
