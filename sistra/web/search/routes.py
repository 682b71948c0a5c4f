"""The masthead's search: numbers, and words of summaries; names are searched elsewhere. What is typed is posted and stands in

no address or log: people type names and identity numbers into any box, whatever its label says.
"""
from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.services import search
from sistra.web.downloads import read_only
from sistra.web.guards import can, viewer
from sistra.web.listing import edge_of

bp = Blueprint("search", __name__)


@bp.route("/", methods=["GET", "POST"])
@can("charge.list")
def index() -> Any:
    read_only()
    posted, text = request.method == "POST", request.values.get("q", "").strip()
    numbered = any(mark.isdigit() for mark in text)
    if not posted and not numbered and any(mark.isalpha() for mark in text):
        return redirect(url_for("search.index", palabras="si"))
    of_numbers, of_summaries = _asked()
    numbers = search.by_number(viewer(), text, **of_numbers) if numbered and of_numbers is not None else search.Numbered()
    if len(numbers.found) == 1 and not of_numbers and (address := _address(numbers.found[0])):
        return redirect(address)
    summaries = search.by_words(viewer(), text, **of_summaries) if posted and of_summaries is not None else search.InSummaries()
    return render_template(
        "search/index.html", heading=_("Buscar"), text=text, numbered=numbered, in_address="palabras" in request.args,
        numbers=numbers, results=[(one, _address(one)) for one in numbers.found], summaries=summaries,
        turns_numbers=[_edge(*place) if place else None for place in (numbers.previous, numbers.following)],
        turns_summaries=[_edge(_SUMMARIES, key) if key else None for key in (summaries.previous, summaries.following)])


_SUMMARIES = 0
"""Stands in an edge for the list of summaries; what is found by number has places of its own, from 1 to 3."""


def _asked() -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Which page of the numbers and of the summaries is asked: the first of both, or none of one while the other is turned."""
    for way, name in (("after", "tras"), ("before", "antes")):
        if (edge := edge_of(request.form.get(name), _part)) is not None:
            return (None, {way: edge[1]}) if edge[0] == _SUMMARIES else ({way: edge}, None)
    return {}, {}


def _part(text: str) -> int:
    """Of which list an edge is. Raises ValueError."""
    if text not in ("0", "1", "2", "3"):
        raise ValueError(text)
    return int(text)


def _edge(part: int, key: int) -> str:
    return f"{part}~{key}"


def _address(found: search.Found) -> str | None:
    if found.kind == "charge":
        return url_for("charges.show", number=found.key)
    return url_for("court_cases.show", key=found.key) if "court_cases.show" in current_app.view_functions else None
