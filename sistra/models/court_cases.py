from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Date, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sistra.db import Codes, Instant, Model, Sealed
from sistra.models.recorded import Recorded, link_table, partial_date
from sistra.rules.partial_dates import PartialDate

if TYPE_CHECKING:
    from sistra.models.judgments import Ruling
    from sistra.models.people import Accused


class CourtCase(Recorded, Model):
    """The proceedings before a court (Expediente judicial)."""

    __tablename__ = "court_case"

    docket_number: Mapped[str | None] = mapped_column(String(60))
    other_number: Mapped[str | None] = mapped_column(String(250))
    court_case_kind: Mapped[str] = mapped_column(String(20))
    main_docket_id: Mapped[int | None] = mapped_column(ForeignKey("court_case.id"), index=True)
    appeal_kind: Mapped[str | None] = mapped_column(String(20))
    procedure_code: Mapped[str | None] = mapped_column(String(20))
    court_instance: Mapped[str | None] = mapped_column(String(20))
    court_name: Mapped[str | None] = mapped_column(String(250))
    fiscal_district: Mapped[str | None] = mapped_column(String(20))
    judges: Mapped[str | None] = mapped_column(String(250))
    court_clerk: Mapped[str | None] = mapped_column(String(250))
    prosecution_office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"), index=True)
    opened_on: Mapped[PartialDate | None] = partial_date("opened_on")
    state: Mapped[str | None] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(20))
    procuraduria: Mapped[bool | None] = mapped_column(Boolean)
    next_hearing_at: Mapped[datetime | None] = mapped_column(Instant)
    concluded_on: Mapped[PartialDate | None] = partial_date("concluded_on")
    note: Mapped[bytes | None] = mapped_column(Sealed)


class ChargeCourtCase(Recorded, Model):
    """A charge linked to a court case, with all or some of its accused."""

    __tablename__ = "charge_court_case"

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    court_case_id: Mapped[int] = mapped_column(ForeignKey("court_case.id"), index=True)
    accused: Mapped[list[Accused]] = relationship(secondary=lambda: charge_court_case_accused_link, lazy="selectin")
    link: Mapped[str] = mapped_column(String(20))
    linked_on: Mapped[date | None] = mapped_column(Date)
    unlinked_on: Mapped[date | None] = mapped_column(Date)


class Remedy(Recorded, Model):
    """Appeal, cassation, nullity appeal or complaint."""

    __tablename__ = "remedy"

    court_case_id: Mapped[int] = mapped_column(ForeignKey("court_case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str | None] = mapped_column(String(250))
    against: Mapped[list[Ruling]] = relationship(secondary=lambda: remedy_against_link, lazy="selectin")
    filed_by: Mapped[tuple[str, ...]] = mapped_column(Codes)
    filed_on: Mapped[PartialDate | None] = partial_date("filed_on")
    granted: Mapped[bool | None] = mapped_column(Boolean)
    court_instance: Mapped[str | None] = mapped_column(String(20))
    court_name: Mapped[str | None] = mapped_column(String(250))
    heard_on: Mapped[PartialDate | None] = partial_date("heard_on")
    decided_on: Mapped[PartialDate | None] = partial_date("decided_on")
    outcome: Mapped[str | None] = mapped_column(String(20))
    remand: Mapped[bool | None] = mapped_column(Boolean)
    note: Mapped[bytes | None] = mapped_column(Sealed)


charge_court_case_accused_link: Table = link_table("charge_court_case_accused", "charge_court_case", "accused")


remedy_against_link: Table = link_table("remedy_against", "remedy", "ruling")
