from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Boolean, Date, ForeignKey, Integer, Numeric, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sistra.db import Codes, Instant, Model, Sealed
from sistra.models.recorded import Recorded, link_table, partial_date
from sistra.rules.partial_dates import PartialDate


class Person(Recorded, Model):
    """Nothing but the statement that parts are the same human being; holds no identity."""

    __tablename__ = "person"

    key: Mapped[str | None] = mapped_column(String(250))
    linked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    linked_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[bytes | None] = mapped_column(Sealed)


class Withdrawable:
    """A row that a confirmed act may take back: it stays, is readable on the trail, and is counted and shown nowhere."""

    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class Identity(Recorded, Model):
    """Names, documents and contact of one part, as recorded in that file. Every field is encrypted."""

    __tablename__ = "identity"

    victim_id: Mapped[int | None] = mapped_column(ForeignKey("victim.id"), unique=True)
    accused_id: Mapped[int | None] = mapped_column(ForeignKey("accused.id"), unique=True)

    surname_paternal: Mapped[bytes | None] = mapped_column(Sealed)
    surname_maternal: Mapped[bytes | None] = mapped_column(Sealed)
    given_names: Mapped[bytes | None] = mapped_column(Sealed)
    aliases: Mapped[bytes | None] = mapped_column(Sealed)
    court_initials: Mapped[bytes | None] = mapped_column(Sealed)
    salutation: Mapped[bytes | None] = mapped_column(Sealed)
    id_document_type: Mapped[bytes | None] = mapped_column(Sealed)
    id_document_number: Mapped[bytes | None] = mapped_column(Sealed)
    id_document_country: Mapped[bytes | None] = mapped_column(Sealed)
    birth_date: Mapped[bytes | None] = mapped_column(Sealed)
    birth_country: Mapped[bytes | None] = mapped_column(Sealed)
    birth_place: Mapped[bytes | None] = mapped_column(Sealed)
    deceased: Mapped[bytes | None] = mapped_column(Sealed)
    deceased_on: Mapped[bytes | None] = mapped_column(Sealed)
    legal_name: Mapped[bytes | None] = mapped_column(Sealed)
    mobile_phone: Mapped[bytes | None] = mapped_column(Sealed)
    home_phone: Mapped[bytes | None] = mapped_column(Sealed)
    email: Mapped[bytes | None] = mapped_column(Sealed)
    address_country: Mapped[bytes | None] = mapped_column(Sealed)
    address_place: Mapped[bytes | None] = mapped_column(Sealed)
    address_city_abroad: Mapped[bytes | None] = mapped_column(Sealed)
    address_region_abroad: Mapped[bytes | None] = mapped_column(Sealed)
    address_street: Mapped[bytes | None] = mapped_column(Sealed)
    address_postal_code: Mapped[bytes | None] = mapped_column(Sealed)
    address_latitude: Mapped[bytes | None] = mapped_column(Sealed)
    address_longitude: Mapped[bytes | None] = mapped_column(Sealed)
    position_title: Mapped[bytes | None] = mapped_column(Sealed)
    safe_contact: Mapped[bytes | None] = mapped_column(Sealed)


