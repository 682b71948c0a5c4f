"""What the trail says of one record."""
from __future__ import annotations

from sqlalchemy import select

from sistra.db import db
from sistra.models.audit import TrailEntry


def changes_of(thing: str, thing_id: int) -> list[TrailEntry]:
    """The entries that changed a record, oldest first."""
    return list(db.session.scalars(
        select(TrailEntry).where(TrailEntry.thing == thing, TrailEntry.thing_id == thing_id, TrailEntry.changes.is_not(None))
        .order_by(TrailEntry.number)))
