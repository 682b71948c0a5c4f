"""Comma-separated text, alone or as a zip with its query, dictionary and lists."""
from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import IO, BinaryIO, Final, Literal

from sistra.formats.table import Provenance, Table, Written, consulted, counted, dictionary_of, lima, settled
from sistra.rules.problems import said

Delimiter = Literal[",", ";"]

OPENING: Final = said("Textos en UTF-8. Al abrirlos en una hoja de cálculo, importe como texto las columnas de tipo código "
                      "(diccionario.csv dice cuáles): algunas llevan ceros a la izquierda, que de otro modo se pierden.")
"""What every zip says of itself: a text file cannot tell a spreadsheet program that 01 is a code."""

# A spreadsheet program runs a cell that begins with one of these, quoted or not.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv_zip(stream: BinaryIO, tables: Iterable[Table], provenance: Provenance, dictionary: Table | None = None,
                  lists: Table | None = None, delimiter: Delimiter = ",") -> Written:
    """Writes a zip with `<name>.csv` for each table, `diccionario.csv`, `listas.csv` and `consulta.csv`.

    Raises ValueError when two tables have the same name.
    """
    tables = list(tables)
    written, extras = Written(), Written()
    sheets = [*tables, dictionary or dictionary_of(tables), *([lists] if lists else [])]
    names = [table.name for table in sheets]
    if len({*names, "consulta"}) != len(names) + 1:
        raise ValueError("two tables have the same name")
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, table in enumerate(sheets):
            _write_entry(archive, table, provenance, delimiter, written if number < len(tables) else extras)
        written.cleaned += extras.cleaned
        told = replace(provenance, notes=[*provenance.notes, OPENING])
        _write_entry(archive, consulted(told, written), provenance, delimiter, extras)
    return written


def _write_entry(archive: zipfile.ZipFile, table: Table, provenance: Provenance, delimiter: Delimiter,
                 written: Written) -> None:
    stamp = lima(provenance.as_of)
    entry = zipfile.ZipInfo(f"{table.name}.csv", (max(stamp.year, 1980), *stamp.timetuple()[1:6]))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    with archive.open(entry, "w", force_zip64=True) as target:
        write_csv(target, table, written, delimiter)


def write_csv(stream: IO[bytes], table: Table, written: Written, delimiter: Delimiter = ",") -> None:
    """Writes `table` as UTF-8 with a byte order mark, and counts its rows into `written`.

    Text that a spreadsheet would run gets an apostrophe in front; numbers, which are not text, stay as they are.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([column.key for column in table.columns])
    for row in counted(table, written):
        writer.writerow([_field(value, written) for value in row])
    text.flush()
    text.detach()


def _field(value: object, written: Written) -> str:
    cell = settled(value)
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int():
            return str(cell)
        case Decimal():
            return format(cell, "f")
        case datetime():
            return lima(cell).isoformat()
        case date():
            return cell.isoformat()
    text = written.clean(cell)
    return f"'{text}" if text.startswith(_RISKY) or cell.startswith(_RISKY) else text
