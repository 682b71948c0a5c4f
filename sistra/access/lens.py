"""The lens: from rows to views, masked for one viewer. Nothing that a viewer may not see comes up from here."""
from __future__ import annotations

from typing import Any

from sistra.access import vault
from sistra.access.fields import record_of, value_of
from sistra.access.standing import Standing
from sistra.access.views import VIEWS, View
from sistra.codebook.dictionary import Field
from sistra.db import Base
from sistra.rules.masking import RESERVED, Clearance, outside_team, shows


def clearance(standing: Standing, *, revealed: bool = False) -> Clearance:
    """How far the viewer sees into the records of a charge.

    Identities open only where they were revealed for this page; what is sealed opens to the case team.
    """
    if standing.outline:
        return Clearance.OUTLINE
    if revealed:
        return Clearance.SEALED if standing.on_team else Clearance.IDENTITY
    return Clearance.CASE


def see(row: Base, clear: Clearance, *, team: bool = False, only: frozenset[str] | None = None) -> Any:
    """The view of a row. `team` opens sealed fields that are no identity; `only` leaves other fields blank, unread.

    The answer is an instance of the record's class in `views`; it is typed Any because the row decides which.
    """
    record = record_of(row)
    shown = {field.name: _shown(row, field, clear, team) for field in record.fields.values()
             if (only is None or field.name in only) and _mapped(row, field)}
    return VIEWS[record.name](id=row.id, record=record.name, **shown)  # type: ignore[attr-defined]


def see_all(rows: list[Any], clear: Clearance, *, team: bool = False) -> list[Any]:
    """The views of rows of one record; the keys of all are fetched in one query."""
    vault.fetch_keys(list({vault.owner_of(row, sensitivity) for row in rows
                           for sensitivity in {field.sensitivity for field in record_of(row).fields.values() if field.encrypted}}))
    return [see(row, clear, team=team) for row in rows]


def _mapped(row: Base, field: Field) -> bool:
    return hasattr(type(row), field.name) or hasattr(type(row), f"{field.name}_id")


def _shown(row: Base, field: Field, clear: Clearance, team: bool) -> Any:
    open_to_team = team and field.sensitivity == "sealed" and field.record != "identity" and clear is not Clearance.OUTLINE
    if shows(clear, field.name, field.sensitivity) or open_to_team:
        value = value_of(row, field)
        return value if team else outside_team(field.list_name, value)
    if field.encrypted:
        return None if getattr(row, field.name) is None else RESERVED
    return None if value_of(row, field) is None else RESERVED


def blank(view: View, name: str) -> bool:
    """Whether a field of a view was never answered (a reserved one was)."""
    return getattr(view, name) in (None, "", ())
