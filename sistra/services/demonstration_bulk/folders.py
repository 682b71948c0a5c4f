"""Finished folders of a demonstration, read whole: every row of a charge and of all that hangs together with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import LargeBinary, Table, select

from sistra.access import vault
from sistra.access.fields import column_name, place_of, record_name
from sistra.access.vault import Owner
from sistra.codebook.dictionary import Field, records
from sistra.db import Base, db
from sistra.models.audit import TrailEntry
from sistra.models.keys import DataKey
from sistra.rules.facts import UNITS

COPIED = frozenset({
    "charge", "charge_member", "charge_purpose", "charge_access", "route_leg", "route_leg_victims", "victim", "accused",
    "identity", "recruitment", "recruitment_accused", "exploitation", "victim_accused_relation", "count", "count_victim",
    "retypification", "court_case", "charge_court_case", "charge_court_case_accused", "remedy", "remedy_against", "judgment",
    "ruling", "penalty", "reparation", "reparation_victims", "reparation_debtors", "event", "event_counts", "event_accused",
    "event_victims", "deadline", "measure", "service", "charge_grant", "access_request", "referral", "unsealing", "task"})
"""The tables of a folder."""

LEFT: Mapping[str, str] = MappingProxyType({
    **dict.fromkeys(("agency", "office", "user_account"), "shared by all"),
    **dict.fromkeys(("invitation", "recovery_code", "signin_session", "throttle", "export_run"), "of users, not of charges"),
    **dict.fromkeys(("saved_form", "accepted_form"), "typed by nobody"),
    **dict.fromkeys(("attachment", "attachment_victims", "attachment_accused", "person"), "no charge of the plan has any"),
    **dict.fromkeys(("data_key", "identity_token", "number_sequence", "trail_entry", "trail_head"), "made anew for each copy"),
    **dict.fromkeys((f"fact_{unit}" for unit in UNITS), "worked out from the copies"),
})
"""Every other table, and why no row of it is copied."""


@cache
def tables() -> tuple[Table, ...]:
    """The tables of a folder, those first that others refer to."""
    return tuple(table for table in db.metadata.sorted_tables if table.name in COPIED)


@dataclass(slots=True)
class Line:
    """A row. `charge` is the key of the charge whose facts it tells; `opened` its sealed answers as JSON values, by column."""

    table: Table
    key: int | None
    values: dict[str, Any]
    charge: int = 0
    opened: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Folder:
    """Charges that hang together, by court cases or otherwise, with their rows, their trail and whose data keys they need."""

    lines: list[Line] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    owners: list[Owner] = field(default_factory=list)

    def of(self, table: str) -> Iterator[Line]:
        return (line for line in self.lines if line.table.name == table)

    @property
    def charges(self) -> list[int]:
        return [line.values["id"] for line in self.of("charge")]

    @property
    def begins(self) -> datetime:
        first: datetime = min(line.values["created_at"] for line in self.of("charge"))
        return first

    @property
    def ends(self) -> datetime:
        """The last instant at which something was entered."""
        last: datetime = max(entry["at"] for entry in self.entries)
        return last

    @property
    def live(self) -> bool:
        return any(line.values["status"] == "TRA" for line in self.of("charge"))

    @property
    def facts_begin(self) -> list[date]:
        return [line.values["facts_from_earliest"] for line in self.of("charge") if line.values["facts_from_earliest"]]


@cache
def links(table: Table) -> Mapping[str, str]:
    """Column -> table of every reference from a row to another of its folder."""
    return {column.name: key.column.table.name for column in table.columns for key in column.foreign_keys
            if key.column.table.name in COPIED}


@cache
def answers(table: Table) -> Mapping[str, Field]:
    """The dictionary fields of a table by the name of their column; none where the dictionary does not know it."""
    known = records().get(record_name(table.name))
    return {column_name(one): one for one in known.fields.values()} if known else {}


def all_folders() -> list[Folder]:
    """All folders, in order of their first charge."""
    lines = [Line(table, values.get("id"), dict(values)) for table in tables()
             for values in db.session.execute(select(table).order_by(*table.primary_key.columns)).mappings()]
    joined = _Joined()
    for line in lines:
        joined.join(_nodes(line))
    found: dict[Any, Folder] = {}
    for line in lines:
        found.setdefault(joined.head(_nodes(line)[0]), Folder()).lines.append(line)
    _add_trail(found, joined)
    _add_keys(found, joined)
    for folder in found.values():
        _open(folder)
    return sorted((one for one in found.values() if one.charges), key=lambda one: one.charges[0])


class _Joined:
    """Things that hang together, by (table, key)."""

    def __init__(self) -> None:
        self._above: dict[Any, Any] = {}

    def head(self, node: Any) -> Any:
        while (above := self._above.get(node, node)) != node:
            node = above
        return node

    def join(self, nodes: list[Any]) -> None:
        first = self.head(nodes[0])
        for node in nodes[1:]:
            self._above[self.head(node)] = first


def _nodes(line: Line) -> list[Any]:
    own = [(line.table.name, line.key)] if line.key is not None else []
    return own + [(table, line.values[column]) for column, table in links(line.table).items() if line.values[column] is not None]


def _add_trail(found: Mapping[Any, Folder], joined: _Joined) -> None:
    table = TrailEntry.__table__
    told = select(table).where(table.c.charge_id.is_not(None) | table.c.court_case_id.is_not(None)).order_by(table.c.number)
    for entry in db.session.execute(told).mappings():
        node = ("charge", entry["charge_id"]) if entry["charge_id"] is not None else ("court_case", entry["court_case_id"])
        found[joined.head(node)].entries.append(dict(entry))


def _add_keys(found: Mapping[Any, Folder], joined: _Joined) -> None:
    for kind, key in db.session.execute(select(DataKey.owner_kind, DataKey.owner_id).order_by(DataKey.id)):
        if kind in COPIED:
            found[joined.head((kind, key))].owners.append((kind, key))


_OWNERS = ("id", "charge_id", "court_case_id", "victim_id", "accused_id")
"""The columns that tell whose data key seals a row."""


def owner(line: Line, column: str) -> Owner:
    """Whose data key seals that column of the row."""
    model, known = _model(line.table), answers(line.table).get(column)
    keys = {name: line.values[name] for name in _OWNERS if name in line.values}
    return vault.owner_of(model(**keys), known.sensitivity if known else "case")


@cache
def _model(table: Table) -> type[Base]:
    found: type[Base] = next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)
    return found


def unsealed(line: Line, column: str, sealed: bytes) -> Any:
    """What is sealed there: the JSON value of an answer, or a bare text where the dictionary does not know the table."""
    plain = vault.open_for(owner(line, column), sealed, place_of(record_name(line.table.name), column, line.values["id"]))
    return json.loads(plain) if answers(line.table) else plain.decode()


def _open(folder: Folder) -> None:
    """Opens what is sealed, and says of each row whose facts it tells: its charge's, its person's, else the first charge's."""
    vault.fetch_keys(folder.owners)
    people = {(line.table.name, line.key): line.values["charge_id"] for name in ("victim", "accused") for line in folder.of(name)}
    first = min(folder.charges, default=0)
    for line in folder.lines:
        persons = ((name, line.values.get(f"{name}_id")) for name in ("victim", "accused"))
        of_person = next((people[person] for person in persons if person[1]), None)
        own = line.key if line.table.name == "charge" else line.values.get("charge_id")
        line.charge = own or of_person or first
        for column in line.table.columns:
            if isinstance(column.type, LargeBinary) and line.values[column.name] is not None:
                line.opened[column.name] = unsealed(line, column.name, line.values[column.name])
