"""A copy of a folder: its rows with new keys, dates, words and ciphertext, and its trail that tells of them."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import Date, LargeBinary, Table

from sistra.access.fields import from_json, place_of, record_name, to_json
from sistra.access.vault import Owner
from sistra.codebook.dictionary import Field
from sistra.codebook.terms import UNKNOWN_WORDS
from sistra.db import Instant
from sistra.rules.demonstration.chance import Chance
from sistra.rules.demonstration.variations import Shift
from sistra.rules.entries import LIMA
from sistra.rules.numbering import folded_number
from sistra.rules.partial_dates import PartialDate
from sistra.rules.sealing import seal
from sistra.rules.sharing import ends_at
from sistra.services.demonstration_bulk.folders import Folder, Line, answers, links, owner, unsealed
from sistra.services.demonstration_bulk.telling import Original, Told, flags, part_of

Values = dict[str, Any]
_WORDS = frozenset({"code", "codes", "place", "country"})


@dataclass(slots=True)
class Copy:
    """One copy while it is made. `keys` leads from (table, key) of the folder to the key of the copy."""

    shift: Shift
    chance: Chance
    told: Mapping[int, Told]
    keys: Mapping[tuple[str, int], int]
    secrets: Mapping[Owner, bytes]
    lines: Mapping[tuple[str, int], Line]
    rows: dict[tuple[str, int], Values] = field(default_factory=dict)

    def sealed(self, whose: Owner, line: Line, column: str, value: Any) -> bytes:
        """A value under the copy's own data key, bound to its new place. `whose` and `line` are those of the folder."""
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")) if answers(line.table) else value
        table = line.table.name
        return seal(self.secrets[whose], plain.encode(), place_of(record_name(table), column, self.keys[table, line.key or 0]))


Write = Callable[[Copy, Values], None]
"""Puts into the values of a row what one column, or three of a partial date, hold in the copy."""
Make = Callable[[Copy], Any]


class Mould:
    """A folder made ready to be copied: what is the same in every copy is worked out once."""

    def __init__(self, folder: Folder) -> None:
        self.folder, self.lines = folder, {(line.table.name, line.key): line for line in folder.lines if line.key is not None}
        self.originals = {line.key or 0: Original(folder, line) for line in folder.of("charge")}
        self.begins, self.ends, self.live, self.facts_begin = folder.begins, folder.ends, folder.live, folder.facts_begin
        self._rows = [(line, list(self._writes(line))) for line in folder.lines]
        self._entries = [(entry, list(self._changes(entry))) for entry in folder.entries]

    def rows(self, copy: Copy) -> Iterator[tuple[Table, Values]]:
        """The rows of a copy, in the order of the folder's."""
        for line, writes in self._rows:
            values = line.values.copy()
            for write in writes:
                write(copy, values)
            if line.key is not None:
                copy.rows[line.table.name, line.key] = values
            yield line.table, values

    def entries(self, copy: Copy) -> Iterator[Values]:
        """The entries of the trail that tell of a copy, once its rows are made: neither numbered nor chained."""
        for entry, changes in self._entries:
            values = entry.copy()
            values["at"] = copy.shift.instant(values["at"])
            for name, table in (("thing_id", entry["thing"]), ("charge_id", "charge"), ("court_case_id", "court_case")):
                if values[name] is not None:
                    values[name] = copy.keys[table, values[name]]
            if changes:
                values["changes"] = [
                    {"field": name, "before": former(copy), "after": later(copy)} for name, former, later in changes]
            values["detail"] = self._detail(copy, entry)
            yield values

    def identities(self, copy: Copy) -> Iterator[tuple[Line, Values]]:
        """The identities of a copy, each with its answers."""
        for line in self.folder.of("identity"):
            known = answers(line.table)
            told = copy.told[line.charge].identities[part_of(line)]
            yield line, {name: from_json(known[name], value) for name, value in told.items()}

    @staticmethod
    def _detail(copy: Copy, entry: Values) -> Values | None:
        detail = entry["detail"]
        if detail and "number" in detail:
            return {**detail, "number": copy.told[entry["charge_id"]].number}
        if detail and "request" in detail:
            return {**detail, "request": copy.keys["access_request", detail["request"]]}
        return detail and dict(detail)

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _writes(self, line: Line) -> Iterator[Write]:
        referred = links(line.table)
        for column in line.table.columns:
            name, value = column.name, line.values[column.name]
            if special := _SPECIAL.get((line.table.name, name)):
                yield partial(_put, name, partial(special, line))
            elif value is None or name.endswith(("_latest", "_precision")):
                continue
            elif name in referred:
                yield partial(_put, name, partial(_key, referred[name], value))
            elif column.primary_key and name == "id":
                yield partial(_put, name, partial(_key, line.table.name, value))
            elif (make := self._plain(line, column.type, name, value)) is not None:
                yield partial(_put, name, make)
            elif name.endswith("_earliest"):
                yield partial(_put_period, name.removesuffix("_earliest"), _period(line.values, name.removesuffix("_earliest")))

    def _plain(self, line: Line, kind: Any, name: str, value: Any) -> Make | None:
        if isinstance(kind, LargeBinary):
            return partial(_sealed, line, owner(line, name), name)
        if isinstance(kind, Instant):
            return lambda copy: copy.shift.instant(value)
        if isinstance(kind, Date) and not name.endswith("_earliest"):
            return lambda copy: copy.shift.day(value)
        known = answers(line.table).get(name)
        return _coded(line.charge, known, value) if known is not None else None

    # -- the trail ----------------------------------------------------------------------------------------------------

    def _changes(self, entry: Values) -> Iterator[tuple[str, Make, Make]]:
        line = self.lines.get((entry["thing"], entry["thing_id"]))
        for change in entry["changes"] or ():
            name = change["field"]
            yield name, self._kept(line, name, change["before"]), self._kept(line, name, change["after"])

    def _kept(self, line: Line | None, name: str, stored: Any) -> Make:
        """A value that an entry keeps: that of the copy's row where it is that of the folder's row, else one changed like it."""
        if stored is None or line is None:
            return lambda copy: stored
        known = next((one for one in answers(line.table).values() if one.name == name), None)
        key = (line.table.name, line.key or 0)
        if known is not None and known.type != "refs" and stored == _as_kept(known, line.values):
            return lambda copy: _as_kept(known, copy.rows[key])
        if isinstance(stored, dict) and "sealed" in stored:
            if stored == to_json(line.values[name]):
                return lambda copy: to_json(copy.rows[key][name])
            return partial(_resealed, line, name, stored["sealed"])
        if name in _LISTS and isinstance(stored, list):
            table = _LISTS[name]
            return lambda copy: [copy.keys[table, one] for one in stored]
        if known is None or isinstance(stored, dict):
            return lambda copy: stored
        return _changed(line, known, stored)