class Victim(Withdrawable, Recorded, Model):
    """A person as victim in one charge (A-1)."""

    __tablename__ = "victim"
    __table_args__ = (UniqueConstraint("charge_id", "code"),)

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    code: Mapped[str] = mapped_column(String(10))
    identified: Mapped[bool | None] = mapped_column(Boolean)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    age_at_facts: Mapped[int | None] = mapped_column(Integer)
    age_basis: Mapped[str | None] = mapped_column(String(20))
    age_group: Mapped[str | None] = mapped_column(String(20))
    sex: Mapped[str | None] = mapped_column(String(20))
    gender_identity: Mapped[str | None] = mapped_column(String(20))
    citizenships: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    stateless: Mapped[bool | None] = mapped_column(Boolean)
    primary_language: Mapped[str | None] = mapped_column(String(20))
    ethnicity: Mapped[str | None] = mapped_column(String(20))
    disabilities: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    education: Mapped[str | None] = mapped_column(String(20))
    education_completed: Mapped[bool | None] = mapped_column(Boolean)
    occupation: Mapped[str | None] = mapped_column(String(20))
    relation_to_accused: Mapped[str | None] = mapped_column(String(20))
    main_purpose: Mapped[str | None] = mapped_column(String(20))
    condition: Mapped[str | None] = mapped_column(String(20))
    condition_on: Mapped[date | None] = mapped_column(Date)
    status: Mapped[str | None] = mapped_column(String(20))
    status_authority: Mapped[str | None] = mapped_column(String(20))
    status_on: Mapped[date | None] = mapped_column(Date)
    single_interview: Mapped[str | None] = mapped_column(String(20))
    single_interview_on: Mapped[date | None] = mapped_column(Date)
    control_methods: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    vulnerability_factors: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    vulnerability_details: Mapped[bytes | None] = mapped_column(Sealed)
    risk_level: Mapped[str | None] = mapped_column(String(20))
    risk_kinds: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    civil_party: Mapped[bool | None] = mapped_column(Boolean)
    marital_status: Mapped[str | None] = mapped_column(String(20))
    number_of_children: Mapped[int | None] = mapped_column(Integer)
    pregnant_at_facts: Mapped[bool | None] = mapped_column(Boolean)
    other_languages: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    interpreter_needed: Mapped[bool | None] = mapped_column(Boolean)
    immigration_status: Mapped[bytes | None] = mapped_column(Sealed)
    residence_before: Mapped[str | None] = mapped_column(String(6))
    guardian: Mapped[bytes | None] = mapped_column(Sealed)
    missing_report: Mapped[bytes | None] = mapped_column(Sealed)
    reta_victim_id: Mapped[bytes | None] = mapped_column(Sealed)
    previous_victim: Mapped[bool | None] = mapped_column(Boolean)
    interview_consent: Mapped[bool | None] = mapped_column(Boolean)
    interview_consent_on: Mapped[date | None] = mapped_column(Date)
    data_agreement: Mapped[bool | None] = mapped_column(Boolean)
    assistance_status: Mapped[str | None] = mapped_column(String(20))
    assistance_closing_reason: Mapped[bytes | None] = mapped_column(Sealed)
    udavit_number: Mapped[bytes | None] = mapped_column(Sealed)
    note: Mapped[bytes | None] = mapped_column(Sealed)


class Accused(Withdrawable, Recorded, Model):
    """A person or legal entity as accused in one charge (I-1); may be unidentified."""

    __tablename__ = "accused"
    __table_args__ = (UniqueConstraint("charge_id", "code"),)

    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"), index=True)
    code: Mapped[str] = mapped_column(String(10))
    identified: Mapped[bool] = mapped_column(Boolean)
    description: Mapped[bytes | None] = mapped_column(Sealed)
    kind: Mapped[str | None] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    sex: Mapped[str | None] = mapped_column(String(20))
    gender_identity: Mapped[str | None] = mapped_column(String(20))
    age_at_facts: Mapped[int | None] = mapped_column(Integer)
    age_group: Mapped[str | None] = mapped_column(String(20))
    citizenships: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    occupation: Mapped[str | None] = mapped_column(String(20))
    public_official: Mapped[bool | None] = mapped_column(Boolean)
    public_institution: Mapped[str | None] = mapped_column(String(250))
    primary_language: Mapped[str | None] = mapped_column(String(20))
    immigration_status: Mapped[bytes | None] = mapped_column(Sealed)
    education: Mapped[str | None] = mapped_column(String(20))
    roles: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    role_details: Mapped[bytes | None] = mapped_column(Sealed)
    organisation: Mapped[str | None] = mapped_column(String(250))
    status: Mapped[str | None] = mapped_column(String(20))
    custody: Mapped[bool | None] = mapped_column(Boolean)
    legal_person: Mapped[str | None] = mapped_column(String(250))
    legal_person_ruc: Mapped[bytes | None] = mapped_column(Sealed)
    criminal_record: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    first_contact_on: Mapped[date | None] = mapped_column(Date)
    defence_counsel: Mapped[bytes | None] = mapped_column(Sealed)
    public_defender: Mapped[bool | None] = mapped_column(Boolean)
    note: Mapped[bytes | None] = mapped_column(Sealed)


