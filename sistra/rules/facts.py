"""What a fact row of each unit holds: which fields of which records, and how coarse (the dictionary's `fact` column).

A row never holds an identity, a sealed answer or a long text, nor an age, a place below the department or a day about a
person. The parts of a charge carry little of it, neither stage nor outcome: an act does not rewrite five hundred rows.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import Unknown
from sistra.rules.coarsening import AGE_COLUMNS, WORDED, Kind, ages, coarse, kind_of
from sistra.rules.fact_answers import Told, stored_in
from sistra.rules.fact_dimensions import CONTEXT, DERIVED, context

OF_CHARGE = ("office", "fiscal_district", "received_on", "reported_offence", "notice_place", "confidentiality")
"""Fields of its charge that the row of each part carries."""
_AGE = "age_at_facts"
_ACCUSED = ("identified", "kind", "person", "sex", _AGE, "age_group", "citizenships", "public_official", "roles")

_CARRIED: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "charge": {},
    "victim": {"charge": OF_CHARGE},
    "accused": {"charge": OF_CHARGE},
    "count": {"charge": OF_CHARGE, "accused": _ACCUSED},
    "event": {"charge": OF_CHARGE},
    "ruling": {"charge": OF_CHARGE, "accused": _ACCUSED,
               "count": ("accused", "offence", "first_offence", "degree", "participation", "purposes"),
               "judgment": ("court_case", "decision_kind", "instance", "decided_on", "court_instance", "finality", "final_on"),
               "penalty": ("sentence_types", "imprisonment", "fine_days", "fine_amount", "expulsion")},
    "retypification": {"charge": OF_CHARGE, "accused": _ACCUSED, "count": ("accused", "purposes")},
    "reparation": {"charge": OF_CHARGE,
                   "judgment": ("court_case", "decision_kind", "instance", "decided_on", "court_instance", "finality")},
    "measure": {"charge": OF_CHARGE, "person": ("sex", _AGE, "age_group")},
    "service": {"charge": OF_CHARGE, "person": ("sex", _AGE, "age_group")},
})
"""Unit -> what its row carries of other records; `person` is the victim or the accused whom a measure or a service is about.

A unit more is an entry here, one in `fact_dimensions.DERIVED`, one in `RECORDS` and `_JOINED` of `services.fact_reading`
(where it is read), and a revision that makes its table.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a fact row. `source` and `field` say where its answer comes from; a derived one has neither."""

    name: str
    kind: Kind
    source: str = ""
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """One kind of fact row. `sources` are the fields that it takes of each record."""

    name: str
    columns: Mapping[str, Column]
    sources: Mapping[str, tuple[Field, ...]]


def record_of(source: str) -> str:
    """The dictionary record of a source: both parts of a measure describe sex and age alike."""
    return "victim" if source == "person" else source


def _own(name: str) -> tuple[Field, ...]:
    return tuple(field for field in record(name).fields.values() if field.fact)


def _columns(source: str, field: Field) -> list[Column]:
    if field.name == _AGE:
        return [Column(name, Kind.BAND, source, field) for name in AGE_COLUMNS]
    kind = kind_of(field)
    return [Column(f"{field.name}_id" if kind is Kind.KEY else field.name, kind, source, field)]


def _unit(name: str) -> Unit:
    sources = {name: _own(name)} | {
        source: tuple(record(record_of(source)).fields[one] for one in fields) for source, fields in _CARRIED[name].items()}
    taken = [column for source, fields in sources.items() for field in fields for column in _columns(source, field)]
    columns = {column.name: column for column in taken}
    for derived in (CONTEXT, DERIVED[name][0]):
        columns |= {one: Column(one, kind) for one, kind in derived.items()}
    return Unit(name, MappingProxyType(columns), MappingProxyType(sources))


UNITS: Mapping[str, Unit] = MappingProxyType({name: _unit(name) for name in _CARRIED})
"""Every unit by name, in the order in which a change of one reaches the others."""


@cache
def _taken(name: str) -> tuple[tuple[str, Field, str, bool, str], ...]:
    """What a unit takes of its records: source, field, first column, whether that column holds the words NSP and N/C, and
    what is read as None where the field was never answered ("" where that says something too).
    """
    found = [(source, field, _columns(source, field)[0]) for source, fields in UNITS[name].sources.items() for field in fields]
    return tuple((source, field, column.name, column.kind in WORDED, _answer(source, field)) for source, field, column in found)


def _answer(source: str, field: Field) -> str:
    if field.type == "refs" or field.name == _AGE or field.fact == "1:yes":
        return ""
    return f"{source}__{stored_in(field)[-1]}"


def row_of(unit: Unit, told: Told) -> dict[str, Any]:
    """The fact row that is due for what the records say, with the answers that its columns cannot hold (`unknowns`)."""
    row: dict[str, Any] = {}
    unknowns: dict[str, str] = {}
    for source, field, name, worded, answer in _taken(unit.name):
        if answer and told.blank(source, answer):
            row[name] = None
            continue
        value = told.value(source, field)
        if field.name == _AGE:
            row |= ages(value, told.raw(f"{source}__age_group"))
            continue
        row[name] = coarse(field, value)
        if not worded and isinstance(value, Unknown):
            unknowns[name] = str(value)
    return row | DERIVED[unit.name][1](told) | context(told) | {"unknowns": unknowns or None}


# -- what a change reaches ---------------------------------------------------------------------------------------------

DAYS = frozenset(name for name in UNITS["charge"].columns if name.startswith("days_"))
"""Columns of a charge that move with the day of its reception, which no fact holds: those of its counts move with them."""


def carried_from(name: str) -> frozenset[str]:
    """The columns of a unit that rows of other units carry. What a count tells is carried by each unit apart: `carried_by`."""
    also = "person" if name in ("victim", "accused") else name
    carried = {column.name for unit in UNITS.values() if unit.name != name for column in unit.columns.values()
               if column.source in (name, also)}
    return frozenset(carried | set(CONTEXT) if name == "charge" else carried)


def carried_by(name: str) -> frozenset[str]:
    """The columns of a count that rows of that unit carry, those among them that the count carries itself."""
    others = {column.name for column in UNITS[name].columns.values() if column.source != name}
    return frozenset(UNITS["count"].columns) & others
