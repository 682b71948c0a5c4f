"""Saved forms: what was typed and not yet accepted, kept encrypted for its author; and forms already accepted."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from sistra.access import scope, vault
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import AcceptedForm, Charge, SavedForm
from sistra.rules.problems import Problem, Rejected, said

LIMIT = 400_000
"""Characters of one saved form, as JSON."""

Texts = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A saved form: the texts by name, exactly as typed."""

    id: int
    form: str
    charge_number: str | None
    thing_id: int
    texts: Texts
    saved_at: datetime


def keep(viewer: Viewer, form: str, texts: Texts, *, number: str | None = None, thing_id: int = 0) -> datetime:
    """Saves what was typed, whatever it is, and gives the instant. Raises NotVisible, Forbidden, Rejected (too long).

    A form of a charge is encrypted under the charge's key, one of no charge yet under its author's.
    """
    charge_id = 0
    if number is not None:
        charge, stands = scope.charge(viewer, number)
        require(viewer, "charge.amend", stands)
        charge_id = charge.id
    plain = json.dumps({name: list(values) for name, values in texts.items()}, ensure_ascii=False, separators=(",", ":"))
    if len(plain) > LIMIT:
        raise Rejected(Problem("", said("El formulario es demasiado largo para guardarlo como borrador")))
    sealed = vault.seal_for(_owner(viewer, charge_id), plain.encode(), _place(viewer, form, charge_id, thing_id))
    row = _row(viewer, form, charge_id, thing_id)
    if row is None:
        row = SavedForm(user_id=viewer.user_id, form=form, charge_id=charge_id, thing_id=thing_id)
        db.session.add(row)
    row.payload, row.saved_at = sealed, viewer.at
    db.session.flush()
    return viewer.at


def resume(viewer: Viewer, form: str, *, number: str | None = None, thing_id: int = 0) -> Draft | None:
    """The viewer's own saved form, or None. Raises NotVisible where its charge is out of sight."""
    charge_id = scope.charge(viewer, number)[0].id if number is not None else 0
    row = _row(viewer, form, charge_id, thing_id)
    return _draft(viewer, row, number) if row is not None else None


def own(viewer: Viewer) -> list[Draft]:
    """All of the viewer's saved forms whose charge is still in sight, newest first."""
    rows = list(db.session.scalars(select(SavedForm).where(
        SavedForm.user_id == viewer.user_id, SavedForm.form.not_like("person.search:%")).order_by(SavedForm.saved_at.desc())))
    seen = scope.charges_for(viewer, in_full=True).where(Charge.id.in_({row.charge_id for row in rows})).subquery()
    numbers = {key: number for key, number in db.session.execute(select(seen.c.id, seen.c.number))}
    return [_draft(viewer, row, numbers.get(row.charge_id)) for row in rows if row.charge_id == 0 or row.charge_id in numbers]


def discard(viewer: Viewer, form: str, *, number: str | None = None, thing_id: int = 0) -> None:
    """Deletes the viewer's own saved form, where there is one."""
    charge_id = scope.charge(viewer, number)[0].id if number is not None else 0
    db.session.execute(delete(SavedForm).where(
        SavedForm.user_id == viewer.user_id, SavedForm.form == form, SavedForm.charge_id == charge_id, SavedForm.thing_id == thing_id))


def _row(viewer: Viewer, form: str, charge_id: int, thing_id: int) -> SavedForm | None:
    return db.session.scalar(select(SavedForm).where(
        SavedForm.user_id == viewer.user_id, SavedForm.form == form, SavedForm.charge_id == charge_id, SavedForm.thing_id == thing_id))


def _owner(viewer: Viewer, charge_id: int) -> vault.Owner:
    return ("charge", charge_id) if charge_id else ("user", viewer.user_id)


def _place(viewer: Viewer, form: str, charge_id: int, thing_id: int) -> str:
    return f"saved_form:{viewer.user_id}:{form}:{charge_id}:{thing_id}"


def _draft(viewer: Viewer, row: SavedForm, number: str | None) -> Draft:
    plain = vault.open_for(_owner(viewer, row.charge_id), row.payload, _place(viewer, row.form, row.charge_id, row.thing_id))
    return Draft(row.id, row.form, number, row.thing_id, json.loads(plain), row.saved_at)


def accepted(viewer: Viewer, token: str) -> str | None:
    """Where the form with this token already led its author, if it was carried out."""
    if not token:
        return None
    return db.session.scalar(select(AcceptedForm.location).where(AcceptedForm.token == token[:40], AcceptedForm.user_id == viewer.user_id))


def accept(viewer: Viewer, token: str, location: str) -> None:
    """Notes, in the transaction of the act, that the form was carried out. A token given twice fails the second act."""
    if token:
        db.session.add(AcceptedForm(token=token[:40], user_id=viewer.user_id, location=location[:250], at=viewer.at))
        db.session.flush()
