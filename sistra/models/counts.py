from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Boolean, Date, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Codes, Instant, Model, Sealed, YearsMonthsDays
from sistra.models.recorded import Recorded, partial_date
from sistra.rules.durations import Duration
from sistra.rules.partial_dates import PartialDate


class Count(Recorded, Model):
    """One accused x one offence x its victims (Imputación). Stage, state and outcome are derived from the events."""

    __tablename__ = "count"

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    accused_id: Mapped[int] = mapped_column(ForeignKey("accused.id"), index=True)
    offence: Mapped[str] = mapped_column(String(20))
    offence_other: Mapped[str | None] = mapped_column(String(250))
    aggravating: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    main: Mapped[bool | None] = mapped_column(Boolean)
    participation: Mapped[str | None] = mapped_column(String(20))
    degree: Mapped[str | None] = mapped_column(String(20))
    concurrence: Mapped[str | None] = mapped_column(String(20))
    acts: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    means: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    purposes: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    facts_from: Mapped[PartialDate | None] = partial_date("facts_from")
    facts_to: Mapped[PartialDate | None] = partial_date("facts_to")
    description: Mapped[bytes | None] = mapped_column(Sealed)
    first_offence: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str | None] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(20))
    prosecuted_on: Mapped[PartialDate | None] = partial_date("prosecuted_on")
    accusation_on: Mapped[PartialDate | None] = partial_date("accusation_on")
    penalty_requested: Mapped[Duration | None] = mapped_column(YearsMonthsDays)
    reparation_requested: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    first_instance_on: Mapped[PartialDate | None] = partial_date("first_instance_on")
    final_on: Mapped[PartialDate | None] = partial_date("final_on")


class CountVictim(Recorded, Model):
    """A victim of a count."""

    __tablename__ = "count_victim"
    __table_args__ = (UniqueConstraint("count_id", "victim_id"),)

    count_id: Mapped[int] = mapped_column(ForeignKey("count.id"), index=True)
    victim_id: Mapped[int] = mapped_column(ForeignKey("victim.id"), index=True)
    note: Mapped[str | None] = mapped_column(String(250))


class Retypification(Recorded, Model):
    """One change of the offence of a count; append-only."""

    __tablename__ = "retypification"

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)

    count_id: Mapped[int] = mapped_column(ForeignKey("count.id"), index=True)
    from_offence: Mapped[str] = mapped_column(String(20))
    to_offence: Mapped[str] = mapped_column(String(20))
    retypified_on: Mapped[date] = mapped_column(Date)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    stage: Mapped[str | None] = mapped_column(String(20))
    decided_by: Mapped[str] = mapped_column(String(20))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    reason: Mapped[bytes | None] = mapped_column(Sealed)
    approval: Mapped[str | None] = mapped_column(String(20))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
