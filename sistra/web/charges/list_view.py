"""From an address to a query of the list, and from a page of the list to what its template shows."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.rules.problems import said
from sistra.rules.stages import CLOSED
from sistra.rules.titles import charge_title
from sistra.services.charge_list import COUNTED_TO, FACETS, SORTS, Page, Query, Row, Totals
from sistra.web.pages import day, language, term

SIZES = (10, 25, 100)
_LISTS = {"etapa": "stage_group", "estado": "charge_status", "df": "fiscal_district", "finalidad": "exploitation_purpose"}
_COLUMNS = (("denuncia", said("Denuncia"), False), (None, said("Delito y finalidad"), False), (None, said("Etapa"), False),
            ("agraviadas", said("Agrav."), True), ("imputados", said("Imput."), True), (None, said("Plazo"), False),
            ("actualizado", said("Actualizado"), False))


def query_of(args: MultiDict[str, str]) -> Query:
    """The query that an address asks. Codes that no list knows are left out; nothing of an address is ever refused."""
    chosen = {facet: tuple(code for code in dict.fromkeys(args.getlist(facet)) if _known(facet, code)) for facet in FACETS}
    sort = args.get("orden", "-actualizado")
    size = int(args["filas"]) if args.get("filas", "").isdecimal() and int(args["filas"]) in SIZES else 25
    return Query(chosen={name: codes for name, codes in chosen.items() if codes}, mine=args.get("mias") == "1",
                 sort=sort if sort.lstrip("-") in SORTS else "-actualizado", size=size,
                 after=_key(args.get("tras"), sort), before=_key(args.get("antes"), sort))


def _known(facet: str, code: str) -> bool:
    if facet == "anio":
        return code.isascii() and code.isdigit() and len(code) == 4
    return code in ("vencido", "15", "60", "sin") if facet == "plazo" else code in codelist(_LISTS[facet])


def _key(text: str | None, sort: str) -> tuple[str, int] | None:
    """A page's edge: `<value>~<key>`."""
    value, mark, key = (text or "").rpartition("~")
    if not mark or not key.isdecimal() or len(key) > 15 or not _sortable(value, sort.lstrip("-")):
        return None
    return value, int(key)


def _sortable(value: str, column: str) -> bool:
    if column == "denuncia":
        return 0 < len(value) < 40
    if column in ("agraviadas", "imputados", "anio"):
        return value.isascii() and value.isdigit() and len(value) < 8
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    from datetime import datetime
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def arguments(query: Query) -> dict[str, Any]:
    """The query as arguments of an address, without the page."""
    found: dict[str, Any] = {facet: list(codes) for facet, codes in query.chosen.items()}
    if query.mine:
        found["mias"] = "1"
    if query.sort != "-actualizado":
        found["orden"] = query.sort
    if query.size != 25:
        found["filas"] = query.size
    return found


def address(query: Query, **more: Any) -> str:
    return url_for("charges.index", **{**arguments(query), **more})


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
class Link:
    label: str
    url: str
    count: int | None = None
    current: bool = False


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


def groups(page: Page, query: Query) -> list[Group]:
    """The facets with the counts that each choice would leave."""
    named = {"etapa": _("Etapa"), "estado": _("Estado"), "df": _("Distrito fiscal"), "finalidad": _("Finalidad de explotación"),
             "anio": _("Año"), "plazo": _("Plazo")}
    return [Group(facet, named[facet], facet in ("etapa", "df", "plazo") or facet in query.chosen,
                  _options(facet, page.facets[facet], query.chosen.get(facet, ()))) for facet in FACETS]


def _options(facet: str, counts: Mapping[str, int], chosen: tuple[str, ...]) -> list[Option]:
    if facet == "plazo":
        codes = [code for code in ("vencido", "15", "60", "sin") if counts.get(code) or code in chosen]
    elif facet == "anio":
        codes = sorted({*counts, *chosen}, reverse=True)
    elif facet == "etapa":
        codes = list(codelist("stage_group"))
    else:
        codes = [code for code in codelist(_LISTS[facet]) if counts.get(code) or code in chosen]
    if facet in ("df", "finalidad"):
        codes.sort(key=lambda code: -counts.get(code, 0))
    return [Option(code, label_of(facet, code), counts.get(code, 0), code in chosen) for code in codes]


def label_of(facet: str, code: str) -> str:
    """A choice of a facet in words."""
    if facet == "plazo":
        words = {"vencido": _("Vencido"), "15": _("Vence en 15 días"), "60": _("Vence en 60 días"), "sin": _("Sin plazo abierto")}
        return str(words[code])
    return code if facet == "anio" else term(code, _LISTS[facet])


def chips(query: Query) -> list[Link]:
    """One link per filter, to the list without it."""
    found = [Link(label_of(facet, code), address(replace(query, chosen={
        name: tuple(one for one in codes_ if (name, one) != (facet, code)) for name, codes_ in query.chosen.items()})))
        for facet, codes in query.chosen.items() for code in codes]
    return found + ([Link(_("A mi cargo"), address(replace(query, mine=False)))] if query.mine else [])


def views(viewer: Viewer, page: Page, query: Query) -> list[Link]:
    """The ready-made views of the list, as tabs of the folder."""
    plain = Query()
    offered = [(_("Todas"), plain), (_("A mi cargo"), replace(plain, mine=True)),
               (_("Vencen en 15 días"), replace(plain, chosen={"plazo": ("15",)})), (_("Vencidas"), replace(plain, chosen={"plazo": ("vencido",)}))]
    asked = (dict(query.chosen), query.mine)
    links = [Link(label, address(view), None, (dict(view.chosen), view.mine) == asked) for label, view in offered]
    return links if any(link.current for link in links) else [*links, Link(_("Con filtros"), address(query), None, True)]


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
                "blue" if row.status == "TRA" else "grey", str(row.victims), str(row.accused), due, tag, colour, day(row.updated_at),
                row.responsible)


def _stage(row: Row) -> str:
    """The stage in a word; of a closed charge how it stands, for "Ejecución" would mislead of an archive."""
    if row.stage == CLOSED and not row.outline:
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


def edges(page: Page, query: Query) -> tuple[str | None, str | None]:
    """The addresses of the previous and next page."""
    def edge(row: Row) -> str:
        return f"{row.sort_key}~{row.id}"
    previous = address(query, antes=edge(page.rows[0])) if page.has_previous and page.rows else None
    following = address(query, tras=edge(page.rows[-1])) if page.has_next and page.rows else None
    return previous, following


def asked(request: Request) -> Query:
    return query_of(request.args)
