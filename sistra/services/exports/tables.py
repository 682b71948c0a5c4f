"""Tidy tables of what a viewer sees: one row per unit, in batches, through the scope and the lens alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from sqlalchemy import Integer, Subquery, case, func, select

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.db import db
from sistra.formats.table import Column, Table
from sistra.models.charges import Charge, ChargeAccess
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.rules.masking import Clearance
from sistra.rules.sharing import weakest
from sistra.services.charge_list import Query, conditions
from sistra.services.exports.columns import Cells, Namer, columns_of
from sistra.services.exports.keys import Chosen, RowKeys
from sistra.services.exports.references import References
from sistra.services.exports.units import UNITS, fields_of, key_column
from sistra.services.exports.wording import cell_of

BATCH = 500
"""Charges whose rows are read together."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The charges that a query finds and the viewer sees in full, by number; sealed ones seen in outline are only counted."""

    query: Query
    charges: Sequence[Chosen]
    outlines: int


def select_charges(viewer: Viewer, query: Query) -> Selection:
    """The charges of a list as its filters leave them, without pages. Raises Forbidden."""
    require(viewer, "charge.export")
    found = _matching(viewer, query)
    on_team = set(db.session.scalars(scope.teams(viewer)))
    rows = db.session.execute(
        select(Charge.id, Charge.number, found.c.outline, found.c.by_right)
        .join(found, found.c.id == Charge.id).order_by(Charge.number)).all()
    granted = scope.shared(viewer, [key for key, _number, outline, by_right in rows if not outline and not by_right])
    chosen = [Chosen(key, number, key in on_team, granted.get(key)) for key, number, outline, by_right in rows
              if not outline and (by_right or key in granted)]  # a grant may end between the two questions
    return Selection(query, chosen, sum(bool(outline) for _key, _number, outline, _by_right in rows))


def _matching(viewer: Viewer, query: Query) -> Subquery:
    """Each matching charge once: its key, whether it is seen in outline only, and whether by right."""
    return (
        select(Charge.id, func.min(ChargeAccess.outline.cast(Integer)).label("outline"),
               func.max(case((ChargeAccess.grant_id == 0, 1), else_=0)).label("by_right"))
        .join(ChargeAccess, ChargeAccess.charge_id == Charge.id)
        .where(scope.access_rows(viewer), *conditions(viewer, query))
        .group_by(Charge.id)
        .subquery()
    )


def count_rows(viewer: Viewer, query: Query, units: Sequence[str]) -> dict[str, int]:
    """How many rows each unit would have. Raises Forbidden."""
    require(viewer, "charge.export")
    found = _matching(viewer, query)
    seen = select(found.c.id).where(found.c.outline == 0)

    def counted(unit: str) -> int:
        keys = scope.charges_for(viewer, section=UNITS[unit].section).with_only_columns(Charge.id).where(Charge.id.in_(seen))
        return db.session.scalar(select(func.count()).select_from(UNITS[unit].rows(viewer, keys).subquery())) or 0

    return {unit: counted(unit) for unit in units}


def unit_table(viewer: Viewer, unit: str, selection: Selection) -> Table:
    """The table of one unit over a selection. Its rows are read from the database while they are written."""
    fields = fields_of(unit)
    columns = [key_column(name, viewer.language) for name in UNITS[unit].keys]
    for field in fields:
        columns += columns_of(field, viewer.language)
    makers, values_of = [Cells(field, viewer.language) for field in fields], attrgetter(*(field.name for field in fields))

    def rows() -> Iterator[list[object]]:
        for line in _lines(viewer, unit, selection, fields):
            row = list(line.keys)
            for maker, value in zip(makers, values_of(line.view), strict=True):
                row += maker.of(value, line.named)
            yield row

    return Table(UNITS[unit].sheet, UNITS[unit].sheet.capitalize(), columns, rows())


