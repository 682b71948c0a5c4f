"""Deciding on a request to unseal, and taking one's own back. It is made where a charge is sealed."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.services import charges, unsealing
from sistra.web.acts import carried_out
from sistra.web.folders import charge_folder
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

bp = Blueprint("unsealing", __name__)


def _form() -> DictionaryForm:
    form: DictionaryForm = dictionary_form((), language=language())()
    return form


@bp.get("/<number>/reserva/peticion")
@can("charge.unseal", step_up=True)
def show(number: str) -> str:
    return _page(number, _form())


def _page(number: str, form: DictionaryForm) -> str:
    found = charges.folder(viewer(), number, act="unsealing.read")
    return render_template("unsealing/show.html", folder=charge_folder(found, "charges.team"), form=form, number=number,
                           asked=unsealing.pending(viewer(), number), reason=request.form.get("reason", ""))


@bp.post("/<number>/reserva/peticion")
@can("charge.unseal", step_up=True)
def decide(number: str) -> Any:
    form, act = _form(), request.form.get("act", "")
    if form.validate_on_submit():
        if act in ("aprobar", "denegar"):
            carried_out(form, unsealing.decide, number, approve=act == "aprobar", reason=request.form.get("reason", ""))
        else:
            form.form_errors.append(_("Elija aprobar o denegar"))
        if not form.errors:
            flash(_("La petición fue aprobada y la reserva cambió.") if act == "aprobar" else _("La petición fue denegada."),
                  "success")
            return redirect(url_for("charges.show", number=number))
    return _page(number, form), 422


@bp.post("/<number>/reserva/retirar")
@can("charge.seal", step_up=True)
def withdraw(number: str) -> Any:
    form = _form()
    if form.validate_on_submit():
        carried_out(form, unsealing.withdraw, number)
        if not form.errors:
            flash(_("La petición fue retirada."), "success")
        else:
            flash(_("No hay ninguna petición suya sin decidir"), "warning")
    return redirect(url_for("charges.confidentiality", number=number))
