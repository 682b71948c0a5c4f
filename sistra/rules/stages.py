"""The course of each count: its stage, outcome and state, worked out anew from all acts.

Outcome and stage belong to the count; what follows for accused and charge stands in `charge_course`. An act that
another one reversed is as if it had never been entered. The 1940 code runs through the same stage groups.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from sistra.codebook.event_types import ANYWHERE, EventType, event_type, reversal_types
from sistra.codebook.terms import codelist
from sistra.rules.outcomes import CONVICTED, EFFECTS, FIRST_INSTANCE, PENDING, Decision, Standing, decide

When: TypeAlias = tuple[date | None, date | None]
"""A partial date as its earliest and latest day."""

UNDATED: When = (None, None)
"""It happened, the date is not known. None in its place says that it did not happen (or nobody entered it)."""

FIRST_STAGE, CLOSED = "10-NOT", "99-CER"

_PROSECUTED = frozenset({"FOR", "ACU", "JUI", "CON", "ABS", "REC", "SOB", "RET", "NUL"})
_FINAL_CONVICTION = frozenset({"FIR-CON", "FIR-EJE"})
_FINAL = _FINAL_CONVICTION | {"FIR-ABS"}
# Acts that, naming no count, reach only counts in these states: a final conviction is not that of the acquitted count.
_ONLY_STATES: Mapping[str, frozenset[str]] = MappingProxyType({
    **dict.fromkeys((*_FINAL_CONVICTION, "EJE-CUM"), CONVICTED),
    "FIR-ABS": frozenset({"ABS", "SOB", "RET", "ARC"}),
    "ARC-CNF": frozenset({"ARC"}), "ARC-REV": frozenset({"ARC"}),
    "REA-CAS": frozenset({"ARC", "RES"}), "RES-LEV": frozenset({"RES"}),
})
_ENDS_TRANSFER = MappingProxyType({"DER-ACE": "PRE-DER", "DER-REC": "PRE-DER", "ACM-REV": "PRE-ACU"})


@dataclass(frozen=True, slots=True)
class CountRef:
    """A count as entered. `accused_status` is what somebody entered for its accused (LQR, RCO, DEN, INV), if anything."""

    id: int
    accused_id: int
    offence: str = ""
    accused_status: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """An event as entered. Ids are those of counts, accused and acts of one charge; `order` is the order of entry.

    Empty `counts`: all counts of the named accused; empty `accused` too: all. `verdicts` (codes of `verdict`) and
    `effects` (of `appeal_outcome`) are per count; `appeal_outcome` holds for counts that `effects` does not name.
    """

    id: int
    event_type: str
    occurred: When = UNDATED
    order: int = 0
    counts: frozenset[int] = frozenset()
    accused: frozenset[int] = frozenset()
    reverses: int | None = None
    appeal_outcome: str | None = None
    verdicts: Mapping[int, str] | None = None
    effects: Mapping[int, str] | None = None
    finality: str | None = None


NO_COUNT = CountRef(-1, -1)
"""Stands for the charge itself while it has no count: acts that name nobody still move and close it."""


class Span(NamedTuple):
    """When a count was in a stage group. `ends` is None while it is there; UNDATED where the day is not known."""

    starts: When
    ends: When | None


@dataclass(frozen=True, slots=True)
class CountCourse:
    """Where a count stands. `stage`, `outcome`, `state` are codes; `reached` is its last stage before any closing.

    `first_instance_on` and `first_instance_state` are of the last first-instance judgment: a remedy changes neither
    (counting rule 4). `prosecuted_on` is UNDATED where a later act shows that there was a formalisation nobody entered.
    """

    count_id: int
    accused_id: int
    stage: str
    reached: str
    outcome: str
    state: str
    standing: Standing
    stage_dates: Mapping[str, Span]
    prosecuted_on: When | None
    accusation_on: When | None
    first_instance_on: When | None
    first_instance_state: str | None
    final_on: When | None
    closed_on: When | None

    @property
    def open(self) -> bool:
        """Nothing has ended it yet, not even a judgment that can be appealed."""
        return self.standing is Standing.OPEN and self.stage != CLOSED

    @property
    def in_enforcement(self) -> bool:
        """A final conviction not yet served."""
        final = self.final_on is not None or self.stage == "90-EJE"
        return self.standing is Standing.JUDGED and self.state in CONVICTED and final


class _Transfer(NamedTuple):
    outcome: str
    scope: str
    step: int


@dataclass(frozen=True, slots=True)
class _Now:
    """A count between two acts. `step` is the place of an act in the history; `before` what a closing interrupted."""

    stage: str = FIRST_STAGE
    reached: str = FIRST_STAGE
    outcome: str = PENDING
    state: str = "ABI"
    spans: Mapping[str, Span] = field(default_factory=dict)
    prosecuted_on: When | None = None
    accusation_on: When | None = None
    first_on: When | None = None
    first_state: str | None = None
    final_on: When | None = None
    closed_on: When | None = None
    closed_step: int | None = None
    before: _Now | None = None
    transfer: _Transfer | None = None

    @property
    def standing(self) -> Standing:
        return EFFECTS[self.outcome].standing

    @property
    def undecided(self) -> bool:
        return self.standing in (Standing.OPEN, Standing.RESERVE) and self.stage != CLOSED


@cache
def _ranks() -> Mapping[str, int]:
    groups, stages = list(codelist("stage_group")), codelist("procedural_stage")
    ordered = sorted(stages, key=lambda code: groups.index(stages[code].extra["stage_group"]))
    return {code: place for place, code in enumerate(ordered)}


def rank(stage: str) -> int:
    """How far on a stage is: by stage group, then by the order of the list."""
    return _ranks()[stage]


def group_of(stage: str) -> str:
    """The stage group (a code of `stage_group`) in which the screen shows a stage."""
    return codelist("procedural_stage")[stage].extra["stage_group"]


def in_order(acts: Iterable[Act]) -> list[Act]:
    """The acts as they happened: by (earliest day, order of entry).

    An act without an earliest day takes its latest one; without either it stands right behind the act entered before it,
    and the first of all when it was entered first.
    """
    keyed, last = [], date.min
    for act in sorted(acts, key=lambda act: (act.order, act.id)):
        last = act.occurred[0] or act.occurred[1] or last
        keyed.append((last, act.order, act.id, act))
    return [act for *_, act in sorted(keyed, key=lambda key: key[:3])]


def standing_acts(acts: Iterable[Act]) -> list[Act]:
    """The acts that no standing reversal undoes, without order. A reversal reaches only acts entered before it."""
    undone: set[int] = set()
    standing = []
    for act in sorted(acts, key=lambda act: (act.order, act.id), reverse=True):
        if act.id in undone:
            continue
        standing.append(act)
        if act.reverses is not None and act.event_type in reversal_types():
            undone.add(act.reverses)
    return standing


def count_courses(counts: Sequence[CountRef], acts: Iterable[Act]) -> dict[int, CountCourse]:
    """The course of each count by its id. Raises KeyError for an event type that the catalogue does not have."""
    nows = {count.id: _Now() for count in counts}
    for _ in _walk(counts, acts, nows):
        pass
    return {count.id: _course(count, nows[count.id]) for count in counts}


class Passage(NamedTuple):
    """The counts that an act reached, and the course of every count right after it."""

    act: Act
    reached: frozenset[int]
    courses: Mapping[int, CountCourse]


def passages(counts: Sequence[CountRef], acts: Iterable[Act]) -> Iterator[Passage]:
    """Every standing act in its order, with what it did. Raises as `count_courses`."""
    nows = {count.id: _Now() for count in counts}
    for act, reached in _walk(counts, acts, nows):
        yield Passage(act, frozenset(reached), {count.id: _course(count, nows[count.id]) for count in counts})


def _walk(counts: Sequence[CountRef], acts: Iterable[Act], nows: dict[int, _Now]) -> Iterator[tuple[Act, list[int]]]:
    """Goes through the standing acts and keeps `nows`; gives each act with the counts that it reached."""
    for step, act in enumerate(in_order(standing_acts(acts))):
        kind = event_type(act.event_type)
        reached = _reached(kind, act, counts, nows) if kind.outcome or kind.stage_to else []
        for count_id in reached:
            nows[count_id] = _after(nows[count_id], kind, act, count_id, step)
        yield act, reached


def _reached(kind: EventType, act: Act, counts: Sequence[CountRef], nows: Mapping[int, _Now]) -> list[int]:
    """The counts that an act changes.

    Those it names; else those that its rulings name; else, of its accused, those that stand where the act belongs. If
    none does (histories have gaps) the undecided ones, and last of all every one: an act is never about nothing.
    """
    named = act.counts or frozenset(act.verdicts or ())
    if named:
        return [count.id for count in counts if count.id in named]
    targets = [count.id for count in counts if not act.accused or count.accused_id in act.accused]
    if kind.code == "REA-CIE":
        closings = [step for target in targets if (step := nows[target].closed_step) is not None]
        return [target for target in targets if closings and nows[target].closed_step == max(closings)]
    if kind.scope == "charge":
        return targets
    if "closing_reason" in kind.needs:
        real_open = any(nows[count.id].undecided for count in counts if count is not NO_COUNT)
        return [] if real_open else targets
    fitting = [target for target in targets if _fits(kind, nows[target])]
    undecided = [target for target in targets if nows[target].undecided]
    anyhow = [] if ANYWHERE in kind.stage_from or kind.code in _ONLY_STATES else targets
    return fitting or undecided or anyhow


def _fits(kind: EventType, now: _Now) -> bool:
    """Whether an act that names no count is about this one."""
    if kind.code in _ONLY_STATES:
        return now.state in _ONLY_STATES[kind.code] and now.standing is not Standing.CLOSED
    if ANYWHERE in kind.stage_from:
        return now.undecided or (bool(kind.outcome) and now.standing is Standing.JUDGED and now.state in CONVICTED)
    if now.standing is Standing.RESERVE:
        return False
    ahead = rank(kind.stage_to or _entry(kind)) > rank(now.stage) and now.stage != CLOSED
    return kind.allowed_from(now.stage) or ahead


def _entry(kind: EventType) -> str:
    """The earliest stage at which the act is foreseen."""
    return min(kind.stage_from, key=rank)


def _after(now: _Now, kind: EventType, act: Act, count_id: int, step: int) -> _Now:
    """The count after an act that reaches it."""
    if kind.scope == "charge" and kind.outcome == PENDING:
        return _resumed(now, kind, act)
    if kind.outcome and EFFECTS[kind.outcome].standing in (Standing.REFERRED, Standing.JOINED):
        if now.transfer and now.transfer.scope != "charge":
            return now
        return replace(_moved(now, kind.stage_to, act.occurred, step),
                       transfer=_Transfer(kind.outcome, kind.scope, step))
    decision = decide(kind, (act.verdicts or {}).get(count_id), (act.effects or {}).get(count_id, act.appeal_outcome),
                      now.state)
    if kind.code in _FINAL_CONVICTION and now.undecided:
        decision = Decision("SEN-CON", "CON", kind.stage_to)
    stage = decision.stage
    if decision.outcome and not stage and rank(_entry(kind)) > rank(now.stage):
        stage = _entry(kind)
    return _dated(_decided(_moved(now, stage, act.occurred, step), decision), kind, act, decision)


def _resumed(now: _Now, kind: EventType, act: Act) -> _Now:
    """The count after the act that ends its referral or joinder, or re-opens a charge closed by mistake."""
    if kind.code == "REA-CIE":
        return now.before or now
    transfer = now.transfer
    if transfer is None or transfer.outcome != _ENDS_TRANSFER[kind.code]:
        return now
    if transfer.scope != "charge" and not (act.counts or act.accused):
        return now
    if now.before and now.closed_step == transfer.step:
        now = now.before
    return replace(now, transfer=None)


def _moved(now: _Now, stage: str, when: When, step: int) -> _Now:
    if not stage:
        return now
    spans = dict(now.spans)
    for group, span in now.spans.items():
        if span.ends is None and (stage == CLOSED or group != group_of(stage)):
            spans[group] = Span(span.starts, when)
    if stage == CLOSED:
        return replace(now, stage=stage, spans=spans, closed_on=now.closed_on or when, closed_step=step, before=now)
    group = group_of(stage)
    spans[group] = Span(spans[group].starts if group in spans else when, None)
    return replace(now, stage=stage, reached=stage, spans=spans, closed_on=None, closed_step=None, before=None)


def _decided(now: _Now, decision: Decision) -> _Now:
    """The count with the outcome and state of the decision. A cleared outcome leaves it formalised, or plainly open."""
    if decision.outcome == PENDING:
        formalised = now.prosecuted_on is not None and group_of(now.stage) != "DIP"
        return replace(now, outcome=PENDING, state="FOR" if formalised else "ABI")
    if decision.outcome:
        return replace(now, outcome=decision.outcome, state=decision.state or now.state)
    return replace(now, state="JUI") if now.stage == "60-JUI" and now.standing is Standing.OPEN else now


def _dated(now: _Now, kind: EventType, act: Act, decision: Decision) -> _Now:
    """The count with the dates that the act gives it."""
    when, outcome = act.occurred, decision.outcome
    if outcome in ("PRE-FOR", "PRE-ADI") and now.prosecuted_on in (None, UNDATED):
        now = replace(now, prosecuted_on=when)
    elif now.state in _PROSECUTED and now.prosecuted_on is None:
        now = replace(now, prosecuted_on=UNDATED)
    if outcome in ("INT-ACU", "PRE-ADI") and now.accusation_on is None:
        now = replace(now, accusation_on=when)
    if outcome in FIRST_INSTANCE:
        now = replace(now, first_on=UNDATED if kind.code in _FINAL else when, first_state=now.state)
    final_on = now.final_on
    if outcome:
        final_on = when if EFFECTS[outcome].final else None
    if kind.code in _FINAL or act.finality in ("CON", "EJE"):
        final_on = when
    return replace(now, final_on=None if act.finality == "ANU" or now.undecided else final_on)


def _course(count: CountRef, now: _Now) -> CountCourse:
    outcome = now.transfer.outcome if now.transfer else now.outcome
    return CountCourse(
        count_id=count.id, accused_id=count.accused_id, stage=now.stage, reached=now.reached, outcome=outcome,
        state=(EFFECTS[outcome].state or now.state) if now.transfer else now.state, standing=EFFECTS[outcome].standing,
        stage_dates=MappingProxyType(dict(now.spans)), prosecuted_on=now.prosecuted_on, accusation_on=now.accusation_on,
        first_instance_on=now.first_on, first_instance_state=now.first_state, final_on=now.final_on,
        closed_on=now.closed_on)
