"""The lens: from rows to views, masked for one viewer. Nothing that a viewer may not see comes up from here."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sistra.access import vault
from sistra.access.fields import record_of, value_of
from sistra.access.standing import Standing
from sistra.access.views import VIEWS, View
from sistra.codebook.dictionary import Field
from sistra.db import Base
from sistra.rules.masking import RESERVED, Clearance, outside_team, shows
from sistra.rules.sharing import FULL, SUMMARY, Shared, section_of


@dataclass(frozen=True, slots=True)
class Granted:
    """How far somebody sees to whom a charge is shared: section by section. `revealed` opens identities where that is shared."""

    shared: Shared
    revealed: bool

    def into(self, section: str | None) -> Clearance | None:
        """How far into a section of the charge; None where it is not shared."""
        profile = self.shared.profiles.get(section or "")
        if profile == FULL and self.revealed:
            return Clearance.IDENTITY
        return None if profile is None else Clearance.SUMMARY if profile == SUMMARY else Clearance.CASE


Reach = Clearance | Granted
"""How far a reader sees: the same everywhere in a charge, or by section."""


def clearance(standing: Standing, *, revealed: bool = False) -> Reach:
    """How far the viewer sees into the records of a charge.

    Identities open only where they were revealed for this page; what is sealed opens to the case team.
    """
    if standing.shared is not None:
        return Granted(standing.shared, revealed)
    if standing.outline:
        return Clearance.OUTLINE
    if revealed:
        return Clearance.SEALED if standing.on_team else Clearance.IDENTITY
    return Clearance.CASE


def see(row: Base, clear: Reach, *, team: bool = False, only: frozenset[str] | None = None) -> Any:
    """The view of a row. `team` opens sealed fields that are no identity; `only` leaves other fields blank, unread.

    The answer is an instance of the record's class in `views`; it is typed Any because the row decides which.
    """
    record = record_of(row)
    shown = {field.name: _shown(row, field, clear, team) for field in record.fields.values()
             if (only is None or field.name in only) and _mapped(row, field)}
    return VIEWS[record.name](id=row.id, record=record.name, **shown)  # type: ignore[attr-defined]


def see_all(rows: list[Any], clear: Reach, *, team: bool = False) -> list[Any]:
    """The views of rows of one record; the keys of all are fetched in one query."""
    vault.fetch_keys(list({vault.owner_of(row, sensitivity) for row in rows
                           for sensitivity in {field.sensitivity for field in record_of(row).fields.values()
                                               if field.encrypted}}))
    return [see(row, clear, team=team) for row in rows]


def _mapped(row: Base, field: Field) -> bool:
    return hasattr(type(row), field.name) or hasattr(type(row), f"{field.name}_id")


def into(row: Base, field: Field, clear: Reach) -> Clearance | None:
    """How far the reader sees into this field of this row; None where its section is not shared with them."""
    if isinstance(clear, Clearance) or field.record in _OF_SHARING:
        return clear if isinstance(clear, Clearance) else Clearance.CASE
    kind = getattr(row, "kind", None) if field.record == "measure" else None
    if field.record == "identity":
        kind = "victim" if row.victim_id is not None else "accused"  # type: ignore[attr-defined]
    return clear.into(section_of(field, kind=kind))


_OF_SHARING = frozenset({"grant", "access_request"})


def _shown(row: Base, field: Field, reach: Reach, team: bool) -> Any:
    clear = into(row, field, reach)
    if clear is None:
        return _hidden(row, field)
    open_to_team = team and field.sensitivity == "sealed" and field.record != "identity" and clear is not Clearance.OUTLINE
    if shows(clear, field) or open_to_team:
        value = value_of(row, field)
        return value if team else outside_team(field.list_name, value)
    return _hidden(row, field)


def _hidden(row: Base, field: Field) -> Any:
    """The word that a value exists, or nothing where there is none."""
    if field.encrypted:
        return None if getattr(row, field.name) is None else RESERVED
    return None if value_of(row, field) in (None, ()) else RESERVED


def blank(view: View, name: str) -> bool:
    """Whether a field of a view was never answered (a reserved one was)."""
    return getattr(view, name) in (None, "", ())
