from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, ForeignKey, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Instant, Model, Sealed
from sistra.models.recorded import Recorded


class Service(Recorded, Model):
    """What was requested, offered, given or declined for a victim (Atención), with its support plan.

    Everything encrypted stands under the victim's key. `charge_id` is that of the victim: lists ask by it.
    """

    __tablename__ = "service"

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    victim_id: Mapped[int] = mapped_column(ForeignKey("victim.id"), index=True)
    service_type: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    provider_contact: Mapped[bytes | None] = mapped_column(Sealed)
    referred_on: Mapped[date | None] = mapped_column(Date)
    referral_reason: Mapped[str | None] = mapped_column(String(20))
    referral_details: Mapped[bytes | None] = mapped_column(Sealed)
    starts_on: Mapped[date | None] = mapped_column(Date)
    decline_reason: Mapped[str | None] = mapped_column(String(20))
    location: Mapped[bytes | None] = mapped_column(Sealed)
    plan_objectives: Mapped[bytes | None] = mapped_column(Sealed)
    plan_actions: Mapped[bytes | None] = mapped_column(Sealed)
    planned_end_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    result: Mapped[bytes | None] = mapped_column(Sealed)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
