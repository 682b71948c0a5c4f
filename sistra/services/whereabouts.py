"""Where a charge went: joined into which other, offered to which office, and which charges were joined into it."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from sistra.access import scope
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.charges import Charge
from sistra.models.hand_over import Referral
from sistra.rules.hand_over import OFFERED


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`joined_into` is "" where the other charge is out of sight; `offered_to` is the office whose answer is awaited."""

    joined_into: str | None
    offered_to: str | None
    absorbed: tuple[str, ...]


def columns(viewer: Viewer, charge: Charge) -> tuple[Any, Any, Any]:
    """What a statement about the charge selects for `found`: numbers of other charges only where the viewer sees them."""
    numbers = scope.charges_for(viewer).correlate(None)
    # 0 is the key of none: to look for NULL, SQLite would read every charge.
    into = numbers.with_only_columns(Charge.number).where(Charge.id == (charge.joined_into_id or 0))
    absorbed = numbers.with_only_columns(func.aggregate_strings(Charge.number, " ")).where(Charge.joined_into_id == charge.id)
    office = aliased(Office)
    offered = select(office.name).join(Referral, Referral.to_office_id == office.id).where(
        Referral.charge_id == charge.id, Referral.state == OFFERED)
    return (into.scalar_subquery().label("joined_into"), offered.scalar_subquery().label("offered_to"),
            absorbed.scalar_subquery().label("absorbed"))


def found(stands: Standing, charge: Charge, row: Any) -> Whereabouts:
    """The whereabouts out of a row with `columns`; the office of an offer is told to who sees the charge by right."""
    into = None if charge.joined_into_id is None else row.joined_into or ""
    return Whereabouts(into, None if stands.shared else row.offered_to, tuple(sorted((row.absorbed or "").split())))


def joined_into(viewer: Viewer, keys: Iterable[int]) -> Mapping[int, str]:
    """Of joined charges, by key, the number of the one that took each in, where the viewer sees it. Of none, nothing is asked."""
    wanted = list(keys)
    if not wanted:
        return {}
    source = aliased(Charge)
    rows = db.session.execute(scope.charges_for(viewer).join(source, source.joined_into_id == Charge.id)
                              .with_only_columns(source.id, Charge.number).where(source.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}
