"""Full text of summaries: words and who may read them, indexed by each engine in its own way."""
from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

_SQLITE = """CREATE VIRTUAL TABLE charge_text USING fts5(
    words, access, detail='none', columnsize=0, prefix='3 4 5 6 7 8', tokenize="ascii tokenchars '='")"""

_POSTGRESQL = (
    """CREATE TABLE charge_text (
        rowid BIGINT CONSTRAINT pk_charge_text PRIMARY KEY
            CONSTRAINT fk_charge_text_rowid_charge REFERENCES charge (id) ON DELETE CASCADE,
        words TEXT NOT NULL, access TEXT NOT NULL,
        lexemes TSVECTOR NOT NULL GENERATED ALWAYS AS (
            array_to_tsvector(string_to_array(btrim(words || ' ' || access), ' '))) STORED)""",
    "CREATE INDEX ix_charge_text_lexemes ON charge_text USING gin (lexemes) WITH (fastupdate=off)",
)


def upgrade() -> None:
    for statement in (_SQLITE,) if op.get_context().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE charge_text")
