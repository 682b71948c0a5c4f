"""Saved forms: what was typed and not yet accepted, kept encrypted for its author; and forms already accepted."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, select

from sistra.access import scope, vault
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import AcceptedForm, Charge, SavedForm
from sistra.models.court_cases import CourtCase
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import case_sight

LIMIT = 400_000
"""Characters of one saved form, as JSON."""

ACCEPTED_LASTS = timedelta(days=90)
"""How long the token of a form that was carried out is known: a page left open for longer would be carried out again."""

Texts = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A saved form: the texts by name, exactly as typed. Of a court case `court_case` is the key, `label` its number."""

    id: int
    form: str
    charge_number: str | None
    court_case: int | None
    label: str | None
    thing_id: int
    texts: Texts
    saved_at: datetime


class _Where(NamedTuple):
    """The folder of a saved form, as its row names it: at most one of the keys is set."""

    charge_id: int = 0
    court_case_id: int = 0


def keep(
    viewer: Viewer, form: str, texts: Texts, *, number: str | None = None, case: int | None = None, thing_id: int = 0
) -> datetime:
    """Saves what was typed, whatever it is, and gives the instant. Raises NotVisible, Forbidden, Rejected (too long).

    A form of a charge (`number`) or of a court case (`case`) is encrypted under its key, one of neither under its author's.
    """
    where = _writable(viewer, number, case)
    plain = json.dumps({name: list(values) for name, values in texts.items()}, ensure_ascii=False, separators=(",", ":"))
    if len(plain) > LIMIT:
        raise Rejected(Problem("", said("El formulario es demasiado largo para guardarlo como borrador")))
    sealed = vault.seal_for(_owner(viewer, where), plain.encode(), _place(viewer, form, where, thing_id))
    row = db.session.scalar(_rows(viewer, form, where, thing_id))
    if row is None:
        row = SavedForm(user_id=viewer.user_id, form=form, thing_id=thing_id, **where._asdict())
        db.session.add(row)
    row.payload, row.saved_at = sealed, viewer.at
    db.session.flush()
    return viewer.at


def _writable(viewer: Viewer, number: str | None, case: int | None) -> _Where:
    if number is not None:
        charge, stands = scope.charge(viewer, number)
        require(viewer, "charge.amend", stands)
        return _Where(charge_id=charge.id)
    return _Where(court_case_id=case_sight.to_write(viewer, case).case.id) if case is not None else _Where()


def _readable(viewer: Viewer, number: str | None, case: int | None) -> _Where:
    if number is not None:
        return _Where(charge_id=scope.charge(viewer, number)[0].id)
    return _Where(court_case_id=case_sight.find(viewer, case).case.id) if case is not None else _Where()


def resume(
    viewer: Viewer, form: str, *, number: str | None = None, case: int | None = None, thing_id: int = 0
) -> Draft | None:
    """The viewer's own saved form, or None. Raises NotVisible where its charge or court case is out of sight."""
    row = db.session.scalar(_rows(viewer, form, _readable(viewer, number, case), thing_id))
    return _draft(viewer, row, number=number) if row is not None else None


def own(viewer: Viewer) -> list[Draft]:
    """All of the viewer's saved forms whose charge or court case is still in sight, newest first.

    A colon in the name marks what is no draft: a stored search, a form kept for its page.
    """
    rows = list(
        db.session.scalars(
            select(SavedForm)
            .where(SavedForm.user_id == viewer.user_id, SavedForm.form.not_like("%:%"))
            .order_by(SavedForm.saved_at.desc())
        )
    )
    seen = scope.charges_for(viewer, in_full=True).where(Charge.id.in_({row.charge_id for row in rows})).subquery()
    numbers: dict[int, str] = {row.id: row.number for row in db.session.execute(select(seen.c.id, seen.c.number))}
    cases: dict[int, CourtCase] = {
        one.id: one
        for one in db.session.scalars(
            scope.court_cases_for(viewer).where(CourtCase.id.in_({row.court_case_id for row in rows}))
        )
    }
    return [
        _draft(viewer, row, number=numbers.get(row.charge_id), court_case=cases.get(row.court_case_id))
        for row in rows
        if (row.charge_id == 0 or row.charge_id in numbers) and (row.court_case_id == 0 or row.court_case_id in cases)
    ]


def answered(row: SavedForm) -> int:
    """How many questions a draft of no folder answers: it is encrypted under its author's key."""
    plain = vault.open_for(("user", row.user_id), row.payload, f"saved_form:{row.user_id}:{row.form}:0:{row.thing_id}")
    return sum(any(text.strip() for text in texts) for texts in json.loads(plain).values())


def discard(viewer: Viewer, form: str, *, number: str | None = None, case: int | None = None, thing_id: int = 0) -> None:
    """Deletes the viewer's own saved form, where there is one. Raises NotVisible."""
    row = db.session.scalar(_rows(viewer, form, _readable(viewer, number, case), thing_id))
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def _rows(viewer: Viewer, form: str, where: _Where, thing_id: int) -> Select[SavedForm]:
    return select(SavedForm).filter_by(user_id=viewer.user_id, form=form, thing_id=thing_id, **where._asdict())


def _owner(viewer: Viewer, where: _Where) -> vault.Owner:
    if where.charge_id:
        return "charge", where.charge_id
    return ("court_case", where.court_case_id) if where.court_case_id else ("user", viewer.user_id)


def _place(viewer: Viewer, form: str, where: _Where, thing_id: int) -> str:
    folder = f"case-{where.court_case_id}" if where.court_case_id else str(where.charge_id)
    return f"saved_form:{viewer.user_id}:{form}:{folder}:{thing_id}"


def _draft(viewer: Viewer, row: SavedForm, *, number: str | None, court_case: CourtCase | None = None) -> Draft:
    where = _Where(row.charge_id, row.court_case_id)
    plain = vault.open_for(_owner(viewer, where), row.payload, _place(viewer, row.form, where, row.thing_id))
    numbers = (court_case.docket_number, court_case.other_number) if court_case is not None else ()
    label = next((one for one in numbers if one not in (None, *Unknown)), None)
    return Draft(row.id, row.form, number, row.court_case_id or None, label, row.thing_id, json.loads(plain), row.saved_at)


def accepted(viewer: Viewer, token: str) -> str | None:
    """Where the form with this token already led its author, if it was carried out."""
    if not token:
        return None
    return db.session.scalar(
        select(AcceptedForm.location).where(AcceptedForm.token == token[:40], AcceptedForm.user_id == viewer.user_id)
    )


def accept(viewer: Viewer, token: str, location: str) -> None:
    """Notes, in the transaction of the act, that the form was carried out. A token given twice fails the second act."""
    if token:
        db.session.add(AcceptedForm(token=token[:40], user_id=viewer.user_id, location=location[:250], at=viewer.at))
        db.session.flush()
