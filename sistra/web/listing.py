"""What lists show alike: filters with their counts, chips, page sizes, next and previous, tabs."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from sistra.rules.facets import Facet
from sistra.web.pages import language

Value = TypeVar("Value")

SIZES = (10, 25, 100)
SIZE = 25
"""Rows of a page, unless the address asks for another of the sizes."""

Chosen = Mapping[str, tuple[str, ...]]
"""Filter -> the choices taken in it."""


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    count: int
    checked: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One filter of `components/facets.html`."""

    name: str
    label: str
    open: bool
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Link:
    """A chip, or a tab (`current`: the one that stands open)."""

    label: str
    url: str
    current: bool = False


class Page(Protocol):
    """A page of either list."""

    @property
    def rows(self) -> Sequence[Any]: ...
    @property
    def has_previous(self) -> bool: ...
    @property
    def has_next(self) -> bool: ...


def size_of(args: MultiDict[str, str]) -> int:
    """How many rows an address asks for."""
    text = args.get("filas", "")
    return next((size for size in SIZES if str(size) == text), SIZE)


def edge_of(text: str | None, read: Callable[[str], Value]) -> tuple[Value, int] | None:
    """The edge of a page as an address gives it, `<value>~<key>`; None where `read` raises ValueError for its value."""
    value, mark, key = (text or "").rpartition("~")
    if not mark or not key.isdecimal() or len(key) > 15:
        return None
    try:
        return read(value), int(key)
    except ValueError:
        return None


def instant(text: str) -> datetime:
    """An instant with its zone. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found


def groups(facets: Mapping[str, Facet], counts: Mapping[str, Mapping[str, int]], chosen: Chosen) -> list[Group]:
    """The filters with the counts that each choice would leave."""
    return [Group(name, _(facet.label), facet.open or name in chosen, [
        Option(code, label_of(facet, code), counts[name].get(code, 0), code in chosen.get(name, ()))
        for code in facet.offered(counts[name], chosen.get(name, ()))]) for name, facet in facets.items()]


def label_of(facet: Facet, code: str) -> str:
    """A choice of a filter in words."""
    text = facet.text(code, language())
    return _(text) if facet.words or code in facet.said_here else text


def chips(facets: Mapping[str, Facet], chosen: Chosen, address: Callable[[Chosen], str]) -> list[Link]:
    """One link per choice taken, to the list without it; `address` is that of the list with other filters."""
    return [Link(label_of(facets[name], code), address(_without(chosen, name, code)))
            for name, codes in chosen.items() for code in codes]


def _without(chosen: Chosen, name: str, code: str) -> Chosen:
    return {**chosen, name: tuple(one for one in chosen[name] if one != code)}


def edges(page: Page, key_of: Callable[[Any], str], address: Callable[..., str]) -> tuple[str | None, str | None]:
    """The addresses of the previous and next page; `key_of` a row is what the list is sorted by."""
    def edge(row: Any) -> str:
        return f"{key_of(row)}~{row.id}"
    previous = address(antes=edge(page.rows[0])) if page.has_previous and page.rows else None
    following = address(tras=edge(page.rows[-1])) if page.has_next and page.rows else None
    return previous, following


def tab_asked(labels: Mapping[str, str]) -> str:
    """The tab that the address names, or the first."""
    asked = request.args.get("pestana", "")
    return asked if asked in labels else next(iter(labels))


def tabs_of(endpoint: str, labels: Mapping[str, str], counts: Mapping[str, int],
            current: str) -> list[tuple[str, str, int, bool]]:
    """Each tab of a page: its words, its address, how many stand in it, whether it is open."""
    return [(_(label), url_for(endpoint, pestana=name), counts[name], name == current) for name, label in labels.items()]
