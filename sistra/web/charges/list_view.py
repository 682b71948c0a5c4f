"""From an address to a query of the list, and from a page of the list to what its template shows."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from operator import attrgetter
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from sistra.codebook.terms import codelist
from sistra.formats.table import printed
from sistra.rules import facets
from sistra.rules.problems import said
from sistra.rules.stages import CLOSED
from sistra.rules.titles import charge_title
from sistra.services import charge_list
from sistra.services.charge_list import COUNTED_TO, SORTS, Page, Query, Row, Totals
from sistra.web import listing
from sistra.web.listing import Group, Link
from sistra.web.pages import day, language, term

_COLUMNS = (("denuncia", said("Denuncia"), False), (None, said("Delito y finalidad"), False), (None, said("Etapa"), False),
            ("agraviadas", said("Agrav."), True), ("imputados", said("Imput."), True), (None, said("Plazo"), False),
            ("actualizado", said("Actualizado"), False))


def asked(args: MultiDict[str, str]) -> Query:
    """The query that an address asks. What no filter, order or page size has is left out; nothing of an address is refused."""
    sort = args.get("orden", "")
    query = replace(charge_list.asked(args.to_dict(flat=False)), size=listing.size_of(args))
    query = replace(query, sort=sort) if sort.lstrip("-") in SORTS else query
    read = partial(_edge_value, query.column)
    return replace(query, after=listing.edge_of(args.get("tras"), read), before=listing.edge_of(args.get("antes"), read))


def _edge_value(column: str, text: str) -> str:
    """The value of a column at the edge of a page. Raises ValueError where the column cannot hold it."""
    if column == "actualizado":
        listing.instant(text)
    elif not (0 < len(text) < 40 if column == "denuncia" else text.isascii() and text.isdigit() and len(text) < 8):
        raise ValueError(text)
    return text


def arguments(query: Query) -> dict[str, Any]:
    """The query as arguments of an address, without the page."""
    found = charge_list.address(query)
    if query.sort != "-actualizado":
        found["orden"] = query.sort
    if query.size != listing.SIZE:
        found["filas"] = query.size
    return found


def address(query: Query, **more: Any) -> str:
    return url_for("charges.index", **{**arguments(query), **more})


@dataclass(frozen=True, slots=True)
class Head:
    label: str
    url: str | None
    sort: str | None
    numeric: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row, as text."""

    number: str
    url: str
    outline: bool
    offence: str
    purpose: str
    stage: str
    stage_colour: str
    victims: str
    accused: str
    due: str
    due_tag: str
    due_colour: str
    updated: str
    responsible: str
    joined_into: str | None = None


def groups(page: Page, query: Query) -> list[Group]:
    """The filters with the counts that each choice would leave."""
    return listing.groups(facets.CHARGES, page.facets, query.chosen)


def chips(query: Query, names: Mapping[str, str]) -> list[Link]:
    """One link per filter, to the list without it. `names`: what the person and the office of the query are called."""
    found = listing.chips(facets.CHARGES, query.chosen, lambda chosen: address(replace(query, chosen=chosen)))
    if query.mine:
        found.append(Link(_("A mi cargo"), address(replace(query, mine=False))))
    if query.responsible is not None:
        found.append(Link(_("Responsable: %(name)s", name=names.get(charge_list.RESPONSIBLE, "–")),
                          address(replace(query, responsible=None))))
    if query.office is not None:
        found.append(Link(_("Despacho: %(name)s", name=names.get(charge_list.OFFICE, "–")), address(replace(query, office=None))))
    if query.cell is not None:
        label = _("Contadas en el reporte: %(cell)s", cell=query.cell.label(language()))
        found.append(Link(label, address(replace(query, cell=None))))
    return found


def views(query: Query, *, in_charge: bool) -> list[Link]:
    """The ready-made views of the list, as tabs of the folder; their own charges only to who may have any (`in_charge`)."""
    plain = Query()
    offered = [(_("Todas"), plain), *([(_("A mi cargo"), replace(plain, mine=True))] if in_charge else []),
               (_("Vencen en 15 días"), replace(plain, chosen={"plazo": ("15",)})),
               (_("Vencidas"), replace(plain, chosen={"plazo": ("vencido",)}))]
    links = [Link(label, address(view), charge_list.address(view) == charge_list.address(query)) for label, view in offered]
    return links if any(link.current for link in links) else [*links, Link(_("Con filtros"), address(query), True)]


