"""Re-typification: the offence of a count changes by an act, and every offence it ever had stays in its history."""
from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.codebook.event_types import event_type
from sistra.db import db
from sistra.models.counts import Count, Retypification
from sistra.models.events import Event
from sistra.rules.entries import Entry
from sistra.services import records

_PENDING, _NOT_NEEDED = "PEN", "NOR"


def apply(viewer: Viewer, event: Event, counts: Iterable[Count], *, offence: str, reason: str | None) -> None:
    """Gives the counts another offence by that event; one that has it is left alone. TIP-FIS waits for approval."""
    for count in counts:
        if count.offence != offence:
            _write(viewer, event, count, offence, reason)


def undo(viewer: Viewer, event: Event, by: Event, *, reason: str | None) -> None:
    """After `by` reversed `event`: each count that still has the offence it was given gets the former one back."""
    for row in db.session.scalars(select(Retypification).where(Retypification.event_id == event.id)):
        count = db.session.get_one(Count, row.count_id)
        if count.offence == row.to_offence:
            _write(viewer, by, count, row.from_offence, reason)


def history(count_ids: Iterable[int]) -> list[Retypification]:
    """The rows about these counts, oldest first."""
    return list(db.session.scalars(
        select(Retypification).where(Retypification.count_id.in_(list(count_ids))).order_by(Retypification.id)))


def _write(viewer: Viewer, event: Event, count: Count, offence: str, reason: str | None) -> None:
    happened = event.occurred_on
    row = Retypification(charge_id=count.charge_id, count_id=count.id, event_id=event.id, author_id=viewer.user_id)
    records.create(viewer, row, {
        "from_offence": count.offence, "to_offence": offence, "stage": count.stage,
        "retypified_on": (happened.earliest or happened.latest if happened else None) or viewer.today,
        "decided_by": "JUZ" if event_type(event.event_type).who == "court" else "FIS",
        "approval": _PENDING if event.event_type == "TIP-FIS" else _NOT_NEEDED, "reason": reason}, "count.retypified")
    records.amend(viewer, count, Entry("count", {"offence": offence}), "count.amended")
