"""Pages of what happened to a charge and of who sees it: history, case team, confidentiality."""
from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.services import charges, unsealing
from sistra.services import history as histories
from sistra.services.records import Conflict
from sistra.web.acts import carried_out, whole_number
from sistra.web.charges.room import bp
from sistra.web.folders import charge_folder, field_text
from sistra.web.guards import can, viewer
from sistra.web.happenings import told
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form


@bp.get("/<number>/historial")
@can("charge.history")
def history(number: str) -> str:
    before = request.args.get("antes", "")
    changes_only = request.args.get("consultas") != "1"
    found = charges.folder(viewer(), number, act="history.read")
    happened = histories.of_charge(viewer(), number, before=whole_number(before),
                                   changes_only=changes_only)
    return render_template("folders/history.html", shell="shells/charge.html", folder=charge_folder(found, "charges.history"),
                           address=partial(url_for, "charges.history", number=number), happened=told(happened),
                           changes_only=changes_only, text=field_text, last=happened[-1].number if len(happened) == 30 else None)


@bp.get("/<number>/equipo")
@can("charge.read_in_full")
def team(number: str) -> str:
    return _team(number, dictionary_form((), language=language())())


def _team(number: str, form: DictionaryForm) -> str:
    found = charges.folder(viewer(), number)
    members, supporters = charges.candidates(viewer(), number)
    return render_template(
        "charges/team.html", folder=charge_folder(found, "charges.team"), found=found, team=charges.team(viewer(), number),
        form=form, members=members, supporters=supporters, number=number)


@bp.post("/<number>/equipo")
@can("charge.team")
def change_team(number: str) -> Any:
    form = dictionary_form((), language=language())()
    if form.validate_on_submit():
        user_id = whole_number(request.form.get("user")) or 0
        if request.form.get("act") == "quitar":
            carried_out(form, charges.remove_member, number, user_id=user_id)
        else:
            carried_out(form, charges.add_member, number, user_id=user_id, part=request.form.get("part", ""))
        if not form.errors:
            flash(_("El equipo del caso fue actualizado."), "success")
            return redirect(url_for("charges.team", number=number))
    return _team(number, form), 422


@bp.get("/<number>/reserva")
@can("charge.seal", step_up=True)
def confidentiality(number: str) -> str:
    return _confidentiality(number, dictionary_form((), language=language())())


def _confidentiality(number: str, form: DictionaryForm) -> str:
    found = charges.folder(viewer(), number)
    return render_template("charges/seal.html", folder=charge_folder(found, "charges.team"), found=found, form=form,
                           number=number,
                           confidentiality=request.form.get("confidentiality") or str(found.charge.confidentiality),
                           reason=request.form.get("reason", ""), asked=unsealing.pending(viewer(), number))


@bp.post("/<number>/reserva")
@can("charge.seal", step_up=True)
def seal(number: str) -> Any:
    form = dictionary_form((), language=language())()
    if form.validate_on_submit():
        wanted, reason = request.form.get("confidentiality", ""), request.form.get("reason", "")
        opens = unsealing.needed(viewer(), number, wanted)
        try:
            if opens:
                carried_out(form, unsealing.request, number, confidentiality=wanted, reason=reason)
            else:
                carried_out(form, charges.seal, number, confidentiality=wanted, reason=reason,
                            version=whole_number(request.form.get("version")) or 0)
        except Conflict:
            form.form_errors.append(_("Otra persona cambió la reserva mientras tanto. Revise el estado actual."))
        if not form.errors:
            flash(_("La petición quedó registrada. La reserva no cambia hasta que otra persona la apruebe.") if opens
                  else _("La reserva de la denuncia fue cambiada."), "success")
            return redirect(url_for("charges.team", number=number))
    return _confidentiality(number, form), 422
