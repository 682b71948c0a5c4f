from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Instant, Model, Sealed
from sistra.models.recorded import Keyed


class Unsealing(Keyed, Model):
    """A request to let more people see a charge, and what a second person decided on it.

    `state` is a code of `approval_state`; a request taken back is one refused by who made it. A charge has one pending
    request at most. Both reasons are encrypted under the charge's key.
    """

    __tablename__ = "unsealing"
    __table_args__ = (Index("ix_unsealing_pending", "charge_id", unique=True, sqlite_where=text("state = 'PEN'"),
                            postgresql_where=text("state = 'PEN'")),)

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    present: Mapped[str] = mapped_column(String(20))
    wanted: Mapped[str] = mapped_column(String(20))
    reason: Mapped[bytes] = mapped_column(Sealed)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(20))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision_reason: Mapped[bytes | None] = mapped_column(Sealed)
