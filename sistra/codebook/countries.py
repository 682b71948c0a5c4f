"""Countries (ISO 3166) and languages (ISO 639), named by Babel's copy of the Unicode locale data."""
from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale

from sistra.codebook.terms import codelist

NEIGHBOURS = ("PE", "BO", "BR", "CL", "CO", "EC", "VE")
"""Offered first: Peru, its neighbours and the origin most often recorded after them."""


@cache
def countries(language: str) -> Mapping[str, str]:
    """Alpha-2 code -> name in "es" or "en", neighbours first, then by name."""
    names = {code: name for code, name in Locale.parse(language).territories.items()
             if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO")}
    rest = sorted((name, code) for code, name in names.items() if code not in NEIGHBOURS)
    return {code: names[code] for code in NEIGHBOURS} | {code: name for name, code in rest}


def is_country(code: str) -> bool:
    return code in countries("es")


@cache
def languages(language: str) -> Mapping[str, str]:
    """ISO 639 code -> name: the languages of `language.csv` first, then those Babel names."""
    short = {term.code: term.label(language) for term in codelist("language").values()}
    names = Locale.parse(language).languages
    rest = sorted((name, code) for code, name in names.items() if code.isalpha() and len(code) in (2, 3) and code not in short)
    return short | {code: name for name, code in rest}


def is_language(code: str) -> bool:
    return code in languages("es")
