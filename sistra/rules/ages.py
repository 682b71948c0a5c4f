"""Who is under age: decided once, for totals, masking and counting."""
from __future__ import annotations

from typing import Any

MINOR_GROUPS = frozenset({"L-U14", "L-14-17", "L-U18"})
MAJORITY = 18


def is_minor(part: Any) -> bool:
    """Under 18 at the start of the facts, by age or by legal age group. `part` is a victim or accused, row or view."""
    age = part.age_at_facts
    return (isinstance(age, int) and age < MAJORITY) or part.age_group in MINOR_GROUPS
