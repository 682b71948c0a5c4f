"""Search by number (SISTRA number, carpeta fiscal, present and former, docket) and by words of the summary. Never by name."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import and_, case, literal, or_, tuple_

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

Row = TypeVar("Row")
Edge = TypeVar("Edge")

LIMIT = 25
"""Results of a page, of numbers and of summaries alike."""
_EXACT, _CHARGE, _COURT_CASE = 3, 2, 1
"""The order of what is found by number: charges of that very carpeta fiscal, other charges, court cases."""


@dataclass(frozen=True, slots=True)
class Found:
    """A charge or court case found by one of its numbers. `matched` is the number that matched."""

    kind: str
    key: str
    matched: str


Place = tuple[int, int]
"""Where a result by number stands: its place in the order above, and its key; the newest of each come first."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A page of what was found by number, and the places from which the pages before and after it go on: None where none is."""

    found: Sequence[Found] = ()
    previous: Place | None = None
    following: Place | None = None


@dataclass(frozen=True, slots=True)
class InSummary:
    """A charge in whose summary the words stand, with an extract of it around them."""

    number: str
    stage: Any
    received_on: PartialDate | None
    extract: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class InSummaries:
    """A page of the charges found, newest first, and the keys from which the pages before and after it go on: None where none is.

    It may hold fewer than a page, or none, and yet have a page after it: the index proposes what is then not shown.
    """

    found: Sequence[InSummary] = ()
    previous: int | None = None
    following: int | None = None


def by_number(viewer: Viewer, text: str, *, after: Place | None = None, before: Place | None = None) -> Numbered:
    """What the viewer sees under a number, exact matches of charges first: the page after a place, or before one.

    Raises Forbidden.
    """
    require(viewer, "charge.list")
    text = " ".join(text.split())[:80]
    folded = folded_number(text)
    if len(folded) < 3:
        return Numbered()
    number, forward, edge = normalise_charge_number(text), before is None, after or before
    rows = [((_CHARGE, row.id), row) for row in _of_number(viewer, number)] if number is not None else (
        _charges(viewer, text, folded, edge, forward))
    rows = sorted(rows + _court_cases(viewer, text, edge, forward), key=lambda one: one[0], reverse=forward)
    rows, previous, following = _cut(rows, lambda one: one[0], after, before)
    found = _found(viewer, [row for _place, row in rows], text, folded)
    audit.note(viewer, "numbers.searched", audit.Subject("charge"), detail={"found": len(found)})
    return Numbered(found, previous, following)


def by_words(viewer: Viewer, text: str, *, after: int | None = None, before: int | None = None) -> InSummaries:
    """The charges whose summary the viewer may read and has each of the words, or a word that begins so; newest first, those
    after a key or before one.

    Accents and capitals do not matter. What was typed leaves no trace on the trail: only how many were found, and which were
    shown. Raises Forbidden.
    """
    require(viewer, "charge.list")
    searched = wanted(text)
    if not searched or not scope.principals(viewer):
        return InSummaries()
    readable = scope.charges_for(viewer, section=text_index.SECTION, texts=True)
    proposed = text_index.newest(viewer, readable, searched, after=after, before=before).limit(LIMIT + 1)
    rows, previous, following = _cut(list(db.session.scalars(proposed)), lambda row: row.id, after, before)
    shown = [view for view in _shown(viewer, rows) if matches(view.summary, searched)]
    found = [InSummary(view.number, view.stage, view.received_on, extract(view.summary, searched)) for view in shown]
    audit.note(viewer, "summaries.searched", audit.Subject("charge"), detail={
        "found": len(found), "more": following is not None, "charges": [view.id for view in shown]})
    return InSummaries(found, previous, following)


def _cut(rows: list[Row], place: Callable[[Row], Edge], after: Edge | None, before: Edge | None
         ) -> tuple[list[Row], Edge | None, Edge | None]:
    """The rows of a page out of one more than it holds, in its order, and the edges from which its neighbours go on."""
    more, rows = len(rows) > LIMIT, rows[:LIMIT]
    if before is not None:
        rows.reverse()
    if not rows:
        return rows, None, None
    previous = more if before is not None else after is not None
    following = before is not None or more
    return rows, place(rows[0]) if previous else None, place(rows[-1]) if following else None


