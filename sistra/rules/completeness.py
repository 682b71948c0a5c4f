"""How complete a record is: which needed answers are still missing, by name, and the share that is there."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import Unknown


@dataclass(frozen=True, slots=True)
class Missing:
    """An answer that a complete record needs. `code` names the part (A-1, I-2), empty for the charge itself."""

    field: Field
    code: str = ""


@dataclass(frozen=True, slots=True)
class Completeness:
    """`percent` is 100 only when nothing is missing. `persons` counts the victims declared and not yet entered."""

    percent: int
    missing: tuple[Missing, ...]
    victims_to_enter: int = 0
    without_counts: bool = False

    @property
    def complete(self) -> bool:
        return not (self.missing or self.victims_to_enter or self.without_counts)


def needed(record_name: str) -> list[Field]:
    """The fields that a complete record answers: those needed to open it (R) and for a complete record (F), when entered."""
    return [field for field in record(record_name).fields.values() if field.need in ("R", "F") and field.entered
            and field.type not in ("ref", "refs")]


def missing_of(view: Any, record_name: str, code: str = "", *, birth_date_known: bool = False) -> list[Missing]:
    """What a view lacks. Reserved is answered; a victim's age is met by birth date, age or age group."""
    lacking = []
    for field in needed(record_name):
        value = getattr(view, field.name)
        if value not in (None, "", ()) or not _asked(view, field):
            continue
        if field.name == "age_at_facts" and (birth_date_known or view.age_group is not None):
            continue
        lacking.append(Missing(field, code))
    return lacking


def _asked(view: Any, field: Field) -> bool:
    return field.condition is None or field.condition.met(getattr(view, field.condition.field))


def completeness(charge: Any, victims: Sequence[Any], accused: Sequence[Any], *, counts: int,
                 births_known: Iterable[int] = ()) -> Completeness:
    """The completeness of a charge with its parts (views). `births_known` are the keys of victims whose birth date is kept."""
    known = frozenset(births_known)
    missing = missing_of(charge, "charge")
    for one in victims:
        missing += missing_of(one, "victim", one.code, birth_date_known=one.id in known)
    for one in accused:
        missing += missing_of(one, "accused", one.code)
    declared = charge.victims_declared
    to_enter = max(0, declared - len(victims)) if isinstance(declared, int) else 0
    total = (len(needed("charge")) + len(victims) * len(needed("victim")) + len(accused) * len(needed("accused"))
             + to_enter + 1)
    lacking = len(missing) + to_enter + (counts == 0)
    percent = 100 if lacking == 0 else min(99, 100 * (total - lacking) // total)
    return Completeness(max(percent, 0), tuple(missing), to_enter, counts == 0)


def number(value: Any) -> int:
    """A declared number as a figure: unknown and blank count as none."""
    return value if isinstance(value, int) and not isinstance(value, (bool, Unknown)) else 0