class Recruitment(Withdrawable, Recorded, Model):
    """How one victim was recruited."""

    __tablename__ = "recruitment"

    victim_id: Mapped[int] = mapped_column(ForeignKey("victim.id"), index=True)
    accused: Mapped[list[Accused]] = relationship(secondary=lambda: recruitment_accused_link, lazy="selectin")
    methods: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    means: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    contact_channel: Mapped[str | None] = mapped_column(String(20))
    platforms: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    profile_or_number: Mapped[bytes | None] = mapped_column(Sealed)
    offer: Mapped[str | None] = mapped_column(String(250))
    accepted_offer: Mapped[bool | None] = mapped_column(Boolean)
    venue_name: Mapped[str | None] = mapped_column(String(250))
    recruited_on: Mapped[PartialDate | None] = partial_date("recruited_on")
    country: Mapped[str | None] = mapped_column(String(3))
    place: Mapped[str | None] = mapped_column(String(6))
    locality: Mapped[str | None] = mapped_column(String(250))
    region_abroad: Mapped[str | None] = mapped_column(String(250))
    street: Mapped[bytes | None] = mapped_column(Sealed)
    postal_code: Mapped[bytes | None] = mapped_column(Sealed)
    latitude: Mapped[bytes | None] = mapped_column(Sealed)
    longitude: Mapped[bytes | None] = mapped_column(Sealed)
    description: Mapped[bytes | None] = mapped_column(Sealed)


class Exploitation(Withdrawable, Recorded, Model):
    """One form of exploitation of one victim."""

    __tablename__ = "exploitation"

    victim_id: Mapped[int] = mapped_column(ForeignKey("victim.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    consummated: Mapped[bool | None] = mapped_column(Boolean)
    place_types: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    venue_name: Mapped[str | None] = mapped_column(String(250))
    economic_activity: Mapped[str | None] = mapped_column(String(20))
    platforms: Mapped[tuple[str, ...] | None] = mapped_column(Codes)
    started_on: Mapped[PartialDate | None] = partial_date("started_on")
    ended_on: Mapped[PartialDate | None] = partial_date("ended_on")
    country: Mapped[str | None] = mapped_column(String(3))
    place: Mapped[str | None] = mapped_column(String(6))
    locality: Mapped[str | None] = mapped_column(String(250))
    region_abroad: Mapped[str | None] = mapped_column(String(250))
    street: Mapped[bytes | None] = mapped_column(Sealed)
    postal_code: Mapped[bytes | None] = mapped_column(Sealed)
    latitude: Mapped[bytes | None] = mapped_column(Sealed)
    longitude: Mapped[bytes | None] = mapped_column(Sealed)
    hours_per_day: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    days_per_week: Mapped[int | None] = mapped_column(Integer)
    paid: Mapped[bool | None] = mapped_column(Boolean)
    pay_amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    pay_period: Mapped[str | None] = mapped_column(String(20))
    debt_amount: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    lodging_given: Mapped[bool | None] = mapped_column(Boolean)
    description: Mapped[bytes | None] = mapped_column(Sealed)


class VictimAccusedRelation(Withdrawable, Recorded, Model):
    """What one victim is to one accused."""

    __tablename__ = "victim_accused_relation"

    victim_id: Mapped[int] = mapped_column(ForeignKey("victim.id"), index=True)
    accused_id: Mapped[int] = mapped_column(ForeignKey("accused.id"), index=True)
    relation: Mapped[str] = mapped_column(String(20))
    same_household: Mapped[bool | None] = mapped_column(Boolean)
    note: Mapped[str | None] = mapped_column(String(250))


recruitment_accused_link: Table = link_table("recruitment_accused", "recruitment", "accused")
