"""Wrapped data keys and the blind index of identities."""
from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sistra.db import Key, Model
from sistra.models.recorded import Keyed


class DataKey(Keyed, Model):
    """The data key of one owner (`victim`, `accused`, `charge`, `court_case`, `user`, `agency`), wrapped by the key ring.

    Destroying the row disposes of all that was encrypted under it, the trail's copies included.
    """

    __tablename__ = "data_key"
    __table_args__ = (UniqueConstraint("owner_kind", "owner_id"),)

    owner_kind: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int] = mapped_column(Key)
    wrapped_by: Mapped[str] = mapped_column(String(20))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class IdentityToken(Keyed, Model):
    """A keyed fingerprint of one token of an identity: a folded name token, its sound, or a document number."""

    __tablename__ = "identity_token"
    __table_args__ = (Index(None, "kind", "token"),)

    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    token: Mapped[bytes] = mapped_column(LargeBinary(16))
