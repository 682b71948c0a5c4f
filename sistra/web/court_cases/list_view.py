"""From an address to a query of the list of court cases, and from a page of it to what its template shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from sistra.rules import facets
from sistra.rules.stages import FIRST_STAGE, group_of
from sistra.services.court_case_list import COUNTED_TO, Page, Query, Row
from sistra.web import listing
from sistra.web.court_cases import words
from sistra.web.listing import Group, Link
from sistra.web.pages import moment, term


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
    return Query(
        facets.chosen(facets.COURT_CASES, args.to_dict(flat=False)),
        listing.size_of(args),
        listing.edge_of(args.get("tras"), listing.instant),
        listing.edge_of(args.get("antes"), listing.instant),
    )


def address(query: Query, **more: Any) -> str:
    """The address of the list with these filters."""
    arguments: dict[str, Any] = {facet: list(codes) for facet, codes in query.chosen.items()}
    if query.size != listing.SIZE:
        arguments["filas"] = query.size
    return url_for("court_cases.index", **arguments, **more)


def groups(found: Page, query: Query) -> list[Group]:
    """The filters with the counts that each choice would leave."""
    return listing.groups(facets.COURT_CASES, found.facets, query.chosen)


def chips(query: Query) -> list[Link]:
    """One link per filter, to the list without it."""
    return listing.chips(facets.COURT_CASES, query.chosen, lambda chosen: address(replace(query, chosen=chosen)))


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
        words.hearing_named(hearing) if hearing else "",
        ngettext("%(num)d en trámite", "%(num)d en trámite", row.open_remedies) if row.open_remedies else "–",
    )


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
    return listing.edges(found, lambda row: row.updated_at.isoformat(), partial(address, query))
