"""What the viewer typed and has not sent: drafts, and forms that were kept for their page."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from sistra.access import scope, vault
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import Charge, SavedForm
from sistra.models.court_cases import CourtCase
from sistra.services import drafts, kept_forms

MOST = 10
NEW_CHARGE = "charges.create"
_NUMBER = re.compile(r"SIS-[0-9]{4}-[A-Z]{3}-[0-9]{5}")


@dataclass(frozen=True, slots=True)
class Unsent:
    """A draft (`form`, of a charge by number or of a court case by key) or a form kept for its `page`.

    `percent` tells how far a new charge, or else the record of the draft's charge, is filled in; None where nothing can be told.
    """

    form: str
    page: str | None
    number: str | None
    court_case: int | None
    docket: str | None
    thing_id: int
    percent: int | None
    saved_at: datetime


def listed(viewer: Viewer) -> list[Unsent]:
    """The newest of what the viewer typed and has not sent, of folders that are still in their sight. Nobody else's is looked at.

    Drafts never expire; a form kept for its page does after a week.
    """
    rows = _saved(viewer)
    if any(not (row.charge_id or row.court_case_id) for row in rows):
        vault.fetch_keys([("user", viewer.user_id)])
    pages = {row.id: kept_forms.page_of(row) for row in rows if row.form.startswith(kept_forms.FORM)}
    charges, dockets = _charges(viewer, rows, pages), _dockets(viewer, rows)
    seen = {charge.number for charge in charges.values()}
    found = []
    for row in rows:
        page = pages.get(row.id)
        named = _NUMBER.findall(page or "")
        if _of(row.charge_id, charges) and _of(row.court_case_id, dockets) and seen.issuperset(named):
            charge = charges.get(row.charge_id)
            number = charge.number if charge else next(iter(named), None)
            found.append(Unsent(row.form, page, number, row.court_case_id or None, dockets.get(row.court_case_id), row.thing_id,
                                _percent(row, charge), row.saved_at))
    return found[:MOST]


def _saved(viewer: Viewer) -> list[SavedForm]:
    """The viewer's drafts, and the forms kept for their page that have not expired, the newest first."""
    drafted = SavedForm.form.not_like("%:%")
    kept = SavedForm.form.startswith(kept_forms.FORM, autoescape=True) & (SavedForm.saved_at >= viewer.at - kept_forms.LASTS)
    return list(
        db.session.scalars(
            select(SavedForm)
            .where(SavedForm.user_id == viewer.user_id, or_(drafted, kept))
            .order_by(SavedForm.saved_at.desc(), SavedForm.id.desc())
        )
    )


def _of(folder: int, in_sight: Collection[int]) -> bool:
    """Whether what was saved belongs to a folder in sight, or to none (0)."""
    return not folder or folder in in_sight


@dataclass(frozen=True, slots=True)
class _Charge:
    number: str
    completeness: int


def _charges(viewer: Viewer, rows: list[SavedForm], pages: dict[int, str]) -> dict[int, _Charge]:
    keys = {row.charge_id for row in rows if row.charge_id}
    numbers = {number for page in pages.values() for number in _NUMBER.findall(page)}
    if not keys and not numbers:
        return {}
    seen = or_(Charge.number.in_(numbers) & scope.sees(viewer), Charge.id.in_(keys) & scope.sees(viewer, in_full=True))
    return {
        key: _Charge(number, percent)
        for key, number, percent in db.session.execute(select(Charge.id, Charge.number, Charge.completeness).where(seen))
    }


def _dockets(viewer: Viewer, rows: list[SavedForm]) -> dict[int, str | None]:
    keys = {row.court_case_id for row in rows if row.court_case_id}
    if not keys:
        return {}
    found: dict[int, str | None] = {}
    for case in db.session.scalars(scope.court_cases_for(viewer).where(CourtCase.id.in_(keys))):
        found[case.id] = next((one for one in (case.docket_number, case.other_number) if one not in (None, *Unknown)), None)
    return found


def _percent(row: SavedForm, charge: _Charge | None) -> int | None:
    if row.form == NEW_CHARGE:
        asked = len(record("charge").of_section("denuncia"))
        return min(99, 100 * drafts.answered(row) // asked)
    return charge.completeness if charge and not row.form.startswith(kept_forms.FORM) else None
