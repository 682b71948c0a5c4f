"""Saving what is being typed (with or without script) and the list of one's own drafts."""
from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.rules.problems import Rejected
from sistra.services import drafts
from sistra.services.unit import unit_of_work
from sistra.web.acts import texts_posted
from sistra.web.guards import can, viewer
from sistra.web.pages import moment

bp = Blueprint("drafts", __name__)

_FORM = re.compile(r"[a-z_]{1,30}(\.[a-z_]{1,30}){1,2}")


@bp.get("/")
@can("charge.open")
def index() -> str:
    return render_template("drafts/index.html", heading=_("Borradores"),
                           entries=[_line(draft) for draft in drafts.own(viewer())])


def _line(draft: drafts.Draft) -> dict[str, Any]:
    if draft.form == "charges.create":
        label, url = _("Nueva denuncia"), url_for("charges.create")
    elif draft.form.startswith("charges.edit.") and draft.charge_number:
        label, url = draft.charge_number, url_for("charges.edit", number=draft.charge_number, section=draft.form.rsplit(".", 1)[1])
    elif draft.form in ("people.victim", "people.accused") and draft.charge_number:
        label, url = draft.charge_number, url_for(draft.form.replace(".", ".add_"), number=draft.charge_number)
    else:
        label, url = draft.charge_number or _("Formulario"), url_for("charges.show", number=draft.charge_number) if draft.charge_number else ""
    return {"label": label, "url": url, "saved": moment(draft.saved_at), "form": draft.form, "number": draft.charge_number or "",
            "thing": draft.thing_id}


@bp.post("/guardar/<form>")
@can("charge.open")
def keep(form: str) -> Any:
    """What the small script posts while one types. Nothing is checked; the answer says when it was saved."""
    if not _FORM.fullmatch(form):
        return jsonify(error="form"), 400
    thing = request.args.get("registro", "0")
    try:
        with unit_of_work():
            at = drafts.keep(viewer(), form, texts_posted(), number=request.args.get("denuncia") or None,
                             thing_id=int(thing) if thing.isdecimal() and len(thing) < 12 else 0)
    except Rejected:
        return jsonify(error="length"), 413
    return jsonify(saved_at=moment(at)[-5:])


@bp.post("/descartar")
@can("charge.open")
def discard() -> Any:
    form, thing = request.form.get("form", ""), request.form.get("thing", "0")
    if _FORM.fullmatch(form):
        with unit_of_work():
            drafts.discard(viewer(), form, number=request.form.get("number") or None,
                           thing_id=int(thing) if thing.isdecimal() and len(thing) < 12 else 0)
        flash(_("El borrador fue descartado."), "success")
    return redirect(url_for("drafts.index"))
