"""Joinder of a charge into another of the office, and its end."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services.hand_over import joining, readings
from sistra.web.acts import answerable, entered, form_of
from sistra.web.guards import can, viewer
from sistra.web.hand_over.room import bp, folder
from sistra.web.ui.forms import DictionaryForm

_NUMBER = replace(record("event").fields["target_charge"], type="text", refers_to="", need="R",
                  label_es="Denuncia que la recibe", label_en="Charge that receives it",
                  help_es="Número de SISTRA de una denuncia de este despacho que no esté concluida, derivada ni acumulada a otra",
                  help_en="SISTRA number of a charge of this office that is neither closed, referred nor joined to another")
_FIELDS = tuple(replace(field, need="R") if field.name in ("occurred_on", "reason") else field for field in joining.ENTERED)


@bp.get("/denuncias/<number>/acumular")
@can("charge.join")
def joinder(number: str) -> str:
    return _asking(number, _form(number, _NUMBER), "hand_over/join.html")


@bp.post("/denuncias/<number>/acumular")
@can("charge.join")
def join(number: str) -> Any:
    form = _form(number, _NUMBER)

    def act(who: Viewer, entry: Entry) -> str:
        target = joining.join(who, number, str(entry.values.get("target_charge") or ""), entry)
        flash(_("La denuncia quedó acumulada a %(number)s.", number=target), "success")
        return url_for("charges.show", number=number)
    return entered(form, (_NUMBER, *_FIELDS), "event", act) or (_asking(number, form, "hand_over/join.html"), 422)


@bp.get("/denuncias/<number>/desacumular")
@can("charge.separate")
def separating(number: str) -> str:
    return _asking(number, _form(number), "hand_over/separate.html")


@bp.post("/denuncias/<number>/desacumular")
@can("charge.separate")
def separate(number: str) -> Any:
    form = _form(number)

    def act(who: Viewer, entry: Entry) -> str:
        joining.separate(who, number, entry)
        return url_for("charges.show", number=number)
    return (entered(form, _FIELDS, "event", act, _("La acumulación quedó sin efecto: la denuncia sigue su trámite."))
            or (_asking(number, form, "hand_over/separate.html"), 422))


def _form(number: str, *before: Field) -> DictionaryForm:
    documents = readings.documents(viewer(), number)
    return form_of((*before, *answerable(_FIELDS, {"attachment": documents})),
                   {"occurred_on": PartialDate.of_day(viewer().today)}, {"attachment": documents})


def _asking(number: str, form: DictionaryForm, template: str) -> str:
    found, frame = folder(number)
    return render_template(template, folder=frame, found=found, number=number, form=form)
