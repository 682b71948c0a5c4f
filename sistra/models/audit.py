"""The trail: one append-only table and the row that holds its head."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Instant, Json, Key, Model


class TrailEntry(Model):
    """One act or reading. Values of encrypted fields stand here as ciphertext. Database triggers refuse UPDATE and DELETE.

    `changes` is a list of {"field", "before", "after"}; `detail` says what was asked (filters, sections, formats).
    """

    __tablename__ = "trail_entry"
    __table_args__ = (Index(None, "charge_id", "number"), Index(None, "court_case_id", "number"),
                      Index(None, "actor_id", "number"), Index(None, "thing", "thing_id", "number"))

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None] = mapped_column(Key)
    office_id: Mapped[int | None] = mapped_column(Key)
    door: Mapped[str] = mapped_column(String(10))
    system_user: Mapped[str | None] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    thing: Mapped[str] = mapped_column(String(30))
    thing_id: Mapped[int | None] = mapped_column(Key)
    charge_id: Mapped[int | None] = mapped_column(Key)
    court_case_id: Mapped[int | None] = mapped_column(Key)
    changes: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    detail: Mapped[dict[str, Any] | None] = mapped_column(Json)
    reason: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(String(60))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class TrailHead(Model):
    """The last number and hash: the one row that every writer locks, last, at its commit."""

    __tablename__ = "trail_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
