"""The full text of summaries: a table that each engine builds in its own way, made by the revision, not in the metadata."""
from __future__ import annotations

from sqlalchemy import Text, column, table

from sistra.db import Key

CHARGE_TEXT = table("charge_text", column("rowid", Key), column("words", Text), column("access", Text))
"""What the summary of a charge is found by: its words, folded and each once, and who may read it, as tokens.

`rowid` is the key of the charge. `access` holds `=office3`, `=user7` for each access row that opens texts; no word begins with
that sign. It only narrows: expiry and the rest are asked of the access rows at each search. On SQLite it is an FTS5 table.
"""
LEXEMES = "lexemes"
"""The column of PostgreSQL's table that it computes from the two others and indexes (GIN)."""


def of_the_engine(name: str | None, kind: str) -> bool:
    """Whether a table is the one of the full text, or one that FTS5 keeps beside it."""
    return kind == "table" and (name or "").startswith(CHARGE_TEXT.name)
