"""Facts of each change of offence and of each reparation."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sistra.db import Codes, Instant, Json, Key

revision = "0014"
down_revision = "0013"

_OPEN = sa.text("valid_to IS NULL")
_TYPES: dict[str, Any] = {
    "code": sa.String(20),
    "codes": Codes,
    "yes_no": sa.String(3),
    "period": sa.String(7),
    "amount": sa.Numeric(14, 2),
    "key": Key,
}

_COLUMNS: dict[str, dict[str, str]] = {
    "retypification": {
        "code": (
            "from_offence to_offence stage decided_by approval origin fiscal_district reported_offence notice_place "
            "confidentiality kind sex age_observatory age_legal age_inei age_unodc minor age_group form"
        ),
        "codes": "citizenships roles purposes",
        "yes_no": "identified public_official reported_core counted from_core to_core",
        "period": "retypified_on received_on",
        "key": "count_id event_id office_id person_id accused_id charge_id",
    },
    "reparation": {
        "code": (
            "status origin fiscal_district reported_offence notice_place confidentiality decision_kind instance "
            "court_instance finality ordered_band paid_band"
        ),
        "codes": "victims",
        "yes_no": "joint_liability reported_core counted",
        "period": "received_on decided_on",
        "amount": "amount_ordered amount_paid",
        "key": "judgment_id office_id court_case_id charge_id",
    },
}
"""Unit -> type -> the columns of that type. Rows for what was recorded before are written by `facts rebuild`."""


def upgrade() -> None:
    for unit, columns in _COLUMNS.items():
        coded: list[sa.Column[Any]] = [sa.Column(name, _TYPES[kind]) for kind, names in columns.items() for name in names.split()]
        op.create_table(
            f"fact_{unit}",
            sa.Column("id", Key, primary_key=True),
            sa.Column("record_id", Key, nullable=False),
            sa.Column("valid_from", Instant, nullable=False),
            sa.Column("valid_to", Instant),
            *coded,
            sa.Column("unknowns", Json),
            sa.Index(f"uq_fact_{unit}_open", "record_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
            sa.Index(None, "charge_id"),
            sa.Index(None, "received_on", "fiscal_district"),
        )


def downgrade() -> None:
    for unit in reversed(_COLUMNS):
        op.drop_table(f"fact_{unit}")
