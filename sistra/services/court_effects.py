"""What an act of a court case does beside course and deadlines: it changes a count, a judgment, a remedy, a reparation."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from sistra.access.viewer import Viewer
from sistra.codebook.event_types import EventType
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.court_cases import Remedy
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Reparation
from sistra.rules import acts
from sistra.rules import judgments as judging
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import records, retypifications
from sistra.services.case_sight import Sight


def further_effects(viewer: Viewer, sight: Sight, event: Event, kind: EventType, values: Mapping[str, Any]) -> None:
    """What an act does beyond course and deadlines, and cannot be derived from the acts: it changes another record."""
    if "offence" in kind.needs and values.get("offence"):
        retypifications.apply(
            viewer, event, event.counts or sight.held_counts, offence=values["offence"], reason=acts.text(values.get("reason"))
        )
    if judging.finality_given(kind.code, "1") and event.judgment_id is not None:
        judgment = db.session.get_one(Judgment, event.judgment_id)
        finality = judging.finality_given(kind.code, judgment.instance)
        records.amend(
            viewer,
            judgment,
            Entry("judgment", {"finality": finality, "final_on": stored(event.occurred_on)}),
            "judgment.amended",
        )
    if (granted := judging.granting(kind.code)) is not None:
        _grant(viewer, sight, event, *granted)
    if kind.code == "EJE-PAG" and event.reparation_id is not None:
        follow_payments(viewer, event.reparation_id)


def stored(value: PartialDate | None) -> Any:
    """A date of a row as an entry says it."""
    return Unknown.NOT_KNOWN if value is None or not value.known else value


def _grant(viewer: Viewer, sight: Sight, event: Event, remedy_kind: str, granted: bool) -> None:
    """The remedy in sight last filed in the case and not decided yet is the one that the act grants or refuses."""
    query = select(Remedy).where(Remedy.court_case_id == sight.case.id, Remedy.outcome.is_(None)).order_by(Remedy.id.desc())
    rows = db.session.scalars(query.where(Remedy.kind == remedy_kind) if remedy_kind else query)
    remedy = next((one for one in rows if sight.sees_remedy(one)), None)
    if remedy is not None:
        event.remedy_id = remedy.id
        records.amend(viewer, remedy, Entry("remedy", {"granted": granted}), "remedy.amended")


def follow_payments(viewer: Viewer, reparation_id: int) -> None:
    """Works out anew what was paid of a reparation, from its standing acts of payment, and the status that this gives it."""
    row = db.session.get_one(Reparation, reparation_id)
    paid = db.session.scalar(
        select(func.sum(Event.amount)).where(
            Event.reparation_id == reparation_id, Event.event_type == "EJE-PAG", Event.reversed_by_id.is_(None)
        )
    )
    records.derive(row, "amount_paid", Decimal(paid) if paid is not None else None)
    status = judging.check_paid(row.amount_ordered, paid)
    if status or row.status in ("PAR", "PAG"):
        records.derive(row, "status", status or "PEN")
    records.touch(viewer, row)
    db.session.flush()
