"""From an address to a query of the list of court cases, and from a page of it to what its template shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from sistra.codebook.terms import codelist
from sistra.rules.stages import FIRST_STAGE, group_of
from sistra.services.court_case_list import COUNTED_TO, FACETS, LISTS, Page, Query, Row
from sistra.web.pages import moment, term

SIZES = (10, 25, 100)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    count: int | None
    checked: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    label: str
    open: bool
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row, as text."""

    label: str
    url: str
    kind: str
    court: str
    charges: tuple[str, ...]
    accused: str
    stage: str
    state: str
    hearing: str
    hearing_kind: str
    remedies: str


def asked(args: MultiDict[str, str]) -> Query:
    """The query that an address asks. Codes that no list knows are left out; nothing of an address is ever refused."""
    chosen = {
        facet: tuple(code for code in dict.fromkeys(args.getlist(facet)) if code in codelist(LISTS[facet])) for facet in FACETS
    }
    size = int(args["filas"]) if args.get("filas", "").isdecimal() and int(args["filas"]) in SIZES else 25
    return Query(
        {name: codes for name, codes in chosen.items() if codes}, size, _edge(args.get("tras")), _edge(args.get("antes"))
    )


def _edge(text: str | None) -> tuple[datetime, int] | None:
    """A page's edge: `<instant>~<key>`."""
    value, mark, key = (text or "").rpartition("~")
    if not mark or not key.isdecimal() or len(key) > 15:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (at, int(key)) if at.tzinfo is not None else None


def address(query: Query, **more: Any) -> str:
    """The address of the list with these filters."""
    arguments: dict[str, Any] = {facet: list(codes) for facet, codes in query.chosen.items()}
    if query.size != 25:
        arguments["filas"] = query.size
    return url_for("court_cases.index", **arguments, **more)


def groups(found: Page, query: Query) -> list[Group]:
    """The facets with the counts that each choice would leave."""
    labels = {"clase": _("Clase"), "organo": _("Órgano"), "etapa": _("Etapa"), "estado": _("Estado"), "df": _("Distrito fiscal")}
    return [
        Group(
            facet,
            labels[facet],
            facet in ("clase", "organo", "etapa") or facet in query.chosen,
            _options(facet, found.facets[facet], query.chosen.get(facet, ())),
        )
        for facet in FACETS
    ]


def _options(facet: str, counts: Mapping[str, int], chosen: tuple[str, ...]) -> list[Option]:
    terms = codelist(LISTS[facet])
    return [
        Option(code, term(code, LISTS[facet]), counts.get(code, 0), code in chosen)
        for code in terms
        if facet == "etapa" or counts.get(code) or code in chosen
    ]


def chips(query: Query) -> list[Chip]:
    """One link per filter, to the list without it."""
    return [
        Chip(
            term(code, LISTS[facet]),
            address(
                Query(
                    {name: tuple(one for one in held if (name, one) != (facet, code)) for name, held in query.chosen.items()},
                    query.size,
                )
            ),
        )
        for facet, codes in query.chosen.items()
        for code in codes
    ]


def line(row: Row) -> Line:
    """A row of the list as text."""
    kind = term(row.kind, "court_case_kind")
    hearing = row.next_hearing
    return Line(
        row.label or _("Sin número (registro %(key)s)", key=row.id),
        url_for("court_cases.show", key=row.id),
        kind,
        row.court_name or term(row.court_instance, "court_instance"),
        row.charges,
        str(row.accused) if row.accused else "–",
        term(group_of(row.stage or FIRST_STAGE), "stage_group"),
        term(row.state, "court_case_state"),
        moment(hearing.at) if hearing else "–",
        _hearing_kind(row),
        ngettext("%(num)d en trámite", "%(num)d en trámite", row.open_remedies) if row.open_remedies else "–",
    )


def _hearing_kind(row: Row) -> str:
    hearing = row.next_hearing
    if hearing is None:
        return ""
    named = term(hearing.hearing_type, "hearing_type") if hearing.hearing_type else term(hearing.label_type, "event_type")
    return ", ".join([named, *hearing.accused])


def counted(found: Page) -> tuple[str, str]:
    """The count line: (the cases in bold, the rest)."""
    bold = (
        _("1 000+ expedientes")
        if found.total > COUNTED_TO
        else ngettext("%(num)d expediente", "%(num)d expedientes", found.total)
    )
    everything = "1 000+" if found.all_cases > COUNTED_TO else str(found.all_cases)
    return bold, _(" de %(all)s", all=everything)


def edges(found: Page, query: Query) -> tuple[str | None, str | None]:
    """The addresses of the previous and next page."""

    def edge(row: Row) -> str:
        return f"{row.updated_at.isoformat()}~{row.id}"

    previous = address(query, antes=edge(found.rows[0])) if found.has_previous and found.rows else None
    following = address(query, tras=edge(found.rows[-1])) if found.has_next and found.rows else None
    return previous, following
