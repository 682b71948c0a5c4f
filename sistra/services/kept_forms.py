"""Forms that came when they could not be taken: what was typed is kept, encrypted, until its page shows it again.

A form is kept by its page (path and query) for the person who typed it and for nobody else. It is no draft: it goes when
the form is taken, and after a week.
"""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select

from sistra.access import vault
from sistra.db import db
from sistra.models.accounts import User
from sistra.models.charges import SavedForm
from sistra.services import drafts

FORM = "kept:"
"""What the name of a saved form begins with that is kept for its page."""
LASTS = timedelta(days=7)
MOST = 20
"""Of one person at a time: the oldest gives way."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed, by name, exactly as it came; `why` says what stopped it."""

    texts: Mapping[str, Sequence[str]]
    why: str
    saved_at: datetime


def keep(user_id: int, page: str, texts: Mapping[str, Sequence[str]], *, why: str, at: datetime) -> bool:
    """Keeps a form of a page in place of the one kept before; False where it is too long to be kept.

    It asks for no viewer: the session that typed it may have ended. Run inside a unit of work.
    """
    held = {"why": why, "page": page, "texts": {name: list(values) for name, values in texts.items()}}
    plain = json.dumps(held, ensure_ascii=False)
    if len(plain) > drafts.LIMIT:
        return False
    db.session.execute(select(User.id).where(User.id == user_id).with_for_update())  # two at once of one person wait in line
    sealed = vault.seal_for(("user", user_id), plain.encode(), _place(user_id, page))
    row = db.session.scalar(_rows(user_id, page))
    if row is None:
        row = SavedForm(user_id=user_id, form=_name(page), charge_id=0, court_case_id=0, thing_id=0)
        db.session.add(row)
    row.payload, row.saved_at = sealed, at
    db.session.flush()
    _make_room(user_id)
    return True


def _make_room(user_id: int) -> None:
    spare = db.session.scalars(
        select(SavedForm.id).where(SavedForm.user_id == user_id, SavedForm.form.startswith(FORM, autoescape=True))
        .order_by(SavedForm.saved_at.desc(), SavedForm.id.desc()).offset(MOST)).all()
    if spare:
        db.session.execute(delete(SavedForm).where(SavedForm.id.in_(spare)))


def find(user_id: int, page: str, *, at: datetime) -> Kept | None:
    """The form that is kept for a page of this person, or None."""
    row = db.session.scalar(_rows(user_id, page))
    if row is None or row.saved_at + LASTS < at:
        return None
    held = json.loads(vault.open_for(("user", user_id), row.payload, _place(user_id, page)))
    return Kept(held["texts"], held["why"], row.saved_at)


def page_of(row: SavedForm) -> str:
    """The page (path and query) for which a row keeps a form."""
    held = json.loads(vault.open_for(("user", row.user_id), row.payload, f"saved_form:{row.user_id}:{row.form}"))
    return str(held["page"])


def holds(user_id: int, page: str) -> bool:
    """Whether anything is kept for a page of this person, without opening it."""
    return db.session.scalar(_rows(user_id, page).with_only_columns(SavedForm.id)) is not None


def discard(user_id: int, page: str) -> None:
    """Deletes the form that is kept for a page, where there is one. Run inside a unit of work."""
    db.session.execute(delete(SavedForm).where(SavedForm.user_id == user_id, SavedForm.form == _name(page)))


def _name(page: str) -> str:
    return FORM + db.keyring.token_hash(page)[:48]


def _rows(user_id: int, page: str) -> Select[SavedForm]:
    return select(SavedForm).where(SavedForm.user_id == user_id, SavedForm.form == _name(page))


def _place(user_id: int, page: str) -> str:
    return f"saved_form:{user_id}:{_name(page)}"
