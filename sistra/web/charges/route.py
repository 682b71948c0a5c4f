"""Pages of the route of a charge, leg by leg."""
from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.rules.entries import Entry
from sistra.services import charges, routes
from sistra.services.records import Conflict
from sistra.web import conflicts
from sistra.web.acts import carried_out, entered, entry_of
from sistra.web.charges.room import bp
from sistra.web.folders import charge_folder
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

LEG_FIELDS = [field for field in record("route_leg").fields.values()
              if field.entered and field.name not in ("charge", "victims", "sequence", "latitude", "longitude", "postal_code")]


def _leg_form(number: str, leg_id: int | None) -> tuple[DictionaryForm, charges.Folder]:
    found = charges.folder(viewer(), number)
    leg = routes.leg(viewer(), number, leg_id) if leg_id is not None else None
    reserved = {field.name for field in LEG_FIELDS
                if leg is not None and field.sensitivity != "case" and getattr(leg, field.name) is not None}
    form = dictionary_form(LEG_FIELDS, language=language(), reserved=reserved)()
    if not request.form:
        form.fill({field.name: getattr(leg, field.name) for field in LEG_FIELDS} if leg is not None else {"country": "PE"})
        form.version.data = str(leg.version) if leg is not None else ""
    return form, found


@bp.get("/<number>/ruta/nuevo")
@can("charge.amend")
def new_leg(number: str) -> str:
    form, found = _leg_form(number, None)
    return render_template("charges/leg.html", folder=charge_folder(found, "charges.facts"), form=form, number=number)


@bp.post("/<number>/ruta/nuevo")
@can("charge.amend")
def add_leg(number: str) -> Any:
    form, found = _leg_form(number, None)

    def act(who: Viewer, entry: Entry) -> str:
        routes.add_leg(who, number, entry)
        return url_for("charges.facts", number=number)
    answer = None if form.wants_places else entered(form, LEG_FIELDS, "route_leg", act, _("Se agregó el tramo."))
    if answer is not None:
        return answer
    page = render_template("charges/leg.html", folder=charge_folder(found, "charges.facts"), form=form, number=number)
    return page if form.wants_places else (page, 422)


@bp.get("/<number>/ruta/<int:leg_id>")
@can("charge.amend")
def edit_leg(number: str, leg_id: int) -> str:
    form, found = _leg_form(number, leg_id)
    return render_template("charges/leg.html", folder=charge_folder(found, "charges.facts"), form=form, number=number)


@bp.post("/<number>/ruta/<int:leg_id>")
@can("charge.amend")
def amend_leg(number: str, leg_id: int) -> Any:
    form, found = _leg_form(number, leg_id)
    entry = None if form.wants_places else entry_of(form, LEG_FIELDS, "route_leg")
    if entry is not None:
        try:
            changed = carried_out(form, routes.amend_leg, number, leg_id, conflicts.decided(entry, request.form))
        except Conflict as conflict:
            back = url_for("charges.edit_leg", number=number, leg_id=leg_id)
            return conflicts.page(conflict, charge_folder(found, "charges.facts"), back), 409
        if changed is not None:
            flash(_("Guardado."), "success")
            return redirect(url_for("charges.facts", number=number))
    page = render_template("charges/leg.html", folder=charge_folder(found, "charges.facts"), form=form, number=number)
    return page if form.wants_places else (page, 422)
