"""What goes into a file before it has a format: columns, rows, where they come from, and their digest."""
from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sistra.rules.problems import said

Kind = Literal["text", "code", "integer", "decimal", "money", "date", "datetime", "boolean"]
Cell = str | int | Decimal | date | datetime | None  # a bool is an int, a datetime is a date

LIMA: Final = ZoneInfo("America/Lima")
KIND_LABELS: Final[Mapping[str, str]] = {
    "text": said("texto"), "code": said("código"), "integer": said("número entero"), "decimal": said("número decimal"),
    "money": said("importe"), "date": said("fecha"), "datetime": said("fecha y hora"), "boolean": said("sí o no"),
}

_SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]*")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` is its header in every machine-read format; `width` is in characters."""

    key: str
    label: str
    kind: Kind = "text"
    width: int | None = None
    definition: str = ""
    values: str = ""

    def __post_init__(self) -> None:
        if not _SNAKE_CASE.fullmatch(self.key):
            raise ValueError(f"not a snake_case key: {self.key!r}")
        if self.kind not in KIND_LABELS:
            raise ValueError(f"not a kind of column: {self.kind!r}")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one unit. `name` is the sheet and the file; `rows` are read once by each writer and never kept."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]

    def __post_init__(self) -> None:
        if not _SNAKE_CASE.fullmatch(self.name) or len(self.name) > 31:
            raise ValueError(f"not a snake_case name of at most 31 characters: {self.name!r}")
        keys = [column.key for column in self.columns]
        if not keys or len(set(keys)) != len(keys):
            raise ValueError(f"the columns of {self.name} are none or not unique")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where rows come from. `rows` counts each unit of the query, whether written or not; `as_of` is aware."""

    title: str
    filters: Sequence[tuple[str, str]]
    as_of: datetime
    rows: Mapping[str, int]
    user: str
    reason: str
    unit_labels: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    notes: Sequence[str] = ()

    def unit(self, name: str) -> str:
        """The unit's label, or its name."""
        return self.unit_labels.get(name, name)


@dataclass(slots=True)
class Written:
    """What a writer wrote: rows and digest of each table, and how many texts lost signs or were split."""

    rows: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    cleaned: int = 0
    split: int = 0

    def clean(self, text: str) -> str:
        """`cleaned(text)`, counted when characters were lost."""
        clean = cleaned(text)
        self.cleaned += clean != _with_line_feeds(text)
        return clean


def lima(moment: datetime) -> datetime:
    """The wall-clock time of `moment` in Lima, still aware. Raises ValueError when `moment` has no time zone."""
    if moment.utcoffset() is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(LIMA)


def settled(value: object) -> Cell:
    """The cell that `value` is: a plain type unchanged, a float as decimal, blank text as None, all else as text."""
    if value is None or value == "":
        return None
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return value if value.is_finite() else str(value)
    if type(value) in (int, bool, date, datetime):
        return value  # type: ignore[return-value]
    return str(value) or None


def cleaned(text: str) -> str:
    """`text` as every file holds it: line ends as LF, without control characters (tab and LF stay) and characters
    that XML forbids; half a surrogate pair becomes U+FFFD."""
    return _LONE_SURROGATES.sub("\ufffd", _UNPRINTABLE.sub("", _with_line_feeds(text)))


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")


def printed(value: object, kind: Kind = "text") -> str:
    """`value` for a reader in Peru: 27/03/2026, 1,234.50, Sí. Blank is ''."""
    cell = settled(value)
    match cell:
        case None:
            return ""
        case bool():
            return said("Sí") if cell else said("No")
        case datetime():
            return lima(cell).strftime("%d/%m/%Y %H:%M")
        case date():
            return f"{cell.day:02}/{cell.month:02}/{cell.year:04}"
        case int() | Decimal() if kind == "money":
            return f"{cell:,.2f}"
        case int() if kind == "integer":
            return f"{cell:,}"
        case Decimal():
            return _plain(cell)
    return str(cell)


