"""Pages of what a victim lived: recruitments, exploitations, relations. One form and one table for the three."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.rules.entries import Entry
from sistra.rules.masking import RESERVED
from sistra.rules.problems import said
from sistra.services import charges, parts, people, victim_lists
from sistra.web.acts import amended, done, entered
from sistra.web.folders import charge_folder, field_text
from sistra.web.guards import NotVisible, can, standing, viewer
from sistra.web.pages import language
from sistra.web.people.forms import reason_form, reason_of
from sistra.web.people.room import VICTIMS, bp, fields_of, page, tell
from sistra.web.ui.forms import DictionaryForm, dictionary_form


@dataclass(frozen=True, slots=True)
class VictimList:
    """One list below a victim: record, words, what the victim's page shows of each row, what a new one starts from."""

    record: str
    heading: str
    new: str
    empty: str
    columns: Sequence[str]
    start: Mapping[str, Any]


LISTS: Mapping[str, VictimList] = {
    "captaciones": VictimList("recruitment", said("Captación"), said("Agregar captación"),
                              said("Aquí aparecerá cómo, dónde y por quién fue captada."),
                              ("methods", "means", "recruited_on", "place", "accused"), {"country": "PE"}),
    "explotaciones": VictimList("exploitation", said("Explotación"), said("Agregar explotación"),
                                said("Aquí aparecerá cada forma de explotación, con su lugar y sus fechas."),
                                ("purpose", "consummated", "place_types", "place", "started_on", "ended_on"),
                                {"country": "PE"}),
    "relaciones": VictimList("victim_accused_relation", said("Relación con los imputados"), said("Agregar relación"),
                             said("Aquí aparecerá qué relación tiene con cada imputado."),
                             ("accused", "relation", "same_household"), {}),
}


def list_rows(file: people.PartFile, number: str, code: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of each list as the victim's page shows them; accused by code."""
    held = {"captaciones": file.recruitments, "explotaciones": file.exploitations, "relaciones": file.relations}
    codes = dict(_accused(number)) if any(held.values()) and standing().reads("IMP") else {}
    return {list_name: [{"id": one.id, "cells": _cells(one, LISTS[list_name], codes),
                         "url": url_for("people.edit_row", number=number, code=code, list_name=list_name, key=one.id)}
                        for one in rows] for list_name, rows in held.items()}


def _cells(view: Any, kind: VictimList, codes: Mapping[int, str]) -> list[tuple[str, str]]:
    cells = []
    for name in kind.columns:
        field, value = record(kind.record).fields[name], getattr(view, name)
        if name == "accused" and isinstance(value, (int, tuple)):
            keys = value if isinstance(value, tuple) else (value,)
            value = tuple(codes[key] for key in keys if key in codes) or (RESERVED if keys else None)
        cells.append((field.label(language()), field_text(field, value)))
    return cells


def _accused(number: str) -> list[tuple[int, str]]:
    return [(one.id, str(one.code)) for one in people.accused(viewer(), number)]


def _kind(list_name: str, code: str) -> VictimList:
    if list_name not in LISTS or not code.startswith("A"):
        raise NotVisible
    return LISTS[list_name]


def _form(number: str, code: str, list_name: str, key: int | None) -> DictionaryForm:
    kind = _kind(list_name, code)
    fields = fields_of(kind.record)
    view = victim_lists.one(viewer(), number, code, kind.record, key) if key is not None else None
    form = dictionary_form(fields, language=language(), choices={"accused": _accused(number)})()
    form.fill({field.name: getattr(view, field.name) for field in fields} if view is not None else kind.start)
    if not request.form and view is not None:
        form.version.data = str(view.version)
    return form


def _page(number: str, code: str, list_name: str, form: DictionaryForm, key: int | None) -> Response:
    return page("people/row.html", number, VICTIMS, form=form, code=code, list_name=list_name, key=key,
                heading=_("%(what)s de %(code)s", what=_(LISTS[list_name].heading), code=code))


@bp.get("/<number>/agraviadas/<code>/<list_name>/nueva")
@can("person.amend")
def new_row(number: str, code: str, list_name: str) -> Response:
    people.read(viewer(), number, code)
    return _page(number, code, list_name, _form(number, code, list_name, None), None)


@bp.post("/<number>/agraviadas/<code>/<list_name>/nueva")
@can("person.amend")
def add_row(number: str, code: str, list_name: str) -> Any:
    form = _form(number, code, list_name, None)
    if form.wants_places:
        return _page(number, code, list_name, form, None)
    kind = LISTS[list_name]

    def act(who: Viewer, entry: Entry) -> str:
        victim_lists.add(who, number, code, entry)
        if request.form.get("act") == "otra":
            return url_for("people.new_row", number=number, code=code, list_name=list_name)
        return url_for("people.victim", number=number, code=code)

    told = _("Se agregó a %(code)s: %(what)s.", code=code, what=_(kind.heading).lower())
    return entered(form, fields_of(kind.record), kind.record, act, told) or _page(number, code, list_name, form, None)


@bp.get("/<number>/agraviadas/<code>/<list_name>/<int:key>")
@can("person.amend")
def edit_row(number: str, code: str, list_name: str, key: int) -> Response:
    return _page(number, code, list_name, _form(number, code, list_name, key), key)


@bp.post("/<number>/agraviadas/<code>/<list_name>/<int:key>")
@can("person.amend")
def amend_row(number: str, code: str, list_name: str, key: int) -> Any:
    form = _form(number, code, list_name, key)
    if form.wants_places:
        return _page(number, code, list_name, form, key)
    name = LISTS[list_name].record

    def act(who: Viewer, entry: Entry) -> parts.Saved:
        return victim_lists.amend(who, number, code, key, entry)

    return amended(form, fields_of(name), name, act, tell=tell,
                   edit=url_for("people.edit_row", number=number, code=code, list_name=list_name, key=key),
                   to=url_for("people.victim", number=number, code=code),
                   folder=lambda: charge_folder(charges.folder(viewer(), number), VICTIMS.index),
                   ) or _page(number, code, list_name, form, key)


def _withdrawing(number: str, code: str, list_name: str, key: int, form: DictionaryForm) -> Response:
    victim_lists.one(viewer(), number, code, _kind(list_name, code).record, key)
    consequence = _("«%(what)s» dejará de figurar en la ficha y en los reportes. Queda en el historial con su motivo.",
                    what=_(LISTS[list_name].heading))
    return page("people/withdraw.html", number, VICTIMS, form=form, consequences=[consequence],
                heading=_("Retirar de la ficha de %(code)s", code=code), action=_("Retirar"),
                cancel=url_for("people.edit_row", number=number, code=code, list_name=list_name, key=key))


@bp.get("/<number>/agraviadas/<code>/<list_name>/<int:key>/retirar")
@can("person.amend")
def withdraw_row(number: str, code: str, list_name: str, key: int) -> Response:
    return _withdrawing(number, code, list_name, key, reason_form())


@bp.post("/<number>/agraviadas/<code>/<list_name>/<int:key>/retirar")
@can("person.amend")
def take_back_row(number: str, code: str, list_name: str, key: int) -> Any:
    form, kind = reason_form(), _kind(list_name, code)
    reason = reason_of(form)
    if reason is not None and done(form, victim_lists.withdraw, number, code, kind.record, key, reason=reason):
        flash(_("Se retiró de la ficha de %(code)s.", code=code), "success")
        return redirect(url_for("people.victim", number=number, code=code))
    return _withdrawing(number, code, list_name, key, form)
