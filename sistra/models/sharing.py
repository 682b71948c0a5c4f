from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Codes, Instant, Model, Sealed
from sistra.models.recorded import Recorded

_PENDING = text("state = 'OFR'")


class Grant(Recorded, Model):
    """A charge opened to an agency, an office or a user (Acceso compartido): the authority behind its rows of access.

    `target` names the recipient as `charge_access` does (`agency:2`, `granted-office:3`, `user:7`): one pending offer each.
    """

    __tablename__ = "charge_grant"
    __table_args__ = (Index("uq_charge_grant_pending", "charge_id", "target", unique=True, sqlite_where=_PENDING,
                            postgresql_where=_PENDING),
                      Index(None, "target", "state"))

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    target: Mapped[str] = mapped_column(String(40))
    target_kind: Mapped[str] = mapped_column(String(20))
    target_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    target_office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"), index=True)
    target_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    profile: Mapped[str] = mapped_column(String(20))
    sections: Mapped[tuple[str, ...]] = mapped_column(Codes)
    permission: Mapped[str] = mapped_column(String(20))
    legal_basis: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20))
    note: Mapped[bytes | None] = mapped_column(Sealed)
    valid_until: Mapped[date] = mapped_column(Date)
    state: Mapped[str | None] = mapped_column(String(20))
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    offered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answer_reason: Mapped[bytes | None] = mapped_column(Sealed)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoke_reason: Mapped[bytes | None] = mapped_column(Sealed)
    from_request_id: Mapped[int | None] = mapped_column(ForeignKey("access_request.id"), index=True)
    from_rule: Mapped[str | None] = mapped_column(String(250))


class AccessRequest(Recorded, Model):
    """What a recipient asks to see beside what is shared (Solicitud de acceso). The grant that answers it names it."""

    __tablename__ = "access_request"

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    target: Mapped[str] = mapped_column(String(40))
    sections: Mapped[tuple[str, ...]] = mapped_column(Codes)
    profile: Mapped[str | None] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20))
    legal_basis: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[bytes] = mapped_column(Sealed)
    until: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str | None] = mapped_column(String(20))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answer_reason: Mapped[bytes | None] = mapped_column(Sealed)
    joined_to_id: Mapped[int | None] = mapped_column(ForeignKey("access_request.id"), index=True)
