from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Instant, Model, Sealed
from sistra.models.recorded import Recorded

_PENDING = text("state IN ('PRE', 'OFR')")


class Referral(Recorded, Model):
    """A charge offered to another office (Derivación): one at a time is prepared or waits for its answer."""

    __tablename__ = "referral"
    __table_args__ = (Index("uq_referral_pending", "charge_id", unique=True, sqlite_where=_PENDING, postgresql_where=_PENDING),
                      Index(None, "to_office_id", "state"))

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    from_office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    to_office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    reason: Mapped[str] = mapped_column(String(20))
    details: Mapped[bytes] = mapped_column(Sealed)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"), index=True)
    keep_copy: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str | None] = mapped_column(String(20))
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    offered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    decline_reason: Mapped[str | None] = mapped_column(String(20))
    decline_note: Mapped[bytes | None] = mapped_column(Sealed)
