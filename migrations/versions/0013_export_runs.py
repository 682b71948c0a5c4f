"""Exports made in the background."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sistra.db import Instant, Json, Key

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "export_run",
        sa.Column("id", Key, primary_key=True),
        sa.Column("slug", sa.String(32), nullable=False),
        sa.Column("owner_id", Key, sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("ask", sa.LargeBinary, nullable=False),
        sa.Column("seen", sa.LargeBinary),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.Column("rows_done", sa.Integer, nullable=False),
        sa.Column("rows_total", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(40)),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("started_at", Instant),
        sa.Column("beaten_at", Instant),
        sa.Column("finished_at", Instant),
        sa.Column("expires_at", Instant),
        sa.Column("storage_key", sa.String(64)),
        sa.Column("file_name", sa.String(250)),
        sa.Column("media_type", sa.String(120)),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("sha256", sa.String(64)),
        sa.Column("digests", Json),
        sa.Column("downloads", sa.Integer, nullable=False),
        sa.UniqueConstraint("slug"),
        sa.Index(None, "owner_id", "created_at"),
        sa.Index(None, "state"),
    )


def downgrade() -> None:
    op.drop_table("export_run")
