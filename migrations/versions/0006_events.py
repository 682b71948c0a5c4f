"""Procedural acts, deadlines and re-typifications."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sistra.db import Codes, Instant, Json, Key

revision = "0006"
down_revision = "0005"


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
        "event",
        *_recorded(),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("event_type", sa.String(20), nullable=False),
        sa.Column("charge_id", Key, sa.ForeignKey("charge.id"), index=True),
        sa.Column("court_case_id", Key, sa.ForeignKey("court_case.id"), index=True),
        *_partial_date("occurred_on"),
        sa.Column("notified_on", sa.Date),
        sa.Column("occurred_at", sa.String(250)),
        sa.Column("authority_id", Key, sa.ForeignKey("agency.id"), index=True),
        sa.Column("court_name", sa.String(250)),
        sa.Column("court_instance", sa.String(20)),
        sa.Column("party", sa.String(20)),
        sa.Column("party_detail", sa.String(250)),
        sa.Column("result", sa.String(20)),
        sa.Column("appeal_outcome", sa.String(20)),
        sa.Column("hearing_type", sa.String(20)),
        sa.Column("hearing_mode", sa.String(20)),
        sa.Column("scheduled_for", Instant),
        sa.Column("expert_report_kind", sa.String(20)),
        sa.Column("evidence_kinds", Codes),
        sa.Column("risk_level", sa.String(20)),
        sa.Column("resolution_number", sa.String(250)),
        sa.Column("attachment_id", Key, sa.ForeignKey("attachment.id"), index=True),
        sa.Column("term_days", sa.Integer),
        sa.Column("term_until", sa.Date),
        sa.Column("place", sa.String(6)),
        sa.Column("offence", sa.String(20)),
        sa.Column("measure_id", Key, sa.ForeignKey("measure.id"), index=True),
        sa.Column("judgment_id", Key, sa.ForeignKey("judgment.id"), index=True),
        sa.Column("remedy_id", Key, sa.ForeignKey("remedy.id"), index=True),
        sa.Column("reparation_id", Key, sa.ForeignKey("reparation.id"), index=True),
        sa.Column("target_office_id", Key, sa.ForeignKey("office.id"), index=True),
        sa.Column("target_charge_id", Key, sa.ForeignKey("charge.id"), index=True),
        sa.Column("target_court_case_id", Key, sa.ForeignKey("court_case.id"), index=True),
        sa.Column("responsible_id", Key, sa.ForeignKey("user_account.id"), index=True),
        sa.Column("amount", sa.Numeric(14, 2)),
        sa.Column("closing_reason", sa.String(20)),
        sa.Column("reversed_event_id", Key, sa.ForeignKey("event.id"), index=True),
        sa.Column("reason", sa.LargeBinary),
        sa.Column("note", sa.LargeBinary),
        sa.Column("confidentiality", sa.String(20)),
        sa.Column("stage_before", sa.String(20)),
        sa.Column("stage_after", sa.String(20)),
        sa.Column("outcome", sa.String(20)),
        sa.Column("reversed_by_id", Key, sa.ForeignKey("event.id"), index=True),
        sa.Column("regress_reason", sa.LargeBinary),
    )
    op.create_table(
        "event_counts",
        sa.Column("event_id", Key, sa.ForeignKey("event.id"), primary_key=True),
        sa.Column("count_id", Key, sa.ForeignKey("count.id"), primary_key=True, index=True),
    )
    op.create_table(
        "event_accused",
        sa.Column("event_id", Key, sa.ForeignKey("event.id"), primary_key=True),
        sa.Column("accused_id", Key, sa.ForeignKey("accused.id"), primary_key=True, index=True),
    )
    op.create_table(
        "event_victims",
        sa.Column("event_id", Key, sa.ForeignKey("event.id"), primary_key=True),
        sa.Column("victim_id", Key, sa.ForeignKey("victim.id"), primary_key=True, index=True),
    )
    op.create_table(
        "deadline",
        *_recorded(),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("charge_id", Key, sa.ForeignKey("charge.id"), index=True),
        sa.Column("court_case_id", Key, sa.ForeignKey("court_case.id"), index=True),
        sa.Column("accused_id", Key, sa.ForeignKey("accused.id"), index=True),
        sa.Column("measure_id", Key, sa.ForeignKey("measure.id"), index=True),
        sa.Column("opened_by_id", Key, sa.ForeignKey("event.id"), nullable=False, index=True),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("due_at", Instant),
        sa.Column("set_by_hand_reason", sa.LargeBinary),
        sa.Column("state", sa.String(20)),
        sa.Column("closed_by_id", Key, sa.ForeignKey("event.id"), index=True),
        sa.Column("closed_on", sa.Date),
        sa.Column("extends_id", Key, sa.ForeignKey("deadline.id"), index=True),
        sa.Column("suspended_from", sa.Date),
        sa.Column("suspended_to", sa.Date),
        sa.Column("critical", sa.Boolean),
    )
    op.create_table(
        "retypification",
        *_recorded(),
        sa.Column("charge_id", Key, sa.ForeignKey("charge.id"), nullable=False, index=True),
        sa.Column("count_id", Key, sa.ForeignKey("count.id"), nullable=False, index=True),
        sa.Column("from_offence", sa.String(20), nullable=False),
        sa.Column("to_offence", sa.String(20), nullable=False),
        sa.Column("retypified_on", sa.Date, nullable=False),
        sa.Column("event_id", Key, sa.ForeignKey("event.id"), nullable=False, index=True),
        sa.Column("stage", sa.String(20)),
        sa.Column("decided_by", sa.String(20), nullable=False),
        sa.Column("author_id", Key, sa.ForeignKey("user_account.id"), index=True),
        sa.Column("reason", sa.LargeBinary),
        sa.Column("approval", sa.String(20)),
        sa.Column("approved_by_id", Key, sa.ForeignKey("user_account.id"), index=True),
        sa.Column("approved_at", Instant),
    )


def downgrade() -> None:
    op.drop_table("retypification")
    op.drop_table("deadline")
    op.drop_table("event_victims")
    op.drop_table("event_accused")
    op.drop_table("event_counts")
    op.drop_table("event")
