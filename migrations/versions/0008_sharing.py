"""Grants and access requests."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sistra.db import Codes, Instant, Json, Key

revision = "0008"
down_revision = "0007"

_PENDING = sa.text("state = 'OFR'")


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
        sa.Column("created_by_id", Key, sa.ForeignKey("user_account.id")),
        sa.Column("updated_by_id", Key, sa.ForeignKey("user_account.id")),
    ]


def _ref(name: str, table: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(f"{name}_id", Key, sa.ForeignKey(f"{table}.id"), nullable=nullable, index=True)


def upgrade() -> None:
    op.create_table(
        "access_request",
        *_recorded(),
        _ref("charge", "charge", nullable=False),
        _ref("requested_by", "user_account", nullable=False),
        _ref("agency", "agency", nullable=False),
        sa.Column("target", sa.String(40), nullable=False),
        sa.Column("sections", Codes, nullable=False),
        sa.Column("profile", sa.String(20)),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("legal_basis", sa.String(20)),
        sa.Column("reason", sa.LargeBinary, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("state", sa.String(20)),
        _ref("answered_by", "user_account"),
        sa.Column("answered_at", Instant),
        sa.Column("answer_reason", sa.LargeBinary),
        _ref("joined_to", "access_request"),
    )
    op.create_table(
        "charge_grant",
        *_recorded(),
        _ref("charge", "charge", nullable=False),
        sa.Column("target", sa.String(40), nullable=False),
        sa.Column("target_kind", sa.String(20), nullable=False),
        _ref("target_agency", "agency"),
        _ref("target_office", "office"),
        _ref("target_user", "user_account"),
        sa.Column("profile", sa.String(20), nullable=False),
        sa.Column("sections", Codes, nullable=False),
        sa.Column("permission", sa.String(20), nullable=False),
        sa.Column("legal_basis", sa.String(20), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("note", sa.LargeBinary),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("state", sa.String(20)),
        _ref("offered_by", "user_account"),
        sa.Column("offered_at", Instant),
        _ref("answered_by", "user_account"),
        sa.Column("answered_at", Instant),
        sa.Column("answer_reason", sa.LargeBinary),
        sa.Column("revoked_at", Instant),
        sa.Column("revoke_reason", sa.LargeBinary),
        _ref("from_request", "access_request"),
        sa.Column("from_rule", sa.String(250)),
        sa.Index(None, "target", "state"),
        sa.Index("uq_charge_grant_pending", "charge_id", "target", unique=True, sqlite_where=_PENDING, postgresql_where=_PENDING),
    )


def downgrade() -> None:
    op.drop_table("charge_grant")
    op.drop_table("access_request")
