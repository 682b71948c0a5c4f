from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, Numeric, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sistra.db import Codes, Instant, Key, Model, Sealed
from sistra.models.recorded import Keyed, Recorded, link_table, partial_date
from sistra.rules.partial_dates import PartialDate

if TYPE_CHECKING:
    from sistra.models.people import Victim


def _of_few(column: str) -> Index:
    """An index of the charges that name another one: where none does, a planner with statistics reads the table instead."""
    few = text(f"{column} IS NOT NULL")
    return Index(f"ix_charge_{column}", column, sqlite_where=few, postgresql_where=few)


class Charge(Recorded, Model):
    """The file opened when notice of a trafficking crime reaches an office (Denuncia).

    Beside its dictionary fields it keeps what its list sorts, counts and finds by: `year` of its number, the totals of its
    parts (`*_total`: the larger of those declared and those recorded), its next open due date, its file number folded.
    """

    __tablename__ = "charge"
    __table_args__ = (
        UniqueConstraint("number"), Index(None, "carpeta_folded"), Index(None, "updated_at", "id"),
        *(_of_few(column) for column in ("duplicate_of_id", "parent_charge_id", "joined_into_id")))

    received_on: Mapped[PartialDate | None] = partial_date("received_on")
    notice_source: Mapped[str] = mapped_column(String(20))
    reported_offence: Mapped[str] = mapped_column(String(20))
    carpeta_number: Mapped[str | None] = mapped_column(String(60))
    purpose_known: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    notice_place: Mapped[str] = mapped_column(String(6))
    summary: Mapped[str] = mapped_column(Text)
    victims_declared: Mapped[int | None] = mapped_column(Integer)
    minors_declared: Mapped[int | None] = mapped_column(Integer)
    accused_declared: Mapped[int | None] = mapped_column(Integer)
    immediate_risk: Mapped[str | None] = mapped_column(String(20))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    responsible_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    number: Mapped[str] = mapped_column(String(60))
    year: Mapped[int] = mapped_column(Integer)
    carpeta_folded: Mapped[str | None] = mapped_column(String(60))
    victims_total: Mapped[int] = mapped_column(Integer, default=0)
    minors_total: Mapped[int] = mapped_column(Integer, default=0)
    accused_total: Mapped[int] = mapped_column(Integer, default=0)
    next_due_on: Mapped[date | None] = mapped_column(Date)
    reta_id: Mapped[str | None] = mapped_column(String(250))
    other_register_id: Mapped[str | None] = mapped_column(String(250))
    hotline_referral_number: Mapped[str | None] = mapped_column(String(250))
    former_numbers: Mapped[str | None] = mapped_column(String(250))
    status: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20))
    fiscal_district: Mapped[str] = mapped_column(String(20))
    completed_at: Mapped[datetime | None] = mapped_column(Instant)
    core_at_registration: Mapped[bool | None] = mapped_column(Boolean)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"))
    completeness: Mapped[int] = mapped_column(Integer)
    case_nickname: Mapped[str | None] = mapped_column(String(250))
    strategic_flags: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    reporting_agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    incoming_referral_on: Mapped[date | None] = mapped_column(Date)
    reporting_contact: Mapped[bytes | None] = mapped_column(Sealed)
    incoming_referral_reason: Mapped[str | None] = mapped_column(String(20))
    incoming_referral_details: Mapped[bytes | None] = mapped_column(Sealed)
    police_report_number: Mapped[str | None] = mapped_column(String(250))
    complainant_kind: Mapped[str | None] = mapped_column(String(20))
    complainant: Mapped[bytes | None] = mapped_column(Sealed)
    operation_on: Mapped[date | None] = mapped_column(Date)
    persons_rescued: Mapped[int | None] = mapped_column(Integer)
    facts_from: Mapped[PartialDate | None] = partial_date("facts_from")
    facts_to: Mapped[PartialDate | None] = partial_date("facts_to")
    acts: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    means: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    recruitment_methods: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    contact_channel: Mapped[str | None] = mapped_column(String(20))
    recruitment_platforms: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    recruitment_place: Mapped[str | None] = mapped_column(String(6))
    exploitation_place_types: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    exploitation_place: Mapped[str | None] = mapped_column(String(6))
    economic_activity: Mapped[str | None] = mapped_column(String(20))
    border_crossed: Mapped[bool | None] = mapped_column(Boolean)
    border_countries: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    border_post: Mapped[str | None] = mapped_column(String(20))
    economic_benefit: Mapped[bool | None] = mapped_column(Boolean)
    economic_benefit_amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    economic_benefit_note: Mapped[str | None] = mapped_column(String(250))
    organised_group: Mapped[bool | None] = mapped_column(Boolean)
    narrative: Mapped[bytes | None] = mapped_column(Sealed)
    procedure_code: Mapped[str | None] = mapped_column(String(20))
    regime: Mapped[str | None] = mapped_column(String(20))
    immediate_risk_kinds: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    lead_police_unit: Mapped[str | None] = mapped_column(String(250))
    parent_charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"))
    joined_into_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"))
    confidentiality: Mapped[str] = mapped_column(String(20))
    sealed_reason: Mapped[bytes | None] = mapped_column(Sealed)
    effective_collaboration: Mapped[bytes | None] = mapped_column(Sealed)
    restricted_after_archive: Mapped[bool | None] = mapped_column(Boolean)
    closing_reason: Mapped[str | None] = mapped_column(String(20))
    closed_on: Mapped[date | None] = mapped_column(Date)
    closing_note: Mapped[bytes | None] = mapped_column(Sealed)
    retention_until: Mapped[date | None] = mapped_column(Date)
    retention_reason: Mapped[str | None] = mapped_column(String(20))


