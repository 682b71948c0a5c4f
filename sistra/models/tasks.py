from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Instant, Model, Sealed
from sistra.models.recorded import Recorded


class Task(Recorded, Model):
    """Something that a person of an office is to do on a charge or court case (Tarea). Its title names nobody."""

    __tablename__ = "task"
    __table_args__ = (Index(None, "assignee_id", "status"),)

    title: Mapped[str] = mapped_column(String(250))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"), index=True)
    court_case_id: Mapped[int | None] = mapped_column(ForeignKey("court_case.id"), index=True)
    from_event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    assignee_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[date | None] = mapped_column(Date)
    priority: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[bytes | None] = mapped_column(Sealed)
