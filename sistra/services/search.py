"""Search by number (SISTRA number, carpeta fiscal, present and former, docket) and by words of the summary. Never by name."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.court_cases import CourtCase
from sistra.rules.full_text import Piece, extract, matches, wanted
from sistra.rules.masking import Reserved
from sistra.rules.numbering import folded_number, normalise_charge_number
from sistra.rules.partial_dates import PartialDate
from sistra.rules.sharing import HEADER
from sistra.services import audit, case_sight, court_cases, text_index

LIMIT = 25


@dataclass(frozen=True, slots=True)
class Found:
    """A charge or court case found by one of its numbers. `matched` is the number that matched."""

    kind: str
    key: str
    matched: str


@dataclass(frozen=True, slots=True)
class InSummary:
    """A charge in whose summary the words stand, with an extract of it around them."""

    number: str
    stage: Any
    received_on: PartialDate | None
    extract: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class InSummaries:
    """The newest charges found, and whether there are more than these."""

    found: Sequence[InSummary] = ()
    more: bool = False


def by_number(viewer: Viewer, text: str) -> list[Found]:
    """What the viewer sees under a number, exact matches of charges first. Raises Forbidden."""
    require(viewer, "charge.list")
    text = " ".join(text.split())[:80]
    folded = folded_number(text)
    if len(folded) < 3:
        return []
    found = _charges(viewer, text, folded) + _court_cases(viewer, text)
    audit.note(viewer, "numbers.searched", audit.Subject("charge"), detail={"found": len(found)})
    return found[:LIMIT]


def by_words(viewer: Viewer, text: str) -> InSummaries:
    """The charges whose summary the viewer may read and has each of the words, or a word that begins so; newest first.

    Accents and capitals do not matter. What was typed leaves no trace on the trail: only how many were found, and which were
    shown. Raises Forbidden.
    """
    require(viewer, "charge.list")
    searched = wanted(text)
    if not searched or not scope.principals(viewer):
        return InSummaries()
    readable = scope.charges_for(viewer, section=text_index.SECTION, texts=True)
    rows = list(db.session.scalars(text_index.newest(viewer, readable, searched).limit(LIMIT + 1)))
    shown = [view for view in _shown(viewer, rows[:LIMIT]) if matches(view.summary, searched)]
    found = [InSummary(view.number, view.stage, view.received_on, extract(view.summary, searched)) for view in shown]
    audit.note(viewer, "summaries.searched", audit.Subject("charge"), detail={
        "found": len(found), "more": len(rows) > LIMIT, "charges": [view.id for view in shown]})
    return InSummaries(found, len(rows) > LIMIT)


_SHOWN = frozenset({"number", "stage", "received_on", "summary"})


def _shown(viewer: Viewer, rows: Sequence[Charge]) -> list[Any]:
    """The views of charges, through the lens; of which it hides the summary, none."""
    standings = scope.standings(viewer, rows) if rows else {}
    views = [lens.see(row, lens.clearance(stands), team=stands.on_team, only=_SHOWN)
             for row in rows if (stands := standings.get(row.id)) is not None]
    return [view for view in views if not isinstance(view.summary, Reserved)]


def _charges(viewer: Viewer, text: str, folded: str) -> list[Found]:
    number = normalise_charge_number(text)
    if number is not None:
        rows = db.session.scalars(scope.charges_for(viewer).where(Charge.number == number))
        return [Found("charge", row.number, row.number) for row in rows]
    rows = db.session.scalars(scope.charges_for(viewer, section=HEADER).where(or_(
        Charge.carpeta_folded.contains(folded), Charge.number.contains(text.upper(), autoescape=True),
        and_(Charge.former_numbers.contains(text, autoescape=True), scope.sees(viewer, section=HEADER, texts=True))))
        .order_by((Charge.carpeta_folded == folded).desc().nulls_last(), Charge.updated_at.desc()).limit(LIMIT))
    return [Found("charge", row.number, _matched(row, text, folded)) for row in rows]


def _matched(charge: Charge, text: str, folded: str) -> str:
    by_carpeta = text.upper() not in charge.number and folded in (charge.carpeta_folded or "")
    return charge.carpeta_number if by_carpeta and charge.carpeta_number else charge.number


def _court_cases(viewer: Viewer, text: str) -> list[Found]:
    """Those found by another number than the docket only where the viewer reads that number."""
    rows: Any = db.session.scalars(scope.court_cases_for(viewer).where(
        or_(CourtCase.docket_number.contains(text, autoescape=True),
            CourtCase.other_number.contains(text, autoescape=True))).limit(LIMIT))
    sights = case_sight.many(viewer, list(rows))
    views = [(one.case, lens.see(one.case, one.reach, only=court_cases.NUMBERS)) for one in sights]
    return [Found("court_case", str(case.id), court_cases.label_of(view) or "") for case, view in views
            if any(_holds(number, text) for number in (view.docket_number, view.other_number))]


def _holds(number: Any, text: str) -> bool:
    """Whether a number that the viewer reads has the text in it."""
    return isinstance(number, str) and not isinstance(number, Reserved) and text.lower() in number.lower()
