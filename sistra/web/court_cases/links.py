"""Pages of the charges linked to a court case, and of the incident dockets below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.rules.entries import Entry
from sistra.services import court_case_links, court_cases
from sistra.web.acts import carried_out, entered, entry_of, form_of
from sistra.web.court_cases.room import bp, label_of, page
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

_LINK = record("charge_court_case").fields
NUMBER = replace(
    record("charge").fields["number"],
    label_es="Número de la denuncia",
    label_en="Number of the charge",
    help_es="Por ejemplo SIS-2026-MDD-00417",
    help_en="For example SIS-2026-MDD-00417",
    need="R",
)
LINKING: tuple[Field, ...] = (NUMBER, _LINK["link"])
REASON: tuple[Field, ...] = (replace(record("event").fields["reason"], need="R"),)


@bp.get("/expedientes/<int:key>/denuncias")
@can("court_case.read")
def charges(key: int) -> Any:
    return _charges(key, dictionary_form(LINKING, language=language())(formdata=None))


def _charges(key: int, form: DictionaryForm) -> Any:
    if not request.form:
        form.fill({"link": "CNX"})
    return page("court_cases/charges.html", key, "court_cases.charges", form=form, links=court_case_links.links(viewer(), key))


@bp.post("/expedientes/<int:key>/denuncias")
@can("court_case.amend")
def link(key: int) -> Any:
    form = dictionary_form(LINKING, language=language())()

    def act(who: Viewer, entry: Entry) -> str:
        number = str(entry.values.get("number") or "").upper()
        court_case_links.link(who, key, number=number, reason=str(entry.values.get("link") or ""))
        return url_for("court_cases.charges", key=key)

    told = _("Se vinculó la denuncia con todos sus imputados. Si el expediente comprende solo a algunos, indíquelos.")
    return entered(form, LINKING, "charge_court_case", act, told) or _charges(key, form)


@bp.get("/expedientes/<int:key>/denuncias/<int:link_id>")
@can("court_case.amend")
def link_accused(key: int, link_id: int) -> Any:
    line, offered, held = court_case_links.link_choices(viewer(), key, link_id)
    form = dictionary_form((_LINK["accused"],), language=language(), choices={"accused": offered})()
    form.fill({"accused": tuple(held)})
    return _accused(key, line, form)


def _accused(key: int, line: court_case_links.LinkLine, form: DictionaryForm) -> Any:
    return page(
        "court_cases/form.html",
        key,
        "court_cases.charges",
        form=form,
        back=url_for("court_cases.charges", key=key),
        title=_("Imputados de %(number)s que comprende el expediente", number=line.number),
        lead=_("Sin marcar a nadie, comprende a todos."),
    )


@bp.post("/expedientes/<int:key>/denuncias/<int:link_id>")
@can("court_case.amend")
def change_link(key: int, link_id: int) -> Any:
    line, offered, _held = court_case_links.link_choices(viewer(), key, link_id)
    form = dictionary_form((_LINK["accused"],), language=language(), choices={"accused": offered})()
    entry = entry_of(form, (_LINK["accused"],), "charge_court_case")
    if entry is not None:
        accused = entry.values.get("accused")
        carried_out(form, court_case_links.change_link, key, link_id, accused=accused if isinstance(accused, tuple) else ())
    if form.errors:
        return _accused(key, line, form)
    flash(_("Guardado."), "success")
    return redirect(url_for("court_cases.charges", key=key))


@bp.get("/expedientes/<int:key>/denuncias/<int:link_id>/desvincular")
@can("court_case.amend")
def unlinking(key: int, link_id: int) -> Any:
    return _unlinking(key, link_id, dictionary_form(REASON, language=language())())


def _unlinking(key: int, link_id: int, form: DictionaryForm) -> Any:
    line = court_case_links.link_choices(viewer(), key, link_id)[0]
    return page(
        "court_cases/confirm.html",
        key,
        "court_cases.charges",
        form=form,
        title=_("Desvincular %(number)s", number=line.number),
        sentences=[
            _("Lo que el expediente resolvió sobre esta denuncia se conserva. Lo que resuelva desde ahora ya no la alcanza.")
        ],
        action=_("Desvincular"),
        danger=True,
        back=url_for("court_cases.charges", key=key),
    )


@bp.post("/expedientes/<int:key>/denuncias/<int:link_id>/desvincular")
@can("court_case.amend")
def unlink(key: int, link_id: int) -> Any:
    form = dictionary_form(REASON, language=language())()
    entry = entry_of(form, REASON, "event")
    if entry is not None:
        carried_out(form, court_case_links.unlink, key, link_id, reason=str(entry.values.get("reason") or ""))
    if form.errors:
        return _unlinking(key, link_id, form)
    flash(_("Se desvinculó la denuncia."), "success")
    return redirect(url_for("court_cases.charges", key=key))


# -- incident dockets -------------------------------------------------------------------------------------------------


@bp.get("/expedientes/<int:key>/cuadernos")
@can("court_case.read")
def incidents(key: int) -> Any:
    found = [(label_of(case, case.id), case) for case in court_cases.incidents(viewer(), key)]
    return page("court_cases/incidents.html", key, "court_cases.incidents", incidents=found)


def _incident_form(key: int) -> tuple[DictionaryForm, list[Field]]:
    fields = court_cases.entered_fields()
    kinds = [
        (code, record("court_case").fields["court_case_kind"].terms[code].label(language()))  # type: ignore[index]
        for code in court_cases.INCIDENTS
    ]
    return form_of(fields, court_cases.opening_values(viewer(), main_key=key), {"court_case_kind": kinds}), fields


@bp.get("/expedientes/<int:key>/cuadernos/nuevo")
@can("court_case.amend")
def new_incident(key: int) -> Any:
    return _incident(key, _incident_form(key)[0])


def _incident(key: int, form: DictionaryForm) -> Any:
    return page(
        "court_cases/form.html",
        key,
        "court_cases.incidents",
        form=form,
        title=_("Registrar cuaderno"),
        lead=_("Comprende las mismas denuncias y los mismos imputados que su expediente principal."),
        back=url_for("court_cases.incidents", key=key),
    )


@bp.post("/expedientes/<int:key>/cuadernos/nuevo")
@can("court_case.amend")
def open_incident(key: int) -> Any:
    form, fields = _incident_form(key)

    def act(who: Viewer, entry: Entry) -> str:
        return url_for("court_cases.show", key=court_cases.open_incident(who, key, entry))

    return entered(form, fields, "court_case", act) or _incident(key, form)
