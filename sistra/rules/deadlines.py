"""Time limits: which rules an act opens, when they fall due, how they stand. They alert and never block.

Every rule is a row of `deadline.csv`; most of its law is not confirmed, and `verified` says so wherever a date is shown.
"""
from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sistra.codebook.event_types import EventType, regime_set
from sistra.codebook.terms import codelist
from sistra.rules.problems import said
from sistra.rules.stages import When, group_of

LIMA = ZoneInfo("America/Lima")

ONE_WORKING_DAY = said("Por determinar (1 día hábil). Fije la fecha.")
WORKING_DAYS = said("Por determinar (%(days)s días hábiles). Fije la fecha.")
NO_HOUR = said("Falta la hora de la actuación: se indica solo el día en que vence.")
NO_TERM = said("Por determinar. Fije la fecha.")

_STAGE_TERMS = frozenset({"DIP", "IPF", "REQ", "INT", "INS"})
"""What the codes of the rules begin with that limit a stage as a whole: one of each runs in a charge, whatever the regime."""

_CRITICAL_WARNINGS, _WARNINGS = (30, 10, 3), (15,)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of `deadline.csv`. `amount` is None where the order, not the law, fixes the term.

    `unit` is hour, day (natural), working_day or month; `extension` is the (amount, unit) of one extension.
    """

    code: str
    stage: str
    regime: str
    amount: int | None
    unit: str
    extension: tuple[int, str] | None
    starts_at: str
    legal_basis: str
    verified: bool
    critical: bool


@dataclass(frozen=True, slots=True)
class Due:
    """When a deadline falls due. `on` is a Lima day, `at` an aware instant for rules in hours.

    `computed` is False for a date given by hand and for one not known yet; `pending_reason` tells what is missing.
    `verified` is False where the law of the rule has not been confirmed.
    """

    on: date | None
    at: datetime | None
    computed: bool
    pending_reason: str
    verified: bool


@cache
def rule(code: str) -> Rule:
    """The rule `code`. Raises KeyError when the list has none."""
    term = codelist("deadline")[code]
    row = term.extra
    more = (int(row["extension_amount"]), row["extension_unit"]) if row["extension_amount"] else None
    return Rule(code=code, stage=term.parent, regime=row["regime"], amount=int(row["amount"]) if row["amount"] else None,
                unit=row["unit"], extension=more, starts_at=row["starts_at"], legal_basis=row["legal_basis"],
                verified=row["verified"] == "1", critical=row["critical"] == "1")


def opened_by(kind: EventType, regime: str | None, stage: str, on: date | None = None) -> tuple[str, ...]:
    """The rules that the act opens for a charge of that regime (None: ordinary) at that stage.

    Rules for `any` regime always; of the others the regime's own, and where the act has none for it the ordinary one (no
    regime is left without a limit). An act that sets the regime opens that regime's rule of the current stage group. With
    `on`, only rules in force on that day.
    """
    new_regime = regime_set(kind)
    rules = [rule(code) for code in kind.opens if codelist("deadline")[code].in_force(on, on)]
    if new_regime:
        rules = [one for one in rules if group_of(one.stage) == group_of(stage)]
    regime = new_regime or regime or "ordinary"
    regime = regime if any(one.regime == regime for one in rules) else "ordinary"
    return tuple(one.code for one in rules if one.regime in ("any", regime))


def extended_by(kind: EventType, regime: str | None, stage: str) -> tuple[str, ...]:
    """The rules that the act opens anew while it closes them: an open deadline of that rule is extended (state PRR)."""
    return tuple(code for code in opened_by(kind, regime, stage) if code in kind.closes)


def same_term(rule_code: str) -> tuple[str, ...]:
    """The rules that limit the same stage, whatever the regime; none for a rule that limits no stage."""
    family = rule_code.split("-")[0]
    return tuple(code for code in codelist("deadline") if code.split("-")[0] == family) if family in _STAGE_TERMS else ()


def passed(rule_code: str, stages: Collection[str]) -> bool:
    """Whether the rule limits a stage that lies behind every one of `stages` (codes of `procedural_stage`)."""
    groups = list(codelist("stage_group"))
    own = groups.index(group_of(rule(rule_code).stage))
    return bool(same_term(rule_code)) and bool(stages) and all(groups.index(group_of(one)) > own for one in stages)


def starts_on(rule_code: str, occurred: When, notified_on: date | None) -> date | None:
    """The day from which the rule runs, None while it stays unopened: no exact day, or not notified yet."""
    if rule(rule_code).starts_at == "notified_on":
        return notified_on
    return occurred[0] if occurred[0] == occurred[1] else None


def extension_start(rule_code: str, occurred: date, previous_due: date | None) -> date:
    """From when an extension runs: from the end of the term extended where the law counts in days or months.

    Rules in hours or working days, and those whose term stands in the order itself, start again from the act: each trial
    session restarts the gap between sessions.
    """
    continues = rule(rule_code).unit in ("day", "month") and previous_due is not None
    return previous_due if continues and previous_due else occurred


def add_months(start: date, months: int) -> date:
    """The same day `months` later, or the last day of that month where it is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def due(rule_code: str, start: date | datetime, term_days: int | None = None, given: date | None = None, *,
        term_months: int | None = None, extension: bool = False) -> Due:
    """When a deadline that starts at `start` falls due (a naive datetime is Lima time; the first day does not count).

    A date `given` by hand weighs most, then the term of the order in months or natural days, then the rule's amount (with
    `extension`, the amount of an extension). The term of the order says nothing of rules in hours or working days: the
    detention requested is not the term of its hearing.
    """
    one = rule(rule_code)
    if given is not None:
        return Due(given, None, False, "", one.verified)
    amount, unit = (one.amount, one.unit)
    if extension and one.extension:
        amount, unit = one.extension
    if one.unit not in ("hour", "working_day"):
        if term_months is not None:
            amount, unit = term_months, "month"
        elif term_days is not None:
            amount, unit = term_days, "day"
    if unit == "working_day":
        return Due(None, None, False, pending(rule_code), one.verified)
    if amount is None:
        return Due(None, None, False, NO_TERM, one.verified)
    if unit == "hour":
        return _due_in_hours(start, amount, one.verified)
    day = _day(start)
    return Due(add_months(day, amount) if unit == "month" else day + timedelta(days=amount), None, True, "", one.verified)


