"""Code lists: `lists/<name>.csv`, one term per row."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType


class Unknown(StrEnum):
    """The two answers that are not a value. A blank (never asked) is None and is a third thing.

    Where a list has a row NSP of its own, that row *is* `NOT_KNOWN`: it is stored once. The slash of `NOT_APPLICABLE`
    keeps it apart from every code of every list and from ISO country codes.
    """

    NOT_KNOWN = "NSP"
    NOT_APPLICABLE = "N/C"


UNKNOWN_WORDS: Mapping[str, Unknown] = MappingProxyType({str(one): one for one in Unknown})
"""The unknown answers by the word that stands for them in a column."""


@dataclass(frozen=True, slots=True)
class Term:
    """One row of a list. `extra` holds the columns that only its list has (offence articles, deadline amounts...)."""

    code: str
    label_es: str
    label_en: str
    parent: str
    source: str
    note: str
    extra: Mapping[str, str]

    def label(self, language: str) -> str:
        """The label in `language` ("es" or "en")."""
        return self.label_en if language == "en" else self.label_es

    @property
    def verified(self) -> bool:
        """False where the row's source says that its law has not been confirmed in the official text."""
        doubt = f"{self.source} {self.note}".lower()
        return "verif" not in doubt.replace("verified", "verif") and "general knowledge" not in doubt

    def in_force(self, first: date | None, last: date | None = None) -> bool:
        """Whether the row's validity overlaps the days `first` to `last`; a list without dates is always in force."""
        starts, ends = self.extra.get("valid_from"), self.extra.get("valid_to")
        if starts and last is not None and date.fromisoformat(starts) > last:
            return False
        return not (ends and first is not None and date.fromisoformat(ends) < first)


class Codelist(Mapping[str, Term]):
    """A code list by code, in the order of its file."""

    def __init__(self, name: str, label_es: str, label_en: str, terms: list[Term]) -> None:
        self.name, self.label_es, self.label_en = name, label_es, label_en
        self._terms = {term.code: term for term in terms}

    def __getitem__(self, code: str) -> Term:
        return self._terms[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def __len__(self) -> int:
        return len(self._terms)

    def children(self, code: str) -> list[Term]:
        """The terms whose parent is `code`, in list order."""
        return [term for term in self._terms.values() if term.parent == code]

    def top(self, code: str) -> str:
        """The code at the head of `code`'s line of parents within this list."""
        while (parent := self._terms[code].parent) in self._terms and parent != code:
            code = parent
        return code


_OWN_COLUMNS = ("code", "label_es", "label_en", "parent", "source", "note")


def read_rows(folder: str, name: str) -> list[dict[str, str]]:
    """The rows of a shipped CSV of this package, as dictionaries of text."""
    text = files(__package__).joinpath(folder, f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@cache
def list_labels() -> Mapping[str, tuple[str, str]]:
    """Name of each list -> its label in Spanish and English."""
    return MappingProxyType({row["code"]: (row["label_es"], row["label_en"]) for row in read_rows("lists", "index")})


@cache
def codelist(name: str) -> Codelist:
    """The list `name`. Raises KeyError when no such list is shipped."""
    label_es, label_en = list_labels()[name]
    terms = [
        Term(row["code"], row["label_es"], row["label_en"], row.get("parent") or "", row.get("source") or "",
             row.get("note") or "", MappingProxyType({key: value or "" for key, value in row.items() if key not in _OWN_COLUMNS}))
        for row in read_rows("lists", name)
    ]
    return Codelist(name, label_es, label_en, terms)
