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

bp = Blueprint("search", __name__)


@bp.route("/", methods=["GET", "POST"])
@can("charge.list")
def index() -> Any:
    read_only()
    posted, text = request.method == "POST", request.values.get("q", "").strip()
    numbered = any(mark.isdigit() for mark in text)
    if not posted and not numbered and any(mark.isalpha() for mark in text):
        return redirect(url_for("search.index", palabras="si"))
    found = search.by_number(viewer(), text) if numbered else []
    if len(found) == 1 and (address := _address(found[0])):
        return redirect(address)
    return render_template(
        "search/index.html", heading=_("Buscar"), text=text, numbered=numbered, in_address="palabras" in request.args,
        results=[(one, _address(one)) for one in found],
        summaries=search.by_words(viewer(), text) if posted else search.InSummaries())


def _address(found: search.Found) -> str | None:
    if found.kind == "charge":
        return url_for("charges.show", number=found.key)
    return url_for("court_cases.show", key=found.key) if "court_cases.show" in current_app.view_functions else None
