"""Documents, wrapped data keys and the blind index."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sistra.db import Instant, Json, Key

revision = "0004"
down_revision = "0003"


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


def _partial_date(name: str) -> list[sa.Column[Any]]:
    """The three columns of one partial date."""
    return [
        sa.Column(f"{name}_earliest", sa.Date),
        sa.Column(f"{name}_latest", sa.Date),
        sa.Column(f"{name}_precision", sa.String(5)),
    ]


def upgrade() -> None:
    op.create_table(
        "attachment",
        *_recorded(),
        sa.Column("storage_key", sa.String(64), nullable=False),
        sa.Column("withdrawn_at", Instant),
        sa.Column("charge_id", Key, sa.ForeignKey("charge.id"), index=True),
        sa.Column("court_case_id", Key, sa.ForeignKey("court_case.id"), index=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(250), nullable=False),
        *_partial_date("dated"),
        sa.Column("number", sa.String(250)),
        sa.Column("issuer", sa.String(250)),
        sa.Column("source_reference", sa.String(250)),
        sa.Column("contains_identity", sa.Boolean),
        sa.Column("confidentiality", sa.String(20)),
        sa.Column("pages", sa.Integer),
        sa.Column("summary", sa.LargeBinary),
        sa.Column("file_name", sa.String(250)),
        sa.Column("media_type", sa.String(250)),
        sa.Column("size_bytes", sa.Integer),
        sa.Column("sha256", sa.String(250)),
        sa.Column("replaces_id", Key, sa.ForeignKey("attachment.id"), index=True),
        sa.CheckConstraint("(charge_id IS NULL) <> (court_case_id IS NULL)", "one_folder"),
    )
    op.create_table(
        "attachment_victims",
        sa.Column("attachment_id", Key, sa.ForeignKey("attachment.id"), primary_key=True),
        sa.Column("victim_id", Key, sa.ForeignKey("victim.id"), primary_key=True, index=True),
    )
    op.create_table(
        "attachment_accused",
        sa.Column("attachment_id", Key, sa.ForeignKey("attachment.id"), primary_key=True),
        sa.Column("accused_id", Key, sa.ForeignKey("accused.id"), primary_key=True, index=True),
    )
    op.create_table(
        "data_key",
        sa.Column("id", Key, primary_key=True),
        sa.Column("owner_kind", sa.String(20), nullable=False),
        sa.Column("owner_id", Key, nullable=False),
        sa.Column("wrapped_by", sa.String(20), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("owner_kind", "owner_id"),
    )
    op.create_table(
        "identity_token",
        sa.Column("id", Key, primary_key=True),
        sa.Column("identity_id", Key, sa.ForeignKey("identity.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("token", sa.LargeBinary(16), nullable=False),
        sa.Index(None, "kind", "token"),
    )


def downgrade() -> None:
    op.drop_table("identity_token")
    op.drop_table("data_key")
    op.drop_table("attachment_accused")
    op.drop_table("attachment_victims")
    op.drop_table("attachment")
