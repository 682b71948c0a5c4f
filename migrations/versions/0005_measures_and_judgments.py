"""Measures, judgments and what they decide."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sistra.db import Codes, Instant, Json, Key, YearsMonthsDays

revision = "0005"
down_revision = "0004"


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
        "measure",
        *_recorded(),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("charge_id", Key, sa.ForeignKey("charge.id"), nullable=False, index=True),
        sa.Column("accused_id", Key, sa.ForeignKey("accused.id"), index=True),
        sa.Column("victim_id", Key, sa.ForeignKey("victim.id"), index=True),
        sa.Column("coercive_measure", sa.String(20)),
        sa.Column("protection_measure", sa.String(20)),
        sa.Column("court_case_id", Key, sa.ForeignKey("court_case.id"), index=True),
        sa.Column("court_name", sa.String(250)),
        sa.Column("agency_id", Key, sa.ForeignKey("agency.id"), index=True),
        sa.Column("requested_on", sa.Date),
        sa.Column("ordered_on", sa.Date),
        sa.Column("resolution_number", sa.String(250)),
        sa.Column("starts_on", sa.Date),
        sa.Column("term_months", sa.Integer),
        sa.Column("term_days", sa.Integer),
        sa.Column("ends_on", sa.Date),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("ended_on", sa.Date),
        sa.Column("end_reason", sa.String(250)),
        sa.Column("extends_id", Key, sa.ForeignKey("measure.id"), index=True),
        sa.Column("amount", sa.Numeric(14, 2)),
        sa.Column("goods", sa.LargeBinary),
        sa.Column("prison", sa.String(250)),
        sa.Column("restrictions", sa.LargeBinary),
        sa.Column("location", sa.LargeBinary),
        sa.Column("breached", sa.Boolean),
        sa.Column("note", sa.LargeBinary),
    )
    op.create_table(
        "judgment",
        *_recorded(),
        sa.Column("court_case_id", Key, sa.ForeignKey("court_case.id"), nullable=False, index=True),
        sa.Column("decision_kind", sa.String(20), nullable=False),
        sa.Column("instance", sa.String(20), nullable=False),
        *_partial_date("decided_on"),
        *_partial_date("read_on"),
        *_partial_date("notified_on"),
        *_partial_date("published_on"),
        sa.Column("resolution_number", sa.String(250)),
        sa.Column("court_instance", sa.String(20)),
        sa.Column("court_name", sa.String(250)),
        sa.Column("judges", sa.String(250)),
        sa.Column("dissenting", sa.Boolean),
        sa.Column("verdict", sa.String(20)),
        sa.Column("remedy_id", Key, sa.ForeignKey("remedy.id"), index=True),
        sa.Column("finality", sa.String(20)),
        *_partial_date("final_on"),
        sa.Column("procedural_remark", sa.LargeBinary),
        sa.Column("attachment_id", Key, sa.ForeignKey("attachment.id"), index=True),
    )
    op.create_table(
        "ruling",
        *_recorded(),
        sa.Column("court_case_id", Key, sa.ForeignKey("court_case.id"), nullable=False, index=True),
        sa.Column("judgment_id", Key, sa.ForeignKey("judgment.id"), nullable=False, index=True),
        sa.Column("count_id", Key, sa.ForeignKey("count.id"), nullable=False, index=True),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("convicted_offence", sa.String(20)),
        sa.Column("convicted_degree", sa.String(20)),
        sa.Column("convicted_participation", sa.String(20)),
        sa.Column("acquittal_reason", sa.String(20)),
        sa.Column("acquittal_note", sa.LargeBinary),
        sa.Column("remedy_outcome", sa.String(20)),
        sa.Column("note", sa.LargeBinary),
    )
    op.create_table(
        "remedy_against",
        sa.Column("remedy_id", Key, sa.ForeignKey("remedy.id"), primary_key=True),
        sa.Column("ruling_id", Key, sa.ForeignKey("ruling.id"), primary_key=True, index=True),
    )
    op.create_table(
        "penalty",
        *_recorded(),
        sa.Column("court_case_id", Key, sa.ForeignKey("court_case.id"), nullable=False, index=True),
        sa.Column("judgment_id", Key, sa.ForeignKey("judgment.id"), nullable=False, index=True),
        sa.Column("accused_id", Key, sa.ForeignKey("accused.id"), nullable=False, index=True),
        sa.Column("sentence_types", Codes),
        sa.Column("imprisonment", YearsMonthsDays),
        sa.Column("suspension_term", YearsMonthsDays),
        sa.Column("conduct_rules", sa.LargeBinary),
        sa.Column("served_from", sa.Date),
        sa.Column("served_until", sa.Date),
        sa.Column("community_service_days", sa.Integer),
        sa.Column("fine_days", sa.Integer),
        sa.Column("fine_amount", sa.Numeric(14, 2)),
        sa.Column("disqualification", YearsMonthsDays),
        sa.Column("disqualification_kinds", sa.String(250)),
        sa.Column("expulsion", sa.Boolean),
        sa.Column("confiscation", sa.LargeBinary),
        sa.Column("legal_person_consequence", sa.String(250)),
        sa.Column("below_minimum_reason", sa.LargeBinary),
    )
    op.create_table(
        "reparation",
        *_recorded(),
        sa.Column("court_case_id", Key, sa.ForeignKey("court_case.id"), nullable=False, index=True),
        sa.Column("judgment_id", Key, sa.ForeignKey("judgment.id"), nullable=False, index=True),
        sa.Column("joint_liability", sa.Boolean),
        sa.Column("amount_ordered", sa.Numeric(14, 2)),
        sa.Column("amount_other_currency", sa.String(250)),
        sa.Column("due_on", sa.Date),
        sa.Column("amount_paid", sa.Numeric(14, 2)),
        sa.Column("status", sa.String(20)),
        sa.Column("secured_by_id", Key, sa.ForeignKey("measure.id"), index=True),
        sa.Column("non_monetary", sa.LargeBinary),
        sa.Column("note", sa.LargeBinary),
    )
    op.create_table(
        "reparation_victims",
        sa.Column("reparation_id", Key, sa.ForeignKey("reparation.id"), primary_key=True),
        sa.Column("victim_id", Key, sa.ForeignKey("victim.id"), primary_key=True, index=True),
    )
    op.create_table(
        "reparation_debtors",
        sa.Column("reparation_id", Key, sa.ForeignKey("reparation.id"), primary_key=True),
        sa.Column("accused_id", Key, sa.ForeignKey("accused.id"), primary_key=True, index=True),
    )


def downgrade() -> None:
    op.drop_table("reparation_debtors")
    op.drop_table("reparation_victims")
    op.drop_table("reparation")
    op.drop_table("penalty")
    op.drop_table("remedy_against")
    op.drop_table("ruling")
    op.drop_table("judgment")
    op.drop_table("measure")
