"""Measures: when they end, whether they are in force on a day, whether they keep a person in custody."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sistra.codebook.terms import Unknown
from sistra.rules.deadlines import add_months
from sistra.rules.problems import Problem, said

COERCIVE, PROTECTIVE = "COE", "PRO"
IN_FORCE, EXPIRED = frozenset({"VIG", "PRL"}), "VEN"
NOT_RUN = frozenset({"SOL", "DEN", "NEJ"})
"""States of a measure that has not run: the dates it bears are those asked for, or ordered, and bound nobody."""
WARNING_DAYS = 15
CUSTODY = frozenset({"DET-FLA", "DET-PRE", "PRI-PRE"})
"""Coercive measures that deprive of liberty in a cell; house arrest does not."""


def ends_on(starts_on: date | None, months: int | None, days: int | None) -> date | None:
    """The last day of the term: months, then natural days; the first day does not count. None without day or term."""
    if starts_on is None or (months is None and days is None):
        return None
    return add_months(starts_on, months or 0) + timedelta(days=days or 0)


def in_force(state: str | None, starts: date | None, ends: date | None, ended: date | None, today: date) -> bool:
    """Whether a measure holds today. One whose beginning or end is not known is taken by its state."""
    if state not in IN_FORCE or (starts is not None and starts > today):
        return False
    return not ((ends is not None and ends < today) or (ended is not None and ended <= today))


def state_today(state: str | None, ends: object, today: date) -> str | None:
    """The state as it stands today: a measure in force whose term has run out has expired. `ends` may be masked."""
    return EXPIRED if state in IN_FORCE and isinstance(ends, date) and ends < today else state


def near_its_end(state: str | None, ends: date | None, ended: date | None, today: date) -> bool:
    """Whether a measure that nobody ended has run out, or does so within fifteen days."""
    return state in IN_FORCE and ended is None and ends is not None and (ends - today).days <= WARNING_DAYS


def check_measure(values: Mapping[str, Any]) -> list[Problem]:
    """Problems between the answers of a measure: whom it is on, which one it is, the order of its days."""
    problems = []
    coercive = values.get("kind") == COERCIVE
    person, measure = ("accused", "coercive_measure") if coercive else ("victim", "protection_measure")
    if values.get(person) is None:
        problems.append(
            Problem(person, said("Elija a la persona imputada") if coercive else said("Elija a la persona agraviada"))
        )
    if values.get(measure) in (None, *Unknown):
        problems.append(Problem(measure, said("Elija la medida")))
    for name in ("ends_on", "ended_on"):
        starts, last = values.get("starts_on"), values.get(name)
        if isinstance(starts, date) and isinstance(last, date) and last < starts:
            problems.append(Problem(name, said("Termina antes de empezar: revise las dos fechas")))
    return problems
