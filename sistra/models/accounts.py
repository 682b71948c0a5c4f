from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Codes, Instant, Model, Sealed
from sistra.models.recorded import Keyed, Recorded


class Agency(Recorded, Model):
    """An institution (Entidad)."""

    __tablename__ = "agency"
    __table_args__ = (UniqueConstraint("code"),)

    code: Mapped[str] = mapped_column(String(250))
    name: Mapped[str] = mapped_column(String(250))
    agency_type: Mapped[str] = mapped_column(String(20))
    catalog_code: Mapped[str | None] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    may_receive: Mapped[bool | None] = mapped_column(Boolean)
    ceiling_profile: Mapped[str | None] = mapped_column(String(20))
    phone: Mapped[str | None] = mapped_column(String(250))
    email: Mapped[str | None] = mapped_column(String(250))
    country: Mapped[str | None] = mapped_column(String(3))
    place: Mapped[str | None] = mapped_column(String(6))
    city_abroad: Mapped[str | None] = mapped_column(String(250))
    region_abroad: Mapped[str | None] = mapped_column(String(250))
    street: Mapped[bytes | None] = mapped_column(Sealed)
    postal_code: Mapped[bytes | None] = mapped_column(Sealed)
    latitude: Mapped[bytes | None] = mapped_column(Sealed)
    longitude: Mapped[bytes | None] = mapped_column(Sealed)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class Office(Recorded, Model):
    """A unit of an agency (Despacho), with its fiscal district."""

    __tablename__ = "office"
    __table_args__ = (UniqueConstraint("code"),)

    code: Mapped[str] = mapped_column(String(250))
    name: Mapped[str] = mapped_column(String(250))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    office_kind: Mapped[str] = mapped_column(String(20))
    fiscal_district: Mapped[str | None] = mapped_column(String(20))
    place: Mapped[str | None] = mapped_column(String(6))
    specialised: Mapped[bool | None] = mapped_column(Boolean)
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"), index=True)
    phone: Mapped[str | None] = mapped_column(String(250))
    email: Mapped[str | None] = mapped_column(String(250))
    address: Mapped[str | None] = mapped_column(String(250))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class User(Recorded, Model):
    """A person who signs in. Suspended, never deleted."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("username"),)

    roles: Mapped[tuple[str, ...]] = mapped_column(Codes)
    password_hash: Mapped[str | None] = mapped_column(String(250))
    totp_secret: Mapped[bytes | None] = mapped_column(Sealed)
    totp_last: Mapped[int | None] = mapped_column(Integer)
    last_signed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    shortcuts_off: Mapped[bool] = mapped_column(Boolean, default=False)

    username: Mapped[str] = mapped_column(String(250))
    full_name: Mapped[str] = mapped_column(String(250))
    email: Mapped[str] = mapped_column(String(250))
    phone: Mapped[str | None] = mapped_column(String(250))
    job_title: Mapped[str | None] = mapped_column(String(250))
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    interface_language: Mapped[str | None] = mapped_column(String(20))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class SignInSession(Keyed, Model):
    """A signed-in device. The cookie's token is stored as a keyed hash. `passed_second_factor` is false between the two steps.

    `stepped_up_at` is the last time the password was given again (needed before a reveal, a seal, a change of roles).
    """

    __tablename__ = "signin_session"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    stepped_up_at: Mapped[datetime | None] = mapped_column(Instant)
    passed_second_factor: Mapped[bool] = mapped_column(Boolean, default=False)
    address: Mapped[str | None] = mapped_column(String(60))
    device: Mapped[str | None] = mapped_column(String(250))


class RecoveryCode(Keyed, Model):
    """A one-time code that stands in for the second factor, stored as a keyed hash."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Invitation(Keyed, Model):
    """A link by which a person sets an own password (first sign-in or reset): single use, short-lived, stored as a hash."""

    __tablename__ = "invitation"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Throttle(Model):
    """Failed attempts at one door: `account:<hash>` or `address:<text>`, within the current window."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    window_from: Mapped[datetime] = mapped_column(Instant)
    blocked_until: Mapped[datetime | None] = mapped_column(Instant)
