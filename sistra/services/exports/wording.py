"""Views as printed words: always Spanish, for a printed file goes into a Peruvian case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import Unknown
from sistra.formats.dossier import Fields, Grid, State
from sistra.formats.table import Column, Table, lima
from sistra.rules.masking import Reserved
from sistra.services.exports.columns import label_of

_STATES = {"blank": "", "reserved": "Reservado", "not_known": "No se sabe", "not_applicable": "No corresponde"}


def state_of(value: Any) -> State:
    """Which of the five things a value of a view is."""
    if value in (None, "", ()):
        return "blank"
    if isinstance(value, Reserved):
        return "reserved"
    if isinstance(value, Unknown):
        return "not_known" if value is Unknown.NOT_KNOWN else "not_applicable"
    return "value"


def text_of(field: Field, value: Any) -> str:
    """A value of a field as a reader in Peru reads it; "" for what is no value."""
    if state_of(value) != "value":
        return ""
    if field.type in ("code", "codes", "place", "country"):
        return "; ".join(label_of(field, code, "es") for code in (value if isinstance(value, tuple) else (value,)))
    match field.type:
        case "bool":
            return "Sí" if value else "No"
        case "date":
            return f"{value:%d/%m/%Y}"
        case "datetime":
            return f"{lima(value):%d/%m/%Y %H:%M}"
        case "money_pen":
            return f"S/ {value:,.2f}"
    return str(value.text()) if hasattr(value, "text") else str(value)


def cell_of(field: Field, value: Any) -> str:
    """A value for a cell of a printed table: what is no value in its words."""
    return text_of(field, value) or _STATES[state_of(value)]


def fields_block(view: Any, names: Iterable[str], *, more: Sequence[tuple[str, str, State]] = ()) -> Fields:
    """The named fields of a view: those answered or reserved, and those that a complete record needs."""
    fields = record(view.record).fields
    rows: list[tuple[str, str, State]] = list(more)
    for name in names:
        field, value = fields[name], getattr(view, name)
        state = state_of(value)
        if state != "blank" or (field.need in ("R", "F") and _asked(field, view)):
            rows.append((field.label_es, text_of(field, value), state))
    return Fields(rows)


def _asked(field: Field, view: Any) -> bool:
    return field.condition is None or field.condition.met(getattr(view, field.condition.field, None))


def names_of(record_name: str, *sections: str, without: Iterable[str] = ()) -> list[str]:
    """The fields of a record's sections that stand for themselves: no references, none of the names left out."""
    skipped = frozenset(without)
    return [
        field.name
        for field in record(record_name).of_section(*sections)
        if field.type not in ("ref", "refs") and field.name not in skipped
    ]


def grid(name: str, title: str, heads: Sequence[tuple[str, int]], rows: Iterable[Sequence[str]], empty: str) -> Grid:
    """A printed table of words. `heads` are (label, width in characters)."""
    columns = [Column(f"c{place}", label, width=width) for place, (label, width) in enumerate(heads, 1)]
    return Grid(Table(name, title, columns, list(rows)), empty)


def cells(view: Any, *names: str) -> list[str]:
    """Cells of the named fields of a view."""
    fields = record(view.record).fields
    return [cell_of(fields[name], getattr(view, name)) for name in names]