_LISTS: Mapping[str, str] = MappingProxyType({"victims": "victim", "accused": "accused", "counts": "count", "against": "ruling",
                                              "debtors": "accused"})
"""Lists of references by field, and the table of what they name."""


def _changed(line: Line, known: Field, stored: Any) -> Make:
    """A value that stands in no row any more."""
    if known.type in ("date", "datetime", "partial_date"):
        value = from_json(known, stored)
        return lambda copy: to_json(_moved(copy, value))
    if known.type == "ref":
        table = links(line.table).get(f"{known.name}_id")
        return (lambda copy: copy.keys[table, stored]) if table else (lambda copy: stored)
    make = _coded(line.charge, known, tuple(stored) if isinstance(stored, list) else stored)
    return (lambda copy: to_json(make(copy))) if make else (lambda copy: stored)


def _as_kept(known: Field, values: Values) -> Any:
    """The value of a column as the trail keeps it; None for what stands in no column of its own."""
    if known.type == "partial_date":
        stored = [values.get(f"{known.name}_{part}") for part in ("earliest", "latest", "precision")]
        when = PartialDate(*stored) if stored[2] is not None else None  # type: ignore[arg-type]
        return to_json(when) if when is None or when.known else {"unknown": {"nsp": "NSP", "n/c": "N/C"}[when.precision]}
    value = values.get(f"{known.name}_id" if known.type == "ref" else known.name)
    if known.type in _WORDS and (alone := value[0] if isinstance(value, tuple) and len(value) == 1 else value) in UNKNOWN_WORDS:
        return {"unknown": alone}
    return to_json(value)


# -- values ---------------------------------------------------------------------------------------------------------------


def _put(name: str, make: Make, copy: Copy, values: Values) -> None:
    values[name] = make(copy)


def _put_period(name: str, when: PartialDate, copy: Copy, values: Values) -> None:
    moved = copy.shift.partial(when, end=name.endswith("_to"))
    values[f"{name}_earliest"], values[f"{name}_latest"], values[f"{name}_precision"] = moved.__composite_values__()


def _period(values: Values, name: str) -> PartialDate:
    return PartialDate(*(values[f"{name}_{part}"] for part in ("earliest", "latest", "precision")))


def _key(table: str, value: int, copy: Copy) -> int:
    return copy.keys[table, value]


def _moved(copy: Copy, value: Any) -> Any:
    match value:
        case PartialDate():
            return copy.shift.partial(value)
        case datetime():
            return copy.shift.instant(value)
        case date():
            return copy.shift.day(value)
    return value


def _coded(charge: int, known: Field, value: Any) -> Make | None:
    """A code, several, or a place of which another stands in the copy."""
    if known.type == "place":
        return lambda copy: copy.told[charge].places.get(value, value)
    if known.list_name not in ("exploitation_purpose", "place_of_exploitation", "economic_activity"):
        return None
    name = known.list_name
    if isinstance(value, tuple):
        return lambda copy: tuple(copy.told[charge].codes.get(name, {}).get(one, one) for one in value)
    return lambda copy: copy.told[charge].codes.get(name, {}).get(value, value)


