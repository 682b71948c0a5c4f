"""Values of dictionary fields in and out of rows: columns, unknown answers and ciphertext in one place."""
from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sistra.access import vault
from sistra.codebook.dictionary import Field, Record, record
from sistra.codebook.terms import UNKNOWN_WORDS, Unknown
from sistra.db import Base
from sistra.rules.durations import Duration
from sistra.rules.partial_dates import PartialDate, Precision

_TABLES = {"user_account": "user", "charge_grant": "grant"}
_WORDS = frozenset({"code", "codes", "place", "country"})
"""Types whose column holds the words NSP and N/C themselves."""


def record_of(row: Base) -> Record:
    """The dictionary record that a row belongs to."""
    return record(record_name(row.__tablename__))


def record_name(table: str) -> str:
    """The name of the dictionary record that a table holds."""
    return _TABLES.get(table, table)


def column_name(field: Field) -> str:
    """The mapped attribute that holds a field."""
    return f"{field.name}_id" if field.type == "ref" else field.name


def value_of(row: Base, field: Field) -> Any:
    """The value of a field: a value of its type, an Unknown, or None where it was never answered. Raises Unsealable."""
    stored = getattr(row, column_name(field))
    if field.encrypted:
        return None if stored is None else _open(row, field, stored)
    if field.type == "refs":
        return tuple(sorted(one.id for one in stored)) or _noted(row, field) or ()
    if field.type == "partial_date" and stored is not None and not stored.known:
        return Unknown.NOT_KNOWN if stored.precision == Precision.NOT_KNOWN else Unknown.NOT_APPLICABLE
    if field.type in _WORDS:
        return _as_unknown(stored)
    return _noted(row, field) if stored is None else stored


def put(row: Base, field: Field, value: Any) -> None:
    """Sets a field. `refs` take rows already loaded. A row of encrypted fields must have its key (flush it first)."""
    name = column_name(field)
    if field.encrypted:
        setattr(row, name, None if value is None else _seal(row, field, value))
    elif field.type == "partial_date":
        setattr(row, name, _partial_date(value))
    elif field.type in _WORDS:
        words = (value,) if field.type == "codes" and isinstance(value, Unknown) else value
        setattr(row, name, tuple(str(one) for one in words) if field.type == "codes" and words else str(words) if words else None)
    else:
        _note_unknown(row, field, value)
        blank: list[Base] | None = [] if field.type == "refs" else None
        setattr(row, name, blank if isinstance(value, Unknown) else value)


def _as_unknown(stored: Any) -> Any:
    word = stored[0] if isinstance(stored, tuple) and len(stored) == 1 else stored
    return UNKNOWN_WORDS.get(word, stored) if isinstance(word, str) else stored


def _partial_date(value: Any) -> PartialDate | None:
    if value is Unknown.NOT_KNOWN:
        return PartialDate.not_known()
    return PartialDate.not_applicable() if value is Unknown.NOT_APPLICABLE else value


def _noted(row: Base, field: Field) -> Unknown | None:
    noted: Mapping[str, str] = row.unknowns or {}  # type: ignore[attr-defined]
    return Unknown(noted[field.name]) if field.name in noted else None


def _note_unknown(row: Base, field: Field, value: Any) -> None:
    noted: Mapping[str, str] = row.unknowns or {}  # type: ignore[attr-defined]
    kept = {name: word for name, word in noted.items() if name != field.name}
    if isinstance(value, Unknown):
        kept[field.name] = value.value
    if kept != dict(noted):
        row.unknowns = kept or None  # type: ignore[attr-defined]


def _place(row: Base, field: Field) -> str:
    return place_of(field.record, field.name, row.id)  # type: ignore[attr-defined]


def place_of(record: str, name: str, key: int) -> str:
    """What a sealed value is bound to: record, field and key of its row."""
    return f"{record}.{name}:{key}"


def _seal(row: Base, field: Field, value: Any) -> bytes:
    plain = json.dumps(to_json(value), ensure_ascii=False, separators=(",", ":")).encode()
    return vault.seal_for(vault.owner_of(row, field.sensitivity), plain, _place(row, field))


def _open(row: Base, field: Field, sealed: bytes) -> Any:
    plain = vault.open_for(vault.owner_of(row, field.sensitivity), sealed, _place(row, field))
    return from_json(field, json.loads(plain))


def to_json(value: Any) -> Any:
    """A value as JSON: dates in ISO form, an Unknown as {"unknown": "NSP"}, ciphertext as {"sealed": base64}."""
    match value:
        case Unknown():
            return {"unknown": value.value}
        case bytes():
            return {"sealed": base64.b64encode(value).decode()}
        case PartialDate():
            return value.iso()
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Duration():
            return [value.years, value.months, value.days]
        case tuple() | list():
            return [to_json(one) for one in value]
        case _:
            return value


def from_json(field: Field, stored: Any) -> Any:
    """The value that `to_json` wrote. Ciphertext stays as it is (bytes)."""
    if stored is None:
        return None
    if isinstance(stored, dict):
        return Unknown(stored["unknown"]) if "unknown" in stored else base64.b64decode(stored["sealed"])
    match field.type:
        case "partial_date":
            return PartialDate.from_iso(stored)
        case "date":
            return date.fromisoformat(stored)
        case "datetime":
            return datetime.fromisoformat(stored)
        case "decimal" | "money_pen":
            return Decimal(stored)
        case "duration_ymd":
            return Duration(*stored)
        case "codes" | "refs":
            return tuple(stored)
        case _:
            return stored


def opened(row: Base, field: Field, stored: Any) -> Any:
    """A value kept in the trail for this row and field, decrypted where it is ciphertext. Raises Unsealable."""
    value = from_json(field, stored)
    return _open(row, field, value) if isinstance(value, bytes) else value