_SHOWN = frozenset({"number", "stage", "received_on", "summary"})


def _shown(viewer: Viewer, rows: Sequence[Charge]) -> list[Any]:
    """The views of charges, through the lens; of which it hides the summary, none."""
    standings = scope.standings(viewer, rows) if rows else {}
    views = [lens.see(row, lens.clearance(stands), team=stands.on_team, only=_SHOWN)
             for row in rows if (stands := standings.get(row.id)) is not None]
    return [view for view in views if not isinstance(view.summary, Reserved)]


def _of_number(viewer: Viewer, number: str) -> Sequence[Charge]:
    return db.session.scalars(scope.charges_for(viewer).where(Charge.number == number)).all()


def _charges(viewer: Viewer, text: str, folded: str, edge: Place | None, forward: bool) -> list[tuple[Place, Any]]:
    rank: Any = case((Charge.carpeta_folded == folded, _EXACT), else_=_CHARGE)
    statement = scope.charges_for(viewer, section=HEADER).add_columns(rank).where(or_(
        Charge.carpeta_folded.contains(folded), Charge.number.contains(text.upper(), autoescape=True),
        and_(Charge.former_numbers.contains(text, autoescape=True), scope.sees(viewer, section=HEADER, texts=True))))
    rows = db.session.execute(_turned(statement, (rank, Charge.id), edge, forward))
    return [((place, row.id), row) for row, place in rows]


def _court_cases(viewer: Viewer, text: str, edge: Place | None, forward: bool) -> list[tuple[Place, Any]]:
    """All of them come after the charges."""
    if edge is not None and edge[0] > _COURT_CASE and not forward:
        return []
    within = None if edge is None or edge[0] > _COURT_CASE else edge[1:]
    statement = scope.court_cases_for(viewer).where(
        or_(CourtCase.docket_number.contains(text, autoescape=True), CourtCase.other_number.contains(text, autoescape=True)))
    rows = db.session.scalars(_turned(statement, (CourtCase.id,), within, forward))
    return [((_COURT_CASE, row.id), row) for row in rows]


def _turned(statement: Any, place: tuple[Any, ...], edge: tuple[int, ...] | None, forward: bool) -> Any:
    """The first rows of a statement beyond an edge, and one more than a page has."""
    if edge is not None:
        bound = tuple_(*(literal(one) for one in edge))
        statement = statement.where(tuple_(*place) < bound if forward else tuple_(*place) > bound)
    return statement.order_by(*(one.desc() if forward else one.asc() for one in place)).limit(LIMIT + 1)


def _found(viewer: Viewer, rows: Sequence[Any], text: str, folded: str) -> list[Found]:
    """The rows as they are told; a court case found by another number than the docket only where the viewer reads that number."""
    cases = [row for row in rows if isinstance(row, CourtCase)]
    sights = {one.case.id: one for one in case_sight.many(viewer, cases)} if cases else {}
    found = []
    for row in rows:
        if isinstance(row, Charge):
            found.append(Found("charge", row.number, _matched(row, text, folded)))
        elif (sight := sights.get(row.id)) is not None:
            view = lens.see(row, sight.reach, only=court_cases.NUMBERS)
            if any(_holds(number, text) for number in (view.docket_number, view.other_number)):
                found.append(Found("court_case", str(row.id), court_cases.label_of(view) or ""))
    return found


def _matched(charge: Charge, text: str, folded: str) -> str:
    if normalise_charge_number(text) == charge.number:
        return charge.number
    by_carpeta = text.upper() not in charge.number and folded in (charge.carpeta_folded or "")
    return charge.carpeta_number if by_carpeta and charge.carpeta_number else charge.number


def _holds(number: Any, text: str) -> bool:
    """Whether a number that the viewer reads has the text in it."""
    return isinstance(number, str) and not isinstance(number, Reserved) and text.lower() in number.lower()