class ChargeMember(Recorded, Model):
    """Who is on the case team: decides who may reveal minors and sealed matters."""

    __tablename__ = "charge_member"

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    part: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)


class RouteLeg(Recorded, Model):
    """One leg of the route: origin, transit or destination."""

    __tablename__ = "route_leg"

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    victims: Mapped[list[Victim]] = relationship(secondary=lambda: route_leg_victims_link, lazy="selectin")
    sequence: Mapped[int] = mapped_column(Integer)
    point: Mapped[str] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(3))
    place: Mapped[str | None] = mapped_column(String(6))
    locality: Mapped[str | None] = mapped_column(String(250))
    region_abroad: Mapped[str | None] = mapped_column(String(250))
    street: Mapped[bytes | None] = mapped_column(Sealed)
    postal_code: Mapped[bytes | None] = mapped_column(Sealed)
    latitude: Mapped[bytes | None] = mapped_column(Sealed)
    longitude: Mapped[bytes | None] = mapped_column(Sealed)
    moved_on: Mapped[PartialDate | None] = partial_date("moved_on")
    transport_mode: Mapped[str | None] = mapped_column(String(20))
    transport_company: Mapped[str | None] = mapped_column(String(250))
    border_post: Mapped[str | None] = mapped_column(String(20))
    documents_used: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    accompanied_by: Mapped[str | None] = mapped_column(String(20))
    description: Mapped[bytes | None] = mapped_column(Sealed)


route_leg_victims_link: Table = link_table("route_leg_victims", "route_leg", "victim")


class ChargePurpose(Model):
    """One known purpose of a charge: what the list's facet counts (`charge.purpose_known`, one row per code)."""

    __tablename__ = "charge_purpose"

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)


class ChargeAccess(Model):
    """Who may see a charge: one row per principal (`user:7`, `office:3`, `agency:2`, `district:MDD`, `subsystem`) and grant.

    Kept in the transaction of each act that changes it; the offices, teams and grants stay the authority and the rows can
    be rebuilt from them. `outline` rows show a sealed charge's number, office, responsible and stage only. Rows by right have
    the grant 0; those of a grant carry what it opens, and `valid_until` ends them by the request's clock.
    """

    __tablename__ = "charge_access"
    __table_args__ = (
        Index(None, "principal", "updated_at", "charge_id"), Index(None, "charge_id"),
        # All that totals and facets ask of a row: whom they count is read from the index alone.
        Index("ix_charge_access_sight", "principal", "charge_id", "outline", "valid_until", "grant_id", "sections"),
        Index("ix_charge_access_outlines", "principal", "charge_id", sqlite_where=text("outline IS 1"),
              postgresql_where=text("outline IS true")))

    principal: Mapped[str] = mapped_column(String(40), primary_key=True)
    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), primary_key=True)
    grant_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False, default=0)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    outline: Mapped[bool] = mapped_column(Boolean, default=False)
    valid_until: Mapped[datetime | None] = mapped_column(Instant)
    profile: Mapped[str | None] = mapped_column(String(20))
    sections: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    permission: Mapped[str | None] = mapped_column(String(20))


class NumberSequence(Model):
    """The last number given to a charge of a year and fiscal district."""

    __tablename__ = "number_sequence"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    fiscal_district: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class SavedForm(Keyed, Model):
    """What was typed into a form and not yet accepted (Borrador): encrypted, no constraint applies to it.

    `form` names the form (`charges.create`, `people.victim`...) and `thing_id` the record it amends, 0 for a new one.
    `charge_id` and `court_case_id` are the folder in which it is typed, 0 for none: at most one of them is set.
    """

    __tablename__ = "saved_form"
    __table_args__ = (UniqueConstraint("user_id", "form", "charge_id", "court_case_id", "thing_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    form: Mapped[str] = mapped_column(String(60))
    charge_id: Mapped[int] = mapped_column(Key, default=0)
    court_case_id: Mapped[int] = mapped_column(Key, default=0)
    thing_id: Mapped[int] = mapped_column(Key, default=0)
    payload: Mapped[bytes] = mapped_column(Sealed)
    saved_at: Mapped[datetime] = mapped_column(Instant)


class AcceptedForm(Model):
    """The one-time token of a form that was carried out, with where it led: a second post gets the same answer."""

    __tablename__ = "accepted_form"

    token: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    location: Mapped[str] = mapped_column(String(250))
    at: Mapped[datetime] = mapped_column(Instant)
