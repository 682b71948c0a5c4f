"""Agencies, offices, users and how they sign in."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sistra.db import Codes, Instant, Json, Key

revision = "0001"
down_revision = None

_BEFORE_USERS = ("agency", "office", "user_account")
"""Made before the users whom their system columns name: PostgreSQL adds the references last, SQLite has them inline."""


def _recorded() -> list[sa.Column[Any]]:
    """The system columns of every record."""
    return [
        sa.Column("id", Key, primary_key=True),
        sa.Column("created_at", Instant),
        sa.Column("updated_at", Instant),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("origin", sa.String(20)),
        sa.Column("import_run", sa.String(250)),
        sa.Column("unknowns", Json),
        sa.Column("created_by_id", Key, sa.ForeignKey("user_account.id", use_alter=True)),
        sa.Column("updated_by_id", Key, sa.ForeignKey("user_account.id", use_alter=True)),
    ]


def upgrade() -> None:
    op.create_table(
        "agency",
        *_recorded(),
        sa.Column("code", sa.String(250), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("agency_type", sa.String(20), nullable=False),
        sa.Column("catalog_code", sa.String(20)),
        sa.Column("parent_id", Key, sa.ForeignKey("agency.id"), index=True),
        sa.Column("may_receive", sa.Boolean),
        sa.Column("ceiling_profile", sa.String(20)),
        sa.Column("phone", sa.String(250)),
        sa.Column("email", sa.String(250)),
        sa.Column("country", sa.String(3)),
        sa.Column("place", sa.String(6)),
        sa.Column("city_abroad", sa.String(250)),
        sa.Column("region_abroad", sa.String(250)),
        sa.Column("street", sa.LargeBinary),
        sa.Column("postal_code", sa.LargeBinary),
        sa.Column("latitude", sa.LargeBinary),
        sa.Column("longitude", sa.LargeBinary),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "office",
        *_recorded(),
        sa.Column("code", sa.String(250), nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("agency_id", Key, sa.ForeignKey("agency.id"), nullable=False, index=True),
        sa.Column("office_kind", sa.String(20), nullable=False),
        sa.Column("fiscal_district", sa.String(20)),
        sa.Column("place", sa.String(6)),
        sa.Column("specialised", sa.Boolean),
        sa.Column("superior_id", Key, sa.ForeignKey("office.id"), index=True),
        sa.Column("phone", sa.String(250)),
        sa.Column("email", sa.String(250)),
        sa.Column("address", sa.String(250)),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "user_account",
        *_recorded(),
        sa.Column("roles", Codes, nullable=False),
        sa.Column("password_hash", sa.String(250)),
        sa.Column("totp_secret", sa.LargeBinary),
        sa.Column("totp_last", sa.Integer),
        sa.Column("last_signed_in_at", Instant),
        sa.Column("shortcuts_off", sa.Boolean, nullable=False),
        sa.Column("username", sa.String(250), nullable=False),
        sa.Column("full_name", sa.String(250), nullable=False),
        sa.Column("email", sa.String(250), nullable=False),
        sa.Column("phone", sa.String(250)),
        sa.Column("job_title", sa.String(250)),
        sa.Column("office_id", Key, sa.ForeignKey("office.id"), nullable=False, index=True),
        sa.Column("interface_language", sa.String(20)),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "signin_session",
        sa.Column("id", Key, primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("user_id", Key, sa.ForeignKey("user_account.id"), nullable=False, index=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("stepped_up_at", Instant),
        sa.Column("passed_second_factor", sa.Boolean, nullable=False),
        sa.Column("address", sa.String(60)),
        sa.Column("device", sa.String(250)),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", Key, primary_key=True),
        sa.Column("user_id", Key, sa.ForeignKey("user_account.id"), nullable=False, index=True),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", Instant),
    )
    op.create_table(
        "invitation",
        sa.Column("id", Key, primary_key=True),
        sa.Column("user_id", Key, sa.ForeignKey("user_account.id"), nullable=False, index=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(120), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("window_from", Instant, nullable=False),
        sa.Column("blocked_until", Instant),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in _BEFORE_USERS:
            for column in ("created_by_id", "updated_by_id"):
                op.create_foreign_key(None, table, "user_account", [column], ["id"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _BEFORE_USERS:
            for column in ("created_by_id", "updated_by_id"):
                op.drop_constraint(op.f(f"fk_{table}_{column}_user_account"), table, type_="foreignkey")
    op.drop_table("throttle")
    op.drop_table("invitation")
    op.drop_table("recovery_code")
    op.drop_table("signin_session")
    op.drop_table("user_account")
    op.drop_table("office")
    op.drop_table("agency")
