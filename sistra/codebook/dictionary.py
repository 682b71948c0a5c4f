"""The data dictionary: every field of every record, described once (`dictionary/*.csv`)."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from sistra.codebook.terms import Codelist, Unknown, codelist, read_rows

STANDARDS = frozenset({"ISO-3166", "ISO-639"})
"""Code lists that are standards without a file here: their names come from Babel."""

_UNKNOWNS = {"nsp": Unknown.NOT_KNOWN, "not_applicable": Unknown.NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class Condition:
    """When a field is asked: `field=A,B` (one of), `field=*` (answered), `field!=A` (anything else)."""

    field: str
    values: frozenset[str]
    negated: bool = False

    @classmethod
    def parse(cls, text: str) -> Condition | None:
        if not text:
            return None
        name, negated = (text.split("!=")[0], True) if "!=" in text else (text.split("=")[0], False)
        return cls(name, frozenset(text.split("=")[1].split(",")), negated)

    def met(self, value: object) -> bool:
        """Whether a field of that value (None when blank) lets the conditional field be asked."""
        if value is None or value == () or value == "":
            return False
        if "*" in self.values:
            return value not in tuple(Unknown)
        given = {str(int(value))} if isinstance(value, bool) else set(value) if isinstance(value, tuple) else {str(value)}
        return bool(given - self.values) if self.negated else bool(given & self.values)


@dataclass(frozen=True, slots=True)
class Field:
    """One field as the dictionary describes it. `type` is a row of `types.csv`, `refers_to` what follows its colon."""

    record: str
    name: str
    order: int
    section: str
    label_es: str
    label_en: str
    help_es: str
    help_en: str
    type: str
    refers_to: str
    list_name: str
    need: str
    unknown: frozenset[Unknown]
    sensitivity: str
    fact: str
    condition: Condition | None
    note: str

    @property
    def encrypted(self) -> bool:
        """Identity and sealed fields, and every long text but the summary, which is searchable and by rule without names."""
        return self.sensitivity in ("identity", "sealed") or (
            self.type == "longtext" and (self.record, self.name) != ("charge", "summary"))

    @property
    def entered(self) -> bool:
        """False for what nobody types: set by the system or derived from other records."""
        set_by_rule = self.note.startswith(("system", "derived")) and not self.note.startswith("derived on export")
        return not set_by_rule and self.section != "sistema"

    @property
    def terms(self) -> Codelist | None:
        """Its code list, or None where it has none or a standard (`STANDARDS`)."""
        return codelist(self.list_name) if self.list_name and self.list_name not in STANDARDS else None

    def label(self, language: str) -> str:
        return self.label_en if language == "en" else self.label_es

    def help(self, language: str) -> str:
        return self.help_en if language == "en" else self.help_es


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields of a record, in the order in which forms and files show it."""

    name: str
    label_es: str
    label_en: str

    def label(self, language: str) -> str:
        return self.label_en if language == "en" else self.label_es


@dataclass(frozen=True, slots=True)
class Record:
    """A record of `records.csv` with its fields by name, in dictionary order."""

    name: str
    label_es: str
    label_en: str
    export_sheet: str
    sections: Mapping[str, Section]
    fields: Mapping[str, Field]

    def label(self, language: str) -> str:
        return self.label_en if language == "en" else self.label_es

    def of_section(self, *names: str) -> list[Field]:
        """The fields of the named sections."""
        return [field for field in self.fields.values() if field.section in names]


def _field(row: dict[str, str]) -> Field:
    kind, _, refers_to = row["type"].partition(":")
    return Field(
        record=row["record"], name=row["field"], order=int(row["order"]), section=row["section"],
        label_es=row["label_es"], label_en=row["label_en"], help_es=row["help_es"], help_en=row["help_en"],
        type=kind, refers_to=refers_to, list_name=row["codelist"], need=row["need"],
        unknown=frozenset(_UNKNOWNS[name] for name in row["unknown"].split(";") if name),
        sensitivity=row["sensitivity"], fact=row["fact"], condition=Condition.parse(row["depends_on"]), note=row["note"])


@cache
def records() -> Mapping[str, Record]:
    """Every record by name. The fields that each record carries (`any` in the file) stand at the end of each."""
    fields: dict[str, dict[str, Field]] = {}
    for row in read_rows("dictionary", "fields"):
        fields.setdefault(row["record"], {})[row["field"]] = _field(row)
    sections: dict[str, dict[str, Section]] = {}
    for row in read_rows("dictionary", "sections"):
        sections.setdefault(row["record"], {})[row["section"]] = Section(row["section"], row["label_es"], row["label_en"])
    return MappingProxyType({
        row["record"]: Record(
            row["record"], row["label_es"], row["label_en"], row["export_sheet"],
            MappingProxyType(sections.get(row["record"], {})), MappingProxyType(fields[row["record"]] | fields["any"]))
        for row in read_rows("dictionary", "records") if row["record"] != "any"})


def record(name: str) -> Record:
    """The record `name`. Raises KeyError when the dictionary has none."""
    return records()[name]
