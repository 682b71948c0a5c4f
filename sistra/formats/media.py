"""What files are called by whoever receives them, and the sheet of code lists that goes with tidy ones."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from sistra.codebook.terms import codelist
from sistra.formats.table import Column, Table
from sistra.rules.problems import said

MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType({
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "application/zip",
    "pdf": "application/pdf",
})
ENDINGS: Final[Mapping[str, str]] = MappingProxyType({"xlsx": "xlsx", "csv": "zip", "pdf": "pdf"})


def lists_of(names: Iterable[str]) -> Table:
    """The terms of those code lists, each list once."""
    columns = (
        Column("lista", said("Lista"), width=26), Column("codigo", said("Código"), "code"),
        Column("etiqueta_es", said("Etiqueta en español"), width=60), Column("etiqueta_en", said("Etiqueta en inglés"), width=60),
        Column("superior", said("Código superior"), "code"))
    rows = ((name, term.code, term.label_es, term.label_en, term.parent)
            for name in dict.fromkeys(names) for term in codelist(name).values())
    return Table("listas", said("Listas"), columns, rows)
