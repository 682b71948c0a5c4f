"""The victims of all charges in sight and their services (Atenciones): the page of who assists victims. Nobody is named."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from sistra.rules import facets
from sistra.services import service_pages
from sistra.services.service_pages import Edge, Page, Query
from sistra.web.assistance.room import bp
from sistra.web.guards import can, viewer
from sistra.web.listing import chips, groups
from sistra.web.service_rows import row


@bp.get("/atenciones/")
@can("service.list")
def listed() -> str:
    query = _asked()
    page = service_pages.across(viewer(), query)
    previous, following = _edges(page, query)
    return render_template(
        "assistance/across.html", heading=_("Atenciones"), groups=groups(facets.SERVICES, page.counts, query.chosen),
        chips=chips(facets.SERVICES, query.chosen, _address), rows=[_line(one) for one in page.rows], total=page.all_rows,
        counted=ngettext(
            "%(num)d fila: una por atención y una por cada agraviada sin ninguna",
            "%(num)d filas: una por atención y una por cada agraviada sin ninguna", page.total),
        previous=previous, following=following)


def _line(one: service_pages.Assisted) -> dict[str, Any]:
    service = row(one.view, one.code, one.provider) if one.view is not None else None
    return {"number": one.number, "code": one.code, "service": service}


def _asked() -> Query:
    return Query(facets.chosen(facets.SERVICES, {name: request.args.getlist(name) for name in facets.SERVICES}),
                 after=_edge(request.args.get("tras", "")), before=_edge(request.args.get("antes", "")))


def _edge(text: str) -> Edge | None:
    """The edge of a page as an address gives it: three keys with `~` between them."""
    keys = text.split("~")
    if len(keys) != 3 or not all(key.isascii() and key.isdigit() and len(key) <= 15 for key in keys):
        return None
    charge, victim, service = map(int, keys)
    return charge, victim, service


def _address(chosen: Mapping[str, tuple[str, ...]], **edge: str) -> str:
    arguments: dict[str, Any] = {name: list(codes) for name, codes in chosen.items() if codes}
    return url_for("assistance.listed", **arguments | edge)


def _edges(page: Page, query: Query) -> tuple[str | None, str | None]:
    def text(edge: Edge) -> str:
        return "~".join(map(str, edge))
    previous = _address(query.chosen, antes=text(page.rows[0].edge)) if page.rows and page.has_previous else None
    following = _address(query.chosen, tras=text(page.rows[-1].edge)) if page.rows and page.has_next else None
    return previous, following
