"""Services for victims, tasks, and the act that tells of a service."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sistra.db import Instant, Json, Key

revision = "0010"
down_revision = "0009"


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
        "service",
        *_recorded(),
        _ref("charge", "charge", nullable=False),
        _ref("victim", "victim", nullable=False),
        sa.Column("service_type", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        _ref("provider", "agency"),
        sa.Column("provider_contact", sa.LargeBinary),
        sa.Column("referred_on", sa.Date),
        sa.Column("referral_reason", sa.String(20)),
        sa.Column("referral_details", sa.LargeBinary),
        sa.Column("starts_on", sa.Date),
        sa.Column("decline_reason", sa.String(20)),
        sa.Column("location", sa.LargeBinary),
        sa.Column("plan_objectives", sa.LargeBinary),
        sa.Column("plan_actions", sa.LargeBinary),
        sa.Column("planned_end_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("cost", sa.Numeric(14, 2)),
        sa.Column("result", sa.LargeBinary),
        sa.Column("withdrawn_at", Instant),
    )
    op.create_table(
        "task",
        *_recorded(),
        sa.Column("title", sa.String(250), nullable=False),
        _ref("charge", "charge"),
        _ref("court_case", "court_case"),
        _ref("from_event", "event"),
        _ref("assignee", "user_account", nullable=False, index=False),
        sa.Column("due_on", sa.Date),
        sa.Column("priority", sa.String(20)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("done_at", Instant),
        sa.Column("note", sa.LargeBinary),
        sa.Index(None, "assignee_id", "status"),
    )
    with op.batch_alter_table("event") as event:
        event.add_column(sa.Column("service_id", Key, sa.ForeignKey("service.id", name="fk_event_service_id_service"),
                                   nullable=True))
        event.create_index("ix_event_service_id", ["service_id"])


def downgrade() -> None:
    with op.batch_alter_table("event") as event:
        event.drop_index("ix_event_service_id")
        event.drop_constraint("fk_event_service_id_service", type_="foreignkey")
        event.drop_column("service_id")
    op.drop_table("task")
    op.drop_table("service")