def heads(query: Query) -> list[Head]:
    """The head of the table: a link turns the order or sorts by another column."""
    found = []
    for column, label, numeric in _COLUMNS:
        if column is None:
            found.append(Head(_(label), None, None, numeric))
            continue
        sorted_by = query.column == column
        turned = column if sorted_by and query.descending else f"-{column}"
        sort = ("descending" if query.descending else "ascending") if sorted_by else None
        found.append(Head(_(label), address(query, orden=turned), sort, numeric))
    return found


def line(row: Row, today: date) -> Line:
    """A row of the list as text."""
    url = url_for("charges.show", number=row.number)
    stage = _stage(row)
    if row.outline:
        return Line(row.number, url, True, _("Denuncia sellada"), "", stage, "grey", "", "", "", "", "", "", row.responsible)
    due, tag, colour = _due(row.next_due_on, today)
    purposes = charge_title(language(), offence=None, purposes=row.purposes, place=row.notice_place).partition(": ")[2]
    return Line(row.number, url, False, term(row.reported_offence, "offence"), purposes[:1].upper() + purposes[1:], stage,
                "blue" if row.status == "TRA" else "grey", str(row.victims), str(row.accused), due, tag, colour,
                day(row.updated_at), row.responsible, row.joined_into)


_MOVED = ("ACU", "DER")


def _stage(row: Row) -> str:
    """The stage in a word; of a closed or moved charge how it stands, for "Ejecución" would mislead of an archive."""
    if not row.outline and (row.stage == CLOSED or row.status in _MOVED):
        return term(row.status, "charge_status")
    return term(codelist("procedural_stage")[row.stage].extra["stage_group"], "stage_group")


def _due(on: date | None, today: date) -> tuple[str, str, str]:
    if on is None:
        return "", "", ""
    left = (on - today).days
    if left < 0:
        return day(on), ngettext("Vencido hace %(num)d día", "Vencido hace %(num)d días", -left), "red"
    if left <= 15:
        return day(on), _("Vence hoy") if left == 0 else ngettext("Vence en %(num)d día", "Vence en %(num)d días", left), "amber"
    return day(on), "", ""


def counted(totals: Totals, all_charges: int) -> tuple[str, str]:
    """The count line: (the charges in bold, the rest)."""
    everything = "1 000+" if all_charges > COUNTED_TO else str(all_charges)
    victims = ngettext("%(num)d agraviada", "%(num)d agraviadas", totals.victims)
    minors = ngettext("%(num)d menor de edad", "%(num)d menores de edad", totals.minors)
    accused = ngettext("%(num)d imputado", "%(num)d imputados", totals.accused)
    return (ngettext("%(num)d denuncia", "%(num)d denuncias", totals.charges),
            _(" de %(all)s", all=everything) + f" · {victims} ({minors}) · {accused}")


def cell_note(query: Query, number: int | None, page: Page) -> str:
    """What stands over the charges that a cell of a report counted: how many it counted and as of when, and how many are gone."""
    if query.cell is None or number is None:
        return ""
    found: str = _("La celda del reporte contaba %(number)s al %(at)s. Aquí cada denuncia se ve como está hoy.",
                   number=ngettext("%(num)d denuncia", "%(num)d denuncias", number), at=printed(query.cell.at))
    gone = number - page.totals.charges
    if gone <= 0 or len(arguments(replace(query, sort="-actualizado", size=listing.SIZE))) > 1:
        return found
    away: str = ngettext("%(num)d ya no está a su vista: pasó a otro despacho.",
                         "%(num)d ya no están a su vista: pasaron a otro despacho.", gone)
    return f"{found} {away}"


def edges(page: Page, query: Query) -> tuple[str | None, str | None]:
    """The addresses of the previous and next page."""
    return listing.edges(page, attrgetter("sort_key"), partial(address, query))
