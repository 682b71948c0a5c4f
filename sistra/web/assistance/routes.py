"""The pages of the services of one charge."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.rules.entries import Entry, required
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import charges, service_pages, victim_services
from sistra.services.service_pages import ServiceLine
from sistra.web.acts import amended, done, entered, entry_of, tell_changed
from sistra.web.assistance import across
from sistra.web.assistance.room import ALWAYS, ENTERED, GROUPS, bp, folder, headings, types
from sistra.web.folders import charge_folder, lines, state_of
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.pages import language
from sistra.web.service_rows import row_of
from sistra.web.ui.forms import DictionaryForm, dictionary_form

__all__ = ["across", "bp"]

WHY = (replace(record("measure").fields["end_reason"], label_es="Motivo", label_en="Reason", need="R",
               help_es="Queda en la bitácora. Sin nombres", help_en="It stays in the trail. No names"),)


@bp.get("/denuncias/<number>/atenciones")
@can("services.read")
def index(number: str) -> str:
    found = charges.folder(viewer(), number)
    code = request.args.get("persona", "")
    rows = [row_of(line) for line in service_pages.listed(viewer(), number, code=code)]
    return render_template("assistance/index.html", folder=charge_folder(found, "assistance.index"), found=found, number=number,
                           code=code, rows=rows)


def _form(number: str, fields: tuple[Field, ...]) -> DictionaryForm:
    known = service_pages.choices(viewer(), number)
    return dictionary_form(fields, language=language(), choices={
        "victim": list(known.victims), "provider": list(known.agencies), "service_type": types()})()


def _new_form(number: str) -> DictionaryForm:
    form = _form(number, ENTERED)
    if not request.form:
        code = request.args.get("persona", "")
        held = service_pages.choices(viewer(), number).victims
        form.fill({"victim": next((key for key, label in held if label == code), None)})
    return form


@bp.get("/denuncias/<number>/atenciones/nueva")
@can("service.amend")
def create(number: str) -> str:
    return _new(number, _new_form(number))


@bp.post("/denuncias/<number>/atenciones/nueva")
@can("service.amend")
def add(number: str) -> Any:
    form = _new_form(number)

    def act(who: Viewer, entry: Entry) -> str:
        code, values = _whose(number, entry)
        key = victim_services.add(who, number, code, Entry("service", values))
        return url_for("assistance.show", number=number, service_id=key)

    return entered(form, ENTERED, "service", act, _("Se registró la atención.")) or (_new(number, form), 422)


def _whose(number: str, entry: Entry) -> tuple[str, dict[str, Any]]:
    """The code of the victim chosen, and the other answers. Raises Rejected, with all that is missing at once, where none is."""
    values = dict(entry.values)
    victim = values.pop("victim", None)
    found = next((code for key, code in service_pages.choices(viewer(), number).victims if key == victim), None)
    if found is None:
        others = [field for field in ENTERED if field.need == "R" and field.condition is None and field.name != "victim"]
        raise Rejected([Problem("victim", said("Elija a la persona agraviada")), *required(others, values)])
    return found, values


def _new(number: str, form: DictionaryForm) -> str:
    return _filling(number, form, _("Nueva atención"), _("Registrar atención"), url_for("assistance.index", number=number))


def _filling(number: str, form: DictionaryForm, heading: str, action: str, cancel: str, withdraw: str | None = None) -> str:
    found = charges.folder(viewer(), number)
    return render_template("assistance/form.html", folder=charge_folder(found, "assistance.index"), found=found, number=number,
                           form=form, groups=GROUPS, headings=headings(), heading=heading, action=action,
                           cancel=cancel, withdraw=withdraw)


@bp.get("/denuncias/<number>/atenciones/<int:service_id>")
@can("services.read")
def show(number: str, service_id: int) -> str:
    line = service_pages.show(viewer(), number, service_id)
    words = {"victim": line.code} | ({"provider": line.provider} if line.provider else {})
    fields = [field for field in ENTERED if field.name in ALWAYS or state_of(getattr(line.view, field.name)) != "blank"]
    cards = [(name, headings()[name], rows) for name, names in GROUPS
             if (rows := lines(line.view, [field for field in fields if field.name in names], overrides=words))]
    return render_template("assistance/show.html", folder=folder(number), number=number, line=line, row=row_of(line), cards=cards)


def _edit_form(number: str, line: ServiceLine) -> tuple[DictionaryForm, tuple[Field, ...]]:
    fields = tuple(field for field in ENTERED if field.name != "victim")
    form = _form(number, fields)
    if not request.form:
        form.version.data = str(line.view.version)
    form.fill({field.name: getattr(line.view, field.name) for field in fields})
    return form, fields


def _open(number: str, service_id: int) -> ServiceLine:
    """The service, where the viewer may change it. Raises NotVisible."""
    line = service_pages.show(viewer(), number, service_id)
    if not line.may_amend:
        raise NotVisible
    return line


@bp.get("/denuncias/<number>/atenciones/<int:service_id>/editar")
@can("service.amend")
def edit(number: str, service_id: int) -> str:
    line = _open(number, service_id)
    return _editing(number, _edit_form(number, line)[0], line)


@bp.post("/denuncias/<number>/atenciones/<int:service_id>/editar")
@can("service.amend")
def amend(number: str, service_id: int) -> Any:
    line = _open(number, service_id)
    form, fields = _edit_form(number, line)

    def act(who: Viewer, entry: Entry) -> list[str]:
        return victim_services.amend(who, number, service_id, entry)

    return amended(form, fields, "service", act, tell=tell_changed,
                   edit=url_for("assistance.edit", number=number, service_id=service_id),
                   to=url_for("assistance.show", number=number, service_id=service_id),
                   folder=lambda: folder(number)) or (_editing(number, form, line), 422)


def _editing(number: str, form: DictionaryForm, line: ServiceLine) -> str:
    row = row_of(line)
    return _filling(number, form, f"{row.name}, {row.code}", _("Guardar"),
                    url_for("assistance.show", number=number, service_id=row.id),
                    url_for("assistance.withdrawal", number=number, service_id=row.id))


@bp.get("/denuncias/<number>/atenciones/<int:service_id>/retirar")
@can("service.amend")
def withdrawal(number: str, service_id: int) -> str:
    return _withdrawing(number, _open(number, service_id), dictionary_form(WHY, language=language())())


@bp.post("/denuncias/<number>/atenciones/<int:service_id>/retirar")
@can("service.amend")
def withdraw(number: str, service_id: int) -> Any:
    line, form = _open(number, service_id), dictionary_form(WHY, language=language())()
    entry = entry_of(form, WHY, "measure")
    if entry is not None and done(form, _take_back, number, service_id, str(entry.values.get("end_reason") or "")):
        flash(_("Se retiró la atención."), "success")
        return redirect(url_for("assistance.index", number=number))
    return _withdrawing(number, line, form), 422


def _take_back(who: Viewer, number: str, service_id: int, reason: str) -> None:
    victim_services.withdraw(who, number, service_id, reason=reason)


def _withdrawing(number: str, line: ServiceLine, form: DictionaryForm) -> str:
    row = row_of(line)
    return render_template(
        "assistance/withdraw.html", folder=folder(number), number=number, form=form, heading=_("Retirar la atención"),
        consequences=[_("«%(what)s» de %(code)s dejará de figurar en listas y reportes. Queda en el historial con su motivo.",
                        what=row.name, code=row.code),
                      _("Si la persona la rechazó o se interrumpió, cambie el estado en vez de retirarla.")],
        action=_("Retirar"), cancel=url_for("assistance.show", number=number, service_id=row.id))
