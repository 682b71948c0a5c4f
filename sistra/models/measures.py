from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Boolean, Date, ForeignKey, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Model, Sealed
from sistra.models.recorded import Recorded


class Measure(Recorded, Model):
    """A coercive measure (accused) or a protection measure (victim)."""

    __tablename__ = "measure"

    kind: Mapped[str] = mapped_column(String(20))
    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    accused_id: Mapped[int | None] = mapped_column(ForeignKey("accused.id"), index=True)
    victim_id: Mapped[int | None] = mapped_column(ForeignKey("victim.id"), index=True)
    coercive_measure: Mapped[str | None] = mapped_column(String(20))
    protection_measure: Mapped[str | None] = mapped_column(String(20))
    court_case_id: Mapped[int | None] = mapped_column(ForeignKey("court_case.id"), index=True)
    court_name: Mapped[str | None] = mapped_column(String(250))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    requested_on: Mapped[date | None] = mapped_column(Date)
    ordered_on: Mapped[date | None] = mapped_column(Date)
    resolution_number: Mapped[str | None] = mapped_column(String(250))
    starts_on: Mapped[date | None] = mapped_column(Date)
    term_months: Mapped[int | None] = mapped_column(Integer)
    term_days: Mapped[int | None] = mapped_column(Integer)
    ends_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(20))
    ended_on: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str | None] = mapped_column(String(250))
    extends_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"), index=True)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    goods: Mapped[bytes | None] = mapped_column(Sealed)
    prison: Mapped[str | None] = mapped_column(String(250))
    restrictions: Mapped[bytes | None] = mapped_column(Sealed)
    location: Mapped[bytes | None] = mapped_column(Sealed)
    breached: Mapped[bool | None] = mapped_column(Boolean)
    note: Mapped[bytes | None] = mapped_column(Sealed)
