"""The append-only trail and its head."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sistra.db import Instant, Json, Key

revision = "0007"
down_revision = "0006"

_GUARDS = {
    "sqlite": (
        """CREATE TRIGGER trail_entry_no_update BEFORE UPDATE ON trail_entry
           BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END""",
        """CREATE TRIGGER trail_entry_no_delete BEFORE DELETE ON trail_entry
           BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END""",
        """CREATE TRIGGER trail_entry_no_replace BEFORE INSERT ON trail_entry
           WHEN EXISTS (SELECT 1 FROM trail_entry WHERE number = NEW.number)
           BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN RAISE EXCEPTION 'the trail is append-only'; END $$""",
        """CREATE TRIGGER trail_entry_no_change BEFORE UPDATE OR DELETE ON trail_entry
           FOR EACH ROW EXECUTE FUNCTION trail_is_append_only()""",
        """CREATE TRIGGER trail_entry_no_truncate BEFORE TRUNCATE ON trail_entry
           FOR EACH STATEMENT EXECUTE FUNCTION trail_is_append_only()""",
    ),
}
"""What refuses a change of the trail. SQLite's REPLACE deletes without firing DELETE triggers, hence the third."""

_UNGUARD = {
    "sqlite": (
        "DROP TRIGGER trail_entry_no_replace",
        "DROP TRIGGER trail_entry_no_delete",
        "DROP TRIGGER trail_entry_no_update",
    ),
    "postgresql": (
        "DROP TRIGGER trail_entry_no_truncate ON trail_entry",
        "DROP TRIGGER trail_entry_no_change ON trail_entry",
        "DROP FUNCTION trail_is_append_only()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "trail_entry",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor_id", Key),
        sa.Column("office_id", Key),
        sa.Column("door", sa.String(10), nullable=False),
        sa.Column("system_user", sa.String(80)),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("thing", sa.String(30), nullable=False),
        sa.Column("thing_id", Key),
        sa.Column("charge_id", Key),
        sa.Column("court_case_id", Key),
        sa.Column("changes", Json),
        sa.Column("detail", Json),
        sa.Column("reason", sa.Text),
        sa.Column("request_id", sa.String(40)),
        sa.Column("address", sa.String(60)),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Index(None, "actor_id", "number"),
        sa.Index(None, "charge_id", "number"),
        sa.Index(None, "court_case_id", "number"),
        sa.Index(None, "thing", "thing_id", "number"),
    )
    head = op.create_table(
        "trail_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "hash": "0" * 64}])
    for statement in _GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in _UNGUARD[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_table("trail_head")
    op.drop_table("trail_entry")
