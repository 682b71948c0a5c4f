"""What every act on a charge leaves behind it: totals, completeness, course, and who sees the charge."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sistra.access import lens
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.people import Accused, Victim
from sistra.rules.ages import is_minor
from sistra.rules.completeness import Completeness, completeness, number
from sistra.rules.masking import Clearance
from sistra.services import charge_access, course
from sistra.services.folder_rows import accused_of, counts_of, known_of

_waiting: ContextVar[dict[int, tuple[Viewer, Charge]] | None] = ContextVar("sistra_settling", default=None)


@contextmanager
def settled_together() -> Iterator[None]:
    """Settles the charges acted on inside once, at the end: for entries in bulk.

    An act that moves stage, regime or access stands outside, and so does whatever reads what it left.
    """
    token = _waiting.set({})
    try:
        yield
        waiting = _waiting.get() or {}
    finally:
        _waiting.reset(token)
    for viewer, charge in waiting.values():
        settle(viewer, charge)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a charge, as rows: never leaves the services. `births_known` are victims whose birth date is entered."""

    victims: Sequence[Victim]
    accused: Sequence[Accused]
    counts: Sequence[Count]
    births_known: frozenset[int]


NO_PARTS = Parts((), (), (), frozenset())
"""What a charge that is just being opened holds."""


def settle(viewer: Viewer, charge: Charge) -> None:
    """After any act on a charge or its parts: totals, completeness, course, and who sees it, in the same transaction."""
    if (waiting := _waiting.get()) is not None:
        waiting[charge.id] = (viewer, charge)
        return
    charge_access.hold(charge)
    parts = held_parts(charge.id)
    sum_up(charge, parts)
    course.rederive(charge, parts.counts, parts.accused)
    charge.updated_at, charge.updated_by_id = viewer.at, viewer.user_id
    db.session.flush()
    charge_access.refresh(viewer, charge)


def sum_up(charge: Charge, parts: Parts) -> None:
    """Sets the totals and the completeness of a charge that holds these parts."""
    charge.victims_total = max(number(charge.victims_declared), len(parts.victims))
    charge.minors_total = max(number(charge.minors_declared), sum(map(is_minor, parts.victims)))
    charge.accused_total = max(number(charge.accused_declared), len([one for one in parts.accused if one.identified]))
    charge.completeness = completeness_of(charge, parts).percent


def held_parts(charge_id: int) -> Parts:
    """The parts of a charge, those withdrawn left out."""
    victims = known_of(Victim, charge_id)
    return Parts([one.part for one in victims], accused_of(charge_id), counts_of(charge_id),
                 frozenset(one.part.id for one in victims if one.birth))


def completeness_of(charge: Charge, parts: Parts) -> Completeness:
    """How complete the record is; sealed and encrypted answers are not opened for it."""
    def view(row: Any, name: str) -> Any:
        return lens.see(row, Clearance.CASE, only=PLAIN_FIELDS[name])
    return completeness(
        view(charge, "charge"), [view(one, "victim") for one in parts.victims], [view(one, "accused") for one in parts.accused],
        counts=len(parts.counts), births_known=parts.births_known)


PLAIN_FIELDS = {name: frozenset(field.name for field in record(name).fields.values() if not field.encrypted)
                for name in ("charge", "victim", "accused")}
"""The fields of a record that are not encrypted."""