def pending(rule_code: str) -> str:
    """Why a deadline of the rule has no day yet; the sentence on working days has a place for their number, `days`."""
    one = rule(rule_code)
    if one.unit != "working_day":
        return NO_TERM
    return ONE_WORKING_DAY if one.amount == 1 else WORKING_DAYS


def _due_in_hours(start: date | datetime, hours: int, verified: bool) -> Due:
    if not isinstance(start, datetime):
        return Due(start + timedelta(hours=hours), None, True, NO_HOUR, verified)
    at = _instant(start) + timedelta(hours=hours)
    return Due(at.date(), at, True, "", verified)


def _instant(moment: datetime) -> datetime:
    return moment.astimezone(LIMA) if moment.tzinfo else moment.replace(tzinfo=LIMA)


def _day(moment: date | datetime) -> date:
    return _instant(moment).date() if isinstance(moment, datetime) else moment


def _passed(due_: Due, moment: date | datetime) -> bool:
    """Whether the deadline had fallen due by `moment`; by the day, unless both are known to the instant."""
    if due_.at is not None and isinstance(moment, datetime):
        return _instant(moment) > due_.at
    return due_.on is not None and _day(moment) > due_.on


def warning_days(rule_code: str) -> tuple[int, ...]:
    """How many days before the end it warns, the earliest warning first."""
    return _CRITICAL_WARNINGS if rule(rule_code).critical else _WARNINGS


def state(rule_code: str, due_: Due, today: date | datetime, closed: date | datetime | None = None,
          suspended: bool = False, *, extended: bool = False, void: bool = False) -> str:
    """The code of `deadline_state`. `void`: its act was reversed; `extended`: another row replaced it.

    A deadline without a date yet is running, and met when its act closes it.
    """
    if void:
        return "ANU"
    if extended:
        return "PRR"
    if closed is not None:
        return "CFT" if _passed(due_, closed) else "CUM"
    if suspended:
        return "SUS"
    if _passed(due_, today):
        return "VEN"
    near = due_.on is not None and (due_.on - _day(today)).days <= warning_days(rule_code)[0]
    return "PRX" if near else "ABI"
