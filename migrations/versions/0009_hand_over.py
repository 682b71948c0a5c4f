"""Referrals of charges to other offices, and the acts that tell of them."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sistra.db import Instant, Json, Key

revision = "0009"
down_revision = "0008"

_PENDING = sa.text("state IN ('PRE', 'OFR')")


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


def _ref(name: str, table: str, *, nullable: bool = True, index: bool = True) -> sa.Column[Any]:
    return sa.Column(f"{name}_id", Key, sa.ForeignKey(f"{table}.id"), nullable=nullable, index=index)


def upgrade() -> None:
    op.create_table(
        "referral",
        *_recorded(),
        _ref("charge", "charge", nullable=False),
        _ref("from_office", "office", nullable=False),
        _ref("to_office", "office", nullable=False, index=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("details", sa.LargeBinary, nullable=False),
        _ref("document", "attachment"),
        sa.Column("keep_copy", sa.String(20)),
        sa.Column("state", sa.String(20)),
        _ref("offered_by", "user_account"),
        sa.Column("offered_at", Instant),
        _ref("answered_by", "user_account"),
        sa.Column("answered_at", Instant),
        sa.Column("decline_reason", sa.String(20)),
        sa.Column("decline_note", sa.LargeBinary),
        sa.Index("uq_referral_pending", "charge_id", unique=True, sqlite_where=_PENDING, postgresql_where=_PENDING),
        sa.Index(None, "to_office_id", "state"),
    )
    with op.batch_alter_table("event") as event:
        event.add_column(
            sa.Column("referral_id", Key, sa.ForeignKey("referral.id", name="fk_event_referral_id_referral"), nullable=True))
        event.create_index("ix_event_referral_id", ["referral_id"])


def downgrade() -> None:
    with op.batch_alter_table("event") as event:
        event.drop_index("ix_event_referral_id")
        event.drop_constraint("fk_event_referral_id_referral", type_="foreignkey")
        event.drop_column("referral_id")
    op.drop_table("referral")
