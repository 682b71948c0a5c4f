"""What the pages of this room share: the blueprint, and the way a page is answered."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from sistra.access.standing import Forbidden
from sistra.services import court_cases
from sistra.services.court_cases import CaseFolder
from sistra.web.case_folders import SECTIONS
from sistra.web.case_folders import case_folder as case_folder
from sistra.web.case_folders import label_of as label_of
from sistra.web.guards import viewer

bp = Blueprint("court_cases", __name__)


def page(
    template: str, key: int, current: str, *, found: CaseFolder | None = None, status: int | None = None, **context: Any
) -> Response:
    """A page inside the case's folder. With a form that was refused the answer is 422. Raises Forbidden.

    To who sees the case by grants alone, the pages of a section are closed that no grant opens.
    """
    found = found or court_cases.folder(viewer(), key)
    section = next((section for endpoint, _label, _counted, section in SECTIONS if endpoint == current), None)
    if not found.by_right and section not in found.opened:
        raise Forbidden("charge.read_in_full")
    form = context.get("form")
    code = status or (422 if form is not None and form.errors else 200)
    return make_response(render_template(template, folder=case_folder(found, current), found=found, key=key, **context), code)
