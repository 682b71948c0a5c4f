from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Date, ForeignKey, Integer, Numeric, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sistra.db import Codes, Model, Sealed, YearsMonthsDays
from sistra.models.recorded import Recorded, link_table, partial_date
from sistra.rules.durations import Duration
from sistra.rules.partial_dates import PartialDate

if TYPE_CHECKING:
    from sistra.models.people import Accused, Victim


class Judgment(Recorded, Model):
    """A decision of a court that ends an instance."""

    __tablename__ = "judgment"

    court_case_id: Mapped[int] = mapped_column(ForeignKey("court_case.id"), index=True)
    decision_kind: Mapped[str] = mapped_column(String(20))
    instance: Mapped[str] = mapped_column(String(20))
    decided_on: Mapped[PartialDate | None] = partial_date("decided_on")
    read_on: Mapped[PartialDate | None] = partial_date("read_on")
    notified_on: Mapped[PartialDate | None] = partial_date("notified_on")
    published_on: Mapped[PartialDate | None] = partial_date("published_on")
    resolution_number: Mapped[str | None] = mapped_column(String(250))
    court_instance: Mapped[str | None] = mapped_column(String(20))
    court_name: Mapped[str | None] = mapped_column(String(250))
    judges: Mapped[str | None] = mapped_column(String(250))
    dissenting: Mapped[bool | None] = mapped_column(Boolean)
    verdict: Mapped[str | None] = mapped_column(String(20))
    remedy_id: Mapped[int | None] = mapped_column(ForeignKey("remedy.id"), index=True)
    finality: Mapped[str | None] = mapped_column(String(20))
    final_on: Mapped[PartialDate | None] = partial_date("final_on")
    procedural_remark: Mapped[bytes | None] = mapped_column(Sealed)
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"), index=True)


class Ruling(Recorded, Model):
    """The verdict of a judgment on one count."""

    __tablename__ = "ruling"

    court_case_id: Mapped[int] = mapped_column(ForeignKey("court_case.id"), index=True)

    judgment_id: Mapped[int] = mapped_column(ForeignKey("judgment.id"), index=True)
    count_id: Mapped[int] = mapped_column(ForeignKey("count.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(20))
    convicted_offence: Mapped[str | None] = mapped_column(String(20))
    convicted_degree: Mapped[str | None] = mapped_column(String(20))
    convicted_participation: Mapped[str | None] = mapped_column(String(20))
    acquittal_reason: Mapped[str | None] = mapped_column(String(20))
    acquittal_note: Mapped[bytes | None] = mapped_column(Sealed)
    remedy_outcome: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[bytes | None] = mapped_column(Sealed)


class Penalty(Recorded, Model):
    """The penalties of one accused in a judgment."""

    __tablename__ = "penalty"

    court_case_id: Mapped[int] = mapped_column(ForeignKey("court_case.id"), index=True)

    judgment_id: Mapped[int] = mapped_column(ForeignKey("judgment.id"), index=True)
    accused_id: Mapped[int] = mapped_column(ForeignKey("accused.id"), index=True)
    sentence_types: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    imprisonment: Mapped[Duration | None] = mapped_column(YearsMonthsDays)
    suspension_term: Mapped[Duration | None] = mapped_column(YearsMonthsDays)
    conduct_rules: Mapped[bytes | None] = mapped_column(Sealed)
    served_from: Mapped[date | None] = mapped_column(Date)
    served_until: Mapped[date | None] = mapped_column(Date)
    community_service_days: Mapped[int | None] = mapped_column(Integer)
    fine_days: Mapped[int | None] = mapped_column(Integer)
    fine_amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    disqualification: Mapped[Duration | None] = mapped_column(YearsMonthsDays)
    disqualification_kinds: Mapped[str | None] = mapped_column(String(250))
    expulsion: Mapped[bool | None] = mapped_column(Boolean)
    confiscation: Mapped[bytes | None] = mapped_column(Sealed)
    legal_person_consequence: Mapped[str | None] = mapped_column(String(250))
    below_minimum_reason: Mapped[bytes | None] = mapped_column(Sealed)


class Reparation(Recorded, Model):
    """Money owed to victims by liable accused."""

    __tablename__ = "reparation"

    court_case_id: Mapped[int] = mapped_column(ForeignKey("court_case.id"), index=True)

    judgment_id: Mapped[int] = mapped_column(ForeignKey("judgment.id"), index=True)
    victims: Mapped[list[Victim]] = relationship(secondary=lambda: reparation_victims_link, lazy="selectin")
    debtors: Mapped[list[Accused]] = relationship(secondary=lambda: reparation_debtors_link, lazy="selectin")
    joint_liability: Mapped[bool | None] = mapped_column(Boolean)
    amount_ordered: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    amount_other_currency: Mapped[str | None] = mapped_column(String(250))
    due_on: Mapped[date | None] = mapped_column(Date)
    amount_paid: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    status: Mapped[str | None] = mapped_column(String(20))
    secured_by_id: Mapped[int | None] = mapped_column(ForeignKey("measure.id"), index=True)
    non_monetary: Mapped[bytes | None] = mapped_column(Sealed)
    note: Mapped[bytes | None] = mapped_column(Sealed)


reparation_victims_link: Table = link_table("reparation_victims", "reparation", "victim")


reparation_debtors_link: Table = link_table("reparation_debtors", "reparation", "accused")
