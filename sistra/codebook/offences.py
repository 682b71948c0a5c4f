"""The offences (`lists/offence.csv`), typed: article, validity, penalty range."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from sistra.codebook.terms import Term, codelist


@dataclass(frozen=True, slots=True)
class Offence:
    """One text of one article. `valid_to` is its last day in force; penalties are whole years, None where not verified.

    `tier` is base, aggravated or related; `core` marks trafficking itself, the only offences that count as such.
    """

    code: str
    label_es: str
    label_en: str
    parent: str
    article: str
    valid_from: date | None
    valid_to: date | None
    penalty_min_years: int | None
    penalty_max_years: int | None
    tier: str
    core: bool
    verified: bool

    def label(self, language: str) -> str:
        return self.label_en if language == "en" else self.label_es

    def in_force(self, first: date | None, last: date | None) -> bool:
        """Whether it was in force on some day from `first` to `last`; None leaves that side open."""
        return not (self.valid_from and last and self.valid_from > last) and not (
            self.valid_to and first and self.valid_to < first)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _years(text: str) -> int | None:
    return int(text) if text else None


def _offence(term: Term) -> Offence:
    row = term.extra
    return Offence(
        code=term.code, label_es=term.label_es, label_en=term.label_en, parent=term.parent, article=row["article"],
        valid_from=_day(row["valid_from"]), valid_to=_day(row["valid_to"]),
        penalty_min_years=_years(row["penalty_min_years"]), penalty_max_years=_years(row["penalty_max_years"]),
        tier=row["tier"], core=row["core_trafficking"] == "1", verified=term.verified)


@cache
def offences() -> Mapping[str, Offence]:
    """Every offence by code, in list order."""
    return MappingProxyType({code: _offence(term) for code, term in codelist("offence").items()})


def in_force(first: date | None, last: date | None) -> list[Offence]:
    """The offences offered for facts from `first` to `last` (partial dates: the earliest and the latest day possible).

    In list order; where the end of the facts is not known, those without an end of validity stand first.
    """
    found = [offence for offence in offences().values() if offence.in_force(first, last)]
    return found if last else sorted(found, key=lambda offence: offence.valid_to is not None)


def is_core(code: str) -> bool:
    """Whether the offence is trafficking itself (counting rules 1 and 4). Raises KeyError for an unknown code."""
    return offences()[code].core
