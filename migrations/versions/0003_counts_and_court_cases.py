"""Counts, court cases and remedies."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sistra.db import Codes, Instant, Json, Key, YearsMonthsDays

revision = "0003"
down_revision = "0002"


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
        "count",
        *_recorded(),
        sa.Column("charge_id", Key, sa.ForeignKey("charge.id"), nullable=False, index=True),
        sa.Column("accused_id", Key, sa.ForeignKey("accused.id"), nullable=False, index=True),
        sa.Column("offence", sa.String(20), nullable=False),
        sa.Column("offence_other", sa.String(250)),
        sa.Column("aggravating", Codes),
        sa.Column("main", sa.Boolean),
        sa.Column("participation", sa.String(20)),
        sa.Column("degree", sa.String(20)),
        sa.Column("concurrence", sa.String(20)),
        sa.Column("acts", Codes),
        sa.Column("means", Codes),
        sa.Column("purposes", Codes),
        *_partial_date("facts_from"),
        *_partial_date("facts_to"),
        sa.Column("description", sa.LargeBinary),
        sa.Column("first_offence", sa.String(20)),
        sa.Column("state", sa.String(20)),
        sa.Column("stage", sa.String(20)),
        sa.Column("outcome", sa.String(20)),
        *_partial_date("prosecuted_on"),
        *_partial_date("accusation_on"),
        sa.Column("penalty_requested", YearsMonthsDays),
        sa.Column("reparation_requested", sa.Numeric(14, 2)),
        *_partial_date("first_instance_on"),
        *_partial_date("final_on"),
    )
    op.create_table(
        "count_victim",
        *_recorded(),
        sa.Column("count_id", Key, sa.ForeignKey("count.id"), nullable=False, index=True),
        sa.Column("victim_id", Key, sa.ForeignKey("victim.id"), nullable=False, index=True),
        sa.Column("note", sa.String(250)),
        sa.UniqueConstraint("count_id", "victim_id"),
    )
    op.create_table(
        "court_case",
        *_recorded(),
        sa.Column("docket_number", sa.String(60)),
        sa.Column("other_number", sa.String(250)),
        sa.Column("court_case_kind", sa.String(20), nullable=False),
        sa.Column("main_docket_id", Key, sa.ForeignKey("court_case.id"), index=True),
        sa.Column("appeal_kind", sa.String(20)),
        sa.Column("procedure_code", sa.String(20)),
        sa.Column("court_instance", sa.String(20)),
        sa.Column("court_name", sa.String(250)),
        sa.Column("fiscal_district", sa.String(20)),
        sa.Column("judges", sa.String(250)),
        sa.Column("court_clerk", sa.String(250)),
        sa.Column("prosecution_office_id", Key, sa.ForeignKey("office.id"), index=True),
        *_partial_date("opened_on"),
        sa.Column("state", sa.String(20)),
        sa.Column("stage", sa.String(20)),
        sa.Column("procuraduria", sa.Boolean),
        sa.Column("next_hearing_at", Instant),
        *_partial_date("concluded_on"),
        sa.Column("note", sa.LargeBinary),
    )
    op.create_table(
        "charge_court_case",
        *_recorded(),
        sa.Column("charge_id", Key, sa.ForeignKey("charge.id"), nullable=False, index=True),
        sa.Column("court_case_id", Key, sa.ForeignKey("court_case.id"), nullable=False, index=True),
        sa.Column("link", sa.String(20), nullable=False),
        sa.Column("linked_on", sa.Date),
        sa.Column("unlinked_on", sa.Date),
    )
    op.create_table(
        "charge_court_case_accused",
        sa.Column("charge_court_case_id", Key, sa.ForeignKey("charge_court_case.id"), primary_key=True),
        sa.Column("accused_id", Key, sa.ForeignKey("accused.id"), primary_key=True, index=True),
    )
    op.create_table(
        "remedy",
        *_recorded(),
        sa.Column("court_case_id", Key, sa.ForeignKey("court_case.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("number", sa.String(250)),
        sa.Column("filed_by", Codes, nullable=False),
        *_partial_date("filed_on"),
        sa.Column("granted", sa.Boolean),
        sa.Column("court_instance", sa.String(20)),
        sa.Column("court_name", sa.String(250)),
        *_partial_date("heard_on"),
        *_partial_date("decided_on"),
        sa.Column("outcome", sa.String(20)),
        sa.Column("remand", sa.Boolean),
        sa.Column("note", sa.LargeBinary),
    )


def downgrade() -> None:
    op.drop_table("remedy")
    op.drop_table("charge_court_case_accused")
    op.drop_table("charge_court_case")
    op.drop_table("court_case")
    op.drop_table("count_victim")
    op.drop_table("count")
