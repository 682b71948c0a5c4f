from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sistra.db import Instant, Model, Sealed
from sistra.models.recorded import Recorded, link_table, partial_date
from sistra.rules.partial_dates import PartialDate

if TYPE_CHECKING:
    from sistra.models.people import Accused, Victim


class Attachment(Recorded, Model):
    """A document of a charge or of a court case, never of both; its bytes are kept encrypted outside the database."""

    __tablename__ = "attachment"
    __table_args__ = (CheckConstraint("(charge_id IS NULL) <> (court_case_id IS NULL)", "one_folder"),)

    storage_key: Mapped[str] = mapped_column(String(64))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)

    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"), index=True)
    court_case_id: Mapped[int | None] = mapped_column(ForeignKey("court_case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(250))
    dated: Mapped[PartialDate | None] = partial_date("dated")
    number: Mapped[str | None] = mapped_column(String(250))
    issuer: Mapped[str | None] = mapped_column(String(250))
    source_reference: Mapped[str | None] = mapped_column(String(250))
    victims: Mapped[list[Victim]] = relationship(secondary=lambda: attachment_victims_link, lazy="selectin")
    accused: Mapped[list[Accused]] = relationship(secondary=lambda: attachment_accused_link, lazy="selectin")
    contains_identity: Mapped[bool | None] = mapped_column(Boolean)
    confidentiality: Mapped[str | None] = mapped_column(String(20))
    pages: Mapped[int | None] = mapped_column(Integer)
    summary: Mapped[bytes | None] = mapped_column(Sealed)
    file_name: Mapped[str | None] = mapped_column(String(250))
    media_type: Mapped[str | None] = mapped_column(String(250))
    size_bytes: Mapped[int | None] = mapped_column(Integer)
    sha256: Mapped[str | None] = mapped_column(String(250))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"), index=True)


attachment_victims_link: Table = link_table("attachment_victims", "attachment", "victim")


attachment_accused_link: Table = link_table("attachment_accused", "attachment", "accused")
