"""Pages of the route of a charge, leg by leg."""
from __future__ import annotations

from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.rules.entries import Entry
from sistra.services import charges, routes
from sistra.web.acts import amended, entered, form_of, values_of
from sistra.web.charges.room import bp
from sistra.web.folders import charge_folder
from sistra.web.guards import can, viewer
from sistra.web.ui.forms import DictionaryForm

LEG_FIELDS = [field for field in record("route_leg").fields.values()
              if field.entered and field.name not in ("charge", "victims", "sequence", "latitude", "longitude", "postal_code")]


def _leg_form(number: str, leg_id: int | None) -> tuple[DictionaryForm, charges.Folder]:
    found = charges.folder(viewer(), number)
    leg = routes.leg(viewer(), number, leg_id) if leg_id is not None else None
    if leg is None:
        return form_of(LEG_FIELDS, {"country": "PE"}), found
    reserved = {field.name for field in LEG_FIELDS if field.sensitivity != "case" and getattr(leg, field.name) is not None}
    return form_of(LEG_FIELDS, values_of(leg, LEG_FIELDS), version=leg.version, reserved=reserved), found


@bp.get("/<number>/ruta/nuevo")
@can("charge.amend")
def new_leg(number: str) -> str:
    return _leg(number, *_leg_form(number, None))


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
    page = _leg(number, form, found)
    return page if form.wants_places else (page, 422)


def _leg(number: str, form: DictionaryForm, found: charges.Folder) -> str:
    return render_template("charges/leg.html", folder=charge_folder(found, "charges.facts"), form=form, number=number)


@bp.get("/<number>/ruta/<int:leg_id>")
@can("charge.amend")
def edit_leg(number: str, leg_id: int) -> str:
    return _leg(number, *_leg_form(number, leg_id))


@bp.post("/<number>/ruta/<int:leg_id>")
@can("charge.amend")
def amend_leg(number: str, leg_id: int) -> Any:
    form, found = _leg_form(number, leg_id)
    if form.wants_places:
        return _leg(number, form, found)

    def act(who: Viewer, entry: Entry) -> object:
        return routes.amend_leg(who, number, leg_id, entry)

    return amended(form, LEG_FIELDS, "route_leg", act, tell=lambda changed: flash(_("Guardado."), "success"),
                   edit=url_for("charges.edit_leg", number=number, leg_id=leg_id), to=url_for("charges.facts", number=number),
                   folder=lambda: charge_folder(found, "charges.facts")) or (_leg(number, form, found), 422)
