"""Saving what is being typed (with or without script) and the list of one's own drafts."""
from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.rules.problems import Rejected
from sistra.services import drafts, kept_forms
from sistra.services.unit import unit_of_work
from sistra.web import kept
from sistra.web.acts import texts_posted
from sistra.web.draft_links import continued
from sistra.web.guards import can, viewer
from sistra.web.pages import moment

bp = Blueprint("drafts", __name__)

_FORM = re.compile(r"[a-z_]{1,30}(\.[a-z_]{1,30}){1,2}")


@bp.get("/")
@can("charge.open")
def index() -> str:
    return render_template(
        "drafts/index.html", heading=_("Borradores"), entries=[_line(draft) for draft in drafts.own(viewer())]
    )


def _line(draft: drafts.Draft) -> dict[str, Any]:
    label, url = continued(draft.form, draft.charge_number, draft.court_case, draft.label, draft.thing_id)
    return {
        "label": label,
        "url": url,
        "saved": moment(draft.saved_at),
        "form": draft.form,
        "number": draft.charge_number or "",
        "case": draft.court_case or "",
        "thing": draft.thing_id,
    }


def _key(text: str | None) -> int:
    """The key that a text gives, 0 for none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 12 else 0


@bp.post("/guardar/<form>")
@can("charge.open")
def keep(form: str) -> Any:
    """What the small script posts while one types. Nothing is checked; the answer says when it was saved."""
    if not _FORM.fullmatch(form):
        return jsonify(error="form"), 400
    asked = request.args
    try:
        with unit_of_work():
            at = drafts.keep(
                viewer(),
                form,
                texts_posted(),
                number=asked.get("denuncia") or None,
                case=_key(asked.get("expediente")) or None,
                thing_id=_key(asked.get("registro")),
            )
    except Rejected:
        return jsonify(error="length"), 413
    return jsonify(saved_at=moment(at)[-5:])


@bp.post("/pagina")
@can("session.own")
def keep_page() -> Any:
    """Ctrl+S on a form that has no draft: kept for the page that `pagina` names, until it is sent or a week has gone."""
    if kept.page() is None or not kept.texts():
        return jsonify(error="form"), 400
    if not kept.keep(viewer().user_id, kept.SHELVED):
        return jsonify(error="length"), 413
    return jsonify(saved_at=moment(viewer().at)[-5:])


@bp.post("/pagina/descartar")
@can("session.own")
def discard_page() -> Any:
    """What was kept for a page is let go, at its author's word; the page is shown as it is without it."""
    page = kept.known(request.form.get("pagina"))
    if page is not None:
        with unit_of_work():
            kept_forms.discard(viewer().user_id, page)
        flash(_("Se descartó lo que había escrito."), "success")
    return redirect(page or url_for("session.home"))


@bp.post("/descartar")
@can("charge.open")
def discard() -> Any:
    posted = request.form
    form = posted.get("form", "")
    if _FORM.fullmatch(form):
        with unit_of_work():
            drafts.discard(
                viewer(),
                form,
                number=posted.get("number") or None,
                case=_key(posted.get("case")) or None,
                thing_id=_key(posted.get("thing")),
            )
        flash(_("El borrador fue descartado."), "success")
    return redirect(url_for("drafts.index"))