def _plain(number: Decimal | int) -> str:
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _canonical(value: object) -> str | None:
    cell = settled(value)
    match cell:
        case None:
            return None
        case bool():
            return "true" if cell else "false"
        case int() | Decimal():
            return _plain(cell)
        case datetime():
            return lima(cell).astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return cell.isoformat()
    return unicodedata.normalize("NFC", cell)


class Digest:
    """SHA-256 of rows, the same whatever file holds them.

    The bytes are JSON lines: the array of column keys, then one array per row, in order, each ended by LF, characters
    beyond ASCII as \\uXXXX, `", "` between items. Every item is text: numbers in plain decimals without trailing zeros,
    dates 2026-03-27, moments in UTC 2026-03-27T19:38:00Z, true / false, text in NFC; a blank is null.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._hash = hashlib.sha256()
        self.rows = -1
        self.add([column.key for column in columns])

    def add(self, row: Sequence[object]) -> None:
        self._hash.update(json.dumps([_canonical(value) for value in row]).encode() + b"\n")
        self.rows += 1

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def digest(table: Table) -> str:
    """The digest of `table`, in hexadecimal. Reads the rows: a one-time iterator is then spent."""
    running = Digest(table.columns)
    for row in table.rows:
        running.add(row)
    return running.hexdigest()


def counted(table: Table, written: Written) -> Iterator[Sequence[object]]:
    """The rows, with count and digest left in `written` when the last has been taken.

    Raises ValueError at a row that has not one value per column.
    """
    running = Digest(table.columns)
    for row in table.rows:
        if len(row) != len(table.columns):
            raise ValueError(f"row {running.rows + 1} of {table.name} has {len(row)} values")
        running.add(row)
        yield row
    written.rows[table.name] = running.rows
    written.digests[table.name] = running.hexdigest()


def dictionary_of(tables: Iterable[Table]) -> Table:
    """The dictionary of the tables' own columns, for a file whose caller has no fuller one."""
    columns = (
        Column("hoja", said("Hoja")), Column("columna", said("Columna"), width=28),
        Column("etiqueta", said("Etiqueta"), width=32), Column("tipo", said("Tipo"), width=16),
        Column("valores", said("Valores"), width=40), Column("definicion", said("Definición"), width=70),
    )
    rows = [(table.name, column.key, column.label, KIND_LABELS[column.kind], column.values, column.definition)
            for table in tables for column in table.columns]
    return Table("diccionario", said("Diccionario"), columns, rows)


def consulted(provenance: Provenance, written: Written) -> Table:
    """The sheet or file that says where the rows come from. One row per fact: group, name, value."""
    facts: list[tuple[str, str, object]] = [
        (said("consulta"), said("Título"), provenance.title),
        *((said("filtro"), label, value) for label, value in provenance.filters),
        (said("consulta"), said("Datos al"), provenance.as_of),
        *((said("filas de la consulta"), provenance.unit(unit), count) for unit, count in provenance.rows.items()),
        *((said("filas escritas"), name, count) for name, count in written.rows.items()),
        *((said("huella SHA-256"), name, value) for name, value in written.digests.items()),
        (said("exportación"), said("Exportado por"), provenance.user),
        (said("exportación"), said("Motivo"), provenance.reason),
        (said("exportación"), said("Enlace permanente"), provenance.link),
        *((said("nota"), "", note) for note in provenance.notes),
    ]
    if written.cleaned:
        facts.append((said("nota"), said("Textos sin caracteres de control"), written.cleaned))
    if written.split:
        facts.append((said("nota"), said("Textos continuados en la hoja textos_largos"), written.split))
    columns = (Column("grupo", said("Grupo"), width=22), Column("dato", said("Dato"), width=34),
               Column("valor", said("Valor"), width=80))
    return Table("consulta", said("Consulta"), columns, facts)
