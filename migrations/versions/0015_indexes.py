"""Who sees what is told by an index alone; charges that name no other one stand in no index of those that do."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_SIGHT = ("principal", "charge_id", "outline", "valid_until", "grant_id", "sections")
_COLUMNS = ("duplicate_of_id", "parent_charge_id", "joined_into_id")


def upgrade() -> None:
    op.create_index("ix_charge_access_sight", "charge_access", list(_SIGHT))
    for column in _COLUMNS:
        few = sa.text(f"{column} IS NOT NULL")
        op.drop_index(f"ix_charge_{column}", "charge")
        op.create_index(f"ix_charge_{column}", "charge", [column], sqlite_where=few, postgresql_where=few)


def downgrade() -> None:
    for column in _COLUMNS:
        op.drop_index(f"ix_charge_{column}", "charge")
        op.create_index(f"ix_charge_{column}", "charge", [column])
    op.drop_index("ix_charge_access_sight", "charge_access")