def _sealed(line: Line, whose: Owner, name: str, copy: Copy) -> bytes:
    value = line.opened[name]
    if line.table.name == "identity":
        value = copy.told[line.charge].identities[part_of(line)][name]
    elif (tell := _WORDED.get((line.table.name, name))) is not None:
        value = tell(line, copy)
    elif (known := answers(line.table).get(name)) is not None and known.type in ("date", "datetime", "partial_date"):
        value = to_json(_moved(copy, from_json(known, value)))
    return copy.sealed(whose, line, name, value)


def _resealed(line: Line, name: str, stored: str, copy: Copy) -> Values:
    """What was sealed once and stands in no row any more."""
    value = unsealed(line, name, b64decode(stored))
    again: Values = to_json(copy.sealed(owner(line, name), line, name, value))
    return again


# -- columns with a sense of their own --------------------------------------------------------------------------------------


def _told(name: str) -> Callable[[Line, Copy], Any]:
    return lambda line, copy: getattr(copy.told[line.charge], name)


def _sketched(column: str, name: str) -> Callable[[Line, Copy], Any]:
    """What is drawn of a person; what is not known of it stays so."""
    def drawn(line: Line, copy: Copy) -> Any:
        stored = line.values[column]
        sketch = copy.told[line.charge].people[line.table.name, line.key or 0]
        return stored if stored is None or stored in UNKNOWN_WORDS else getattr(sketch, name)
    return drawn


def _folded(line: Line, copy: Copy) -> Any:
    return line.values["carpeta_folded"] and folded_number(copy.told[line.charge].carpeta or "")


def _flagged(line: Line, copy: Copy) -> Any:
    return flags(line.values["strategic_flags"], copy.told[line.charge].facts)


def _purpose(line: Line, copy: Copy) -> Any:
    return copy.told[line.charge].codes.get("exploitation_purpose", {}).get(line.values["code"], line.values["code"])


def _grant(line: Line, copy: Copy) -> int:
    grant = line.values["grant_id"]
    return copy.keys["charge_grant", grant] if grant else 0


def _document(name: str) -> Callable[[Line, Copy], Any]:
    """The number of a document, of the year in which it was given."""
    def numbered(line: Line, copy: Copy) -> Any:
        given = line.values.get("occurred_on_earliest") or line.values["created_at"].astimezone(LIMA).date()
        return line.values[name] and copy.shift.number(line.values[name], given)
    return numbered


def _docket(line: Line, copy: Copy) -> Any:
    """Incidents of one docket stay together."""
    stored, entered = line.values["docket_number"], line.values["created_at"].astimezone(LIMA).date()
    return stored and copy.shift.docket(copy.chance.of("docket", stored[:10]), stored, entered)


def _lasts(name: str) -> Callable[[Line, Copy], Any]:
    """The last day of an access: one that has not come yet stays."""
    def until(line: Line, copy: Copy) -> Any:
        stored, today = line.values[name], copy.shift.today
        return stored if stored is None or stored >= today else min(copy.shift.day(stored), today - timedelta(days=1))
    return until


def _ends(line: Line, copy: Copy) -> Any:
    """When a row of access ends: with the grant it comes from, which is a line of the same folder."""
    grant = copy.lines["charge_grant", line.values["grant_id"]] if line.values["grant_id"] else None
    return ends_at(_lasts("valid_until")(grant, copy)) if grant else None


def _offer(line: Line, copy: Copy) -> Any:
    return line.values["offer"] and f"Trabajo como {copy.told[line.charge].facts.words['oferta']}"


def _deed(line: Line, copy: Copy) -> Any:
    told = copy.told[line.charge]
    return told.facts.text(told.chance.of(line.key), "hecho")


_SPECIAL: Mapping[tuple[str, str], Callable[[Line, Copy], Any]] = MappingProxyType({
    ("charge", "number"): _told("number"),
    ("charge", "year"): _told("year"),
    ("charge", "carpeta_number"): _told("carpeta"),
    ("charge", "carpeta_folded"): _folded,
    ("charge", "summary"): _told("summary"),
    ("charge", "strategic_flags"): _flagged,
    ("charge", "police_report_number"): _document("police_report_number"),
    ("charge_purpose", "code"): _purpose,
    ("victim", "age_at_facts"): _sketched("age_at_facts", "age"),
    ("victim", "sex"): _sketched("sex", "sex"),
    ("accused", "age_at_facts"): _sketched("age_at_facts", "age"),
    ("recruitment", "offer"): _offer,
    ("event", "resolution_number"): _document("resolution_number"),
    ("measure", "resolution_number"): _document("resolution_number"),
    ("court_case", "docket_number"): _docket,
    ("charge_grant", "valid_until"): _lasts("valid_until"),
    ("access_request", "until"): _lasts("until"),
    ("charge_access", "valid_until"): _ends,
    ("charge_access", "grant_id"): _grant,
})
"""Columns that do not follow from their type."""

_WORDED: Mapping[tuple[str, str], Callable[[Line, Copy], Any]] = MappingProxyType({
    ("charge", "narrative"): _told("narrative"),
    ("count", "description"): _deed,
})
"""Sealed texts that are told anew. The answers of an identity are all taken from what is told."""
