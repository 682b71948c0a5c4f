"""Exports made in the background."""
from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Instant, Json, Model, Sealed
from sistra.models.recorded import Keyed


class ExportRun(Keyed, Model):
    """One file asked for in the background, from the asking to its end. The row stays when the file has gone.

    `ask` (what was asked) and `seen` (how its owner stood, at the asking, to each charge that the file was to hold; once it is
    made, to each that it holds) are encrypted under the owner's data key, as the file under `storage_key` is. `worker` is who
    carries it out, `beaten_at` when that was last heard of.
    """

    __tablename__ = "export_run"
    __table_args__ = (UniqueConstraint("slug"), Index(None, "owner_id", "created_at"), Index(None, "state"))

    slug: Mapped[str] = mapped_column(String(32))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str] = mapped_column(String(20))
    ask: Mapped[bytes] = mapped_column(Sealed)
    seen: Mapped[bytes | None] = mapped_column(Sealed)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(20))
    rows_done: Mapped[int] = mapped_column(Integer, default=0)
    rows_total: Mapped[int] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    worker: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    beaten_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    storage_key: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str | None] = mapped_column(String(250))
    media_type: Mapped[str | None] = mapped_column(String(120))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    digests: Mapped[dict[str, str] | None] = mapped_column(Json)
    downloads: Mapped[int] = mapped_column(Integer, default=0)
