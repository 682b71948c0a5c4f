"""What a list-like field offers, cached per list and language: the big lists are made into HTML once."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

from sistra.codebook.countries import NEIGHBOURS, countries, languages
from sistra.codebook.dictionary import STANDARDS
from sistra.codebook.terms import codelist

NOT_OFFERED = frozenset({("exploitation_purpose", "MIX"), ("language", "und"), ("ISO-639", "und")})
"""Rows that nobody chooses: one is set by a rule, one says "not known" a second time. A value held is still shown."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. `depth` counts the parents that it has in its own list; `parent` is the nearest, or ""."""

    value: str
    label: str
    depth: int = 0
    parent: str = ""


@cache
def options_of(list_name: str, language: str) -> tuple[Option, ...]:
    """The rows of a list, or of a standard, in its order; children directly under their parents.

    Raises KeyError when there is no such list.
    """
    if list_name in STANDARDS:
        names = countries(language) if list_name == "ISO-3166" else languages(language)
        return tuple(Option(code, name) for code, name in names.items() if (list_name, code) not in NOT_OFFERED)
    terms = codelist(list_name)
    offered: list[Option] = []

    def add(code: str, depth: int) -> None:
        if (list_name, code) in NOT_OFFERED:
            return
        term = terms[code]
        offered.append(Option(code, term.label(language), depth, term.parent if depth else ""))
        for child in terms.children(code):
            if child.code != code:
                add(child.code, depth + 1)

    for code, term in terms.items():
        if term.parent not in terms or term.parent == code:
            add(code, 0)
    return tuple(offered)


@cache
def _lines(list_name: str, language: str) -> str:
    return _written(options_of(list_name, language))


def _written(options: Iterable[Option]) -> str:
    return "".join(f'<option value="{escape(option.value)}">{"— " * option.depth}{escape(option.label)}</option>'
                   for option in options)


def select_lines(list_name: str, language: str, chosen: Sequence[str], extra: Iterable[Option] = ()) -> Markup:
    """The `<option>` lines of a list with those of `chosen` selected. `extra` stands at the end."""
    return _with_chosen(_lines(list_name, language) + _written(extra), chosen)


def own_lines(options: Iterable[Option], chosen: Sequence[str]) -> Markup:
    """The `<option>` lines of choices that a view gave."""
    return _with_chosen(_written(options), chosen)


def _with_chosen(lines: str, chosen: Sequence[str]) -> Markup:
    for value in chosen:
        if value:
            lines = lines.replace(f'<option value="{escape(value)}">', f'<option value="{escape(value)}" selected>', 1)
    return Markup(lines)


def first_options(list_name: str, language: str) -> tuple[Option, ...] | None:
    """The few rows of a long standard that are shown beside its full list; None for a list of ours."""
    if list_name not in STANDARDS:
        return None
    few = NEIGHBOURS if list_name == "ISO-3166" else tuple(codelist("language"))
    return tuple(option for option in options_of(list_name, language) if option.value in few)
