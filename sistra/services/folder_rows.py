"""The rows of a charge that several verbs of one page ask for: read once per reading. They never leave the services."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from sistra.db import db, remembered
from sistra.models.counts import Count
from sistra.models.people import Accused, Victim


@remembered
def parts_of(model: type[Any], charge_id: int) -> Sequence[Any]:
    """The victims, or the accused, of a charge in the order of their codes, those withdrawn left out."""
    return list(db.session.scalars(
        select(model).where(model.charge_id == charge_id, model.withdrawn_at.is_(None)).order_by(model.id)))


def victims_of(charge_id: int) -> Sequence[Victim]:
    return parts_of(Victim, charge_id)


def accused_of(charge_id: int) -> Sequence[Accused]:
    return parts_of(Accused, charge_id)


@remembered
def counts_of(charge_id: int) -> Sequence[Count]:
    """The counts of a charge in order of entry."""
    return list(db.session.scalars(select(Count).where(Count.charge_id == charge_id).order_by(Count.id)))
