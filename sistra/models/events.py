from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Date, ForeignKey, Integer, Numeric, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sistra.db import Codes, Instant, Model, Sealed
from sistra.models.recorded import Recorded, link_table, partial_date
from sistra.rules.partial_dates import PartialDate

if TYPE_CHECKING:
    from sistra.models.counts import Count
    from sistra.models.people import Accused, Victim


class Event(Recorded, Model):
    """A dated, numbered procedural act (Actuación). Its type says what it needs and does."""

    __tablename__ = "event"

    number: Mapped[int] = mapped_column(Integer)

    event_type: Mapped[str] = mapped_column(String(20))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"), index=True)
    court_case_id: Mapped[int | None] = mapped_column(ForeignKey("court_case.id"), index=True)
    occurred_on: Mapped[PartialDate | None] = partial_date("occurred_on")
    notified_on: Mapped[date | None] = mapped_column(Date)
    occurred_at: Mapped[str | None] = mapped_column(String(250))
    counts: Mapped[list[Count]] = relationship(secondary=lambda: event_counts_link, lazy="selectin")
    accused: Mapped[list[Accused]] = relationship(secondary=lambda: event_accused_link, lazy="selectin")
    victims: Mapped[list[Victim]] = relationship(secondary=lambda: event_victims_link, lazy="selectin")
    authority_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    court_name: Mapped[str | None] = mapped_column(String(250))
    court_instance: Mapped[str | None] = mapped_column(String(20))
    party: Mapped[str | None] = mapped_column(String(20))
    party_detail: Mapped[str | None] = mapped_column(String(250))
    result: Mapped[str | None] = mapped_column(String(20))
    appeal_outcome: Mapped[str | None] = mapped_column(String(20))
    hearing_type: Mapped[str | None] = mapped_column(String(20))
    hearing_mode: Mapped[str | None] = mapped_column(String(20))
    scheduled_for: Mapped[datetime | None] = mapped_column(Instant)
    expert_report_kind: Mapped[str | None] = mapped_column(String(20))
    evidence_kinds: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    risk_level: Mapped[str | None] = mapped_column(String(20))
    resolution_number: Mapped[str | None] = mapped_column(String(250))
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"), index=True)
    term_days: Mapped[int | None] = mapped_column(Integer)
    term_until: Mapped[date | None] = mapped_column(Date)
    place: Mapped[str | None] = mapped_column(String(6))
    offence: Mapped[str | None] = mapped_column(String(20))
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"), index=True)
    judgment_id: Mapped[int | None] = mapped_column(ForeignKey("judgment.id"), index=True)
    remedy_id: Mapped[int | None] = mapped_column(ForeignKey("remedy.id"), index=True)
    reparation_id: Mapped[int | None] = mapped_column(ForeignKey("reparation.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"), index=True)
    referral_id: Mapped[int | None] = mapped_column(ForeignKey("referral.id"), index=True)
    target_office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"), index=True)
    target_charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"), index=True)
    target_court_case_id: Mapped[int | None] = mapped_column(ForeignKey("court_case.id"), index=True)
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    closing_reason: Mapped[str | None] = mapped_column(String(20))
    reversed_event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    reason: Mapped[bytes | None] = mapped_column(Sealed)
    note: Mapped[bytes | None] = mapped_column(Sealed)
    confidentiality: Mapped[str | None] = mapped_column(String(20))
    stage_before: Mapped[str | None] = mapped_column(String(20))
    stage_after: Mapped[str | None] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(20))
    reversed_by_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    regress_reason: Mapped[bytes | None] = mapped_column(Sealed)


class Deadline(Recorded, Model):
    """A time limit, opened and closed by events (Plazo)."""

    __tablename__ = "deadline"

    rule: Mapped[str] = mapped_column(String(20))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"), index=True)
    court_case_id: Mapped[int | None] = mapped_column(ForeignKey("court_case.id"), index=True)
    accused_id: Mapped[int | None] = mapped_column(ForeignKey("accused.id"), index=True)
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"), index=True)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    set_by_hand_reason: Mapped[bytes | None] = mapped_column(Sealed)
    state: Mapped[str | None] = mapped_column(String(20))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    closed_on: Mapped[date | None] = mapped_column(Date)
    extends_id: Mapped[int | None] = mapped_column(ForeignKey("deadline.id"), index=True)
    suspended_from: Mapped[date | None] = mapped_column(Date)
    suspended_to: Mapped[date | None] = mapped_column(Date)
    critical: Mapped[bool | None] = mapped_column(Boolean)


event_counts_link: Table = link_table("event_counts", "event", "count")


event_accused_link: Table = link_table("event_accused", "event", "accused")


event_victims_link: Table = link_table("event_victims", "event", "victim")
