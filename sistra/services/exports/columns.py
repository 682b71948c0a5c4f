"""From a field of the dictionary to the columns of a sheet, and from its value to their cells.

Blank is an empty cell; an unknown answer is its code (NSP, N/C) with its words beside; what is reserved says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sistra.access.fields import column_name
from sistra.codebook import places
from sistra.codebook.countries import countries, languages
from sistra.codebook.dictionary import Field, Record
from sistra.codebook.terms import Unknown, codelist
from sistra.db import Base
from sistra.formats.table import Column, Kind
from sistra.rules.durations import Duration
from sistra.rules.masking import Reserved
from sistra.rules.partial_dates import PartialDate

Named = tuple[object, object]
"""Code and label of the row that a reference points at."""
Namer = Callable[[Field, int], Named]

LABELLED = frozenset({"office", "agency", "user"})
"""Records whose references have a label beside the code."""

_CODED = frozenset({"code", "codes", "place", "country"})
_KINDS: dict[str, Kind] = {
    "integer": "integer",
    "decimal": "decimal",
    "money_pen": "money",
    "bool": "boolean",
    "date": "date",
    "datetime": "datetime",
}
_WORDS = {
    "es": {Unknown.NOT_KNOWN: "No se sabe", Unknown.NOT_APPLICABLE: "No corresponde"},
    "en": {Unknown.NOT_KNOWN: "Not known", Unknown.NOT_APPLICABLE: "Not applicable"},
}
_BESIDE = {
    "es": {"label": "etiqueta", "earliest": "primer día posible", "years": "años", "months": "meses", "days": "días"},
    "en": {"label": "label", "earliest": "earliest day", "years": "years", "months": "months", "days": "days"},
}
_PARTS = ("years", "months", "days")


def exported(record: Record, model: type[Base], left_out: Iterable[str]) -> list[Field]:
    """The fields of a record that may leave in a sheet: kept in the open, mapped, and not among those left out."""
    skipped = frozenset(left_out)
    return [
        field
        for field in record.fields.values()
        if not field.encrypted and field.name not in skipped and hasattr(model, column_name(field))
    ]


def columns_of(field: Field, language: str) -> list[Column]:
    """The columns of a field: header is its name in the dictionary, a label beside each code."""
    label, definition = field.label(language), field.help(language)

    def beside(part: str, kind: Kind) -> Column:
        return Column(f"{field.name}_{part}", f"{label} ({_BESIDE[language][part]})", kind, definition=definition)

    if field.type in _CODED:
        return [Column(field.name, label, "code", definition=definition, values=field.list_name), beside("label", "text")]
    if field.type == "partial_date":
        return [Column(field.name, label, "text", 14, definition), beside("earliest", "date")]
    if field.type == "duration_ymd":
        return [Column(field.name, label, "text", 14, definition), *(beside(part, "integer") for part in _PARTS)]
    if field.type == "ref" and field.refers_to in LABELLED:
        return [Column(field.name, label, "code", definition=definition), beside("label", "text")]
    if field.type in ("ref", "refs"):
        return [Column(field.name, label, "code", definition=definition)]
    return [Column(field.name, label, _KINDS.get(field.type, "text"), definition=definition)]


class Cells:
    """How the values of one field become cells; what does not change from row to row is worked out once."""

    def __init__(self, field: Field, language: str) -> None:
        self._field, self._language = field, language
        self._width = len(columns_of(field, language))
        self._blank: Sequence[object] = (None,) * self._width
        self._labels: dict[str, str] = {}
        self._known = {"ref": self._reference, "refs": self._references}.get(
            field.type, self._coded if field.type in _CODED else None
        )

    def of(self, value: Any, named: Namer) -> Sequence[object]:
        """The cells of a value, as many as `columns_of` has columns."""
        if value is None or value == "" or value == ():
            return self._blank
        kind = type(value)
        if kind is Reserved:
            return (Reserved.RESERVED.value, *self._blank[1:])
        if kind is Unknown:
            words = _WORDS[self._language][value] if self._width == 2 and self._field.type != "partial_date" else None
            return (value.value, words, *self._blank[2:])[: self._width]
        if self._known is not None:
            return self._known(value, named)
        if kind is PartialDate:
            return value.iso(), value.earliest
        if kind is Duration:
            return f"P{value.years}Y{value.months}M{value.days}D", value.years, value.months, value.days
        return (value,)

    def _coded(self, value: Any, named: Namer) -> Sequence[object]:
        if isinstance(value, tuple):
            return ";".join(value), "; ".join(map(self._label, value))
        return value, self._label(value)

    def _label(self, code: str) -> str:
        if code not in self._labels:
            self._labels[code] = label_of(self._field, code, self._language)
        return self._labels[code]

    def _reference(self, value: Any, named: Namer) -> Sequence[object]:
        return named(self._field, value)[: self._width]

    def _references(self, value: Any, named: Namer) -> Sequence[object]:
        codes = (named(self._field, key)[0] for key in value)
        return (";".join(str(code) for code in codes if code != Reserved.RESERVED.value) or None,)


def label_of(field: Field, code: str, language: str) -> str:
    """A code of a field in words: of its list, of a standard, or of a place. A code that no list knows stays as it is."""
    if code in tuple(Unknown) and (field.list_name in ("", "ISO-3166", "ISO-639") or code not in codelist(field.list_name)):
        return _WORDS[language][Unknown(code)]
    if field.type == "place":
        return places.place(code).label if places.is_place(code) else code
    if field.type == "country" or field.list_name == "ISO-3166":
        return countries(language).get(code, code)
    if field.list_name == "ISO-639":
        return languages(language).get(code, code)
    term = codelist(field.list_name).get(code)
    return term.label(language) if term else code