def printed_table(viewer: Viewer, unit: str, selection: Selection) -> Table:
    """The columns of a unit that fit on a printed page, in words, always Spanish."""
    fields = fields_of(unit, brief=True)
    columns = [key_column(name, "es") for name in UNITS[unit].keys]
    columns += [Column(field.name, field.label_es, width=16) for field in fields]

    def word(field: Field, line: _Line) -> object:
        value = getattr(line.view, field.name)
        return line.named(field, value)[1] if field.type == "ref" and isinstance(value, int) else cell_of(field, value)

    rows = ([*line.keys, *(word(field, line) for field in fields)] for line in _lines(viewer, unit, selection, fields))
    return Table(UNITS[unit].sheet, UNITS[unit].sheet.capitalize(), columns, rows)


def unit_tables(viewer: Viewer, units: Sequence[str], selection: Selection) -> list[Table]:
    """The tables of several units, in the order of the sheets."""
    return [unit_table(viewer, unit, selection) for unit in UNITS if unit in units]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row before it has cells: its key cells, its view, and what its references are called."""

    keys: Sequence[object]
    view: Any
    named: Namer


def _lines(viewer: Viewer, unit: str, selection: Selection, fields: Sequence[Field]) -> Iterator[_Line]:
    """The rows batch by batch. A court case of several charges, and what hangs below it, comes once."""
    one, references, seen = UNITS[unit], References(viewer), set[int]()
    only = frozenset(field.name for field in fields)
    pointing = [field for field in fields if field.type in ("ref", "refs")]
    charges = [charge for charge in selection.charges if charge.opens(one.section)]
    linked = {charge.id: charge for charge in selection.charges}
    for start in range(0, len(charges), BATCH):
        batch = {charge.id: charge for charge in charges[start : start + BATCH]}
        rows = [row for row in db.session.scalars(one.rows(viewer, list(batch))) if row.id not in seen]
        places = {key: place for place, key in enumerate(batch)}
        rows.sort(key=lambda row: (places.get(_charge_of(row) or 0, BATCH), row.id))
        if unit in ("events", "court_cases", "judgments"):
            seen.update(row.id for row in rows)
        common = _common(linked, rows)
        views = [lens.see(row, _reach(batch, row, common), team=_team(batch, row), only=only) for row in rows]
        references.fetch(pointing, views)
        keys = RowKeys(viewer, unit, batch, rows)
        for row, view in zip(rows, map(keys.seen, views), strict=True):
            yield _Line(keys.of(row), view, partial(references.name, charge_id=_charge_of(row)))


def _charge_of(row: Any) -> int | None:
    key: int | None = row.id if isinstance(row, Charge) else getattr(row, "charge_id", None)
    return key


def _common(chosen: Mapping[int, Chosen], rows: Sequence[Any]) -> dict[int, lens.Reach]:
    """How far the viewer sees into what belongs to each court case of the rows: all by right, else what every grant opens."""
    cases = {_case_of(row) for row in rows if _charge_of(row) is None}
    held: dict[int, list[Chosen]] = {}
    for case_id, charge_id in db.session.execute(
        select(ChargeCourtCase.court_case_id, ChargeCourtCase.charge_id)
        .where(ChargeCourtCase.court_case_id.in_(cases), ChargeCourtCase.unlinked_on.is_(None))
    ) if cases else ():
        if charge_id in chosen and chosen[charge_id].opens("EXP"):
            held.setdefault(case_id, []).append(chosen[charge_id])
    return {case_id: _together(found) for case_id, found in held.items()}


def _together(charges: Sequence[Chosen]) -> lens.Reach:
    granted = [one.shared for one in charges if one.shared is not None]
    shared = weakest(granted) if len(granted) == len(charges) else None
    return Clearance.CASE if shared is None else lens.Granted(shared, False)


def _case_of(row: Any) -> int:
    return int(row.id if isinstance(row, CourtCase) else row.court_case_id)


def _reach(batch: Mapping[int, Chosen], row: Any, common: Mapping[int, lens.Reach]) -> lens.Reach:
    key = _charge_of(row)
    return batch[key].reach if key is not None and key in batch else common[_case_of(row)]


def _team(batch: Mapping[int, Chosen], row: Any) -> bool:
    key = _charge_of(row)
    return key is not None and key in batch and batch[key].team
